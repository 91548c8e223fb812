//! A CA and a console over a folder, for the tests of this crate and of the pages, which include the file by its path.

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, PublicKeyData};
use signet_app::Services;
use signet_app::clock::{Clock, build_date};
use signet_app::config::Config;
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_pki::private_key::PrivateKey;
use signet_store::{Opening, Store};
use std::path::Path;

/// The device's clock in tests.
pub(crate) fn days(days: i64) -> Timestamp {
    build_date() + SignedDuration::from_hours(24 * days)
}

pub(crate) fn app_at(data: &Path, now: Timestamp) -> Services {
    Services::open(Store::open(data, Opening::default()).unwrap(), Config::default(), Clock::Fixed(now))
}

pub(crate) fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

/// A key that rcgen only certifies.
struct Subject(Vec<u8>);

impl PublicKeyData for Subject {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// A CA that answers for 90 days.
pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(["ca.example".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn certify(&self, key: &PrivateKey, usage: ExtendedKeyUsagePurpose) -> Vec<u8> {
        let mut params = CertificateParams::new(["nas.example".to_owned()]).unwrap();
        let at = |time: Timestamp| {
            let seconds = u64::try_from(time.as_second()).unwrap();
            rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds)
        };
        (params.not_before, params.not_after) = (at(days(0)), at(days(90)));
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.extended_key_usages = vec![usage];
        // The bits of the key alone: rcgen writes its own identifier around them.
        let point = key.spki_der()[key.spki_der().len() - 65..].to_vec();
        params.signed_by(&Subject(point), &self.0).unwrap().der().to_vec()
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// A CSR with its answer, for servers.
    pub(crate) fn answered(&self, services: &Services, csr: &str) -> Vec<u8> {
        self.answered_for(services, csr, ExtendedKeyUsagePurpose::ServerAuth)
    }

    pub(crate) fn answered_for(&self, services: &Services, csr: &str, usage: ExtendedKeyUsagePurpose) -> Vec<u8> {
        let key = signet_pki::generate::generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)).unwrap();
        let (subject, names) = (Default::default(), Default::default());
        let der =
            signet_pki::request::encode(&subject, &names, &Default::default(), &key, Some(Digest::Sha256)).unwrap();
        let record = Record::new(signet_app::random::id().unwrap(), Origin::Created, days(1));
        let leaf = self.certify(&key, usage);
        let lock = services.store.lock().unwrap();
        lock.create(&name(csr), &record, &der, key.pkcs8()).unwrap();
        lock.set_answer(&name(csr), &record, &[leaf.clone(), self.root()]).unwrap();
        leaf
    }
}
