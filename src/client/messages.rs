//! What people read of a CA's refusals: what is wrong, then what to do. The CA's own words stand beside it, never instead.

pub(crate) mod dns;
pub(crate) mod est;

use crate::acme::problem::Problem;
use crate::error::{ClientError, Failure, Kind, Untrusted};
use signet_domain::enrollment::ChallengeKind;
use signet_domain::visible;

/// What a problem means.
pub(crate) struct Told {
    /// A stable word.
    pub(crate) code: &'static str,
    pub(crate) kind: Kind,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

/// Why a certificate is not trusted: the end of a sentence.
pub(crate) fn untrusted(why: &Untrusted) -> String {
    match why {
        Untrusted::UnknownRoot => "it does not chain to a root of this authority".to_owned(),
        Untrusted::Expired => "it has expired".to_owned(),
        Untrusted::NotYetValid => "it is not valid yet".to_owned(),
        Untrusted::OtherName => "it is for another name".to_owned(),
        Untrusted::IsAuthority => "it is a CA certificate, which a web server must not use".to_owned(),
        Untrusted::Other(why) => visible::bounded(why, 120),
    }
}

fn trust_remedy(why: &Untrusted) -> &'static str {
    match why {
        Untrusted::UnknownRoot => {
            "Give the CA's root certificate with `signet ca change NAME --root FILE`, or check the address."
        }
        Untrusted::Expired | Untrusted::NotYetValid => {
            "Check this device's clock. If it is right, the CA's operator must renew the certificate."
        }
        Untrusted::OtherName => "Use the name that is in the CA's certificate as its address.",
        Untrusted::IsAuthority => {
            "Ask the CA's operator to give its web server a certificate of its own, issued by that CA (basicConstraints CA:FALSE)."
        }
        Untrusted::Other(_) => "Ask the CA's operator to check the certificate of its web server.",
    }
}

fn told(code: &'static str, kind: Kind, what: impl Into<String>, remedy: impl Into<String>) -> Told {
    Told { code, kind, what: what.into(), remedy: remedy.into() }
}

/// The names: ` for nas.example.com`, or nothing.
fn concerning(problem: &Problem) -> String {
    let names = problem.names();
    if names.is_empty() { String::new() } else { format!(" for {}", names.join(", ")) }
}

fn lacks_contact(problem: &Problem) -> bool {
    problem.detail.as_deref().is_some_and(|detail| detail.contains("Contact") && detail.contains("missing"))
}

/// What a CA's problem document means (RFC 8555, section 6.7; RFC 9773, section 5; draft-ietf-acme-profiles).
pub(crate) fn problem(problem: &Problem) -> Told {
    let names = concerning(problem);
    let (cause, challenge) = (problem.cause(), problem.challenge);
    match cause.kind() {
        "rateLimited" => told(
            "rate_limited",
            Kind::Later,
            "The CA limits how many certificates it issues, and the limit is reached.",
            "Wait: it is tried again automatically when the CA allows it.",
        ),
        "caa" => told(
            "caa",
            Kind::Validation,
            format!("A CAA record in DNS does not allow this CA to issue{names}."),
            "Add a CAA record for this CA, or choose the CA that the record names.",
        ),
        "dns" | "connection" if challenge == Some(ChallengeKind::Dns01) => told(
            "dns",
            Kind::Validation,
            format!("The CA could not look up the TXT record of its check{names}."),
            "Check that the name servers of the zone can be reached from where the CA is, and that their DNSSEC signatures are right.",
        ),
        "dns" => told(
            "dns",
            Kind::Validation,
            format!("The CA finds no usable DNS entry{names}."),
            "Check the name's A and AAAA records where the CA looks, which may differ from what this network sees.",
        ),
        "connection" | "tls" => told(
            "connection",
            Kind::Validation,
            format!("The CA could not connect to this device to check it{names}."),
            "Check that the name leads to this device, and that port 80 (443 for tls-alpn-01) is open on the way: router, firewall, and the NAS's own web server.",
        ),
        "unauthorized" | "incorrectResponse" if challenge == Some(ChallengeKind::Dns01) => told(
            "wrong_response",
            Kind::Validation,
            format!("The CA does not see the TXT record of its check{names}."),
            "Check that the servers that the CA asks are those of the zone that the record was set in, and that they all have its changes.",
        ),
        "unauthorized" | "incorrectResponse" if challenge == Some(ChallengeKind::TlsAlpn01) => told(
            "wrong_response",
            Kind::Validation,
            format!("Something else than this console answered the CA's check{names}."),
            "Let port 443 of that name lead to this console, and nothing in between end the TLS connection.",
        ),
        "unauthorized" | "incorrectResponse" if problem.status == 0 => told(
            "wrong_response",
            Kind::Validation,
            format!("Something else than this console answered the CA's check{names}."),
            "Let the web server at that name pass or redirect /.well-known/acme-challenge/ to this console.",
        ),
        "unauthorized" | "incorrectResponse" => told(
            "unauthorized",
            Kind::Settings,
            "The CA does not accept this device's account.",
            "Check the external account of this authority, and ask the CA whether the account was closed.",
        ),
        "rejectedIdentifier" | "unsupportedIdentifier" => told(
            "rejected_identifier",
            Kind::Refused,
            format!("The CA does not issue certificates{names}."),
            "Remove the name from the request, or choose another CA.",
        ),
        "badCSR" => told(
            "bad_csr",
            Kind::Refused,
            "The CA refuses the request (CSR) itself.",
            "`signet csr check NAME --for KIND` says what CAs refuse. Change the request, then try again.",
        ),
        "badPublicKey" | "badSignatureAlgorithm" => told(
            "bad_key",
            Kind::Refused,
            "The CA does not accept the key of this request or of this account.",
            "Create a request with an RSA key of 2048 bits or more, or with P-256.",
        ),
        "externalAccountRequired" => told(
            "external_account_required",
            Kind::Settings,
            "The CA requires an external account.",
            "Ask its operator for a key identifier and an HMAC key, and give them with `signet ca change NAME --eab-kid KID --eab-key-file FILE`.",
        ),
        "userActionRequired" => {
            let at = problem
                .instance
                .as_deref()
                .map(|url| format!(" They are at {}.", visible::line(url)))
                .unwrap_or_default();
            told(
                "user_action_required",
                Kind::Settings,
                format!("The CA has changed its terms, or wants something else from its users first.{at}"),
                "Read the terms, then agree with `signet ca change NAME --agree-terms`, and order again.",
            )
        }
        "accountDoesNotExist" => told(
            "account_does_not_exist",
            Kind::Settings,
            "The CA does not know this device's account any more.",
            "Check the authority's address; `signet ca test NAME` shows which CA answers there.",
        ),
        "badRevocationReason" => told(
            "bad_revocation_reason",
            Kind::Refused,
            "The CA does not accept this reason for a revocation.",
            "Leave the reason out, or choose another one.",
        ),
        "alreadyReplaced" => told(
            "already_replaced",
            Kind::Later,
            "The CA has already issued a replacement of this certificate.",
            "It is ordered again without naming the previous certificate.",
        ),
        "invalidContact" | "unsupportedContact" => told(
            "contact",
            Kind::Settings,
            "The CA does not accept the contact address.",
            "Change it with `signet ca change NAME --contact MAIL`.",
        ),
        // No problem type says that a contact is missing: acme2certifier says so in words alone.
        "malformed" if lacks_contact(cause) => told(
            "contact",
            Kind::Settings,
            "The CA asks for a contact address.",
            "Give one with `signet ca change NAME --contact MAIL`.",
        ),
        "invalidProfile" => told(
            "profile",
            Kind::Settings,
            "The CA does not know this profile, or does not allow it for this account.",
            "`signet ca test NAME` lists the CA's profiles. Change it with `signet ca change NAME --profile P`.",
        ),
        _ if problem.status == 503 || problem.status == 429 => {
            told("busy", Kind::Later, "The CA is busy or being maintained.", "Wait: it is tried again automatically.")
        }
        "serverInternal" => told(
            "server_internal",
            Kind::Unreachable,
            "The CA reports a fault of its own.",
            "Wait: it is tried again automatically. If this goes on, ask the CA's operator.",
        ),
        _ if problem.status >= 500 => told(
            "server_internal",
            Kind::Unreachable,
            format!("The CA reports a fault of its own (status {}).", problem.status),
            "Wait: it is tried again automatically. If this goes on, ask the CA's operator.",
        ),
        "" => told("refused", Kind::Refused, "The CA refuses it.", "Ask the CA's operator what the words above mean."),
        other => told(
            "refused",
            Kind::Refused,
            format!("The CA refuses it ({}).", visible::bounded(other, 40)),
            "Ask the CA's operator what the words above mean.",
        ),
    }
}

/// What is kept of an error.
pub(crate) fn failure(error: &ClientError) -> Failure {
    let (mut detail, mut wait) = (None, None);
    let all = match error {
        ClientError::Told(failure) => return (**failure).clone(),
        ClientError::Problem(of) => {
            detail = of.told();
            wait = of.retry_after.map(|after| match after {
                crate::acme::problem::RetryAfter::Seconds(seconds) => seconds.min(7 * 24 * 3600),
                // The date is turned into seconds where the time is known.
                crate::acme::problem::RetryAfter::At(_) => 3600,
            });
            problem(of)
        }
        ClientError::Est(of) => {
            detail.clone_from(&of.words);
            est::refused(of)
        }
        other => of_client(other),
    };
    Failure { code: all.code.to_owned(), kind: all.kind, what: all.what, remedy: all.remedy, detail, wait }
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
        ClientError::Untrusted { why, .. } => sentence("untrusted", Kind::Unreachable, trust_remedy(why)),
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
        ClientError::Problem(problem) => self::problem(problem),
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

/// A sentence of its own: with a capital and a full stop.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let dot = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{dot}", letters.as_str())
}
