use super::*;
use std::collections::HashSet;

fn answers(key_type: &str, key_length: &str, ec_curve: &str, digest: &str) -> OptionsAnswers {
    OptionsAnswers {
        key_type: key_type.into(),
        key_length: key_length.into(),
        ec_curve: ec_curve.into(),
        ml_dsa: "65".into(),
        digest_algorithm: digest.into(),
        lifetime: "200".into(),
    }
}

#[test]
fn reads_all_55_combinations_and_ed25519() {
    let policy = Policy::default();
    let mut seen = HashSet::new();
    for digest in Digest::ALL {
        for bits in RsaBits::ALL {
            let options = answers("RSA", bits.value(), "", digest.value()).parse(&policy).unwrap();
            assert_eq!(options.key, KeySpec::Rsa(bits, digest));
            seen.insert(options.key);
        }
        for curve in Curve::ALL {
            let options = answers("EC", "", curve.value(), digest.value()).parse(&policy).unwrap();
            assert_eq!(options.key, KeySpec::Ec(curve, digest));
            seen.insert(options.key);
        }
    }
    assert_eq!(seen.len(), 55);
    assert_eq!(answers("EC", "", "ed25519", "").parse(&policy).unwrap().key, KeySpec::Ed25519);
}

#[test]
fn does_not_look_at_fields_that_do_not_apply() {
    let policy = Policy { allow_weak: false, ..Policy::default() };
    for (given, key) in [
        (answers("RSA", "2048", "nonsense", "SHA256"), KeySpec::Rsa(RsaBits::B2048, Digest::Sha256)),
        (answers("EC", "1024", "SECP256R1", "SHA256"), KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)),
        (answers("EC", "nonsense", "ed25519", "SHA1"), KeySpec::Ed25519),
    ] {
        assert_eq!(given.parse(&policy).unwrap().key, key);
    }
}

#[test]
fn refuses_each_value_at_its_field() {
    let policy = Policy::default();
    for (given, field, words) in [
        (answers("", "2048", "", "SHA256"), "key_type", "\"\" is not a known key type"),
        (answers("rsa", "2048", "", "SHA256"), "key_type", "\"rsa\" is not a known key type"),
        (answers("DSA", "2048", "", "SHA256"), "key_type", "\"DSA\" is not a known key type"),
        (answers("RSA", "", "", "SHA256"), "key_length", "\"\" is not a known RSA key length"),
        (answers("RSA", "512", "", "SHA256"), "key_length", "\"512\" is not a known RSA key length"),
        (answers("EC", "", "", "SHA256"), "ec_curve", "\"\" is not a known curve"),
        (answers("EC", "", "secp256r1", "SHA256"), "ec_curve", "\"secp256r1\" is not a known curve"),
        (answers("RSA", "2048", "", "MD5"), "digest_algorithm", "\"MD5\" is not a known digest"),
        (answers("EC", "", "SECP256R1", ""), "digest_algorithm", "\"\" is not a known digest"),
    ] {
        let mistakes = given.parse(&policy).unwrap_err();
        assert_eq!(mistakes.len(), 1);
        let invalid = mistakes.iter().next().unwrap();
        assert_eq!(invalid.field, field);
        assert!(invalid.what.contains(words), "{}", invalid.what);
        assert!(invalid.fix.starts_with("Choose "), "{}", invalid.fix);
    }
}

#[test]
fn tells_every_wrong_field_at_once() {
    let mut given = answers("RSA", "512", "", "MD5");
    given.lifetime = "0".into();
    let mistakes = given.parse(&Policy::default()).unwrap_err();
    let fields: Vec<_> = mistakes.iter().map(|invalid| invalid.field).collect();
    assert_eq!(fields, ["key_length", "digest_algorithm", "lifetime"]);
}

#[test]
fn refuses_weak_choices_where_the_integrator_says_so() {
    let strict = Policy { allow_weak: false, ..Policy::default() };
    for (given, field, words) in [
        (answers("RSA", "1024", "", "SHA256"), "key_length", "1024 bits are too weak"),
        (answers("RSA", "2048", "", "SHA1"), "digest_algorithm", "SHA1 is broken"),
        (answers("EC", "", "SECP521R1", "SHA1"), "digest_algorithm", "SHA1 is broken"),
    ] {
        let mistakes = given.parse(&strict).unwrap_err();
        let invalid = mistakes.iter().next().unwrap();
        assert_eq!((mistakes.len(), invalid.field), (1, field));
        assert!(invalid.what.contains(words), "{}", invalid.what);
        assert!(given.parse(&Policy::default()).is_ok());
    }
}

#[test]
fn reads_the_three_parameter_sets_and_looks_at_no_digest() {
    let given = |set: &str| OptionsAnswers { ml_dsa: set.into(), ..answers("ML-DSA", "nonsense", "nonsense", "SHA1") };
    let strict = Policy { allow_weak: false, ..Policy::default() };
    for set in MlDsa::ALL {
        let options = given(set.value()).parse(&strict).unwrap();
        assert_eq!((options.key, options.key.digest()), (KeySpec::MlDsa(set), None));
    }
    let mistakes = given("128").parse(&strict).unwrap_err();
    assert_eq!(mistakes.iter().map(|invalid| invalid.field).collect::<Vec<_>>(), ["ml_dsa"]);
}

#[test]
fn a_record_of_before_has_no_parameter_set_and_the_usual_one_is_not_written() {
    let preset = OptionsAnswers::preset(None, Lifetime::parse("47").unwrap());
    let text = serde_json::to_string(&preset).unwrap();
    assert!(!text.contains("ml_dsa"), "older programs read it: {text}");
    assert_eq!(serde_json::from_str::<OptionsAnswers>(&text).unwrap(), preset);
    // As it is in files, whatever the form shows first.
    let record = r#"{"key_type":"ML-DSA","key_length":"2048","ec_curve":"SECP384R1","digest_algorithm":"SHA256","lifetime":"200"}"#;
    let record: OptionsAnswers = serde_json::from_str(record).unwrap();
    assert_eq!(record.parse(&Policy::default()).unwrap().key, KeySpec::MlDsa(MlDsa::MlDsa65));
    let large = OptionsAnswers { ml_dsa: "87".into(), ..preset };
    let text = serde_json::to_string(&large).unwrap();
    assert_eq!(serde_json::from_str::<OptionsAnswers>(&text).unwrap(), large);
}

#[test]
fn presets_what_the_profile_stands_for() {
    let lifetime = Lifetime::parse("47").unwrap();
    for (profile, key) in [
        (None, KeySpec::Rsa(RsaBits::B2048, Digest::Sha256)),
        (Some(Profile::HttpsRsa), KeySpec::Rsa(RsaBits::B2048, Digest::Sha256)),
        (Some(Profile::HttpsEcc), KeySpec::Ec(Curve::Secp384r1, Digest::Sha256)),
    ] {
        let preset = OptionsAnswers::preset(profile, lifetime);
        let options = preset.parse(&Policy::default()).unwrap();
        assert_eq!((options.key, options.lifetime.days()), (key, 47));
        assert_eq!((preset.key_length.as_str(), preset.ec_curve.as_str()), ("2048", "SECP384R1"));
    }
}

#[test]
fn labels_the_key_as_people_call_it() {
    for (key, label, curve) in [
        (KeySpec::Rsa(RsaBits::B3072, Digest::Sha512), "RSA 3072", None),
        (KeySpec::Ec(Curve::BrainpoolP512r1, Digest::Sha1), "EC BrainpoolP512R1", Some("BrainpoolP512R1")),
        (KeySpec::Ed25519, "Ed25519", Some("ed25519")),
        (KeySpec::MlDsa(MlDsa::MlDsa87), "ML-DSA-87", None),
    ] {
        assert_eq!((key.kind().label().as_str(), KeyValues::of(Some(key.kind()), None).ec_curve), (label, curve));
    }
}
