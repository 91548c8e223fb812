//! Set-up, login and the owner's password.

use signet_domain::invalid::Invalid;

/// The new password is the code that everybody who sees the label can read.
pub(crate) fn password_is_setup_code() -> Invalid {
    let what = "The password is the setup code, which is printed on the label.";
    Invalid::new("password", what, "Choose a password of your own.")
}

/// Nothing in the field for the password.
pub(crate) fn no_password(field: &'static str) -> Invalid {
    Invalid::new(field, "The password is missing.", "Enter the password of this console.")
}

/// Not the owner's password.
pub(crate) fn wrong_password(field: &'static str) -> Invalid {
    let fix = "Try again. If the password is lost, run `signet recover password` on the device.";
    Invalid::new(field, "This is not the password.", fix)
}

/// Nothing in the field for the setup code.
pub(crate) fn no_setup_code() -> Invalid {
    let fix = "Enter the code from the device's label, or from where the console was started for the first time.";
    Invalid::new("setup_code", "The setup code is missing.", fix)
}

/// Another code than the device's.
pub(crate) fn wrong_setup_code() -> Invalid {
    let fix = "Compare it with the label. Capitals, spaces and hyphens do not matter.";
    Invalid::new("setup_code", "This is not the setup code of this device.", fix)
}
