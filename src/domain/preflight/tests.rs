use super::*;
use crate::constraints::ConstraintsAnswers;
use crate::extensions::{CaCertificate, KeyUsageBit, ReadCa};
use crate::key_spec::Curve;
use crate::lifetime::Lifetime;
use crate::ml_dsa::MlDsa;
use crate::name_and_type::NameAndTypeAnswers;
use crate::options::OptionsAnswers;
use crate::record::Asked;
use crate::subject::SubjectAnswers;
use KeyUsageBit::*;
use jiff::civil::date;

static NO_WAYS: Ways = Ways { by_dns: false, by_dns_alone: false, others_by_dns: Vec::new() };
const EC: Option<KeyKind> = Some(KeyKind::Ec(Curve::Secp256r1));

fn names(all: &[&str]) -> Vec<San> {
    all.iter().map(|name| San::parse(name).unwrap()).collect()
}

fn found(facts: &Facts<'_>, kind: CaKind) -> Vec<(&'static str, Effect)> {
    let all = preflight(facts, kind, date(2026, 12, 1));
    assert!(all.iter().all(|one| one.what.ends_with('.') && one.remedy.ends_with('.') && !one.source.is_empty()));
    all.iter().map(|one| (one.field, one.effect)).collect()
}

fn facts<'a>(names: &'a [San], key: Option<KeyKind>) -> Facts<'a> {
    Facts {
        names,
        common: None,
        subject: Vec::new(),
        key,
        digest: Some(Digest::Sha256),
        lifetime: Some(200),
        is_ca: false,
        extensions: None,
        ways: &NO_WAYS,
    }
}

#[test]
fn a_plain_server_request_suits_everybody() {
    let names = names(&["nas.example.org", "203.0.114.7"]);
    for kind in CaKind::ALL {
        assert_eq!(found(&facts(&names, EC), kind), [], "{kind:?}");
        assert_eq!(CaKind::parse(kind.word()), Some(kind));
    }
}

#[test]
fn each_rule_is_for_its_kinds_of_ca() {
    let private = names(&["nas.local", "192.168.1.20"]);
    let mixed = names(&["nas.example.org", "email:a@example.org", "URI:https://example.org/"]);
    let wild = names(&["*.example.org"]);
    let with =
        |facts: &Facts<'_>, field: &str, effect| CaKind::ALL.map(|kind| found(facts, kind).contains(&(field, effect)));
    let refused = |facts: &Facts<'_>, field: &str| with(facts, field, Refuses);
    assert_eq!(refused(&facts(&private, EC), "san"), [true, false, false, false]);
    assert_eq!(refused(&facts(&mixed, EC), "san"), [true, true, false, false]);
    assert_eq!(refused(&facts(&[], EC), "san"), [true, true, false, false]);
    assert_eq!(with(&facts(&[], EC), "san", Accepts), [false, false, true, true]);
    assert_eq!(refused(&facts(&wild, EC), "san"), [true, true, false, false]);
    let by_dns = Ways { by_dns: true, by_dns_alone: true, others_by_dns: Vec::new() };
    assert_eq!(refused(&Facts { ways: &by_dns, ..facts(&wild, EC) }, "san"), [false; 4]);
    let address = names(&["203.0.114.7"]);
    assert_eq!(refused(&Facts { ways: &by_dns, ..facts(&address, EC) }, "san"), [true, true, false, false]);
    let elsewhere = Ways { others_by_dns: vec!["wild".to_owned()], ..Ways::default() };
    let told =
        preflight(&Facts { ways: &elsewhere, ..facts(&wild, EC) }, CaKind::OwnCa, jiff::civil::date(2026, 12, 1));
    assert!(told.iter().any(|one| one.remedy.contains("Order it at wild")), "{told:?}");
    let good = names(&["nas.example.org"]);
    assert_eq!(refused(&Facts { common: Some("My NAS"), ..facts(&good, EC) }, "common"), [true, true, false, false]);
    assert_eq!(refused(&Facts { common: Some("nas.example.org"), ..facts(&good, EC) }, "common"), [false; 4]);
    assert_eq!(refused(&Facts { is_ca: true, ..facts(&good, EC) }, "bc_ca"), [true, true, false, false]);
    let brainpool = KeyKind::Ec(Curve::BrainpoolP256r1);
    for key in [KeyKind::Ed25519, KeyKind::MlDsa(MlDsa::MlDsa65), brainpool, KeyKind::Ec(Curve::Secp256k1)] {
        assert_eq!(refused(&facts(&good, Some(key)), "key_type"), [true, false, false, false], "{key:?}");
        assert_eq!(with(&facts(&good, Some(key)), "key_type", Accepts), [false, true, true, true], "{key:?}");
    }
    assert_eq!(refused(&facts(&good, None), "key_type"), [true, false, false, false]);
    assert_eq!(refused(&facts(&good, Some(KeyKind::Rsa { bits: 1024 })), "key_length"), [true; 4]);
    assert_eq!(refused(&Facts { digest: Some(Digest::Sha1), ..facts(&good, EC) }, "digest_algorithm"), [true; 4]);
    let more = Facts { subject: vec![Part::Organization], lifetime: Some(398), ..facts(&good, EC) };
    assert_eq!(found(&more, CaKind::Public), [("organization", Drops), ("lifetime", Ignores)]);
    assert_eq!(found(&more, CaKind::OwnCa), [("lifetime", Ignores)]);
    assert_eq!(found(&more, CaKind::Private), []);
}

#[test]
fn who_is_likely_to_sign_is_the_devices_ca_else_by_the_names() {
    let (public, private) = (names(&["nas.example.org"]), names(&["nas.example.org", "nas.local"]));
    assert_eq!(CaKind::likely(None, &public), CaKind::Public);
    assert_eq!(CaKind::likely(None, &private), CaKind::Private);
    assert_eq!(CaKind::likely(None, &[]), CaKind::Private);
    assert_eq!(CaKind::likely(Some(CaKind::OwnCa), &public), CaKind::OwnCa);
}

struct NoCa;

impl ReadCa for NoCa {
    fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
        Err("No certificate is read here.".into())
    }
}

/// Answers that nothing is found in, changed.
fn asked(change: impl FnOnce(&mut OptionsAnswers, &mut SubjectAnswers, &mut ConstraintsAnswers)) -> Asked {
    let mut asked = Asked {
        options: OptionsAnswers::preset(None, Lifetime::parse("200").unwrap()),
        subject: SubjectAnswers { san: "nas.example.com\n9.9.9.9".into(), ..SubjectAnswers::default() },
        ..Asked::default()
    };
    change(&mut asked.options, &mut asked.subject, &mut asked.constraints);
    asked
}

fn parsed(asked: &Asked) -> NewRequest {
    let name_and_type = NameAndTypeAnswers { name: "nas".into(), r#type: "csr".into(), profile: String::new() };
    NewRequest::parse(&name_and_type, &asked.options, &asked.subject, &asked.constraints, &relaxed(), &NoCa).unwrap()
}

/// An integrator who requires nothing.
fn relaxed() -> Policy {
    Policy { required: Vec::new(), ..Policy::default() }
}

fn told(asked: &Asked, kind: CaKind) -> Vec<Finding> {
    preflight(&Facts::of(&parsed(asked), &relaxed(), &NO_WAYS), kind, date(2026, 11, 1))
}

/// Exactly one finding at that field with these words, and its change takes it away without another one.
#[track_caller]
fn changes(mut asked: Asked, kind: CaKind, field: &str, words: &str, button: &str) -> Asked {
    let all = told(&asked, kind);
    assert_eq!(all.iter().map(|one| one.field).collect::<Vec<_>>(), [field], "{all:?}");
    assert!(all[0].what.contains(words), "{}", all[0].what);
    let change = all[0].change.as_ref().unwrap();
    assert_eq!(change.label(), button);
    change.apply(&mut asked);
    assert_eq!(told(&asked, kind), [], "after {button}");
    asked
}

fn usages(constraints: &mut ConstraintsAnswers, usages: &[Usage]) {
    constraints.eku_enabled = true;
    constraints.eku = usages.to_vec();
}

use CaKind::{OwnCa, Private, Public};

#[test]
fn each_change_of_names_takes_its_finding_away_and_keeps_what_was_typed() {
    let mixed = |typed: &str| asked(|_, subject, _| subject.san = typed.to_owned());
    let typed = "NAS.example.com, email:root@example.com\n\nURI:https://nas.example.com/\n9.9.9.9";
    let after = changes(mixed(typed), OwnCa, "san", "not email:root@example.com, URI:", "Remove these names");
    assert_eq!(after.subject.san, "NAS.example.com\n9.9.9.9");
    let after =
        changes(mixed("a.example.com\nnas.local"), Public, "san", "sign for DNS:nas.local:", "Remove DNS:nas.local");
    assert_eq!(after.subject.san, "a.example.com");
    let more = mixed("a\nb.local\nc.example.com\n10.0.0.1\nfd00::1\nd\ne");
    changes(more, Public, "san", "DNS:a, DNS:b.local, IP:10.0.0.1, IP:fd00::1, DNS:d and 1 more", "Remove these names");
    changes(mixed("*.example.com\na.example.com"), OwnCa, "san", "dns-01", "Remove DNS:*.example.com");
    // The common name is one of the names.
    let common = asked(|_, subject, _| subject.common = "nas.local".into());
    assert_eq!(changes(common, Public, "san", "nas.local", "Remove DNS:nas.local").subject.common, "");
    let words = asked(|_, subject, _| subject.common = "Our NAS".into());
    let after = changes(words, OwnCa, "common", "\"Our NAS\"", "Use nas.example.com as the common name");
    assert_eq!(after.subject.common, "nas.example.com");
}

#[test]
fn each_change_of_the_key_takes_its_finding_away() {
    let key = |key_type: &str, curve: &str| {
        asked(|options, _, _| {
            options.key_type = key_type.into();
            options.ec_curve = curve.into();
            options.digest_algorithm = "SHA512".into();
        })
    };
    for (key_type, curve) in
        [("EC", "SECP256K1"), ("EC", "BrainpoolP384R1"), ("EC", "ed25519"), ("ML-DSA", "SECP384R1")]
    {
        for kind in CaKind::ALL {
            let words = if kind == Public { "Public CAs do not" } else { "not" };
            let after = changes(key(key_type, curve), kind, "key_type", words, "Use SECP256R1");
            assert_eq!((after.options.key_type.as_str(), after.options.ec_curve.as_str()), ("EC", "SECP256R1"));
        }
        // A key that is for mail is not for browsers; a TLS client's is for other programs.
        for (usage, is_told) in [(Usage::EmailProtection, false), (Usage::ClientAuth, curve != "ed25519")] {
            let mut asked = key(key_type, curve);
            usages(&mut asked.constraints, &[usage]);
            assert_eq!(told(&asked, Private).len(), usize::from(is_told), "{curve} {usage:?}");
        }
    }
    for kind in CaKind::ALL {
        let short = asked(|options, _, _| options.key_length = "1024".into());
        changes(short, kind, "key_length", "1024 bits, which can be broken", "Use 2048 bits");
        let sha1 = asked(|options, _, _| options.digest_algorithm = "SHA1".into());
        changes(sha1, kind, "digest_algorithm", "SHA1, which is broken", "Use SHA256");
    }
    let long = || asked(|options, _, _| options.lifetime = "398".into());
    assert_eq!(changes(long(), Public, "lifetime", "at most 200 days", "Request 200 days").options.lifetime, "200");
    changes(long(), OwnCa, "lifetime", "398 days are not sent", "Request 200 days");
    let later = preflight(&Facts::of(&parsed(&asked(|_, _, _| {})), &relaxed(), &NO_WAYS), Public, date(2027, 3, 15));
    assert!(later[0].what.contains("at most 100 days"), "{later:?}");
}

#[test]
fn what_a_public_ca_leaves_out_can_be_left_empty_where_it_is_not_required() {
    let full = asked(|_, subject, _| {
        subject.organizational_unit = "IT".into();
        subject.email = "root@example.com".into();
    });
    let facts = |policy: &Policy| Facts::of(&parsed(&full), policy, &NO_WAYS).subject;
    assert_eq!(facts(&Policy::default()), [Part::OrganizationalUnit]);
    let after = changes(full.clone(), Public, "organization", "Organizational Unit, Email.", "Leave them empty");
    assert_eq!((after.subject.organizational_unit.as_str(), after.subject.email.as_str()), ("", ""));
    let both = asked(|_, _, constraints| usages(constraints, &[Usage::ServerAuth, Usage::CodeSigning]));
    let after = changes(both, Public, "eku", "Code signing", "Remove these usages");
    assert_eq!(after.constraints.eku, [Usage::ServerAuth]);
}

#[test]
fn each_change_of_extensions_takes_its_finding_away() {
    let ca = |critical, path_length: &str, key_usage| {
        asked(|_, _, constraints| {
            constraints.bc_enabled = true;
            constraints.bc_ca = true;
            constraints.bc_critical = critical;
            constraints.bc_path_length = path_length.into();
            constraints.ku_enabled = key_usage;
            constraints.ku = vec![KeyCertSign];
        })
    };
    assert_eq!(told(&ca(true, "0", true), Private), []);
    assert_eq!(told(&ca(true, "", false), Private), []);
    changes(ca(false, "", true), Private, "bc_critical", "must be critical", "Make it critical");
    changes(ca(true, "0", false), Private, "bc_path_length", "Key Cert Sign", "Add Key Cert Sign");
    let after = changes(ca(true, "0", true), OwnCa, "bc_ca", "ACME does not issue", "Request no CA certificate");
    assert!(!after.constraints.ku_enabled && after.constraints.bc_enabled);
    let stamping = |usage: &[Usage], critical| {
        asked(|_, _, constraints| {
            usages(constraints, usage);
            constraints.eku_critical = critical;
        })
    };
    assert_eq!(told(&stamping(&[Usage::TimeStamping], true), Private), []);
    changes(stamping(&[Usage::TimeStamping], false), Private, "eku_critical", "critical", "Make it critical");
    let both = stamping(&[Usage::TimeStamping, Usage::ClientAuth], true);
    changes(both, Private, "eku", "no other usage", "Remove these usages");
    for usage in [Usage::SmartcardLogon, Usage::KerberosPkinitKdc] {
        let all = told(&stamping(&[usage], false), Private);
        assert!(all.len() == 1 && all[0].what.contains("otherName") && all[0].change.is_none(), "{all:?}");
    }
    for (curve, cannot) in [
        (None, "RSA keys cannot do: Key Agreement, Encipher Only."),
        (Some("SECP256R1"), "EC keys cannot do: Key Encipherment, Data Encipherment."),
        (Some("ed25519"), "Key Encipherment, Data Encipherment, Key Agreement, Encipher Only."),
    ] {
        let all = asked(|options, _, constraints| {
            if let Some(curve) = curve {
                options.key_type = "EC".into();
                options.ec_curve = curve.into();
            }
            usages(constraints, &[Usage::EmailProtection]);
            constraints.ku_enabled = true;
            constraints.ku = KeyUsageBit::ALL.to_vec();
            constraints.ku.retain(|bit| !matches!(bit, KeyCertSign | DecipherOnly));
        });
        changes(all, Private, "ku", cannot, "Remove these usages");
    }
}

#[test]
fn knows_names_that_no_public_ca_may_sign() {
    for (name, public) in [
        ("nas.example.com", true),
        ("*.example.com", true),
        ("xn--bcher-kva.de", true),
        ("nas", false),
        ("*.com", false),
        ("nas.local", false),
        ("nas.lan", false),
        ("nas.home.arpa", false),
        ("9.9.9.9", true),
        ("172.15.0.1", true),
        ("172.16.0.1", false),
        ("192.168.0.1", false),
        ("100.64.0.1", false),
        ("169.254.0.1", false),
        ("127.0.0.1", false),
        ("0.0.0.0", false),
        ("198.18.0.1", false),
        ("203.0.113.1", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("2620:fe::fe", true),
        ("2001:db8::1", false),
        ("::1", false),
        ("fe80::1", false),
        ("fd00::1", false),
        ("::ffff:9.9.9.9", false),
        ("root@example.com", false),
        ("URI:https://example.com/", false),
    ] {
        assert_eq!(may_be_public(&San::parse(name).unwrap()), public, "{name}");
    }
}
