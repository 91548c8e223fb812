//! The certificates that CSRs hold: whether they are their own, whether the chain holds, and how long.

use super::{State, Wrong};
use crate::requests::lineage::Lineage;
use crate::validity::{Validity, clock_is_unknown};
use jiff::Timestamp;
use signet_domain::answer::Verdict;
use signet_pki::certificate::Certificate;
use signet_pki::inspect::inspect;
use signet_store::Entry;

/// Looks at the answer of a CSR whose request and key are whole.
pub(super) fn whole(entry: &Entry, lineage: &Lineage, now: Timestamp) -> Result<(), Wrong> {
    let Ok(stored) = &entry.content else { return Ok(()) };
    let broken = |what: String| {
        (State::Broken, what, "Give it the CA's answer once more; request and key are unharmed.".to_owned())
    };
    let read = stored.certificates.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
    let chain = read.map_err(|error| broken(format!("a certificate that it holds does not read: {error}")))?;
    let Some(leaf) = chain.first() else { return Ok(()) };
    if !inspect(&stored.request).is_ok_and(|request| leaf.has_key(&request.spki_der)) {
        return Err(broken("the certificate that it holds is for another key".into()));
    }
    for (below, above) in chain.iter().zip(chain.iter().skip(1)) {
        below.is_signed_by(&above.spki).map_err(|error| {
            let (below, above) = (below.subject_short(), above.subject_short());
            broken(format!("the chain that it holds does not hold: {below} is not signed by {above} ({error})"))
        })?;
    }
    // One that another CSR has replaced is history: its end is nobody's concern.
    if lineage.is_replaced(&stored.record) { Ok(()) } else { in_time(leaf, now) }
}

fn in_time(leaf: &Certificate, now: Timestamp) -> Result<(), Wrong> {
    let validity = Validity::of(leaf);
    let renew = "Send the CA a new request, and give its answer here; the list has this one on top.".to_owned();
    let attention = |what: String, fix: String| Err((State::Attention, what, fix));
    match validity.standing(now).verdict {
        Verdict::Expired if clock_is_unknown(now) => attention(
            format!("its certificate ended on {}, by the program's build date", validity.until()),
            "Set the clock, and send the CA a new request.".to_owned(),
        ),
        Verdict::Expired => attention(format!("its certificate has expired, on {}", validity.until()), renew),
        Verdict::Due => {
            attention(format!("its certificate is due: it ends on {}, {}", validity.until(), validity.left(now)), renew)
        }
        Verdict::NotYet if !clock_is_unknown(now) => attention(
            format!("its certificate begins on {}, later than now", signet_domain::time::shown(validity.begins)),
            "Wait until then, or correct the clock.".to_owned(),
        ),
        Verdict::NotYet | Verdict::Good => Ok(()),
    }
}
