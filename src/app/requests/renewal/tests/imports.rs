//! Imports and keys that can be renewed, and those that cannot, by requests that openssl makes.

use super::*;

#[test]
fn an_import_is_renewed_where_the_wizard_can_ask_for_the_same() {
    let unit = Unit::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key").display().to_string();
    let key = openssl(&["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]);
    std::fs::write(&path, &key).unwrap();
    let request = |subject: &str, extensions: &[&str]| {
        let mut arguments = vec!["req", "-new", "-sha384", "-key", &path, "-subj", subject];
        extensions.iter().for_each(|extension| arguments.extend(["-addext", extension]));
        openssl(&arguments)
    };
    let full = "/C=DE/ST=Bavaria/L=Munich/O=Example/OU=Storage/CN=nas.local/emailAddress=root@nas.local";
    let all = [
        "subjectAltName=DNS:nas.local,IP:2001:db8::7",
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth,clientAuth",
    ];
    unit.import("full", &key, &request(full, &all)).unwrap();
    let new = unit.renewed("full", true);
    let (old, made) = (unit.read(&name("full")), unit.read(&new));
    assert_eq!(made.request.spki_sha256, old.request.spki_sha256);
    assert_eq!(made.record.origin, Origin::Created);
    let compared = unit.services.renewals.compared(&new).unwrap().unwrap();
    let labels: Vec<_> = compared.differences.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(labels, ["Requested lifetime"], "an import had none");

    let names = "subjectAltName=DNS:nas.local";
    for (csr, subject, extensions, words) in [
        ("street", "/CN=nas.local/street=Main", &[names][..], "a field that the wizard does not offer, Street"),
        ("units", "/CN=nas.local/OU=a/OU=b", &[names], "Organizational Unit more than once"),
        ("bare", "/CN=nas.local", &[], "does not name DNS:nas.local"),
        ("upn", "/CN=nas.local", &["subjectAltName=DNS:nas.local,otherName:1.2.3;UTF8:x"], "otherName"),
        ("critical", "/CN=nas.local", &["subjectAltName=critical,DNS:nas.local"], "marked critical"),
        ("staple", "/CN=nas.local", &[names, "tlsfeature=status_request"], "1.3.6.1.5.5.7.1.24"),
        ("skid", "/CN=nas.local", &[names, "subjectKeyIdentifier=hash"], "Subject Key Identifier"),
        ("usage", "/CN=nas.local", &[names, "extendedKeyUsage=1.2.3.4"], "1.2.3.4"),
        ("signs", "/CN=nas.local", &[names, "keyUsage=keyCertSign"], "4.2.1.9"),
    ] {
        unit.import(csr, &key, &request(subject, extensions)).unwrap();
        for purpose in [Purpose::Renew { same_key: true }, Purpose::Renew { same_key: false }, Purpose::Change] {
            match unit.services.renewals.draft(&name(csr), purpose) {
                Err(Failure::NotRenewable { reason, .. }) => assert!(reason.contains(words), "{csr}: {reason}"),
                other => panic!("{csr}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_weak_key_that_is_switched_off_is_not_taken_over() {
    let unit = Unit::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key").display().to_string();
    let key = openssl(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
    std::fs::write(&path, &key).unwrap();
    let names = "subjectAltName=DNS:nas.local";
    let request = openssl(&["req", "-new", "-key", &path, "-subj", "/CN=nas.local", "-addext", names]);
    unit.import("weak", &key, &request).unwrap();
    let mut config = Config::default();
    config.policy.allow_weak = false;
    let unit = Unit { services: unit.services.with_config(config), dir: unit.dir };
    let refused = unit.services.renewals.draft(&name("weak"), Purpose::Renew { same_key: true });
    assert!(matches!(refused, Err(Failure::NotRenewable { reason, .. }) if reason.contains("1024")));
    assert!(unit.services.renewals.draft(&name("weak"), Purpose::Renew { same_key: false }).is_ok());
}
