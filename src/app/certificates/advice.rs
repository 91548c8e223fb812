//! What is worth knowing of an answer before it is taken: told, never a reason to refuse it.

use super::{Before, FIELD};
use crate::validity::{Validity, clock_is_unknown};
use jiff::Timestamp;
use signet_domain::advice::Advice;
use signet_domain::answer::Verdict;
use signet_domain::invalid::{Invalid, quoted, shortened};
use signet_domain::key_spec::Digest;
use signet_domain::time;
use signet_pki::answer::Unread;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, End, Trust};

/// All of it.
pub(super) fn of(chain: &Chain, before: &Before, now: Timestamp) -> Vec<Advice> {
    let mut told = Told(Vec::new());
    let Some(leaf) = chain.certificates.first() else { return told.0 };
    told.before(before);
    told.time(leaf, now);
    told.chain(chain);
    for above in chain.certificates.iter().skip(1) {
        told.above(leaf, above, now);
    }
    for extension in &leaf.unknown_critical {
        told.say(format!(
            "It has the critical extension {}, which common programs do not know: they refuse the certificate.",
            shortened(extension)
        ));
    }
    if let Some(odd) = leaf.odd_serial {
        told.say(format!(
            "Its serial number {odd}, which RFC 5280 4.1.2.2 forbids: some programs refuse it. Ask the CA for a new certificate."
        ));
    }
    if leaf.self_issued && chain.certificates.len() > 1 {
        told.say(
            "It has the same subject as its issuer: many programs treat it as self-signed and refuse it (OpenSSL: error 18). Ask the CA for a certificate with another subject.",
        );
    }
    if leaf.san.is_empty() {
        told.say("It has no Subject Alternative Names. Browsers check only these names.");
    }
    if leaf.signature.digest == Some(Digest::Sha1) {
        told.say("It is signed with SHA1, which browsers refuse.");
    }
    told.0
}

/// What came along and is no part of the chain.
pub(super) fn spare(chain: &Chain) -> Option<Advice> {
    let names: Vec<String> = chain.spare.iter().take(3).map(|spare| quoted(&spare.subject_short())).collect();
    let more = chain.spare.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text = format!("Not part of its chain, and not kept: {}{more}.", names.join(", "));
    (!names.is_empty()).then_some(Advice { field: FIELD, text })
}

/// What came along and cannot be read.
pub(super) fn unread(unread: &Unread) -> Advice {
    let Invalid { what, fix, .. } = unread.error.invalid(FIELD);
    let of = unread.subject.as_ref().map(|subject| format!(" ({})", quoted(subject))).unwrap_or_default();
    Advice { field: FIELD, text: format!("{what} It was left out{of}. {fix}") }
}

struct Told(Vec<Advice>);

impl Told {
    fn say(&mut self, text: impl Into<String>) {
        self.0.push(Advice { field: FIELD, text: text.into() });
    }

    fn before(&mut self, before: &Before) {
        match before {
            Before::Nothing => {}
            Before::Same => self.say("This certificate was added before. Adding it again changes nothing."),
            Before::Chain => self.say("This certificate was added before. Its chain changes."),
            Before::Other { issuer, until, newer: false } => {
                self.say(format!("It replaces the certificate by {}, valid until {until}.", quoted(issuer)));
            }
            Before::Other { issuer, until, newer: true } => self.say(format!(
                "It is older than the present certificate (by {}, valid until {until}), and would replace it.",
                quoted(issuer)
            )),
        }
    }

    fn time(&mut self, leaf: &Certificate, now: Timestamp) {
        let validity = Validity::of(leaf);
        if clock_is_unknown(now) {
            self.say(format!(
                "The device’s clock says {}, which is wrong: the validity of the certificate is not checked. Have the clock set.",
                time::shown(now)
            ));
            if validity.standing(now).verdict == Verdict::Expired {
                self.say(format!("It expired on {}, before this program was built.", validity.until()));
            }
            return;
        }
        match validity.standing(now).verdict {
            Verdict::NotYet => self.say(format!(
                "It is not valid yet: it is valid from {}, and the device’s clock says {}.",
                time::shown(validity.begins),
                time::shown(now)
            )),
            Verdict::Due => self.say(format!("It expires soon: {}.", validity.left(now))),
            Verdict::Good | Verdict::Expired => {}
        }
    }

    /// A certificate of the CA.
    fn above(&mut self, leaf: &Certificate, above: &Certificate, now: Timestamp) {
        let (validity, name) = (Validity::of(above), quoted(&above.subject_short()));
        let verdict = validity.standing(now).verdict;
        if verdict == Verdict::Expired && !clock_is_unknown(now) {
            self.say(format!(
                "The CA’s own certificate {name} expired on {}: programs refuse the chain. Ask the CA for its current certificate, and add it here.",
                validity.until()
            ));
        } else if above.not_after < leaf.not_after {
            self.say(format!("The CA’s own certificate {name} expires before this one, on {}.", validity.until()));
        }
        if verdict == Verdict::NotYet && !clock_is_unknown(now) {
            self.say(format!("The CA’s own certificate {name} is not valid before {}.", time::shown(validity.begins)));
        }
        if let Some(fault) = above.fault() {
            self.say(format!("The CA’s own certificate {name} {fault}. Ask the CA for another one."));
        }
        for extension in &above.unknown_critical {
            self.say(format!(
                "The CA’s own certificate {name} has the critical extension {}, which common programs do not know: they refuse the chain.",
                shortened(extension)
            ));
        }
    }

    fn chain(&mut self, chain: &Chain) {
        match &chain.end {
            _ if chain.is_self_signed() => {
                self.say("It is self-signed, by no CA: every visitor has to trust it by hand.");
            }
            End::Root if chain.trust == Trust::Private => self.private(chain),
            End::Root => {}
            End::Missing { issuer, at } => {
                let at = match at.as_slice() {
                    [] => "Ask the CA for it".to_owned(),
                    at => format!("Download it at {} (this device never does)", at.join(" or ")),
                };
                self.say(format!(
                    "The certificate of its issuer, {}, is missing. {at}, and add it here, alone or with the others. A private CA’s root may be left out.",
                    quoted(issuer)
                ));
                if chain.certificates.first().is_some_and(|leaf| leaf.self_issued) {
                    self.say(
                        "That issuer has the same name as the subject of this certificate, and another key: many programs treat such a certificate as self-signed. Ask the CA for one with another subject.",
                    );
                }
            }
            End::Loop { issuer } => self.say(format!(
                "The CAs of its chain have signed each other, and the chain comes back to {}: there is no root.",
                quoted(issuer)
            )),
        }
    }

    fn private(&mut self, chain: &Chain) {
        let root = chain.certificates.last().map(Certificate::subject_short).unwrap_or_default();
        self.say(format!(
            "It comes from a private CA: browsers do not know its root {}. Visitors have to trust that root once.",
            quoted(&root)
        ));
    }
}
