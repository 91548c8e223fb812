//! What people read of an EST server's refusals.

use super::told::{Told, told};
use crate::est::refused::{Cause, Refused};
use signet_domain::enrollment::Kind;

/// What a refusal means, and what to do.
pub(crate) fn refused(refused: &Refused) -> Told {
    let status = match refused.status {
        0 => String::new(),
        status => format!(" ({status})"),
    };
    match (refused.cause, refused.given) {
        (Cause::Login, true) => told(
            "login_refused",
            Kind::Settings,
            format!("The EST server does not accept the user or the password{status}."),
            "Check them with the CA's operator; some are good for one certificate only. Give them with `signet ca change NAME --user U --password-file FILE`, or a client certificate with `--client REQUEST`.",
        ),
        (Cause::Login, false) => told(
            "login_required",
            Kind::Settings,
            format!("The EST server asks for a user and a password{status}."),
            "Give them with `signet ca change NAME --user U --password-file FILE`.",
        ),
        (Cause::Client, true) => told(
            "client_refused",
            Kind::Settings,
            format!("The EST server does not accept this device's client certificate{status}."),
            "It must be valid, for clients (extended key usage CLIENT_AUTH), and from a CA that the server knows. Choose another one with `signet ca change NAME --client REQUEST`.",
        ),
        (Cause::Client, false) => told(
            "client_required",
            Kind::Settings,
            format!("The EST server asks for a client certificate{status}."),
            "Give a request whose certificate is for clients (CLIENT_AUTH) with `signet ca change NAME --client REQUEST`.",
        ),
        (Cause::NotAllowed, _) => told(
            "not_allowed",
            Kind::Refused,
            format!("The EST server does not allow this device to get this certificate{status}."),
            "Ask the CA's operator to allow it, or change the request to what is allowed.",
        ),
        (Cause::NotFound, _) => told(
            "not_est",
            Kind::Settings,
            format!("There is no EST service at this address{status}."),
            "Check the address and the label; `signet ca test NAME` tries them.",
        ),
        (Cause::Request, _) => told(
            "bad_csr",
            Kind::Refused,
            format!("The CA refuses the request (CSR) itself{status}."),
            "Change the request to what the CA issues, then try again.",
        ),
    }
}
