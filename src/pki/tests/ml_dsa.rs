//! ML-DSA keys in every form in which they come, and what they sign.

use crate::generate::generate;
use crate::key_error::KeyError;
use crate::keyfile::{KeyFile, KeyFileError};
use crate::ml_dsa;
use crate::private_key::PrivateKey;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::scheme::SignatureScheme;
use crate::sign::sign;
use crate::verify::{VerifyError, verify, verify_with};
use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature::{KeyPair, PqdsaKeyPair};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use signet_domain::key_spec::{Digest, KeySpec};
use signet_domain::ml_dsa::MlDsa;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// A seed, and the expanded key that aws-lc makes of it.
struct Parts {
    set: MlDsa,
    seed: [u8; 32],
    expanded: Vec<u8>,
    public: Vec<u8>,
}

impl Parts {
    fn new(set: MlDsa, seed: u8) -> Self {
        let seed = [seed; 32];
        let pair = PqdsaKeyPair::from_seed(ml_dsa::signing(set), &seed).unwrap();
        let expanded = pair.private_key().as_raw_bytes().unwrap().as_ref().to_vec();
        Self { set, seed, expanded, public: pair.public_key().as_ref().to_vec() }
    }

    fn seed_alone(&self) -> Vec<u8> {
        [&[0x80, 32][..], &self.seed].concat()
    }

    fn expanded_alone(&self) -> Vec<u8> {
        octets(&self.expanded)
    }

    fn both(&self) -> Vec<u8> {
        let content = [octets(&self.seed), octets(&self.expanded)].concat();
        AnyRef::new(der::Tag::Sequence, &content).unwrap().to_der().unwrap()
    }

    fn pkcs8(&self, inner: &[u8]) -> Vec<u8> {
        pkcs8(ml_dsa::oid(self.set), inner)
    }
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    OctetStringRef::new(bytes).unwrap().to_der().unwrap()
}

fn pkcs8(oid: ObjectIdentifier, inner: &[u8]) -> Vec<u8> {
    let algorithm = AlgorithmIdentifierRef { oid, parameters: None };
    PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(inner).unwrap()).to_der().unwrap()
}

fn file(pkcs8: &[u8]) -> Result<PrivateKey, KeyFileError> {
    KeyFile::from_der(Zeroizing::new(pkcs8.to_vec())).open(None)
}

/// Both readers: of our own files, and of what is handed in.
fn read(parts: &Parts, inner: &[u8]) -> Result<PrivateKey, KeyError> {
    let pkcs8 = parts.pkcs8(inner);
    let (own, given) = (PrivateKey::from_pkcs8(&pkcs8), file(&pkcs8));
    assert_eq!(own.is_ok(), given.is_ok(), "{:?}", given.err());
    own
}

#[test]
fn a_key_is_written_as_its_seed_of_32_bytes() {
    for set in MlDsa::ALL {
        let key = generate(KeySpec::MlDsa(set)).unwrap();
        assert_eq!(key.kind().label(), set.label());
        let written = PrivateKeyInfoRef::try_from(key.pkcs8().expose_secret()).unwrap();
        assert_eq!((written.algorithm.oid, written.algorithm.parameters), (ml_dsa::oid(set), None));
        let inner = written.private_key.as_bytes();
        assert_eq!((inner.len(), &inner[..2]), (34, &[0x80, 32][..]));
        let again = PrivateKey::from_pkcs8(key.pkcs8().expose_secret()).unwrap();
        assert_eq!(again.spki_der(), key.spki_der());
        let spki = spki::SubjectPublicKeyInfoRef::from_der(key.spki_der()).unwrap();
        assert_eq!(spki.subject_public_key.raw_bytes().len(), set.public_key_length());
        assert!(spki.algorithm.parameters.is_none(), "RFC 9881 2");
    }
}

#[test]
fn the_three_forms_give_one_key_and_the_seed_is_kept_where_there_is_one() {
    for set in MlDsa::ALL {
        let parts = Parts::new(set, 7);
        for inner in [parts.seed_alone(), parts.both()] {
            let key = read(&parts, &inner).unwrap();
            assert_eq!(key.public_key(), &PublicKey::MlDsa { set, key: parts.public.clone() });
            assert_eq!(key.pkcs8().expose_secret(), parts.pkcs8(&parts.seed_alone()));
        }
        let key = read(&parts, &parts.expanded_alone()).unwrap();
        assert_eq!(key.public_key(), &PublicKey::MlDsa { set, key: parts.public.clone() });
        assert_eq!(key.pkcs8().expose_secret(), parts.pkcs8(&parts.expanded_alone()));
        for key in [key, read(&parts, &parts.seed_alone()).unwrap()] {
            let signature = sign(&key, Some(Digest::Sha1), b"a message").unwrap();
            assert_eq!(signature.len(), set.signature_length());
            assert_ne!(signature, sign(&key, None, b"a message").unwrap(), "hedged");
        }
    }
}

#[test]
fn a_key_whose_parts_are_of_different_keys_is_refused() {
    for set in MlDsa::ALL {
        let (parts, other) = (Parts::new(set, 7), Parts::new(set, 8));
        let mixed = Parts { seed: other.seed, expanded: parts.expanded.clone(), ..Parts::new(set, 7) };
        assert_eq!(read(&parts, &mixed.both()).unwrap_err(), KeyError::Inconsistent);
        // rho, K, tr, the secrets, and the end: only K, which makes signatures differ, can be any.
        for (at, is_seen) in [(0, true), (40, false), (70, true), (200, true), (parts.expanded.len() - 1, true)] {
            let mut expanded = parts.expanded.clone();
            expanded[at] ^= 1;
            let read = read(&parts, &octets(&expanded));
            assert_eq!(read.is_err(), is_seen, "{} at {at}: {read:?}", set.label());
        }
        // The public key beside it, as version 2 of PKCS#8 has it.
        let inner = parts.seed_alone();
        let algorithm = AlgorithmIdentifierRef { oid: ml_dsa::oid(set), parameters: None };
        for (public, is_own) in [(&parts.public, true), (&other.public, false)] {
            let mut info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner).unwrap());
            info.public_key = Some(der::asn1::BitStringRef::from_bytes(public).unwrap());
            let der = info.to_der().unwrap();
            assert_eq!(PrivateKey::from_pkcs8(&der).is_ok(), is_own);
            assert_eq!(file(&der).is_ok(), is_own);
        }
    }
}

#[test]
fn a_form_from_before_the_rfc_is_told_from_a_damaged_key() {
    for set in MlDsa::ALL {
        let parts = Parts::new(set, 7);
        let (seed, expanded) = (parts.seed.to_vec(), parts.expanded.clone());
        let both = [&seed[..], &expanded].concat();
        let with_public = [&expanded[..], &parts.public].concat();
        for (what, inner) in [
            ("a seed in a string", octets(&seed)),
            ("a bare seed", seed.clone()),
            ("a bare expanded key", expanded.clone()),
            ("seed and expanded key one after the other", both.clone()),
            ("the same in a string", octets(&both)),
            ("the public key behind the expanded one", octets(&with_public)),
        ] {
            assert_eq!(read(&parts, &inner).unwrap_err(), KeyError::MlDsaForm, "{what}");
            assert_eq!(file(&parts.pkcs8(&inner)).unwrap_err(), KeyFileError::MlDsaForm, "{what}");
        }
        let mut trailing = parts.both();
        trailing.push(0);
        let another = MlDsa::ALL.into_iter().find(|other| *other != set).unwrap();
        let cut = Parts { expanded: expanded[..expanded.len() - 1].to_vec(), ..Parts::new(set, 7) };
        for (what, inner) in [
            ("a seed of 33 bytes", [&[0x80, 33][..], &seed, &[0]].concat()),
            ("a seed of 31 bytes", [&[0x80, 31][..], &seed[1..]].concat()),
            ("a seed in another tag", [&[0x81, 32][..], &seed].concat()),
            ("an expanded key that is cut off", cut.expanded_alone()),
            ("an expanded key of another set", Parts::new(another, 7).expanded_alone()),
            ("nothing", Vec::new()),
            ("something behind", trailing),
        ] {
            assert_eq!(read(&parts, &inner).unwrap_err(), KeyError::MlDsaLength, "{what}");
            let refused = file(&parts.pkcs8(&inner)).unwrap_err();
            assert!(matches!(refused, KeyFileError::Damaged(why) if why.contains("right length")), "{what}: {refused}");
        }
    }
}

#[test]
fn a_signature_is_of_its_key_its_message_and_its_set_alone() {
    for set in MlDsa::ALL {
        let (key, other) = (generate(KeySpec::MlDsa(set)).unwrap(), generate(KeySpec::MlDsa(set)).unwrap());
        let scheme = SignatureScheme::MlDsa(set);
        let identifier = scheme.identifier().unwrap();
        assert_eq!((identifier.oid, &identifier.parameters), (ml_dsa::oid(set), &None));
        let identifier = AlgorithmIdentifierRef { oid: identifier.oid, parameters: None };
        assert_eq!(SignatureScheme::of_identifier(&identifier), Some(scheme));
        let signature = sign(&key, None, b"a message").unwrap();
        assert_eq!(verify(key.spki_der(), &identifier, b"a message", &signature), Ok(()));
        let damaged = Err(VerifyError::Damaged);
        assert_eq!(verify(other.spki_der(), &identifier, b"a message", &signature), damaged);
        assert_eq!(verify(key.spki_der(), &identifier, b"another", &signature), damaged);
        for at in [0, signature.len() / 2, signature.len() - 1] {
            let mut flipped = signature.clone();
            flipped[at] ^= 1;
            assert_eq!(verify(key.spki_der(), &identifier, b"a message", &flipped), damaged);
        }
        for of in MlDsa::ALL.into_iter().filter(|of| *of != set) {
            let of = SignatureScheme::MlDsa(of);
            assert_eq!(verify_with(key.public_key(), of, b"a message", &signature), damaged);
        }
        let short = PublicKey::MlDsa { set, key: vec![7; set.public_key_length() - 1] }.to_spki().unwrap();
        assert_eq!(PublicKey::from_spki(&short), Err(PublicKeyError::Malformed));
    }
}
