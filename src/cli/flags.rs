//! Names of form fields as the command line has them: most flags are called like their field, and a box that turns an extension
//! on has no flag of its own.

/// The flag or argument of a form's field, without dashes; underscores stay, as in request files.
pub fn flag_of(field: &str) -> &str {
    match field {
        "bc_enabled" => "bc",
        "aki_enabled" => "aki_issuer",
        "signing_request" => "request",
        "private_key" => "key",
        "passphrase_confirm" => "passphrase",
        "password_confirm" => "password",
        "eku_critical" | "ku_critical" => field,
        _ if field.starts_with("eku_") => "eku",
        _ if field.starts_with("ku_") => "ku",
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_box_of_a_page_is_named() {
        for (field, flag) in [
            ("eku_enabled", "eku"),
            ("eku_SERVER_AUTH", "eku"),
            ("eku_critical", "eku_critical"),
            ("ku_key_cert_sign", "ku"),
            ("ku_critical", "ku_critical"),
            ("bc_enabled", "bc"),
            ("bc_path_length", "bc_path_length"),
            ("private_key", "key"),
            ("signing_request", "request"),
            ("san", "san"),
        ] {
            assert_eq!(flag_of(field), flag);
        }
    }
}
