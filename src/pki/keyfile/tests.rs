//! Key files as `openssl`, `certtool` and Python's `cryptography` write them.

mod refusals;
mod run;

use super::*;
use crate::pem;
use der::Decode;
use proptest::prelude::*;
pub(crate) use run::{openssl, run};
use std::io::Write;
use std::process::{Command, Stdio};

/// Every curve of the form by OpenSSL's name.
pub(crate) const CURVES: [&str; 7] =
    ["prime256v1", "secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"];

/// A PKCS#8 PEM of each kind of key, with its name.
pub(crate) fn keys() -> Vec<(String, Vec<u8>)> {
    let rsa = [1024, 1536, 2048].map(|bits| {
        (format!("RSA {bits}"), openssl(&format!("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"), b""))
    });
    let ec = CURVES.map(|curve| {
        (curve.to_owned(), openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve}"), b""))
    });
    let ed25519 = ("Ed25519".to_owned(), openssl("genpkey -algorithm ED25519", b""));
    rsa.into_iter().chain(ec).chain([ed25519]).collect()
}

fn read(file: &[u8], passphrase: Option<&str>) -> Result<PrivateKey, KeyFileError> {
    let passphrase = passphrase.map(|text| Secret::from(text.to_owned()));
    let blocks = pem::scan(&pem::text_of(file)).unwrap();
    let key = blocks.iter().rfind(|block| block.label.ends_with("PRIVATE KEY"));
    let curve = blocks.iter().find(|block| block.label == "EC PARAMETERS");
    let curve = curve.map(|block| ObjectIdentifier::from_der(&block.der().unwrap()).unwrap());
    let file = match key {
        Some(block) => KeyFile::from_pem(block, curve).unwrap(),
        None => KeyFile::from_der(Zeroizing::new(file.to_vec())),
    };
    file.open(passphrase.as_ref())
}

fn public(key: &[u8]) -> Vec<u8> {
    openssl("pkey -pubout -outform DER", key)
}

/// The key opens, is PKCS#8 that OpenSSL takes, and is the same key.
fn assert_reads(name: &str, file: &[u8], passphrase: Option<&str>, expected_public: &[u8]) {
    let key = read(file, passphrase).unwrap_or_else(|error| panic!("{name}: {error}"));
    let pem = pem::encode("PRIVATE KEY", key.pkcs8().expose_secret());
    assert_eq!(public(pem.as_bytes()), expected_public, "{name}");
    openssl("pkey -check -noout", pem.as_bytes());
}

#[test]
fn reads_every_plain_form() {
    for (name, pkcs8) in keys() {
        let expected = public(&pkcs8);
        let forms = ["pkey", "pkey -text", "pkey -traditional", "pkey -outform DER", "pkey -traditional -outform DER"];
        for form in forms {
            // An Ed25519 key has no traditional form.
            if name == "Ed25519" && form.contains("traditional") {
                continue;
            }
            assert_reads(&format!("{name}, {form}"), &openssl(form, &pkcs8), None, &expected);
        }
        // GnuTLS has none of these.
        if name.starts_with("brainpool") || name == "secp256k1" {
            continue;
        }
        let certtool = run("certtool", "--key-info --infile /dev/stdin", &pkcs8);
        assert_reads(&format!("{name}, certtool"), &certtool, None, &expected);
    }
}

#[test]
fn reads_ec_keys_with_and_without_curve_and_public_key() {
    for curve in CURVES {
        let with_parameters = openssl(&format!("ecparam -name {curve} -genkey"), b"");
        let expected = public(&with_parameters);
        assert_reads(curve, &with_parameters, None, &expected);
        assert_reads(curve, &openssl("ec -no_public", &with_parameters), None, &expected);
        let compressed = openssl("ec -conv_form compressed", &with_parameters);
        assert_reads(curve, &compressed, None, &expected);
        // The curve taken out of ECPrivateKey, and left in the block beside it only.
        let blocks = pem::scan(&pem::text_of(&with_parameters)).unwrap();
        let key = blocks[1].der().unwrap();
        let mut bare = sec1::EcPrivateKey::from_der(&key).unwrap();
        bare.parameters = None;
        let curveless = pem::encode("EC PRIVATE KEY", &der::Encode::to_der(&bare).unwrap());
        assert_reads(curve, curveless.as_bytes(), None, &expected);
        bare.public_key = None;
        let bare = pem::encode("EC PRIVATE KEY", &der::Encode::to_der(&bare).unwrap());
        assert_eq!(read(bare.as_bytes(), None).err(), Some(KeyFileError::NoCurve));
        let beside = [pem::encode("EC PARAMETERS", &blocks[0].der().unwrap()).as_bytes(), bare.as_bytes()].concat();
        assert_reads(curve, &beside, None, &expected);
    }
}

#[test]
fn reads_every_encrypted_form() {
    let password = "-passout pass:correct.horse";
    let pbes2 = |options: &str| format!("pkcs8 -topk8 {options} {password}");
    let mut forms: Vec<String> =
        ["", "-outform DER", "-scrypt", "-scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 3", "-iter 1"].map(pbes2).into();
    for cipher in ["aes128", "aes-192-cbc", "aes-256-cbc", "des3"] {
        for prf in ["hmacWithSHA1", "hmacWithSHA224", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"] {
            forms.push(pbes2(&format!("-v2 {cipher} -v2prf {prf}")));
        }
    }
    for scheme in ["PBE-SHA1-3DES", "PBE-SHA1-2DES", "PBE-SHA1-RC2-128", "PBE-SHA1-RC2-40"] {
        forms.push(pbes2(&format!("-provider legacy -provider default -v1 {scheme}")));
    }
    for cipher in ["aes128", "aes192", "aes256", "des3"] {
        forms.push(format!("pkey -traditional -{cipher} {password}"));
    }
    for (name, pkcs8) in
        keys().into_iter().filter(|(name, _)| ["RSA 1024", "prime256v1", "Ed25519"].contains(&name.as_str()))
    {
        let expected = public(&pkcs8);
        for form in &forms {
            if form.contains("traditional") && name == "Ed25519" {
                continue;
            }
            let file = openssl(form, &pkcs8);
            let name = format!("{name}, {form}");
            assert_reads(&name, &file, Some("correct.horse"), &expected);
            assert_eq!(read(&file, Some("wrong")).err(), Some(KeyFileError::WrongPassphrase), "{name}");
            assert_eq!(read(&file, None).err(), Some(KeyFileError::NoPassphrase), "{name}");
        }
    }
}

#[test]
fn reads_what_python_and_gnutls_encrypt() {
    let script = "from cryptography.hazmat.primitives.asymmetric import ed25519, ec
from cryptography.hazmat.primitives.serialization import *
import sys
key = ec.generate_private_key(ec.BrainpoolP512R1()) if sys.argv[1] == 'ec' else ed25519.Ed25519PrivateKey.generate()
sys.stdout.buffer.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b'pass word')))";
    for kind in ["ec", "ed25519"] {
        let output = Command::new("python3").args(["-c", script, kind]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let plain = Command::new("openssl")
            .args(["pkey", "-passin", "pass:pass word", "-in", "/dev/stdin", "-pubout", "-outform", "DER"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        plain.stdin.as_ref().unwrap().write_all(&output.stdout).unwrap();
        let expected = plain.wait_with_output().unwrap().stdout;
        assert_reads(kind, &output.stdout, Some("pass word"), &expected);
    }
    let plain = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"");
    for cipher in ["aes-128", "aes-192", "aes-256", "3des"] {
        let arguments = format!("--to-p8 --pkcs-cipher {cipher} --password gnutls --load-privkey /dev/stdin");
        assert_reads(cipher, &run("certtool", &arguments, &plain), Some("gnutls"), &public(&plain));
    }
}

#[test]
fn takes_an_ed25519_key_of_version_2_only_with_its_own_public_key() {
    let seed = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let version_2 = seed.to_pkcs8().unwrap();
    let key = KeyFile::from_der(Zeroizing::new(version_2.as_ref().to_vec()));
    let plain = key.open(None).unwrap();
    assert_eq!(plain.pkcs8().expose_secret(), seed.to_pkcs8v1().unwrap().as_ref());
    let mut foreign = version_2.as_ref().to_vec();
    *foreign.last_mut().unwrap() ^= 1;
    let refusal = KeyFile::from_der(Zeroizing::new(foreign)).open(None).err().unwrap();
    assert_eq!(refusal, KeyFileError::Damaged("its numbers do not belong together"));
}

proptest! {
    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = KeyFile::from_der(Zeroizing::new(bytes)).open(None);
    }
}
