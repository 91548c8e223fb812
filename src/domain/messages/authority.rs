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

pub(crate) fn no_est_url() -> Invalid {
    Invalid::new("url", "The EST server's address is missing.", "Enter a URL such as https://est.example.com.")
}

pub(crate) fn est_url(text: &str) -> Invalid {
    Invalid::new(
        "url",
        format!("{} is not the address of an EST server.", quoted(text)),
        "Enter https:// and a host, perhaps with a port, such as https://est.example.com. The path is always /.well-known/est.",
    )
}

pub(crate) fn label(text: &str, max: usize) -> Invalid {
    Invalid::new(
        "label",
        format!("{} is not a label of EST.", quoted(text)),
        format!(
            "Use 1 to {max} letters, digits, hyphens, dots, underscores and tildes, as the CA's operator wrote it."
        ),
    )
}

pub(crate) fn user_and_client() -> Invalid {
    Invalid::new(
        "user",
        "A user and a client certificate are given.",
        "Give one of them, the one that the CA asks for.",
    )
}

pub(crate) fn user(max: usize) -> Invalid {
    Invalid::new(
        "user",
        format!("The user has a colon, characters that cannot be seen, or more than {max} bytes."),
        "Enter the user as the CA's operator wrote it.",
    )
}

pub(crate) fn no_credential() -> Invalid {
    Invalid::new(
        "user",
        "An EST server must know who asks.",
        "Give a user and a password, or a request of this device whose certificate is for clients (CLIENT_AUTH).",
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
        "Use http-01, tls-alpn-01 or dns-01.",
    )
}
