//! Answers that find their request, and those that do not.

mod authority;
mod due;

use super::{Before, Proposal, Stored};
use crate::AppError;
use crate::Services;
use crate::audit::Actor;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::requests::index::Sort;
use authority::Authority;
use jiff::{SignedDuration, Timestamp};
use signet_domain::answer::Kind;
use signet_domain::draft::{Draft, DraftId, FinishedDraft};
use signet_domain::lifetime::Lifetime;
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::record::{Asked, Origin, Record};
use signet_domain::request::NewRequest;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;
use signet_store::{Opening, Store};
use std::path::PathBuf;
use tempfile::TempDir;

const NAMES: &str = "subjectAltName=DNS:nas.example.org,DNS:nas.local\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n";

struct Device {
    folder: TempDir,
}

impl Device {
    fn new(names: &[&str]) -> Self {
        let device = Self { folder: tempfile::tempdir().unwrap() };
        names.iter().for_each(|name| device.create(name));
        device
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn at(&self, clock: Clock) -> Services {
        Services::open(Store::open(&self.data(), Opening::default()).unwrap(), Config::default(), clock)
    }

    fn services(&self) -> Services {
        self.at(Clock::System)
    }

    /// The same so many days later.
    fn later(&self, days: i64) -> Services {
        self.at(Clock::Fixed(Clock::System.now() + SignedDuration::from_hours(24 * days)))
    }

    fn create(&self, name: &str) {
        let name_and_type =
            NameAndTypeAnswers { name: name.to_owned(), r#type: "csr".to_owned(), profile: "https-ecc".to_owned() };
        let mut draft = Draft::new(DraftId::from_bytes([0; 16]));
        draft.set_name_and_type(name_and_type.clone());
        let text = |text: &str| text.to_owned();
        let asked = Asked {
            profile: text("https-ecc"),
            options: draft.options_or_preset(Lifetime::parse("90").unwrap()),
            subject: SubjectAnswers {
                country: text("DE"),
                state: text("Bavaria"),
                city: text("Munich"),
                organization: text("Example"),
                email: text("root@nas.local"),
                common: text("nas.example.org"),
                san: text("nas.example.org\nnas.local"),
                organizational_unit: String::new(),
            },
            constraints: draft.constraints_or_preset(),
        };
        let services = self.services();
        let policy = &services.config.policy;
        let parsed =
            NewRequest::parse(&name_and_type, &asked.options, &asked.subject, &asked.constraints, policy, &CaReader);
        let finished = FinishedDraft { asked, request: parsed.unwrap(), supersedes: None };
        services.requests.create(&finished, None, Actor::CommandLine(0)).unwrap();
    }

    fn request(&self, name: &str) -> String {
        self.services().catalog.readable(&csr(name)).unwrap().pem()
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.data().join(format!("csrs/{name}.pem"))).unwrap()
    }
}

fn csr(name: &str) -> CsrName {
    CsrName::parse(name).unwrap()
}

fn proposals(services: &Services, answer: &str) -> Vec<Proposal> {
    services.certificates.read(answer.as_bytes(), None).unwrap().proposals
}

/// Keeps an answer with one CSR.
fn keep(services: &Services, name: &CsrName, answer: &str) -> Stored {
    let kept = services.certificates.keep(std::slice::from_ref(name), answer.as_bytes(), Actor::CommandLine(0));
    let [kept] = kept.unwrap().try_into().unwrap();
    kept
}

/// What is wrong with an answer, in words.
fn why(result: Result<impl Sized, AppError>) -> String {
    let Err(AppError::Rejected(mistakes)) = result else { panic!("it is not refused") };
    let told: Vec<String> = mistakes.iter().map(|one| format!("{} {}", one.what, one.fix)).collect();
    assert!(mistakes.iter().all(|one| one.field == super::FIELD));
    told.join("\n")
}

fn told(proposal: &Proposal) -> String {
    proposal.advice.iter().map(|advice| advice.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_answer_finds_its_request_and_is_held_against_what_was_asked() {
    let device = Device::new(&["nas", "other"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let asked = root.sign(&device.request("nas"), NAMES, 90);
    let [all] = proposals(&services, &asked).try_into().unwrap();
    assert_eq!((all.csr.as_str(), all.different(), &all.before), ("nas", 0, &Before::Nothing), "{:?}", all.differences);
    assert!(told(&all).contains("\"Home CA\", is missing"), "{}", told(&all));
    let dropped = root.sign(&device.request("nas"), &NAMES.replace(",DNS:nas.local", ",DNS:www.example.org"), 60);
    let [some] = proposals(&services, &format!("{}\n{dropped}", root.certificate)).try_into().unwrap();
    let seen: Vec<_> = some.differences.iter().filter(|one| one.kind != Kind::Same).collect();
    let seen: Vec<_> = seen.iter().map(|one| (one.kind, one.asked.as_str(), one.got.as_str())).collect();
    let expected = [
        (Kind::Dropped, "DNS:nas.local", ""),
        (Kind::Added, "", "DNS:www.example.org"),
        (Kind::Changed, "90 days", "60 days"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(some.chain.certificates.len(), 2);
    assert!(told(&some).contains("private CA: browsers do not know its root \"Home CA\""), "{}", told(&some));
}

#[test]
fn is_kept_in_one_step_and_the_same_one_again_is_no_change() {
    let device = Device::new(&["nas"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let answer = root.sign(&device.request("nas"), NAMES, 90) + &root.certificate;
    let before = device.file("nas");
    assert_eq!(
        services.catalog.list("", (Sort::Due, false), (0, 9)).unwrap().lines[0]
            .line
            .as_ref()
            .unwrap()
            .state(services.clock.now()),
        "ready"
    );
    let taken = keep(&services, &csr("nas"), &answer);
    assert!(taken.changed);
    let content = services.catalog.readable(&csr("nas")).unwrap();
    assert_eq!(content.certificates.len(), 2);
    assert!(content.record.answered.is_some());
    assert_eq!((content.state(services.clock.now()), content.chain_pem()), ("answered", answer.clone()));
    let file = device.file("nas");
    assert!(file.windows(40).any(|part| before.windows(40).next() == Some(part)), "the request stays");
    assert_eq!(
        services.catalog.list("", (Sort::Due, false), (0, 9)).unwrap().lines[0]
            .line
            .as_ref()
            .unwrap()
            .state(services.clock.now()),
        "answered"
    );
    let log = services.audit.read().unwrap().entries;
    assert_eq!((log[0].what.as_str(), log[0].csr.as_deref()), ("answer", Some("nas")));
    assert!(log[0].told().contains("by Home CA until "), "{}", log[0].told());
    let again = keep(&services, &csr("nas"), &answer);
    assert!(!again.changed && again.proposal.before == Before::Same);
    assert_eq!((device.file("nas"), services.audit.read().unwrap().entries.len()), (file, log.len()));
}

#[test]
fn an_answer_to_another_request_is_refused_and_told_whose_it_is() {
    let device = Device::new(&["nas", "other"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let other = root.sign(&device.request("other"), NAMES, 90);
    let why_not = why(services.certificates.read(other.as_bytes(), Some(&csr("nas"))));
    assert!(why_not.contains("belongs to the request other, not to nas"), "{why_not}");
    assert!(
        why(services.certificates.keep(&[csr("nas")], other.as_bytes(), Actor::CommandLine(0)))
            .contains("request other")
    );
    let stranger = Device::new(&["nas"]);
    let foreign = root.sign(&stranger.request("nas"), NAMES, 90);
    let why_not = why(services.certificates.read(foreign.as_bytes(), Some(&csr("nas"))));
    assert!(why_not.contains("belongs neither to nas nor to another request of this device"), "{why_not}");
    assert!(why_not.contains("another key of the same kind"), "{why_not}");
    let why_not = why(services.certificates.read(foreign.as_bytes(), None));
    assert!(
        why_not.contains("\"nas.example.org\" (key EC SECP384R1) belongs to no request of this device"),
        "{why_not}"
    );
    for only in [Some(&csr("nas")), None] {
        let why_not = why(services.certificates.read(root.certificate.as_bytes(), only));
        assert!(why_not.contains("There are only certificates of CAs (\"Home CA\")"), "{why_not}");
    }
}

#[test]
fn one_that_has_ended_is_refused_unless_the_clock_is_unknown() {
    let device = Device::new(&["nas"]);
    let root = Authority::root("Home CA");
    let answer = root.sign(&device.request("nas"), NAMES, 20);
    let ended = why(device.later(21).certificates.read(answer.as_bytes(), None));
    assert!(ended.contains("The certificate expired on") && ended.contains("clock says"), "{ended}");
    let services = device.at(Clock::Fixed(Timestamp::UNIX_EPOCH));
    let [one] = proposals(&services, &answer).try_into().unwrap();
    assert!(told(&one).contains("1970-01-01 00:00 UTC, which is wrong"), "{}", told(&one));
    assert!(keep(&services, &csr("nas"), &answer).changed);
    let day_before = device.later(-1);
    if day_before.clock.now() >= clock::build_date() {
        let [one] = proposals(&day_before, &answer).try_into().unwrap();
        assert!(told(&one).contains("not valid yet"), "{}", told(&one));
    }
}

#[test]
fn a_newer_answer_takes_the_place_and_an_older_one_says_so() {
    let device = Device::new(&["nas"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let first = root.sign(&device.request("nas"), NAMES, 90);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = root.sign(&device.request("nas"), NAMES, 190);
    keep(&services, &csr("nas"), &first);
    let [newer] = proposals(&services, &second).try_into().unwrap();
    assert!(told(&newer).contains("replaces the certificate by \"Home CA\""), "{}", told(&newer));
    // The older one beside it is not the answer.
    let [both] = proposals(&services, &format!("{second}{first}")).try_into().unwrap();
    assert!(both.chain.certificates[0].not_after == newer.chain.certificates[0].not_after);
    keep(&services, &csr("nas"), &second);
    let [older] = proposals(&services, &first).try_into().unwrap();
    assert!(told(&older).contains("It is older than the present certificate"), "{}", told(&older));
}

#[test]
fn a_missing_link_can_be_given_alone_afterwards() {
    let device = Device::new(&["nas"]);
    let (root, services) = (Authority::root("Root"), device.services());
    let middle = root.below("Middle");
    let address = "authorityInfoAccess=caIssuers;URI:http://ca.example/middle.cer\n";
    let leaf = middle.sign(&device.request("nas"), &format!("{NAMES}{address}"), 90);
    let taken = keep(&services, &csr("nas"), &leaf);
    let missing = told(&taken.proposal);
    assert!(
        missing.contains("\"Middle\", is missing") && missing.contains("http://ca.example/middle.cer"),
        "{missing}"
    );
    let facts = || services.catalog.readable(&csr("nas")).unwrap().answer_facts(services.clock.now());
    let wanted = "Middle, available at http://ca.example/middle.cer".to_owned();
    assert!(facts().contains(&("Missing issuer", wanted)), "{:?}", facts());
    let nothing = why(services.certificates.keep(&[csr("nas")], root.certificate.as_bytes(), Actor::CommandLine(0)));
    assert!(nothing.contains("only certificates of CAs"), "{nothing}");
    let links = format!("{}{}", root.certificate, middle.certificate);
    let taken = keep(&services, &csr("nas"), &links);
    assert_eq!((taken.changed, &taken.proposal.before), (true, &Before::Chain));
    assert_eq!(
        services.catalog.readable(&csr("nas")).unwrap().chain_pem(),
        format!("{leaf}{}{}", middle.certificate, root.certificate)
    );
    assert!(facts().iter().all(|(label, _)| *label != "Missing issuer"), "{:?}", facts());
    // The certificate alone once more takes nothing away.
    assert!(!keep(&services, &csr("nas"), &leaf).changed);
}

#[test]
fn several_answers_at_once_find_each_its_own() {
    let device = Device::new(&["one", "two", "three"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let stranger = Device::new(&["nas"]);
    let answers: String =
        ["two", "one"].iter().map(|name| root.sign(&device.request(name), NAMES, 90)).collect::<String>();
    let answers = format!("{answers}{}{}", root.sign(&stranger.request("nas"), NAMES, 90), root.certificate);
    let reading = services.certificates.read(answers.as_bytes(), None).unwrap();
    let names: Vec<&str> = reading.proposals.iter().map(|one| one.csr.as_str()).collect();
    assert_eq!(names, ["two", "one"]);
    assert!(reading.proposals.iter().all(|one| one.chain.certificates.len() == 2));
    assert!(reading.refused.is_empty() && reading.refusal().is_none());
    assert!(reading.strangers[0].what.contains("belongs to no request of this device"), "{:?}", reading.strangers);
}

#[test]
fn of_two_requests_with_one_key_the_one_that_is_not_superseded_takes_it() {
    let device = Device::new(&["old"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let old = services.catalog.readable(&csr("old")).unwrap();
    let key = services.store.private_key(&csr("old")).unwrap().unwrap();
    let id = "0123456789abcdef0123456789abcdef".to_owned();
    let new =
        Record { supersedes: Some(old.record.id.clone()), ..Record::new(id, Origin::Created, old.record.created) };
    let new = Record { asked: old.record.asked.clone(), lifetime: old.record.lifetime, ..new };
    services.store.lock().unwrap().create(&csr("new"), &new, &old.der, &key).unwrap();
    let answer = root.sign(&device.request("old"), NAMES, 90);
    let [best] = proposals(&services, &answer).try_into().unwrap();
    assert_eq!((best.csr.as_str(), best.others.as_slice()), ("new", &[csr("old")][..]));
    // Said by name, the other one takes it.
    assert!(keep(&services, &csr("old"), &answer).changed);
}

#[test]
fn of_several_answers_all_are_kept_or_none_and_each_is_told_why() {
    let device = Device::new(&["one", "two", "three"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let sign = |name: &str, days| root.sign(&device.request(name), NAMES, days);
    let answers = format!("{}{}", sign("one", 90), sign("two", 20));
    let names = ["one", "two"].map(csr);
    let by = Actor::CommandLine(0);
    let before = ["one", "two"].map(|name| device.file(name));
    // Twenty-one days later one of them has ended.
    let later = device.later(21);
    let told = why(later.certificates.keep(&names, answers.as_bytes(), by));
    assert!(told.contains("two: The certificate expired on"), "{told}");
    assert!(told.contains("one: The certificate fits, but it was not kept"), "{told}");
    let reading = later.certificates.read(answers.as_bytes(), None).unwrap();
    let refusal = reading.refusal().unwrap();
    assert_eq!(refusal.iter().count(), 2, "{refusal:?}");
    // One that has no answer among them.
    let told = why(services.certificates.keep(&["one", "two", "three"].map(csr), answers.as_bytes(), by));
    assert!(told.contains("three: The certificate for") && told.contains("two: The certificate fits"), "{told}");
    assert_eq!(["one", "two"].map(|name| device.file(name)), before);
    assert!(services.audit.read().unwrap().entries.iter().all(|entry| entry.what != "answer"));
    // Twice the same name is one.
    let kept = services.certificates.keep(&["one", "two", "one"].map(csr), answers.as_bytes(), by).unwrap();
    assert!(kept.len() == 2 && kept.iter().all(|one| one.changed && one.proposal.request.is_answered()));
    let told = services.audit.read().unwrap().entries;
    assert_eq!(told.iter().filter(|entry| entry.what == "answer").count(), 2);
}
