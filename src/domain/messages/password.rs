//! The owner's password, and the passphrase of an export.

use crate::invalid::Invalid;

const PASSWORD: &str = "password";
const PASSPHRASE: &str = "passphrase";
const SHORTER: &str = "Enter a shorter one.";

/// A password of fewer than `min` characters.
pub(crate) fn too_short(length: usize, min: usize) -> Invalid {
    let what = match length {
        0 => "Enter a password.".to_owned(),
        1 => format!("The password has 1 character; it needs at least {min}."),
        _ => format!("The password has {length} characters; it needs at least {min}."),
    };
    Invalid::new(PASSWORD, what, format!("Use a few words, {min} characters or more. Spaces count."))
}

pub(crate) fn too_long(length: usize, max: usize) -> Invalid {
    Invalid::new(PASSWORD, format!("The password has {length} characters; at most {max} are allowed."), SHORTER)
}

pub(crate) fn common() -> Invalid {
    Invalid::new(PASSWORD, "This password is one of the most common ones.", "Use a few unrelated words.")
}

pub(crate) fn passwords_differ() -> Invalid {
    Invalid::new("password_confirm", "The two passwords differ.", "Enter the same password twice.")
}

pub(crate) fn no_passphrase() -> Invalid {
    Invalid::new(
        PASSPHRASE,
        "The passphrase is missing.",
        "Enter a passphrase to encrypt the key with, or choose to export it without one.",
    )
}

pub(crate) fn passphrase_too_long(length: usize, max: usize) -> Invalid {
    Invalid::new(PASSPHRASE, format!("The passphrase has {length} characters; at most {max} are allowed."), SHORTER)
}

pub(crate) fn passphrases_differ() -> Invalid {
    Invalid::new("passphrase_confirm", "The two passphrases differ.", "Enter the same passphrase twice.")
}
