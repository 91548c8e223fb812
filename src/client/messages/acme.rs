//! What people read of an ACME server's refusals.

use super::told::{Told, told};
use crate::acme::problem::Problem;
use signet_domain::enrollment::{ChallengeKind, Kind};
use signet_domain::visible;

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
