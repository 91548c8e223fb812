//! Renewal and change, as facts over a directory of its own with a clock that stands.

mod due;
mod imports;

use super::*;
use crate::AppError;
use crate::Services;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::requests::import::Given;
use crate::requests::lineage::{Lineage, Relatives};
use jiff::{SignedDuration, Timestamp};
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::{FinishedDraft, Rules};
use signet_domain::options::OptionsAnswers;
use signet_domain::profile::Profile;
use signet_domain::record::Origin;
use signet_domain::record::Record;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;
use signet_pki::import::Source;
use signet_store::{Opening, Store};
use std::process::Command;
use tempfile::TempDir;

const BY: Actor = Actor::CommandLine(0);

struct Unit {
    services: Services,
    dir: TempDir,
}

impl Unit {
    fn at(now: Timestamp) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("data"), Opening::default()).unwrap();
        let services = Services::open(store, Config::default(), Clock::Fixed(now));
        crate::seal::ensure_key(&services.store).unwrap();
        Self { services, dir }
    }

    fn new() -> Self {
        Self::at(today())
    }

    fn clock(&self, now: Timestamp) -> Services {
        let store = Store::open(&self.dir.path().join("data"), Opening::default()).unwrap();
        Services::open(store, Config::default(), Clock::Fixed(now))
    }

    /// A P-256 request with these names.
    fn make(&self, new: &str, san: &str) -> CsrName {
        let options = OptionsAnswers {
            ec_curve: "SECP256R1".into(),
            ..OptionsAnswers::preset(Some(Profile::HttpsEcc), Lifetime::parse("100").unwrap())
        };
        let subject = SubjectAnswers { san: san.into(), common: "nas.example.org".into(), ..filled() };
        let constraints = ConstraintsAnswers::preset(Some(Profile::HttpsEcc), None);
        let asked = Asked { profile: "https-ecc".into(), options, subject, constraints };
        let mut draft = Draft::from_asked(DraftId::from_bytes([1; 16]), &asked);
        draft.name_and_type =
            Some(NameAndTypeAnswers { name: new.into(), r#type: "csr".into(), profile: "https-ecc".into() });
        self.services.requests.create(&self.finished(draft), None, BY).unwrap()
    }

    fn finished(&self, draft: Draft) -> FinishedDraft {
        draft.finish(Rules { policy: &self.services.config.policy, ca: &CaReader }).unwrap()
    }

    /// What Save does with a draft.
    fn save(&self, draft: &Draft) -> Result<CsrName, AppError> {
        self.services.requests.create(&self.finished(draft.clone()), Some(&draft.id), BY)
    }

    fn renewed(&self, old: &str, same_key: bool) -> CsrName {
        self.save(&self.services.renewals.draft(&name(old), Purpose::Renew { same_key }).unwrap()).unwrap()
    }

    fn read(&self, csr: &CsrName) -> Content {
        self.services.catalog.readable(csr).unwrap()
    }

    fn relatives(&self, csr: &str) -> (Option<String>, Option<(String, bool)>) {
        let record = self.read(&name(csr)).record;
        let relatives = self.services.catalog.relatives(&record).unwrap();
        assert_eq!(
            self.services.catalog.lineage().unwrap().relatives(&record),
            relatives,
            "a command sees what the browser sees"
        );
        let after = relatives.superseded_by.map(|after| (after.name.to_string(), after.answered));
        (relatives.supersedes.map(|old| old.to_string()), after)
    }

    /// Gives a CSR a certificate of 365 days from `begin`; whose key it has nobody asks here.
    fn answer(&self, csr: &str, begin: Timestamp) {
        let made = signet_pki::identity::make(&["nas".into()], &[], begin, Timestamp::UNIX_EPOCH, None).unwrap();
        let record = Record { answered: Some(begin), ..self.read(&name(csr)).record };
        let lock = self.services.store.lock().unwrap();
        lock.set_answer(&name(csr), &record, &[made.cert_der]).unwrap();
    }

    fn import(&self, csr: &str, key: &[u8], request: &[u8]) -> Result<CsrName, AppError> {
        let file = |bytes| Source { paste: None, file: Some(bytes) };
        let given = Given { request: file(request), key: file(key), passphrase: None, confirm: None };
        self.services.imports.import(&name(csr), &given, BY)
    }
}

fn today() -> Timestamp {
    clock::build_date() + SignedDuration::from_hours(24)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

fn filled() -> SubjectAnswers {
    SubjectAnswers {
        country: "DE".into(),
        state: "Bavaria".into(),
        city: "Munich".into(),
        organization: "Example".into(),
        email: "root@nas.local".into(),
        ..SubjectAnswers::default()
    }
}

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn renews_with_the_same_answers_and_a_new_key() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let draft = unit.services.renewals.draft(&name("nas"), Purpose::Renew { same_key: false }).unwrap();
    assert!(draft.cloned && !draft.keeps_key());
    let new = unit.save(&draft).unwrap();
    let year = TimeZone::UTC.to_datetime(today()).year();
    assert_eq!(new.as_str(), format!("nas-{year}"));
    let (old, made) = (unit.read(&name("nas")), unit.read(&new));
    assert_eq!((&made.record.asked, &made.record.supersedes), (&old.record.asked, &Some(old.record.id)));
    assert_ne!(made.request.spki_sha256, old.request.spki_sha256);
    assert_eq!(made.request.requested, old.request.requested);
    // Saved twice it is one.
    assert_eq!(unit.save(&draft).unwrap(), new);
    assert_eq!(unit.services.store.names().unwrap().len(), 2);
}

#[test]
fn takes_the_key_over_and_signs_with_it() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let new = unit.renewed("nas", true);
    let (old, made) = (unit.read(&name("nas")), unit.read(&new));
    assert_eq!(made.request.spki_sha256, old.request.spki_sha256);
    assert_ne!(made.der, old.der);
    signet_pki::inspect::verify_signature(&made.der).unwrap();
    let key = |csr: &CsrName| unit.services.store.private_key(csr).unwrap().unwrap().expose_secret().to_vec();
    assert_eq!(key(&new), key(&name("nas")));
}

#[test]
fn a_key_of_the_factory_stays_one_when_it_is_taken_over() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let record = Record { origin: Origin::Factory, ..unit.read(&name("nas")).record };
    unit.services.store.lock().unwrap().set_record(&name("nas"), &record).unwrap();
    let first = unit.renewed("nas", true);
    let second = unit.renewed(first.as_str(), true);
    for csr in [&first, &second] {
        assert!(matches!(unit.services.private_keys.may_export(csr), Err(Failure::FactoryKey)), "{csr}");
        assert_eq!(unit.read(csr).record.origin, Origin::Created);
    }
    let own = unit.renewed("nas", false);
    assert!(unit.services.private_keys.may_export(&own).is_ok(), "a new key is the owner's");
}

#[test]
fn the_older_one_is_superseded_until_the_newer_one_is_answered() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let new = unit.renewed("nas", false).to_string();
    assert_eq!(unit.relatives("nas"), (None, Some((new.clone(), false))));
    assert_eq!(unit.relatives(&new), (Some("nas".into()), None));
    let part = unit.services.catalog.list("", Default::default(), (0, 50)).unwrap();
    assert_eq!(part.successors.keys().map(CsrName::as_str).collect::<Vec<_>>(), ["nas"]);
    unit.services.requests.rename(&name("nas"), &name("old"), BY).unwrap();
    assert_eq!(unit.relatives(&new), (Some("old".into()), None));
    unit.answer(&new, today());
    assert_eq!(unit.relatives("old"), (None, Some((new.clone(), true))));
    // One that was answered counts before a younger one.
    let later = unit.renewed("old", false);
    assert_eq!(unit.relatives("old").1, Some((new.clone(), true)));
    assert_eq!(unit.services.catalog.lineage().unwrap().in_force(&name("old")).as_str(), new);
    unit.services.requests.delete(&name(&new), BY).unwrap();
    assert_eq!(unit.relatives("old").1, Some((later.to_string(), false)));
    assert_eq!(unit.services.catalog.lineage().unwrap().in_force(&name("old")).as_str(), "old");
}

#[test]
fn deleting_either_leaves_nothing_in_the_other() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let new = unit.renewed("nas", false);
    unit.services.requests.delete(&name("nas"), BY).unwrap();
    assert_eq!(unit.relatives(new.as_str()), (None, None));
    assert_eq!(unit.services.renewals.compared(&new).unwrap(), None);
    let again = unit.renewed(new.as_str(), false);
    unit.services.requests.delete(&again, BY).unwrap();
    assert_eq!(unit.relatives(new.as_str()), (None, None));
}

#[test]
fn a_draft_outlives_the_request_that_it_renews_and_its_key_does_not() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let draft = |same_key| unit.services.renewals.draft(&name("nas"), Purpose::Renew { same_key }).unwrap();
    let (fresh, same) = (draft(false), draft(true));
    unit.services.requests.rename(&name("nas"), &name("renamed"), BY).unwrap();
    let kept = unit.save(&Draft { id: DraftId::from_bytes([1; 16]), ..same.clone() }).unwrap();
    assert_eq!(unit.read(&kept).request.spki_sha256, unit.read(&name("renamed")).request.spki_sha256);
    unit.services.requests.delete(&kept, BY).unwrap();
    unit.services.requests.delete(&name("renamed"), BY).unwrap();
    // Another one of that name is not the one that was meant.
    unit.make("nas", "other.local");
    match unit.save(&same) {
        Err(AppError::Rejected(mistakes)) => assert!(mistakes.has("same_key")),
        other => panic!("{other:?}"),
    }
    let saved = unit.save(&fresh).unwrap();
    assert_eq!(unit.read(&saved).record.supersedes, None);
}

#[test]
fn differences_are_told_field_by_field() {
    let unit = Unit::new();
    unit.make("nas", "nas.local\nnas.example.org\n192.0.2.7");
    let mut draft = unit.services.renewals.draft(&name("nas"), Purpose::Change).unwrap();
    assert!(!draft.cloned);
    draft.subject.as_mut().unwrap().san = "nas.local\nbox.local\n192.0.2.7\nnas.example.org".into();
    draft.options.as_mut().unwrap().lifetime = "47".into();
    let new = unit.save(&draft).unwrap();
    let compared = unit.services.renewals.compared(&new).unwrap().unwrap();
    let told: Vec<_> =
        compared.differences.iter().map(|one| (one.label.as_str(), &one.old[..], &one.new[..])).collect();
    assert_eq!(
        told,
        [
            ("Subject Alternate Names", &[][..], &["DNS:box.local".to_owned()][..]),
            ("Requested lifetime", &["100 days".to_owned()][..], &["47 days".to_owned()][..]),
        ]
    );
    assert!(!compared.same_key);
    assert_eq!(unit.services.renewals.compared(&name("nas")).unwrap(), None);
}

#[test]
fn records_that_go_round_in_a_circle_are_followed_to_an_end() {
    let mut lineage = Lineage::default();
    for (csr, id, old) in [("a", "1", "3"), ("b", "2", "1"), ("c", "3", "2")] {
        let supersedes = Some(old.to_owned());
        let record = Record { supersedes, ..Record::new(id.into(), Origin::Created, today()) };
        lineage.add(&name(csr), &record, true);
    }
    lineage.in_force(&name("a"));
}
