//! Automatic renewal as facts over a directory of its own, with a clock that is set: when it orders, what it leaves behind, and
//! when the console may take a certificate over.

use super::*;
use crate::Services;
use crate::authorities::Given;
use crate::requests::content::Content;
use jiff::SignedDuration;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use signet_domain::authority::AuthorityAnswers;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::{Draft, DraftId, Rules};
use signet_domain::enrollment::Ended;
use signet_domain::lifetime::Lifetime;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::options::OptionsAnswers;
use signet_domain::profile::Profile;
use signet_domain::record::{Asked, AutoRenew};
use signet_domain::renewal_window::Window;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;
use signet_pki::certificate::Certificate;
use signet_pki::pem;
use signet_store::{EnrollFolder, Opening};
use tempfile::TempDir;

const BY: Actor = Actor::CommandLine(0);
const URL: &str = "https://ca.test/directory";
const NAMES: &[&str] = &["nas.test", "files.test"];

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

struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The chain for a request, valid for 90 days.
    fn issue(&self, content: &Content, names: &[&str], begins: Timestamp) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let at = |time: Timestamp| {
            let seconds = u64::try_from(time.as_second()).unwrap();
            rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds)
        };
        (params.not_before, params.not_after) = (at(begins), at(begins + days(90)));
        params.use_authority_key_identifier_extension = true;
        // Else it would be the same in all certificates of a key.
        params.serial_number = Some(u64::try_from(begins.as_second()).unwrap().into());
        let spki = &content.request.spki_der;
        let leaf = params.signed_by(&Subject(spki[spki.len() - 65..].to_vec()), &self.0).unwrap();
        [leaf.der().to_vec(), self.0.der().to_vec()]
            .iter()
            .map(|der| pem::encode("CERTIFICATE", der).to_string())
            .collect()
    }

    fn pem(&self) -> String {
        pem::encode("CERTIFICATE", self.0.der()).to_string()
    }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

struct Device {
    dir: TempDir,
    ca: Ca,
}

impl Device {
    /// A request `nas` with a certificate from the authority `ca` of the first day, which is renewed automatically.
    fn new() -> Self {
        let device = Self { dir: tempfile::tempdir().unwrap(), ca: Ca::new() };
        let services = device.on(0);
        crate::seal::ensure_key(&services.store).unwrap();
        let answers = AuthorityAnswers { url: Some(URL.to_owned()), ..AuthorityAnswers::default() };
        services.authorities.add("ca", &Given { answers, ..Given::default() }, BY).unwrap();
        let account =
            r#"{"directory":"https://ca.test/directory","key":"k","account":{"url":"https://ca.test/acct/1"}}"#;
        device.folder().write(Room::Accounts, "ca.json", account.as_bytes()).unwrap();
        device.create("nas");
        services.enrollments.order(&name("nas"), &at("ca"), BY).unwrap();
        device.issue(0, "nas", NAMES);
        services.auto_renewals.set(&name("nas"), Some(auto()), BY).unwrap();
        device
    }

    /// The same device, so many days after the first one.
    fn on(&self, day: i64) -> Services {
        let store = Store::open(&self.dir.path().join("data"), Opening::default()).unwrap();
        let mut config = Config { services: self.dir.path().join("deploy.toml"), ..Config::default() };
        config.policy.required.clear();
        Services::open(store, config, Clock::Fixed(self.day(day)))
    }

    fn day(&self, day: i64) -> Timestamp {
        clock::build_date() + days(1 + day)
    }

    fn folder(&self) -> EnrollFolder {
        EnrollFolder::open(&self.dir.path().join("data")).unwrap().unwrap()
    }

    fn create(&self, new: &str) {
        let options = OptionsAnswers {
            ec_curve: "SECP256R1".into(),
            ..OptionsAnswers::preset(Some(Profile::HttpsEcc), Lifetime::parse("90").unwrap())
        };
        let subject = SubjectAnswers { san: NAMES.join("\n"), country: "DE".into(), ..SubjectAnswers::default() };
        let constraints = ConstraintsAnswers::preset(Some(Profile::HttpsEcc), None);
        let asked = Asked { profile: "https-ecc".into(), options, subject, constraints };
        let mut draft = Draft::from_asked(DraftId::from_bytes([1; 16]), &asked);
        draft.name_and_type =
            Some(NameAndTypeAnswers { name: new.into(), r#type: "csr".into(), profile: "https-ecc".into() });
        let services = self.on(0);
        let finished = draft.finish(Rules { policy: &services.config.policy, ca: &CaReader }).unwrap();
        services.requests.create(&finished, None, BY).unwrap();
    }

    fn read(&self, csr: &str) -> Content {
        self.on(0).catalog.readable(&name(csr)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.on(0).store.names().unwrap().iter().map(ToString::to_string).collect()
    }

    fn leaf(&self, csr: &str) -> Certificate {
        self.read(csr).certificate().unwrap().unwrap()
    }

    fn order(&self, csr: &str) -> Option<Order> {
        read_order(&self.folder(), Room::Queue, &self.read(csr).record.id).unwrap()
    }

    /// What the enrolling process does with the order of a request, and that the console keeps it.
    fn issue(&self, day: i64, csr: &str, names: &[&str]) {
        self.answer(day, csr, names);
        let taken = read_ended(&self.folder(), Room::Taken, &self.read(csr).record.id);
        assert!(self.read(csr).is_answered(), "{taken:?}");
    }

    /// The same, whether it is kept or not.
    fn answer(&self, day: i64, csr: &str, names: &[&str]) {
        let (content, folder) = (self.read(csr), self.folder());
        let id = &content.record.id;
        let mut order = self.order(csr).unwrap();
        order.account = Some("https://ca.test/acct/1".to_owned());
        let ended = Ended { order, chain: Some(self.ca.issue(&content, names, self.day(day))) };
        folder.write(Room::Done, &file_of(id), &json_of(&ended)).unwrap();
        folder.remove(Room::Queue, &file_of(id)).unwrap();
        assert_eq!(self.on(day).enrollments.take(Actor::Console).unwrap(), [csr]);
    }

    /// Looks on that day; the requests whose certificates were ordered.
    fn look(&self, day: i64) -> Vec<String> {
        let done = self.on(day).auto_renewals.run(Actor::Console).unwrap();
        done.into_iter().map(|one| one.outcome.unwrap().to_string()).collect()
    }

    /// What the CA suggests for a request's certificate.
    fn suggest(&self, csr: &str, start: i64, end: i64) {
        let certificate = self.leaf(csr).ari_name().unwrap();
        let (start, end) = (self.day(start), self.day(end));
        let window = Window { certificate, start: Some(start), end: Some(end), explanation: None, next: end };
        self.folder().write(Room::Windows, &file_of(&self.read(csr).record.id), &json_of(&window)).unwrap();
    }
}

fn at(authority: &str) -> AuthorityName {
    AuthorityName::parse(authority).unwrap()
}

fn auto() -> AutoRenew {
    AutoRenew { ca: "ca".to_owned(), same_key: false }
}

#[test]
fn a_window_that_the_ca_suggests_is_followed_and_its_certificate_is_named_in_the_order() {
    let device = Device::new();
    assert_eq!(device.look(5), [""; 0], "nothing is due");
    let asked = watched_in(&device.folder());
    let named = device.leaf("nas").ari_name().unwrap();
    assert_eq!((asked.len(), &asked[0].certificate, asked[0].authority.as_str()), (1, &named, "ca"));
    device.suggest("nas", 20, 30);
    let services = device.on(5);
    let moment = services.enrollments.suggested(&device.read("nas")).unwrap().moment;
    assert_eq!(services.enrollments.suggested(&device.read("nas")).unwrap().moment, moment, "it is not drawn again");
    assert_eq!((device.look(19), device.look(20)), (vec![], vec![]), "the moment lies inside of the window");
    let [new] = device.look(30).try_into().unwrap();
    let order = device.order(&new).unwrap();
    assert_eq!((order.replaces.as_ref(), order.authority.as_str()), (Some(&named), "ca"));
    assert!(device.read(&new).record.automatic);
    // Its certificate is replaced: the next one is asked about.
    device.issue(30, &new, NAMES);
    assert_eq!(device.look(31), [""; 0]);
    assert_eq!(watched_in(&device.folder())[0].certificate, device.leaf(&new).ari_name().unwrap());
    // A window of another certificate says nothing.
    device.suggest("nas", 1, 2);
    std::fs::rename(
        device.dir.path().join(format!("data/enroll/windows/{}.json", device.read("nas").record.id)),
        device.dir.path().join(format!("data/enroll/windows/{}.json", device.read(&new).record.id)),
    )
    .unwrap();
    assert_eq!(device.look(40), [""; 0]);
    // When nothing is renewed automatically any more, nothing is asked.
    for csr in ["nas", &new] {
        device.on(40).auto_renewals.set(&name(csr), None, BY).unwrap();
    }
    assert_eq!((device.look(41), watched_in(&device.folder())), (vec![], vec![]));
}

#[test]
fn a_certificate_of_another_account_or_added_by_hand_is_not_named_as_replaced() {
    let device = Device::new();
    let account = r#"{"directory":"https://ca.test/directory","account":{"url":"https://ca.test/acct/2"}}"#;
    device.folder().write(Room::Accounts, "ca.json", account.as_bytes()).unwrap();
    let [new] = device.look(70).try_into().unwrap();
    assert_eq!(device.order(&new).unwrap().replaces, None);

    let device = Device::new();
    let by_hand = Ca::new().issue(&device.read("nas"), NAMES, device.day(1));
    device.on(1).certificates.keep(&[name("nas")], by_hand.as_bytes(), BY).unwrap();
    let [new] = device.look(70).try_into().unwrap();
    assert_eq!(device.order(&new).unwrap().replaces, None);
}

#[test]
fn a_window_in_the_past_renews_once_a_day_whatever_becomes_of_the_order() {
    let device = Device::new();
    device.suggest("nas", -20, -10);
    assert_eq!(device.look(0), [""; 0], "its certificate came today");
    let [new] = device.look(1).try_into().unwrap();
    assert_eq!(device.look(1), [""; 0]);
    // Cancelled, and then deleted by its owner: both cost at most one order a day.
    device.on(1).enrollments.cancel(&name(&new), BY).unwrap();
    assert_eq!(device.look(1), [""; 0]);
    device.on(1).requests.delete(&name(&new), BY).unwrap();
    assert_eq!(device.look(1), [""; 0]);
    let [new] = device.look(2).try_into().unwrap();
    device.on(2).enrollments.cancel(&name(&new), BY).unwrap();
    assert_eq!((device.look(2), device.look(3)), (vec![], vec![new]), "a cancelled one is ordered again the next day");
}

#[test]
fn a_renewal_by_a_person_is_theirs_and_one_that_was_made_and_not_ordered_is_ordered() {
    let device = Device::new();
    let renewed = |by: Actor| {
        let services = device.on(70);
        let draft = services.renewals.draft(&name("nas"), crate::requests::renewal::Purpose::Renew { same_key: false });
        let rules = Rules { policy: &services.config.policy, ca: &CaReader };
        let finished = draft.unwrap().finish(rules).unwrap();
        services.requests.create(&finished, None, by).unwrap()
    };
    let by_hand = renewed(BY);
    assert_eq!(device.read(by_hand.as_str()).record.auto_renew, Some(auto()));
    assert_eq!(device.look(70), [""; 0]);
    device.on(70).requests.delete(&by_hand, BY).unwrap();
    // As if it had been killed in between.
    let made = renewed(Actor::Console);
    assert_eq!(device.look(70), [made.to_string()]);
    assert_eq!(device.look(70), [""; 0]);
}

#[test]
fn older_requests_of_its_own_go_when_nothing_uses_them() {
    let device = Device::new();
    let mut line = vec!["nas".to_owned()];
    for day in [70, 140, 210] {
        let [new] = device.look(day).try_into().unwrap();
        device.issue(day, &new, NAMES);
        line.push(new);
    }
    // A service still has the first renewal.
    let id = |csr: &str| device.read(csr).record.id;
    let (first, second, third) = (&line[1], &line[2], &line[3]);
    let list = device.dir.path().join("deploy.toml");
    let copies = device.dir.path().join("copies");
    std::fs::create_dir_all(copies.join("web")).unwrap();
    let version = format!("{}-{}-1", id(first), "0".repeat(16));
    std::os::unix::fs::symlink(version, copies.join("web/live")).unwrap();
    let text = format!("directory = {copies:?}\n[[deploy]]\ncsr = \"nas\"\nas = \"web\"\n");
    std::fs::write(&list, &text).unwrap();
    let has = crate::deploy::live_ids(&list).unwrap();
    assert_eq!(has, [("web".to_owned(), id(first))], "the list is as root would write it");
    assert_eq!((device.look(211), device.names().len()), (vec![], 4));
    // One that the list names, and a list that cannot be read.
    std::fs::remove_file(copies.join("web/live")).unwrap();
    std::fs::write(&list, text.replace("\"nas\"", &format!("\"{first}\""))).unwrap();
    assert_eq!((device.look(211), device.names().len()), (vec![], 4));
    std::fs::write(&list, "nonsense").unwrap();
    assert_eq!((device.look(211), device.names().len()), (vec![], 4));
    std::fs::write(&list, text).unwrap();
    let oldest = id("nas");
    assert_eq!((device.look(211), device.names().len()), (vec![], 3));
    let left = device.names();
    assert!(left.contains(&"nas".to_owned()) && left.contains(second) && left.contains(third), "{left:?}");
    // The line has no gap, in which a service would fall back to its beginning.
    assert_eq!(device.read(second).record.supersedes, Some(oldest));
    assert_eq!(device.on(211).catalog.lineage().unwrap().in_force(&name("nas")).as_str(), third);
    let log = device.on(211).audit.read().unwrap();
    assert!(
        log.entries
            .iter()
            .any(|entry| entry.what == "delete" && entry.csr.as_ref() == Some(first) && entry.who == "console")
    );
    // The current one and the one before it stay, and so does what a person made.
    assert_eq!((device.look(212), device.names().len()), (vec![], 3));
}

#[test]
fn the_console_follows_only_to_the_same_ca_and_names() {
    let device = Device::new();
    let [new] = device.look(70).try_into().unwrap();
    let may = |new: &str| device.on(70).enrollments.may_follow(&device.read("nas"), &device.read(new)).unwrap();
    assert!(!may(&new), "it has not come");
    device.issue(70, &new, NAMES);
    assert!(may(&new));
    // The same authority with another root, which is not one of its own either.
    let other = Device { dir: device.dir, ca: Ca::new() };
    let again = |names: &[&str]| {
        other.on(72).enrollments.order(&name(&new), &at("ca"), BY).unwrap();
        other.issue(72, &new, names);
        other.on(72).enrollments.may_follow(&other.read("nas"), &other.read(&new)).unwrap()
    };
    assert!(!again(NAMES));
    let roots = |pem: &str| {
        let given = Given { roots: Some(pem.as_bytes().to_vec()), ..Given::default() };
        other.on(72).authorities.change(&at("ca"), &given, BY).unwrap();
    };
    roots(&Ca::new().pem());
    assert!(!again(NAMES));
    roots(&other.ca.pem());
    assert!(again(NAMES));
    // One that was added by hand did not come from it.
    let by_hand = other.ca.issue(&other.read(&new), NAMES, other.day(73));
    other.on(73).certificates.keep(&[name(&new)], by_hand.as_bytes(), BY).unwrap();
    assert!(!other.on(73).enrollments.may_follow(&other.read("nas"), &other.read(&new)).unwrap());
}

#[test]
fn a_certificate_that_lacks_a_name_is_not_kept_and_not_followed() {
    let device = Device::new();
    let [new] = device.look(70).try_into().unwrap();
    device.answer(70, &new, &NAMES[..1]);
    assert!(!device.read(&new).is_answered());
    assert!(!device.on(70).enrollments.may_follow(&device.read("nas"), &device.read(&new)).unwrap());
}

#[test]
fn a_renewal_that_fails_is_reported_when_a_third_of_the_life_is_left() {
    let device = Device::new();
    device.suggest("nas", 1, 2);
    let [new] = device.look(40).try_into().unwrap();
    let mut order = device.order(&new).unwrap();
    let failure = |kind| {
        Some(signet_domain::enrollment::Failure {
            code: "unreachable".into(),
            kind,
            what: "It is down.".into(),
            remedy: "Wait.".into(),
            detail: None,
            wait: None,
        })
    };
    use signet_domain::enrollment::Kind;
    let codes = |order: &Order, day: i64| {
        let id = device.read(&new).record.id;
        device.folder().remove(Room::Queue, &file_of(&id)).unwrap();
        device.folder().write(Room::Orders, &file_of(&id), &json_of(order)).unwrap();
        let report =
            crate::check::check(&device.dir.path().join("data"), &Ok(Config::default()), Clock::Fixed(device.day(day)));
        report.findings().iter().any(|finding| finding.code == "order_failed")
    };
    order.failure = failure(Kind::Unreachable);
    assert_eq!((codes(&order, 59), codes(&order, 61)), (false, true));
    // One that a person has to go on with is reported at once.
    order.failure = failure(Kind::Settings);
    assert!(codes(&order, 41));
}
