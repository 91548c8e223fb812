//! The certificates of requests: whether key and chain are right, and how long they are valid.

use super::{Finding, State};
use crate::messages::check::certificates as say;
use crate::requests::lineage::Lineage;
use crate::uses::Uses;
use crate::validity::{Validity, clock_is_unknown};
use jiff::Timestamp;
use signet_domain::answer::Verdict;
use signet_pki::certificate::Certificate;
use signet_pki::inspect::inspect;
use signet_store::Entry;

/// Checks the certificate of a request that can be read, with its key.
pub(super) fn whole(entry: &Entry, lineage: &Lineage, uses: &Uses, now: Timestamp) -> Result<(), Box<Finding>> {
    let Ok(stored) = &entry.content else { return Ok(()) };
    let broken = |code, said| Box::new(Finding::new("csrs", code, State::Broken, said));
    let read = stored.certificates.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
    let chain = read.map_err(|error| broken("certificate_damaged", say::unreadable(&error)))?;
    let Some(leaf) = chain.first() else { return Ok(()) };
    let request = inspect(&stored.request).ok().filter(|request| leaf.has_key(&request.spki_der));
    let Some(request) = request else {
        return Err(broken("certificate_mismatch", say::other_key()));
    };
    for (below, above) in chain.iter().zip(chain.iter().skip(1)) {
        below.is_signed_by(&above.spki).map_err(|error| {
            let (below, above) = (below.subject_short(), above.subject_short());
            broken("chain_broken", say::chain_broken(&below, &above, &error))
        })?;
    }
    // When one expires that another request has replaced does not matter, unless it is still in use.
    let in_use = uses.has(&stored.record.id, &request.key_sha256);
    if lineage.is_replaced(&stored.record) && !in_use { Ok(()) } else { in_time(leaf, in_use, now) }
}

/// `in_use`: the console or a service has it. One that has expired there does not do what it is there for.
fn in_time(leaf: &Certificate, in_use: bool, now: Timestamp) -> Result<(), Box<Finding>> {
    let validity = Validity::of(leaf);
    let standing = validity.standing(now);
    let until = validity.until();
    let (code, state, said) = match standing.verdict {
        Verdict::Expired if clock_is_unknown(now) => {
            ("certificate_expired", State::Attention, say::expired_before_build(&until))
        }
        Verdict::Expired => {
            let state = if in_use { State::Broken } else { State::Attention };
            ("certificate_expired", state, say::expired(&until, in_use))
        }
        Verdict::Due => ("certificate_due", State::Attention, say::due(&until, &validity.left(now))),
        Verdict::NotYet if !clock_is_unknown(now) => {
            let from = signet_domain::time::shown(validity.begins);
            ("certificate_not_yet_valid", State::Attention, say::not_yet_valid(&from))
        }
        Verdict::NotYet | Verdict::Good => return Ok(()),
    };
    let mut finding = Finding::new("csrs", code, state, said);
    finding
        .number("days_left", standing.days_left)
        .number("not_before", validity.begins.as_second())
        .number("not_after", validity.ends.as_second())
        .number("in_use", i64::from(in_use));
    Err(Box::new(finding))
}
