//! What is worth knowing of a certificate before it is kept: advice, never a reason to refuse it.

use super::{Before, FIELD};
use crate::advice::Advice;
use crate::messages::advice as say;
use crate::validity::{Validity, clock_is_unknown};
use jiff::Timestamp;
use signet_domain::answer::Verdict;
use signet_domain::invalid::{Invalid, quoted};
use signet_domain::key_spec::Digest;
use signet_pki::answer::Unread;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, End, Trust};
use signet_pki::serving::Hindrance;

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
        told.say(say::unknown_critical(extension));
    }
    if let Some(odd) = leaf.odd_serial {
        told.say(say::odd_serial(&odd));
    }
    if leaf.self_issued && chain.certificates.len() > 1 {
        told.say(say::SELF_ISSUED);
    }
    if leaf.san.is_empty() {
        told.say(say::NO_NAMES);
    }
    if leaf.signature.digest == Some(Digest::Sha1) {
        told.say(say::SHA1);
    }
    if let Some(clients) = Hindrance::of(chain).and_then(Hindrance::advice) {
        told.say(clients);
    }
    told.0
}

/// What came along and is not part of the chain.
pub(super) fn spare(chain: &Chain) -> Option<Advice> {
    let names: Vec<String> = chain.spare.iter().take(3).map(|spare| quoted(&spare.subject_short())).collect();
    let more = chain.spare.len() - names.len();
    (!names.is_empty()).then(|| Advice { field: FIELD, text: say::not_of_the_chain(&names, more) })
}

/// What came along and cannot be read.
pub(super) fn unread(unread: &Unread) -> Advice {
    let Invalid { what, fix, .. } = unread.error.invalid(FIELD);
    Advice { field: FIELD, text: say::left_out(&what, unread.subject.as_deref(), &fix) }
}

struct Told(Vec<Advice>);

impl Told {
    fn say(&mut self, text: impl Into<String>) {
        self.0.push(Advice { field: FIELD, text: text.into() });
    }

    fn before(&mut self, before: &Before) {
        match before {
            Before::Nothing => {}
            Before::Same => self.say(say::SAME),
            Before::Chain => self.say(say::OTHER_CHAIN),
            Before::Other { issuer, until, newer: false } => self.say(say::replaces(issuer, until)),
            Before::Other { issuer, until, newer: true } => self.say(say::older(issuer, until)),
        }
    }

    fn time(&mut self, leaf: &Certificate, now: Timestamp) {
        let validity = Validity::of(leaf);
        if clock_is_unknown(now) {
            self.say(say::clock_is_wrong(now));
            if validity.standing(now).verdict == Verdict::Expired {
                self.say(say::expired_before_build(&validity.until()));
            }
            return;
        }
        match validity.standing(now).verdict {
            Verdict::NotYet => self.say(say::not_yet_valid(validity.begins, now)),
            Verdict::Due => self.say(say::expires_soon(&validity.left(now))),
            Verdict::Good | Verdict::Expired => {}
        }
    }

    /// A certificate of the CA.
    fn above(&mut self, leaf: &Certificate, above: &Certificate, now: Timestamp) {
        let (validity, name) = (Validity::of(above), quoted(&above.subject_short()));
        let verdict = validity.standing(now).verdict;
        if verdict == Verdict::Expired && !clock_is_unknown(now) {
            self.say(say::ca_expired(&name, &validity.until()));
        } else if above.not_after < leaf.not_after {
            self.say(say::ca_expires_first(&name, &validity.until()));
        }
        if verdict == Verdict::NotYet && !clock_is_unknown(now) {
            self.say(say::ca_not_yet_valid(&name, validity.begins));
        }
        if let Some(fault) = above.fault() {
            self.say(say::ca_faulty(&name, &fault));
        }
        for extension in &above.unknown_critical {
            self.say(say::ca_unknown_critical(&name, extension));
        }
    }

    fn chain(&mut self, chain: &Chain) {
        match &chain.end {
            _ if chain.is_self_signed() => self.say(say::SELF_SIGNED),
            End::Root if chain.trust == Trust::Private => self.private(chain),
            End::Root => {}
            End::Missing { issuer, at } => {
                self.say(say::issuer_missing(issuer, at));
                if chain.certificates.first().is_some_and(|leaf| leaf.self_issued) {
                    self.say(say::SELF_ISSUED_ALONE);
                }
            }
            End::Loop { issuer } => self.say(say::no_root(issuer)),
        }
    }

    fn private(&mut self, chain: &Chain) {
        let root = chain.certificates.last().map(Certificate::subject_short).unwrap_or_default();
        self.say(say::private_ca(&root));
    }
}
