//! What is wrong with a form. Those that a browser on our pages does not send are constants: only an error page shows them.

use signet_app::certificates::FIELD;
use signet_domain::invalid::{Invalid, quoted};

pub(in crate::web) const NOT_UTF8: &str = "The form is not UTF-8.";
pub(in crate::web) const UNREADABLE: &str = "The form cannot be read.";
pub(in crate::web) const UNREADABLE_WITH_FILES: &str = "The form with files cannot be read.";
pub(in crate::web) const NOT_A_FORM: &str = "The body is not a form.";
pub(in crate::web) const REPEATED_FIELD: &str = "The form contains a field twice.";
pub(in crate::web) const TOO_MANY_FIELDS: &str = "The form contains too many fields.";
pub(in crate::web) const UNKNOWN_FIELD: &str = "The form contains a field that this page does not have.";
pub(in crate::web) const CHECKBOX: &str = "A checkbox of the form contains something other than `on`.";
pub(in crate::web) const OTHER_SESSION: &str = "This form does not belong to your session, or is older than it.";
pub(in crate::web) const OTHER_SITE: &str = "This form came from another site.";
pub(in crate::web) const HOST: &str = "The Host header is missing, repeated or not a host name.";
pub(in crate::web) const CARRIED: &str = "What you typed cannot be read.";
pub(in crate::web) const FORMAT: &str = "The format must be pem or der.";
pub(in crate::web) const FORMAT_OF_CHAIN: &str = "The format must be pem or der. A chain is pem.";

/// A page that ended in the middle of its work.
pub(in crate::web) const DEFECT: &str =
    "The console made a mistake. Nothing that was kept is lost. Go back and try again.";

/// Text and file, and which of them counts?
pub(in crate::web) fn text_and_file_differ() -> Invalid {
    let fix = "Use one of the two: empty the text, or choose no file.";
    Invalid::new(FIELD, "You pasted text and chose a file, and they differ.", fix)
}

/// Certificates for several requests, and none is ticked.
pub(in crate::web) fn no_request_chosen() -> Invalid {
    Invalid::new(FIELD, "No request is chosen.", "Tick the requests that get a certificate.")
}

/// Only a form that was written by hand has one.
pub(in crate::web) fn not_a_request(text: &str) -> Invalid {
    let what = format!("{} is not the name of a request.", quoted(text));
    Invalid::new(FIELD, what, "Tick the requests that are listed.")
}

/// The box is not ticked.
pub(in crate::web) fn deletion_not_confirmed() -> Invalid {
    let fix = "Tick the box to delete the request and its private key.";
    Invalid::new("confirm", "The deletion is not confirmed.", fix)
}

/// Encrypted or not?
pub(in crate::web) fn passphrase_and_unencrypted() -> Invalid {
    let fix = "Untick this box, or leave the passphrase empty.";
    Invalid::new("unencrypted", "You entered a passphrase and chose to export without one.", fix)
}

/// Too soon after wrong attempts; `wait` is such as `4 seconds`.
pub(in crate::web) fn too_soon(field: &'static str, wait: &str) -> Invalid {
    let fix = "There were wrong attempts before, or many at once. This attempt was not checked.";
    Invalid::new(field, format!("You can try again in {wait}."), fix)
}

/// Too many exports and imports at once.
pub(in crate::web) fn busy(field: &'static str) -> Invalid {
    let fix = "Wait a few seconds, then enter password and passphrase again. Nothing that you entered is wrong.";
    Invalid::new(field, "The console is busy with other private keys.", fix)
}
