//! A file with a private key in it, given where only a certificate belongs.
//!
//! Where the certificate's request is here, its key is here as well: the certificates are taken and the key in the file is
//! dropped. Otherwise the file waits to become an entry of its own. PEM need not be opened for that, and PKCS#12 must be.

use super::{AppError, CertifiedImports, NotOpened, refused};
use crate::Failure;
use crate::advice::Advice;
use crate::certificates::FIELD;
use crate::certificates::stored::chain_pem;
use crate::messages::advice::KEY_NOT_KEPT;
use crate::requests::catalog::Catalog;
use signet_domain::draft::DraftId;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_pki::answer::read_beside_key;
use signet_pki::certificate::Certificate;
use signet_pki::certified_key::{self, CertifiedKeyRefusal};
use signet_pki::import::Source;
use std::time::Instant;

/// What a file is, given where only a certificate belongs.
#[derive(Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// There is no key in it, or nothing else: it is read as a CA's answer.
    Answer,
    /// There is a key beside certificates, of which one belongs to a request that is here with its key.
    BesideKey {
        /// The certificates alone, PEM.
        certificates: String,
    },
    /// There is a key beside its certificate, and no request of it is here. It waits under the draft that was given.
    New {
        /// A free name for an entry of it, where its certificate can be read already.
        name: Option<CsrName>,
    },
}

impl Uploaded {
    /// What is to be read in place of the file, where its key was dropped.
    pub fn certificates(&self) -> Option<&[u8]> {
        match self {
            Self::BesideKey { certificates } => Some(certificates.as_bytes()),
            Self::Answer | Self::New { .. } => None,
        }
    }

    /// What is said of the key that was dropped.
    pub fn advice(&self) -> Option<Advice> {
        self.certificates().map(|_| Advice { field: FIELD, text: KEY_NOT_KEPT.to_owned() })
    }
}

impl CertifiedImports {
    /// Looks what a file is. What becomes an entry of its own waits as `draft`; without one it is refused.
    ///
    /// # Errors
    /// [`AppError::Rejected`] at `certificate` and `passphrase`.
    pub fn uploaded(
        &self,
        bytes: &[u8],
        passphrase: Option<&Secret>,
        draft: Option<&DraftId>,
        now: Instant,
    ) -> Result<Uploaded, AppError> {
        if !certified_key::holds_key(bytes) {
            return Ok(Uploaded::Answer);
        }
        if let Ok(answer) = read_beside_key(bytes)
            && has_request(&self.catalog, &answer.certificates)?
        {
            return Ok(Uploaded::BesideKey { certificates: pem(&answer.certificates) });
        }
        let found = match certified_key::find(Source { paste: None, file: Some(bytes) }, Source::default()) {
            Ok(found) => found,
            // A key alone is refused in the words of an answer.
            Err(CertifiedKeyRefusal::NoCertificate) => return Ok(Uploaded::Answer),
            Err(refusal) => return Err(refused(refusal.invalid())),
        };
        if !found.has_pkcs12() {
            let (Some(draft), Ok(answer)) = (draft, read_beside_key(bytes)) else { return Ok(Uploaded::Answer) };
            let certificates = answer.certificates.iter();
            let device =
                certificates.clone().find(|certificate| !certificate.may_issue()).or(answer.certificates.first());
            let name = device.map(|certificate| self.name_for(certificate)).transpose()?.flatten();
            // An open key needs nothing more; of any other the wizard's step asks for the passphrase, or says what is wrong.
            match self.open(&found, passphrase).ok().and_then(|opened| self.prepared(opened).ok()) {
                Some(prepared) => self.begin_prepared(draft, prepared, now),
                None => self.begin(draft, found, now),
            }
            return Ok(Uploaded::New { name });
        }
        let opened = match self.open(&found, passphrase) {
            Ok(opened) => opened,
            Err(NotOpened::Refused(refusal)) => return Err(refused(refusal.invalid())),
            Err(NotOpened::Busy) => return Err(Failure::DerivationsBusy.into()),
        };
        let certificates = pem(&opened.certificates);
        if has_request(&self.catalog, &opened.certificates)? {
            return Ok(Uploaded::BesideKey { certificates });
        }
        // Without its key, which of the requests it does not belong to is said in the words of an answer.
        let Some(draft) = draft else { return Ok(Uploaded::BesideKey { certificates }) };
        let prepared = self.prepared(opened)?;
        let leaf = prepared.leaf();
        let name = leaf.map(|certificate| self.name_for(&certificate)).transpose()?.flatten();
        self.begin_prepared(draft, prepared, now);
        Ok(Uploaded::New { name })
    }
}

fn has_request(catalog: &Catalog, certificates: &[Certificate]) -> Result<bool, Failure> {
    for certificate in certificates {
        if !catalog.of_key(&certificate.key_sha256)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn pem(certificates: &[Certificate]) -> String {
    let ders: Vec<Vec<u8>> = certificates.iter().map(|certificate| certificate.der.clone()).collect();
    chain_pem(&ders)
}
