//! Whether a renewed certificate may take the console over without a person: it came from the same authority as the previous one,
//! leads to a root that is accepted there, and covers the same names.

use super::Enrollments;
use super::windows::source;
use crate::Failure;
use crate::requests::content::Content;
use signet_domain::answer::covers;
use signet_domain::authority::AuthorityName;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, Trust, chain};
use signet_pki::pem;

impl Enrollments {
    /// True where nobody needs to be asked before `after` takes the place of `before`.
    pub fn may_follow(&self, before: &Content, after: &Content) -> Result<bool, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(false) };
        let (Some(was), Some(is)) = (source(&folder, before), source(&folder, after)) else { return Ok(false) };
        let (Some(was_chain), Some(is_chain)) = (verified(before), verified(after)) else { return Ok(false) };
        let names = |chain: &Chain| chain.certificates.first().map(|leaf| leaf.san.clone()).unwrap_or_default();
        let has = names(&is_chain);
        if was.authority != is.authority || !names(&was_chain).iter().all(|name| covers(&has, name)) {
            return Ok(false);
        }
        let authority = AuthorityName::parse(&is.authority).ok().map(|name| self.store.authority(&name)).transpose()?;
        let roots = authority.flatten().and_then(|authority| authority.roots).unwrap_or_default();
        Ok(is_accepted(&was_chain, &is_chain, &certificates(&roots)))
    }
}

/// Its chain, each link verified by its signature.
fn verified(content: &Content) -> Option<Chain> {
    let mut read = content.certificates.iter().map(|der| Certificate::read(der).ok()).collect::<Option<Vec<_>>>()?;
    let leaf = (!read.is_empty()).then(|| read.remove(0))?;
    chain(leaf, read).ok()
}

/// Browsers trust both; or a CA certificate of both chains has the same key; or the new one leads to a root that the authority was
/// given. Names are not compared: only a key shows that it is the same CA.
fn is_accepted(before: &Chain, after: &Chain, roots: &[Certificate]) -> bool {
    let above = |chain: &Chain| chain.certificates.iter().skip(1).map(|one| one.key_sha256).collect::<Vec<_>>();
    let (was, is) = (above(before), above(after));
    let leads_to = |root: &Certificate| {
        let last = after.certificates.last();
        is.contains(&root.key_sha256)
            || last.is_some_and(|last| last.issuer_der == root.subject_der && last.is_signed_by(&root.spki).is_ok())
    };
    (before.trust == Trust::Public && after.trust == Trust::Public)
        || is.iter().any(|key| was.contains(key))
        || roots.iter().any(leads_to)
}

fn certificates(pem: &str) -> Vec<Certificate> {
    let blocks = pem::scan(pem).unwrap_or_default();
    blocks.iter().filter_map(|block| Certificate::read(&block.der().ok()?).ok()).collect()
}
