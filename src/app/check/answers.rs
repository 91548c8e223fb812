//! The certificates that CSRs hold: whether they are their own, whether the chain holds, and how long.

use super::{Finding, State};
use crate::requests::lineage::Lineage;
use crate::uses::Uses;
use crate::validity::{Validity, clock_is_unknown};
use jiff::Timestamp;
use signet_domain::answer::Verdict;
use signet_pki::certificate::Certificate;
use signet_pki::inspect::inspect;
use signet_store::Entry;

/// Looks at the answer of a CSR whose request and key are whole.
pub(super) fn whole(entry: &Entry, lineage: &Lineage, uses: &Uses, now: Timestamp) -> Result<(), Box<Finding>> {
    let Ok(stored) = &entry.content else { return Ok(()) };
    let broken = |code, what: String| {
        let fix = "Add its certificate once more; request and key are unharmed.";
        Box::new(Finding::new("csrs", code, State::Broken, what, fix))
    };
    let read = stored.certificates.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
    let chain = read.map_err(|error| {
        broken("certificate_damaged", format!("a certificate that it holds does not read: {error}"))
    })?;
    let Some(leaf) = chain.first() else { return Ok(()) };
    let request = inspect(&stored.request).ok().filter(|request| leaf.has_key(&request.spki_der));
    let Some(request) = request else {
        return Err(broken("certificate_mismatch", "the certificate that it holds is for another key".into()));
    };
    for (below, above) in chain.iter().zip(chain.iter().skip(1)) {
        below.is_signed_by(&above.spki).map_err(|error| {
            let (below, above) = (below.subject_short(), above.subject_short());
            let what = format!("the chain that it holds does not hold: {below} is not signed by {above} ({error})");
            broken("chain_broken", what)
        })?;
    }
    // One that another CSR has replaced is history, unless it is still in use: its end is nobody's concern.
    let in_use = uses.has(&stored.record.id, &request.key_sha256);
    if lineage.is_replaced(&stored.record) && !in_use { Ok(()) } else { in_time(leaf, in_use, now) }
}

/// `in_use`: the console or a service has it. One that has expired there does not do what it is there for.
fn in_time(leaf: &Certificate, in_use: bool, now: Timestamp) -> Result<(), Box<Finding>> {
    let validity = Validity::of(leaf);
    let renew = "Send the CA a new request, and add its certificate; the list has this one on top.";
    let standing = validity.standing(now);
    let (code, state, what, fix) = match standing.verdict {
        Verdict::Expired if clock_is_unknown(now) => (
            "certificate_expired",
            State::Attention,
            format!("its certificate ended on {}, by the program's build date", validity.until()),
            "Set the clock, and send the CA a new request.",
        ),
        Verdict::Expired => (
            "certificate_expired",
            if in_use { State::Broken } else { State::Attention },
            format!(
                "its certificate has expired, on {}{}",
                validity.until(),
                if in_use { ", and it is in use" } else { "" }
            ),
            renew,
        ),
        Verdict::Due => (
            "certificate_due",
            State::Attention,
            format!("its certificate is due: it ends on {}, {}", validity.until(), validity.left(now)),
            renew,
        ),
        Verdict::NotYet if !clock_is_unknown(now) => (
            "certificate_not_yet_valid",
            State::Attention,
            format!("its certificate begins on {}, later than now", signet_domain::time::shown(validity.begins)),
            "Wait until then, or correct the clock.",
        ),
        Verdict::NotYet | Verdict::Good => return Ok(()),
    };
    let mut finding = Finding::new("csrs", code, state, what, fix);
    finding
        .number("days_left", standing.days_left)
        .number("not_before", validity.begins.as_second())
        .number("not_after", validity.ends.as_second())
        .number("in_use", i64::from(in_use));
    Err(Box::new(finding))
}
