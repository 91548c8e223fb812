//! Authorities: certificate authorities and how they are reached.

use crate::invalid::{Invalid, quoted};

pub(crate) fn name(text: &str, max: usize) -> Invalid {
    let what = if text.is_empty() {
        "A name is required.".to_owned()
    } else {
        format!("{} is not a name for an authority.", quoted(text))
    };
    let fix = format!(
        "Use 1 to {max} lower-case letters, digits, hyphens and underscores, such as letsencrypt or company-ca."
    );
    Invalid::new("name", what, fix)
}

pub(crate) fn no_url() -> Invalid {
    Invalid::new("url", "The CA's address is missing.", "Enter the URL of its ACME directory, or letsencrypt.")
}

pub(crate) fn url(text: &str) -> Invalid {
    Invalid::new(
        "url",
        format!("{} is not the address of an ACME directory.", quoted(text)),
        "Enter an https URL, such as https://ca.example.com/acme/directory, or letsencrypt or letsencrypt-staging.",
    )
}

pub(crate) fn user_in_url() -> Invalid {
    Invalid::new(
        "url",
        "The address has a user in it, which ACME does not use.",
        "Remove what is before the @. An external account is given by its key identifier and key.",
    )
}

pub(crate) fn text(field: &'static str, max: usize) -> Invalid {
    Invalid::new(
        field,
        format!("The value is longer than {max} characters, or has characters that cannot be seen."),
        "Copy it again from the CA.",
    )
}

pub(crate) fn challenge(text: &str) -> Invalid {
    Invalid::new(
        "challenge",
        format!("{} is not a challenge that this version can answer.", quoted(text)),
        "Use http-01 or tls-alpn-01.",
    )
}
