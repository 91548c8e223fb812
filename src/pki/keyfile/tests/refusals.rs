//! Key files that are refused, each for its own cause.

use super::*;
use base64::Engine;

#[test]
fn refuses_a_passphrase_that_is_not_needed() {
    let plain = openssl("genpkey -algorithm ED25519", b"");
    assert_eq!(read(&plain, Some("unneeded")).err(), Some(KeyFileError::NotEncrypted));
}

#[test]
fn names_the_algorithm_that_it_does_not_know() {
    for (arguments, expected) in [
        ("genpkey -algorithm X25519", KeyFileError::Algorithm("X25519".to_owned())),
        ("genpkey -algorithm ED448", KeyFileError::Algorithm("Ed448".to_owned())),
        ("genpkey -algorithm RSA-PSS", KeyFileError::Algorithm("RSASSA-PSS".to_owned())),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224", KeyFileError::Curve("SECP224R1".to_owned())),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:wap-wsg-idm-ecid-wtls1",
            KeyFileError::Curve("OID 2.23.43.1.4.1".to_owned()),
        ),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
            KeyFileError::ExplicitCurve,
        ),
        ("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1016", KeyFileError::RsaTooShort(1016)),
        (
            "genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_primes:3 -pkeyopt rsa_keygen_bits:2048",
            KeyFileError::Algorithm("RSA with more than two primes".to_owned()),
        ),
    ] {
        let file = openssl(arguments, b"");
        let key = pem::scan(&pem::text_of(&file)).unwrap().remove(0);
        assert_eq!(KeyFile::from_pem(&key, None).unwrap().open(None).err(), Some(expected), "{arguments}");
    }
}

#[test]
fn names_the_encryption_that_it_does_not_know() {
    let key = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"");
    for (arguments, expected) in [
        ("pkcs8 -topk8 -provider legacy -provider default -v1 PBE-MD5-DES -passout pass:a", "PBES1 with MD5 and DES"),
        (
            "pkcs8 -topk8 -provider legacy -provider default -v1 PBE-SHA1-RC4-128 -passout pass:a",
            "PKCS#12's RC4 (128 bits)",
        ),
        ("pkcs8 -topk8 -v2 aria-128-cbc -passout pass:a", "OID 1.2.410.200046.1.1.2"),
        ("pkcs8 -topk8 -v2 aes256 -v2prf hmacWithSHA512-256 -passout pass:a", "OID 1.2.840.113549.2.13"),
        ("ec -camellia256 -passout pass:a", "CAMELLIA-256-CBC"),
    ] {
        let file = openssl(arguments, &key);
        assert_eq!(read(&file, Some("a")).err(), Some(KeyFileError::Encryption(expected.to_owned())), "{arguments}");
    }
}

#[test]
fn refuses_unreasonable_work_before_it_begins() {
    let key = openssl("genpkey -algorithm ED25519", b"");
    let encrypt = |options: &str| openssl(&format!("pkcs8 -topk8 -outform DER {options} -passout pass:a"), &key);
    let patched = |der: Vec<u8>, from: &[u8], to: &[u8]| {
        let at = der.windows(from.len()).position(|window| window == from).expect("the parameter");
        let mut der = der;
        der[at..at + to.len()].copy_from_slice(to);
        KeyFile::from_der(Zeroizing::new(der)).open(Some(&Secret::from("a".to_owned()))).err().unwrap()
    };
    // INTEGER of 2,000,000, and of one more.
    let rounds = encrypt("-iter 2000000");
    let most = [2, 3, 0x1e, 0x84, 0x80];
    let read = |der: &[u8]| KeyFile::from_der(Zeroizing::new(der.to_vec())).open(Some(&Secret::from("a".to_owned())));
    assert!(read(&rounds).is_ok(), "the most is allowed");
    assert_eq!(patched(rounds, &most, &[2, 3, 0x1e, 0x84, 0x81]), KeyFileError::Cost(Cost::Rounds(2_000_001)));
    // N = 2^14, r = 8 is 16 MiB; 32 is the most, and eight passes over it.
    let scrypt = || encrypt("-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 1");
    let parameters = [2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1];
    let asking = |r: u8, p: u8| patched(scrypt(), &parameters, &[2, 2, 0x40, 0, 2, 1, r, 2, 1, p]);
    assert_eq!(asking(17, 1), KeyFileError::Cost(Cost::Memory(34 << 20)));
    assert_eq!(asking(64, 1), KeyFileError::Cost(Cost::Memory(128 << 20)));
    assert_eq!(asking(8, 17), KeyFileError::Cost(Cost::Work { memory: 16 << 20, passes: 17 }));
    assert_eq!(asking(16, 9), KeyFileError::Cost(Cost::Work { memory: 32 << 20, passes: 9 }));
    assert_eq!(asking(16, 8), KeyFileError::WrongPassphrase, "all that is granted");
    // N = 2, r = 1: passes over little memory, each of which holds a block all the time.
    let passes = patched(
        encrypt("-scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 65536"),
        &[2, 1, 2, 2, 1, 1, 2, 3, 0x01, 0, 0],
        &[2, 1, 2, 2, 1, 1, 2, 3, 0x0f, 0, 0],
    );
    assert_eq!(passes, KeyFileError::Cost(Cost::Memory(128 * (2 + 0x0f_0000 + 1))));
}

#[test]
fn what_this_program_exports_is_within_every_bound() {
    let key = crate::generate::generate(signet_domain::key_spec::KeySpec::Ed25519).unwrap();
    let passphrase = "a passphrase";
    let exported = crate::export::encrypt_pkcs8(&key, &Secret::from(passphrase.to_owned())).unwrap();
    let opened = super::read(exported.as_bytes(), Some(passphrase)).unwrap();
    assert_eq!(opened.public_key(), key.public_key());
}

/// Numbers of these lengths in bytes, which are no key.
fn rsa_of_lengths(modulus: usize, others: usize) -> Result<PrivateKey, KeyFileError> {
    let number = |length: usize| [[0x7f].as_slice(), &vec![0xff; length - 1]].concat();
    let (modulus, other) = (number(modulus), number(others));
    let uint = |bytes| pkcs1::UintRef::new(bytes).unwrap();
    let key = pkcs1::RsaPrivateKeyRef {
        modulus: uint(&modulus),
        public_exponent: uint(&[1, 0, 1]),
        private_exponent: uint(&other),
        prime1: uint(&other),
        prime2: uint(&other),
        exponent1: uint(&other),
        exponent2: uint(&other),
        coefficient: uint(&other),
        other_prime_infos: None,
    };
    KeyFile::from_der(Zeroizing::new(der::Encode::to_der(&key).unwrap())).open(None)
}

#[test]
fn refuses_rsa_out_of_bounds_before_any_arithmetic() {
    assert_eq!(rsa_of_lengths(1025, 512).err(), Some(KeyFileError::RsaTooLong(8199)));
    assert_eq!(rsa_of_lengths(20_000, 10_000).err(), Some(KeyFileError::RsaTooLong(159_999)));
    assert_eq!(rsa_of_lengths(127, 64).err(), Some(KeyFileError::RsaTooShort(1015)));
    let longer = KeyFileError::Damaged("it has a part that is longer than its modulus");
    assert_eq!(rsa_of_lengths(256, 25_000).err(), Some(longer));
    let nonsense = KeyFileError::Damaged("its numbers do not belong together");
    assert_eq!(rsa_of_lengths(1024, 512).err(), Some(nonsense));
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    [&[tag, u8::try_from(value.len()).unwrap()], value.as_slice()].concat()
}

/// What is wrong with a key under PBES2 with 3DES, one round, a vector of this length and these further parameters.
fn pbes2_refusal(vector: usize, more: &[u8]) -> KeyFileError {
    let oid = |oid: ObjectIdentifier| tlv(6, &[oid.as_bytes()]);
    let pbkdf2 = tlv(0x30, &[&tlv(4, &[b"saltsalt"]), &[2, 1, 1], more]);
    let pbkdf2 = tlv(0x30, &[&oid(pkcs5::pbes2::PBKDF2_OID), &pbkdf2]);
    let cipher = tlv(0x30, &[&oid(pkcs5::pbes2::DES_EDE3_CBC_OID), &tlv(4, &[&vec![0; vector]])]);
    let pbes2 = tlv(0x30, &[&oid(pkcs5::pbes2::PBES2_OID), &tlv(0x30, &[&pbkdf2, &cipher])]);
    let file = KeyFile::from_der(Zeroizing::new(tlv(0x30, &[&pbes2, &tlv(4, &[&[0; 16]])])));
    file.open(Some(&Secret::from("a".to_owned()))).err().unwrap()
}

/// The crate pkcs5 would panic on such a vector.
#[test]
fn refuses_a_short_3des_vector() {
    for length in [0, 4, 7, 9] {
        let vector = KeyFileError::Damaged("its initialisation vector has the wrong length");
        assert_eq!(pbes2_refusal(length, &[]), vector, "{length}");
    }
}

#[test]
fn refuses_a_key_length_that_is_not_the_ciphers() {
    assert_eq!(pbes2_refusal(8, &[2, 1, 24]), KeyFileError::WrongPassphrase);
    let length = KeyFileError::Damaged("its cipher needs a key of another length");
    assert_eq!(pbes2_refusal(8, &[2, 1, 16]), length);
}

/// What a wrong passphrase leaves is DER of something now and then: here an OCTET STRING.
#[test]
fn calls_what_opens_to_no_key_a_wrong_passphrase() {
    let iv = "00112233445566778899aabbccddeeff";
    // The key is derived as for the DEK-Info line: MD5 once, salted with the vector's first half.
    let derived = format!("enc -aes-128-cbc -md md5 -pass pass:right -S {} -iv {iv}", &iv[..16]);
    let sealed = openssl(&derived, &tlv(4, &[&[7; 30]]));
    let body = base64::engine::general_purpose::STANDARD.encode(sealed);
    let begin = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED";
    let pem = format!("{begin}\nDEK-Info: AES-128-CBC,{iv}\n\n{body}\n-----END EC PRIVATE KEY-----\n");
    assert_eq!(read(pem.as_bytes(), Some("right")).err(), Some(KeyFileError::WrongPassphrase));
}

/// One wrong passphrase in 256 leaves a valid padding: of 2000, some do.
#[test]
fn calls_no_wrong_passphrase_a_damaged_key() {
    let key = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"");
    let sealed = openssl("ec -aes128 -passout pass:right", &key);
    for number in 0..2000 {
        assert_eq!(read(&sealed, Some(&number.to_string())).err(), Some(KeyFileError::WrongPassphrase), "{number}");
    }
}

#[test]
fn refuses_what_contradicts_itself() {
    let key = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"");
    let pkcs8 = openssl("pkcs8 -topk8 -nocrypt -outform DER", &key);
    let refusal = |der: Vec<u8>| KeyFile::from_der(Zeroizing::new(der)).open(None).err();
    let patched = |at: usize, byte: u8| {
        let mut der = pkcs8.clone();
        der[at] = byte;
        refusal(der)
    };
    // SEQUENCE (3 bytes), INTEGER 0.
    assert_eq!(patched(5, 2), Some(KeyFileError::Damaged("its PKCS#8 version does not exist")));
    let sec1 = openssl("pkey -traditional -outform DER", &pkcs8);
    let mut inner = sec1::EcPrivateKey::from_der(&sec1).unwrap();
    inner.parameters = Some(ObjectIdentifier::new_unwrap("1.3.132.0.10").into());
    let inner = der::Encode::to_der(&inner).unwrap();
    let outer = pkcs8::PrivateKeyInfoRef::try_from(pkcs8.as_slice()).unwrap().algorithm;
    let key = der::asn1::OctetStringRef::new(&inner).unwrap();
    let both = der::Encode::to_der(&pkcs8::PrivateKeyInfoRef::new(outer, key)).unwrap();
    assert_eq!(refusal(both), Some(KeyFileError::Damaged("it names two curves")));
}
