//! What people read of a DNS server's refusals.

use super::told::{capital, told};
use crate::dns::error::DnsError;
use signet_domain::enrollment::{Failure, Kind};

impl DnsError {
    /// What is kept of it.
    pub fn failure(&self) -> Failure {
        let (code, kind, remedy) = match self {
            Self::Settings => (
                "dns_settings",
                Kind::Settings,
                "Give the DNS settings again with `signet ca change NAME --dns-server ADDRESS --tsig-name KEY --tsig-secret-file FILE`.",
            ),
            Self::Unreachable { .. } | Self::Damaged(_) => (
                "dns_unreachable",
                Kind::Unreachable,
                "Check the DNS server's address (--dns-server), its port, and the firewall on the way (UDP and TCP 53).",
            ),
            Self::Refused => (
                "dns_refused",
                Kind::Settings,
                "Let the server's policy allow this TSIG key to change TXT records of _acme-challenge names (BIND: update-policy).",
            ),
            Self::NotAuthoritative(_) => (
                "dns_zone",
                Kind::Settings,
                "Enter the primary server of the zone as the DNS server (--dns-server), or add a CNAME record _acme-challenge that leads into a zone of that server.",
            ),
            Self::ZoneCut { .. } => (
                "dns_zone",
                Kind::Settings,
                "Enter the primary server of that zone as the DNS server (--dns-server), or add a CNAME record _acme-challenge that leads into a zone of this server.",
            ),
            Self::OtherZone { .. } => (
                "dns_zone",
                Kind::Settings,
                "Change the zone (--dns-zone), or leave it empty: the server says which zone a name is in.",
            ),
            Self::Circle(_) => ("dns_alias", Kind::Settings, "Correct the CNAME records."),
            Self::BadKey => (
                "tsig_key",
                Kind::Settings,
                "Compare the name (--tsig-name) and the algorithm (--tsig-algorithm) with the key on the DNS server.",
            ),
            Self::BadSignature => (
                "tsig_signature",
                Kind::Settings,
                "Give the key's secret again (--tsig-secret-file): it differs from the one on the DNS server.",
            ),
            Self::BadTime { .. } => (
                "tsig_time",
                Kind::Validation,
                "Set the clock of this device, or that of the DNS server; five minutes are allowed. It is tried again automatically.",
            ),
            Self::Unsigned => (
                "tsig_answer",
                Kind::Settings,
                "Check the DNS server's address (--dns-server), and that it knows the TSIG key. Somebody else may be answering in its place.",
            ),
            Self::Code(_) => {
                ("dns_failed", Kind::Unreachable, "The server's log says why. It is tried again automatically.")
            }
            Self::NotShown { .. } => (
                "dns_not_shown",
                Kind::Validation,
                "Check that the server gets the zone's changes from the primary one. It is tried again automatically.",
            ),
            Self::OldShown { .. } => (
                "dns_old_record",
                Kind::Validation,
                "Check that the server gets the zone's changes from the primary one, and remove records that nobody needs. It is tried again automatically.",
            ),
        };
        let all = told(code, kind, capital(&self.to_string()), remedy);
        Failure {
            code: all.code.to_owned(),
            kind: all.kind,
            what: all.what,
            remedy: all.remedy,
            detail: None,
            wait: None,
        }
    }
}
