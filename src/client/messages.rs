//! What people read of a CA's refusals: what is wrong, then what to do. The CA's own words stand beside it, never instead.

pub(crate) mod acme;
mod dns;
pub(crate) mod est;
pub(crate) mod tls;
mod told;

use crate::error::ClientError;
use crate::https::answer::RetryAfter;
use signet_domain::enrollment::{Failure, Kind};
use told::{Told, capital, told};

impl ClientError {
    /// What is kept of it.
    pub fn failure(&self) -> Failure {
        let (mut detail, mut wait) = (None, None);
        let all = match self {
            Self::Told(failure) => return (**failure).clone(),
            Self::Problem(of) => {
                detail = of.told();
                wait = of.retry_after.map(|after| match after {
                    RetryAfter::Seconds(seconds) => seconds.min(7 * 24 * 3600),
                    // The date is turned into seconds where the time is known.
                    RetryAfter::At(_) => 3600,
                });
                acme::problem(of)
            }
            Self::Est(of) => {
                detail.clone_from(&of.words);
                est::refused(of)
            }
            other => of_client(other),
        };
        Failure { code: all.code.to_owned(), kind: all.kind, what: all.what, remedy: all.remedy, detail, wait }
    }
}

fn of_client(error: &ClientError) -> Told {
    let sentence = |code, kind, remedy: &str| told(code, kind, capital(&error.to_string()), remedy);
    match error {
        ClientError::Address(_) => {
            sentence("address", Kind::Settings, "Enter an address such as https://ca.example.com/acme/directory.")
        }
        ClientError::NoAddress { .. } => {
            sentence("unreachable", Kind::Unreachable, "Check the authority's address, and this device's DNS server.")
        }
        ClientError::Connect { .. } => sentence(
            "unreachable",
            Kind::Unreachable,
            "Check the authority's address and port, and the firewall. A proxy is set in signet.toml, [network].",
        ),
        ClientError::Proxy { .. } => sentence(
            "proxy",
            Kind::Unreachable,
            "Check [network] proxy in signet.toml, and whether the proxy allows this CA.",
        ),
        ClientError::Untrusted { why, .. } => sentence("untrusted", Kind::Unreachable, tls::trust_remedy(why)),
        ClientError::Tls { .. } | ClientError::Alert { .. } => sentence(
            "tls",
            Kind::Unreachable,
            "Check that the address is the CA's HTTPS address and that it speaks TLS 1.2 or 1.3.",
        ),
        ClientError::Broken { .. } | ClientError::Deadline { .. } => {
            sentence("unreachable", Kind::Unreachable, "If this goes on, check the network and ask the CA's operator.")
        }
        // A page of maintenance looks like this, too, so it is tried again.
        ClientError::TooLarge { .. } | ClientError::NotAcme { .. } => sentence(
            "not_acme",
            Kind::Unreachable,
            "If this goes on, check the authority's address: `signet ca test NAME` tries it. It must be the CA's ACME directory.",
        ),
        ClientError::Redirect { .. } => sentence(
            "redirect",
            Kind::Unreachable,
            "If this goes on, use the address that it redirects to as the authority's address.",
        ),
        ClientError::NotEst { .. } => sentence(
            "not_est",
            Kind::Settings,
            "Enter the EST server's address, such as https://est.example.com, and its label; `signet ca test NAME` tries them.",
        ),
        ClientError::ClientCertificate => sentence(
            "client_unusable",
            Kind::Settings,
            "Choose another one with `signet ca change NAME --client REQUEST`: RSA, P-256, P-384, P-521 or Ed25519.",
        ),
        ClientError::Est(refused) => est::refused(refused),
        ClientError::Nonces(_) => sentence(
            "nonces",
            Kind::Unreachable,
            "If this goes on, ask the CA's operator whether its servers know each other's nonces.",
        ),
        ClientError::Problem(problem) => acme::problem(problem),
        ClientError::Roots(_) => sentence(
            "roots",
            Kind::Settings,
            "Give the CA's root certificate again with `signet ca change NAME --root FILE`.",
        ),
        ClientError::AccountKey => sentence(
            "account_key",
            Kind::Settings,
            "Delete the authority and add it again; the CA sees a new account then.",
        ),
        ClientError::Terms(_) => {
            sentence("terms", Kind::Settings, "Read the terms, then agree with `signet ca change NAME --agree-terms`.")
        }
        ClientError::ExternalAccount => sentence(
            "external_account_required",
            Kind::Settings,
            "Ask its operator for a key identifier and an HMAC key, and give them with `signet ca change NAME --eab-kid KID --eab-key-file FILE`.",
        ),
        ClientError::NoChallenge { .. } => sentence(
            "no_challenge",
            Kind::Settings,
            "Allow another kind of challenge with `signet ca change NAME --challenge KIND`.",
        ),
        ClientError::Told(failure) => told("told", failure.kind, failure.what.clone(), failure.remedy.clone()),
        ClientError::Order(_) => sentence("order", Kind::Unreachable, "A new order is placed automatically."),
        ClientError::Keep(_) => sentence(
            "disk",
            Kind::Disk,
            "Free space on the data partition, or make it writable; it is tried again automatically.",
        ),
        ClientError::Cancelled => {
            sentence("cancelled", Kind::Cancelled, "Start it again with `signet csr enroll NAME --ca CA`.")
        }
    }
}
