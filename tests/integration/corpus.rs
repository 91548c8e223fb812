//! The test vectors of Python's `cryptography`, read as key and as request: what each file gives is counted and compared.
//!
//! The package `cryptography_vectors` holds what OpenSSL, Java, BouncyCastle, Botan and others wrote over the years,
//! and files that are wrong on purpose. `SIGNET_VECTORS` names its directory.

use signet_domain::secret::Secret;
use signet_pki::certified_key::{self, CertifiedKeyRefusal};
use signet_pki::import::{ImportRefusal, Source, read_key, read_request};
use signet_pki::keyfile::KeyFileError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Passphrases, by the end of the file's name; from the package's documentation of its vectors.
const PASSPHRASES: [(&str, &str); 20] = [
    ("PKCS8/ec_private_key_encrypted.pem", "123456"),
    ("PKCS8/ed25519-scrypt.pem", "hunter42"),
    ("PKCS8/enc-rsa-pkcs8.pem", "foobar"),
    ("PKCS8/enc2-rsa-pkcs8.pem", "baz"),
    ("PKCS8/enc-rsa-3des.pem", "password"),
    ("PKCS8/rsa-aes-192-cbc.pem", "PolarSSLTest"),
    ("_3des_sha224.pem", "PolarSSLTest"),
    ("_3des_sha384.pem", "PolarSSLTest"),
    ("_3des_sha512.pem", "PolarSSLTest"),
    ("Traditional_OpenSSL_Serialization/key1.pem", "123456"),
    ("Traditional_OpenSSL_Serialization/key2.pem", "a123456"),
    ("testrsa-encrypted.pem", "password"),
    ("DER_Serialization/ec_private_key_encrypted.der", "123456"),
    ("DER_Serialization/enc-rsa-pkcs8.der", "foobar"),
    ("DER_Serialization/enc2-rsa-pkcs8.der", "baz"),
    ("PEM_Serialization/rsa_private_key.pem", "123456"),
    ("PEM_Serialization/dsa_private_key.pem", "123456"),
    ("PEM_Serialization/ec_private_key_encrypted.pem", "123456"),
    ("-pkcs8-enc.pem", "password"),
    ("-pkcs8-enc.der", "password"),
];

/// Keys that are wrong on purpose and refused as damaged here, though OpenSSL 3.0 opens them: a prime that is 2, curves
/// that differ, a scalar above the order, versions that no standard has,
/// and bits where DER has none.
const WRONG_ON_PURPOSE: [&str; 6] = [
    "EC/ec_private_key_non_zero_unused_bits.der",
    "PEM_Serialization/rsa-bad-1025-q-is-2.pem",
    "PKCS8/ec-inconsistent-curve2.pem",
    "PKCS8/ec-invalid-private-scalar.pem",
    "PKCS8/ec-invalid-version.pem",
    "Traditional_OpenSSL_Serialization/rsa-wrong-version.pem",
];

/// Outcome of each file read as a key.
const KEYS: &str = r#"12 Key(Algorithm("DSA"))
2 Key(Algorithm("Diffie-Hellman (X9.42)"))
3 Key(Algorithm("Diffie-Hellman"))
4 Key(Algorithm("Ed448"))
2 Key(Algorithm("ML-KEM-768"))
1 Key(Algorithm("OID 0.37.11229.117.11229.113"))
1 Key(Algorithm("OID 1.2.840.1004321.3213.321"))
5 Key(Algorithm("RSASSA-PSS"))
4 Key(Algorithm("X25519"))
4 Key(Algorithm("X448"))
1 Key(Curve("OID 1.3.6.1.4.1.8301.3.1.2.9.0.33"))
1 Key(Curve("SECP128R1"))
2 Key(Damaged("it does not have the structure of a key"))
2 Key(Damaged("it names two curves"))
1 Key(Damaged("its DEK-Info line is missing"))
1 Key(Damaged("its EC structure cannot be read"))
1 Key(Damaged("its EC version does not exist"))
1 Key(Damaged("its RSA numbers cannot be read"))
1 Key(Damaged("its key derivation has no rounds"))
2 Key(Damaged("its numbers do not belong together"))
3 Key(Damaged("the initialisation vector in its DEK-Info line cannot be read"))
1 Key(Encryption("OID 0.24.97.792.97.792.97.792"))
1 Key(Encryption("OID 1.2.840.113549.1.5.12.321.321"))
1 Key(Encryption("OID 1.2.840.113549.2.9.213.321"))
1 Key(Encryption("OID 1.2.840.113549.3.7.23.321.3"))
1 Key(Encryption("PBES1 with MD5 and DES"))
1 Key(Encryption("PKCS#12's RC4 (128 bits)"))
2 Key(Encryption("RC2"))
12 Key(ExplicitCurve)
13 Key(NoPassphrase)
1 KeyTooLarge
537 NotAKey(Certificate)
13 NotAKey(OpenSshKey)
5 NotAKey(Parameters)
436 NotAKey(Pkcs12)
7 NotAKey(Pkcs7)
45 NotAKey(PublicKey)
26 NotAKey(Request)
199 NotAKey(RevocationList)
33 NotAKey(SshPublicKey)
29 NotAKey(Unknown)
14 read: EC SECP256R1
5 read: Ed25519
1 read: ML-DSA-44
1 read: ML-DSA-65
6 read: RSA 1024
12 read: RSA 2048
1 read: RSA 4096
"#;
/// Outcome of each file read as a request.
const REQUESTS: &str = r#"539 NotARequest(Certificate)
13 NotARequest(OpenSshKey)
5 NotARequest(Parameters)
436 NotARequest(Pkcs12)
7 NotARequest(Pkcs7)
125 NotARequest(PrivateKey)
45 NotARequest(PublicKey)
199 NotARequest(RevocationList)
33 NotARequest(SshPublicKey)
29 NotARequest(Unknown)
2 RequestAlgorithm("RSA with MD4")
2 RequestKeyAlgorithm("DSA")
1 RequestTooLarge
9 SignatureDamaged
3 read: EC SECP384R1
10 read: RSA 2048
"#;

/// Outcome of each file with a certificate and its key: PKCS#12.
const PAIRS: &str = r#"1 Certificate(Damaged { place: 1, of: 1, why: Damaged("signature") })
1 NoCertificate
12 NoKey
5 Pkcs12(Key(Algorithm("DSA")))
4 read: EC SECP256R1, its certificate
14 read: EC SECP256R1, its certificate and others
399 read: RSA 2048, its certificate
"#;

#[test]
fn every_pkcs12_of_the_corpus_gives_what_it_should() {
    /// From the package's documentation: the first is PKITS's.
    const PASSPHRASES: [&str; 4] = ["password", "cryptography", "\u{f1}", ""];
    let root = vectors();
    let mut files = Vec::new();
    for folder in ["x509", "pkcs12"] {
        collect(&root.join(folder), &mut files);
    }
    files.retain(|path| path.extension().is_some_and(|ending| ending == "p12"));
    files.sort();
    let mut pairs: Outcomes = BTreeMap::new();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let source = Source { paste: None, file: Some(&bytes) };
        let secrets = PASSPHRASES.map(|text| Secret::from(text.to_owned()));
        let open = |secret: Option<&Secret>| {
            certified_key::find(source, Source::default())
                .and_then(|found| found.opening(secret).and_then(certified_key::Opening::open))
        };
        let is_locked = |refusal: &CertifiedKeyRefusal| refusal.invalid().field == "passphrase";
        let mut opened = open(None);
        for secret in &secrets {
            if !opened.as_ref().is_err_and(is_locked) {
                break;
            }
            opened = open(Some(secret));
        }
        let outcome = match opened {
            Ok(opened) => {
                let count = if opened.certificates.len() == 1 { "" } else { " and others" };
                format!("read: {}, its certificate{count}", opened.key.kind().label())
            }
            Err(refusal) => {
                assert!(!refusal.invalid().what.is_empty() && !refusal.invalid().fix.is_empty());
                format!("{refusal:?}")
            }
        };
        pairs.entry(outcome).or_default().push(name);
    }
    assert!(files.len() > 400, "{}", files.len());
    assert_eq!(table(&pairs), PAIRS, "read as PKCS#12");
}

fn vectors() -> PathBuf {
    std::env::var_os("SIGNET_VECTORS").map(PathBuf::from).expect(
        "SIGNET_VECTORS must name the directory of the Python package cryptography_vectors, version 50.0.2 (pip install it)",
    )
}

#[test]
fn every_file_of_the_corpus_gives_what_it_should() {
    let root = vectors();
    let mut files = Vec::new();
    for folder in ["asymmetric", "x509", "pkcs12", "pkcs7"] {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let (mut keys, mut requests) = (BTreeMap::new(), BTreeMap::new());
    let mut wrongly_damaged = Vec::new();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let passphrase = PASSPHRASES.iter().find(|(end, _)| name.ends_with(end)).map(|(_, passphrase)| *passphrase);
        let source = Source { paste: None, file: Some(&bytes) };
        let secret = passphrase.map(|text| Secret::from(text.to_owned()));
        let key = read_key(source, secret.as_ref(), secret.as_ref());
        if matches!(key, Err(ImportRefusal::Key(KeyFileError::Damaged(_))))
            && !WRONG_ON_PURPOSE.iter().any(|end| name.ends_with(end))
            && opens(path, passphrase)
        {
            wrongly_damaged.push(name.clone());
        }
        let request = read_request(source);
        if matches!(request, Ok(_) | Err(ImportRefusal::SignatureDamaged)) {
            assert_eq!(request.is_ok(), verifies(path), "{name}: OpenSSL is of another opinion");
        }
        note(&mut keys, &name, key.map(|key| key.kind().label()));
        note(&mut requests, &name, request.map(|read| read.public_key().kind().label()));
    }
    assert_eq!(wrongly_damaged, Vec::<String>::new(), "OpenSSL opens these");
    assert_eq!(table(&keys), KEYS, "read as keys");
    assert_eq!(table(&requests), REQUESTS, "read as requests");
}

type Outcomes = BTreeMap<String, Vec<String>>;

fn note(outcomes: &mut Outcomes, name: &str, outcome: Result<String, ImportRefusal>) {
    let outcome = match outcome {
        Ok(kind) => format!("read: {kind}"),
        Err(refusal) => {
            // Everyone gets words, whatever the file.
            assert!(!refusal.invalid().what.is_empty());
            format!("{refusal:?}")
        }
    };
    outcomes.entry(outcome).or_default().push(name.to_owned());
}

/// One line an outcome with its count; with `SIGNET_VECTORS_NAMES` set, the names too.
fn table(outcomes: &Outcomes) -> String {
    let names = std::env::var_os("SIGNET_VECTORS_NAMES").is_some();
    let line = |(outcome, files): (&String, &Vec<String>)| {
        let names = if names { format!(" {files:?}") } else { String::new() };
        format!("{} {outcome}{names}\n", files.len())
    };
    outcomes.iter().map(line).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    const ENDINGS: [&str; 8] = ["pem", "der", "key", "pub", "p12", "crt", "crl", "p7"];
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            files.push(path);
        }
    }
}

fn verifies(path: &Path) -> bool {
    let form = if path.extension().is_some_and(|ending| ending == "der") { "DER" } else { "PEM" };
    let output = Command::new("openssl").args(["req", "-verify", "-noout", "-inform", form, "-in"]).arg(path).output();
    // The exit code of OpenSSL 3.0 says nothing about the signature.
    String::from_utf8_lossy(&output.unwrap().stderr).contains("verify OK")
}

fn opens(path: &Path, passphrase: Option<&str>) -> bool {
    let passphrase = format!("pass:{}", passphrase.unwrap_or_default());
    let arguments = ["pkey", "-noout", "-passin", passphrase.as_str(), "-in"];
    Command::new("openssl").args(arguments).arg(path).output().unwrap().status.success()
}
