//! What a backup of one device is on another one.

use super::*;
use crate::Services;
use jiff::Timestamp;
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use signet_store::Opening;
use std::path::Path;

fn services(data: &Path, config: &str) -> Services {
    let store = Store::open(data, Opening::default()).unwrap();
    Services::open(store, Config::parse(config).unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH))
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

fn create(services: &Services, csr: &str, origin: Origin) {
    let key = signet_pki::generate::generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)).unwrap();
    let request = signet_pki::request::encode(
        &Default::default(),
        &Default::default(),
        &Default::default(),
        &key,
        Some(Digest::Sha256),
    );
    let record = Record::new(crate::random::id().unwrap(), origin, Timestamp::UNIX_EPOCH);
    services.store.lock().unwrap().create(&name(csr), &record, &request.unwrap(), key.pkcs8()).unwrap();
}

fn passphrase() -> Secret {
    Secret::from("zither quagmire 9741".to_owned())
}

fn restored(services: &Services, file: &[u8]) -> Restored {
    services.backups.restore(file, &passphrase(), Wanted::default(), Actor::Console).unwrap()
}

#[test]
fn a_request_of_another_devices_factory_is_an_imported_one_whose_key_stays_the_factorys() {
    let folder = tempfile::tempdir().unwrap();
    let one = services(&folder.path().join("one"), "[keys]\nexportable = true\n");
    create(&one, "device", Origin::Factory);
    let file = one.backups.write(&one.backups.plan(false).unwrap(), Vec::new(), &passphrase()).unwrap();
    assert_eq!(restored(&one, &file).same, [name("device")], "here it is the same");
    let two = services(&folder.path().join("two"), "");
    assert_eq!(restored(&two, &file).requests, [name("device")]);
    let record = two.store.csr(&name("device")).unwrap().unwrap().content.unwrap().record;
    assert_eq!((record.origin, record.factory_key), (Origin::Imported, true));
    let again = restored(&two, &file);
    assert_eq!((again.same.as_slice(), again.changes()), ([name("device")].as_slice(), false));
}

#[test]
fn a_request_that_is_gone_when_it_is_written_ends_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let one = services(&folder.path().join("one"), "");
    create(&one, "nas", Origin::Created);
    let plan = one.backups.plan(false).unwrap();
    one.store.lock().unwrap().delete(&name("nas")).unwrap();
    let refused = one.backups.write(&plan, Vec::new(), &passphrase()).unwrap_err();
    assert!(matches!(refused, Failure::Backup(BackupError::Gone(_))), "{refused}");
}
