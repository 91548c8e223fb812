use super::*;
use crate::constraints::ConstraintsAnswers;
use crate::extensions::{CaCertificate, ReadCa};
use crate::name_and_type::NameAndTypeAnswers;
use crate::options::OptionsAnswers;
use crate::policy::Policy;
use crate::subject::SubjectAnswers;
use KeyUsageBit::*;
use jiff::civil::date;

struct NoCa;

impl ReadCa for NoCa {
    fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
        Err("No certificate is read here.".into())
    }
}

/// A request that nothing is to be said about, changed before it is parsed.
fn request(change: impl FnOnce(&mut OptionsAnswers, &mut SubjectAnswers, &mut ConstraintsAnswers)) -> NewRequest {
    let name_and_type = NameAndTypeAnswers { name: "nas".into(), r#type: "csr".into(), profile: String::new() };
    let mut options = OptionsAnswers::preset(None, Lifetime::parse("200").unwrap());
    let mut subject = SubjectAnswers { san: "nas.example.com\n9.9.9.9".into(), ..SubjectAnswers::default() };
    let mut constraints = ConstraintsAnswers::default();
    change(&mut options, &mut subject, &mut constraints);
    NewRequest::parse(&name_and_type, &options, &subject, &constraints, &relaxed(), &NoCa).unwrap()
}

/// An integrator who requires nothing.
fn relaxed() -> Policy {
    Policy { required: Vec::new(), ..Policy::default() }
}

fn told(request: &NewRequest) -> Vec<Advice> {
    advise(request, &relaxed(), date(2026, 11, 1))
}

fn usages(constraints: &mut ConstraintsAnswers, usages: &[Usage]) {
    constraints.eku_enabled = true;
    constraints.eku = usages.to_vec();
}

fn key(options: &mut OptionsAnswers, curve: &str) {
    options.key_type = "EC".into();
    options.ec_curve = curve.into();
}

/// Asserts exactly one advice, at that field with these words.
#[track_caller]
fn says(request: &NewRequest, field: &str, words: &str) {
    let advice = told(request);
    assert_eq!(advice.iter().map(|advice| advice.field).collect::<Vec<_>>(), [field], "{advice:?}");
    assert!(advice[0].text.contains(words), "{}", advice[0].text);
    assert!(advice[0].text.ends_with('.'), "{}", advice[0].text);
}

#[test]
fn says_nothing_about_a_plain_request_and_a_web_server() {
    assert_eq!(told(&request(|_, _, _| {})), []);
    for profile in crate::profile::Profile::ALL {
        let server = request(|options, subject, constraints| {
            *options = OptionsAnswers::preset(Some(profile), Lifetime::parse("200").unwrap());
            *constraints = ConstraintsAnswers::preset(Some(profile), None);
            subject.common = "nas.example.com".into();
            subject.organization = "Example".into();
        });
        assert_eq!(told(&server), []);
    }
}

#[test]
fn advises_against_weak_keys_and_digests() {
    says(&request(|options, _, _| options.key_length = "1024".into()), "key_length", "1024 bits can be broken");
    says(&request(|options, _, _| options.digest_algorithm = "SHA1".into()), "digest_algorithm", "SHA1 is broken");
}

#[test]
fn advises_against_curves_that_browsers_do_not_use() {
    for (curve, words) in [
        ("SECP256K1", "do not support SECP256K1"),
        ("BrainpoolP256R1", "do not support BrainpoolP256R1"),
        ("BrainpoolP384R1", "do not support BrainpoolP384R1"),
        ("BrainpoolP512R1", "do not support BrainpoolP512R1"),
        ("ed25519", "do not support Ed25519"),
    ] {
        let with = |usage| {
            request(|options, _, constraints| {
                key(options, curve);
                usages(constraints, usage);
            })
        };
        says(&with(&[Usage::ServerAuth]), "ec_curve", words);
        assert_eq!(told(&with(&[Usage::EmailProtection])), []);
        assert_eq!(told(&with(&[Usage::ClientAuth])).len(), usize::from(curve != "ed25519"));
    }
    for curve in ["SECP256R1", "SECP384R1", "SECP521R1"] {
        let plain = request(|options, _, constraints| {
            key(options, curve);
            usages(constraints, &[Usage::ServerAuth]);
        });
        assert_eq!(told(&plain), []);
    }
}

#[test]
fn advises_against_bits_that_the_key_cannot_serve() {
    for (curve, cannot) in [
        (None, &[KeyAgreement, EncipherOnly][..]),
        (Some("SECP256R1"), &[KeyEncipherment, DataEncipherment]),
        (Some("ed25519"), &[KeyEncipherment, DataEncipherment, KeyAgreement, EncipherOnly]),
    ] {
        let all = request(|options, _, constraints| {
            if let Some(curve) = curve {
                key(options, curve);
            }
            usages(constraints, &[Usage::EmailProtection]);
            constraints.ku_enabled = true;
            constraints.ku = KeyUsageBit::ALL.to_vec();
            constraints.ku.retain(|bit| !matches!(bit, KeyCertSign | DecipherOnly));
        });
        let advice = told(&all);
        let fields: Vec<_> = advice.iter().map(|advice| advice.field).collect();
        assert_eq!(fields, cannot.iter().map(|bit| bit.field()).collect::<Vec<_>>());
        assert!(advice.iter().all(|advice| advice.text.contains("keys cannot do") && advice.text.contains("RFC")));
    }
}

#[test]
fn holds_time_stamping_to_rfc_3161() {
    let with = |usage: &[Usage], critical| {
        request(|_, _, constraints| {
            usages(constraints, usage);
            constraints.eku_critical = critical;
        })
    };
    assert_eq!(told(&with(&[Usage::TimeStamping], true)), []);
    says(&with(&[Usage::TimeStamping], false), "eku_critical", "must be critical (RFC 3161");
    says(&with(&[Usage::TimeStamping, Usage::ClientAuth], true), "eku_TIME_STAMPING", "no other usage");
}

#[test]
fn tells_usages_that_need_what_is_not_asked_here() {
    for (usage, field, words) in [
        (Usage::CodeSigning, "eku_CODE_SIGNING", "certified hardware"),
        (Usage::SmartcardLogon, "eku_SMARTCARD_LOGON", "otherName"),
        (Usage::KerberosPkinitKdc, "eku_KERBEROS_PKINIT_KDC", "otherName"),
    ] {
        says(&request(|_, _, constraints| usages(constraints, &[usage])), field, words);
    }
}

#[test]
fn holds_a_ca_to_4_2_1_9() {
    let ca = |critical, path_length: &str, key_usage| {
        request(|_, _, constraints| {
            constraints.bc_enabled = true;
            constraints.bc_ca = true;
            constraints.bc_critical = critical;
            constraints.bc_path_length = path_length.into();
            constraints.ku_enabled = key_usage;
            constraints.ku = vec![KeyCertSign];
        })
    };
    assert_eq!(told(&ca(true, "0", true)), []);
    assert_eq!(told(&ca(true, "", false)), []);
    says(&ca(false, "", true), "bc_critical", "must be critical");
    says(&ca(true, "0", false), "bc_path_length", "Key Cert Sign");
}

#[test]
fn tells_what_public_cas_leave_out_of_a_servers_certificate() {
    // Without Extended Key Usage it is a server's, too.
    for usage in [Some(Usage::ServerAuth), None] {
        let server = |change: fn(&mut SubjectAnswers)| {
            request(|_, subject, constraints| {
                usages(constraints, usage.as_slice());
                constraints.eku_enabled = usage.is_some();
                change(subject);
            })
        };
        says(
            &server(|subject| subject.organizational_unit = "IT".into()),
            "organizational_unit",
            "leave Organizational Unit",
        );
        says(&server(|subject| subject.email = "root@example.com".into()), "email", "leave the email address out");
        says(&server(|subject| subject.common = "Our NAS".into()), "common", "\"Our NAS\" is not a host name");
        let inside =
            server(|subject| subject.san = "a\nb.local\nc.example.com\n10.0.0.1\nfd00::1\nroot@example.com\nd".into());
        says(&inside, "san", "DNS:a, DNS:b.local, IP:10.0.0.1, IP:fd00::1, email:root@example.com and 1 more");
    }
}

#[test]
fn says_nothing_of_servers_to_who_asks_for_another_usage_or_for_a_ca() {
    let elsewhere = |is_ca: bool| {
        request(|options, subject, constraints| {
            subject.organizational_unit = "IT".into();
            subject.common = "Our NAS".into();
            subject.san = "nas.local".into();
            options.lifetime = "3650".into();
            key(options, "ed25519");
            match is_ca {
                true => {
                    *constraints =
                        ConstraintsAnswers { bc_enabled: true, bc_ca: true, bc_critical: true, ..Default::default() }
                }
                false => usages(constraints, &[Usage::EmailProtection]),
            }
        })
    };
    assert_eq!(told(&elsewhere(false)), []);
    assert_eq!(told(&elsewhere(true)), []);
}

#[test]
fn never_asks_to_leave_empty_what_is_required() {
    let full = request(|_, subject, constraints| {
        usages(constraints, &[Usage::ServerAuth]);
        subject.organizational_unit = "IT".into();
        subject.email = "root@example.com".into();
        subject.common = "Our NAS".into();
    });
    let all = Policy { required: Part::ALL.to_vec(), ..Policy::default() };
    for (policy, fields) in [
        (relaxed(), &["organizational_unit", "email", "common"][..]),
        (Policy::default(), &["organizational_unit", "common"]),
        (all, &["common"]),
    ] {
        let advice = advise(&full, &policy, date(2026, 11, 1));
        assert_eq!(advice.iter().map(|advice| advice.field).collect::<Vec<_>>(), fields);
        for Advice { field, text } in advice {
            let required = policy.required.iter().any(|part| part.field() == field);
            assert!(!required || !text.contains("empty"), "{text}");
        }
    }
}

#[test]
fn tells_who_takes_an_ml_dsa_key() {
    let of = |usage: &[Usage], set: &str| {
        request(|options, _, constraints| {
            options.key_type = "ML-DSA".into();
            options.ml_dsa = set.into();
            usages(constraints, usage);
        })
    };
    let fields = |advice: &[Advice]| advice.iter().map(|advice| advice.field).collect::<Vec<_>>();
    let server = told(&of(&[Usage::ServerAuth], "65"));
    assert_eq!(fields(&server), ["key_type", "key_type", "ml_dsa"]);
    assert!(server[0].text.contains("OpenBao") && server[1].text.contains("OpenSSL before 3.5"), "{server:?}");
    assert!(server[2].text.contains("5.5 KB"), "{server:?}");
    let mail = told(&of(&[Usage::EmailProtection], "87"));
    assert_eq!(fields(&mail), ["key_type", "ml_dsa"]);
    assert!(mail[1].text.contains("ML-DSA-87") && mail[1].text.contains("7.5 KB"), "{mail:?}");
}

#[test]
fn tells_a_lifetime_past_the_limit_of_the_day() {
    for usage in [&[Usage::ServerAuth][..], &[]] {
        let server = request(|_, _, constraints| {
            usages(constraints, usage);
            constraints.eku_enabled = !usage.is_empty();
        });
        assert_eq!(advise(&server, &relaxed(), date(2027, 3, 14)), []);
        let advice = advise(&server, &relaxed(), date(2027, 3, 15));
        assert_eq!(advice.iter().map(|advice| advice.field).collect::<Vec<_>>(), ["lifetime"]);
        assert!(advice[0].text.contains("at most 100 days today, and you request 200"), "{}", advice[0].text);
    }
    let mail = request(|_, _, constraints| usages(constraints, &[Usage::EmailProtection]));
    assert_eq!(advise(&mail, &relaxed(), date(2029, 3, 15)), []);
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
        assert_eq!(public::may_be_certified(&San::parse(name).unwrap()), public, "{name}");
    }
}
