//! Files that OpenSSL, GnuTLS, Java, Firefox's NSS and Python write, and those that are refused.

use super::*;
use crate::keyfile::KeyFileError;
use crate::pem;
use crate::pkcs12::encode;
use crate::tests::authority::{Authority, ED25519, P256, RSA};
use crate::tests::openssl::{openssl, openssl_ok};
use signet_domain::hex;
use std::process::Command;

const PASSPHRASE: &str = "correct horse";

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

fn open(file: &[u8], passphrase: Option<&str>) -> Result<Opened, Pkcs12Refusal> {
    let passphrase = passphrase.map(secret);
    Pkcs12File::read(file)?.opening(passphrase.as_ref())?.open()
}

fn refused(file: &[u8], passphrase: Option<&str>) -> Pkcs12Refusal {
    open(file, passphrase).err().expect("it is refused")
}

/// A CA's folder with `leaf` and its chain, and the three in DER.
fn made(key: &[&str]) -> (Authority, Vec<Vec<u8>>) {
    let ca = Authority::new();
    let chain = ca.chain(key).map(|certificate| certificate.der).into();
    ca.write("above", format!("{}{}", ca.pem("middle"), ca.pem("root")).as_bytes());
    (ca, chain)
}

/// `openssl pkcs12 -export` of the leaf with its chain.
fn exported(ca: &Authority, more: &[&str]) -> Vec<u8> {
    let (key, leaf, above) = (ca.path("leaf.key"), ca.path("leaf.crt"), ca.path("above"));
    let passphrase = format!("pass:{PASSPHRASE}");
    let mut arguments = vec!["pkcs12", "-export", "-inkey", &key, "-in", &leaf, "-certfile", &above];
    arguments.extend(more);
    if !more.contains(&"-passout") {
        arguments.extend(["-passout", &passphrase]);
    }
    openssl_ok(&arguments, b"")
}

/// The file with all places of some bytes replaced by as many others.
fn replaced(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let places: Vec<usize> = (0..file.len()).filter(|at| file[*at..].starts_with(from)).collect();
    assert!(!places.is_empty() && from.len() == to.len());
    places.iter().for_each(|at| file[*at..at + to.len()].copy_from_slice(to));
    file
}

/// The file opens, with the leaf's key and, in whatever order, the three certificates.
fn assert_opens(ca: &Authority, chain: &[Vec<u8>], what: &str, file: &[u8], passphrase: Option<&str>) {
    let opened = open(file, passphrase).unwrap_or_else(|error| panic!("{what}: {error}"));
    let public = openssl_ok(&["pkey", "-in", &ca.path("leaf.key"), "-pubout", "-outform", "DER"], b"");
    assert_eq!(opened.key.expect("a key").spki_der(), public, "{what}");
    let (mut found, mut expected) = (opened.certificates, chain.to_vec());
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{what}");
}

#[test]
fn reads_what_openssl_writes_in_every_encryption() {
    let (ca, chain) = made(P256);
    let legacy = ["-provider", "legacy", "-provider", "default"];
    for options in [
        &[][..],
        &["-legacy"],
        &["-descert"],
        &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"],
        &["-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128"],
        &["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512"],
        &["-keypbe", "NONE", "-certpbe", "NONE", "-macalg", "sha384"],
        &["-keypbe", "NONE", "-certpbe", "AES-256-CBC", "-macalg", "sha224"],
        &["-iter", "1", "-nomaciter"],
        &["-iter", "100000", "-maciter"],
        &["-name", "Schöne Grüße", "-caname", "Mitte", "-CSP", "Microsoft"],
    ] {
        let file = exported(&ca, &[options, &legacy].concat());
        assert_opens(&ca, &chain, &format!("{options:?}"), &file, Some(PASSPHRASE));
        assert_eq!(refused(&file, Some("wrong horse")), Pkcs12Refusal::WrongPassphrase, "{options:?}");
        assert_eq!(refused(&file, None), Pkcs12Refusal::NoPassphrase, "{options:?}");
        assert_eq!(refused(&file, Some("")), Pkcs12Refusal::EmptyPassphrase, "{options:?}");
    }
}

#[test]
fn reads_every_kind_of_key_and_a_passphrase_in_any_letters() {
    for key in [RSA, P256, ED25519] {
        let (ca, chain) = made(key);
        let passphrase = "schönes Pferd 🐎";
        let given = ca.write("passphrase", passphrase.as_bytes());
        let given = format!("file:{given}");
        for options in [&["-passout", &given][..], &["-passout", &given, "-legacy"]] {
            let file = exported(&ca, options);
            assert_opens(&ca, &chain, &format!("{key:?} {options:?}"), &file, Some(passphrase));
        }
    }
}

#[test]
fn reads_files_whose_passphrase_is_empty_in_both_ways_of_hashing_it() {
    let (ca, chain) = made(P256);
    for options in [&["-passout", "pass:"][..], &["-passout", "pass:", "-legacy"]] {
        let file = exported(&ca, options);
        assert_opens(&ca, &chain, "no passphrase", &file, None);
        assert_opens(&ca, &chain, "an empty passphrase", &file, Some(""));
        assert_eq!(refused(&file, Some("horse")), Pkcs12Refusal::WrongPassphrase);
    }
    // Without any character: GnuTLS, asked for a null password.
    let arguments = ["--to-p12", "--outder", "--null-password", "--p12-name", "x", "--load-privkey"];
    let output = Command::new("certtool")
        .args(arguments)
        .args([ca.path("leaf.key").as_str(), "--load-certificate", &ca.path("leaf.crt")])
        .output()
        .expect("certtool runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_opens(&ca, &chain[..1], "a null password", &output.stdout, None);
}

#[test]
fn reads_what_gnutls_writes_and_names_rc4() {
    let (ca, chain) = made(P256);
    for (cipher, encryption) in [
        ("aes-256", None),
        ("aes-128", None),
        ("3des", None),
        ("3des-pkcs12", None),
        ("rc2-40", None),
        ("arcfour", Some("PKCS#12's RC4 (128 bits)")),
    ] {
        let output = Command::new("certtool")
            .args(["--to-p12", "--outder", "--p12-name", "x", "--password", PASSPHRASE, "--pkcs-cipher", cipher])
            .args(["--load-privkey", &ca.path("leaf.key"), "--load-certificate", &ca.path("leaf.crt")])
            .args(["--load-ca-certificate", &ca.path("middle.crt")])
            .output()
            .expect("certtool runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        match encryption {
            None => assert_opens(&ca, &chain[..2], cipher, &output.stdout, Some(PASSPHRASE)),
            Some(name) => {
                assert_eq!(refused(&output.stdout, Some(PASSPHRASE)), Pkcs12Refusal::Encryption(name.to_owned()));
            }
        }
    }
}

#[test]
fn reads_what_java_writes_now_and_wrote_before() {
    let (ca, chain) = made(RSA);
    let source = ca.write("source.p12", &exported(&ca, &["-name", "nas"]));
    for options in [&[][..], &["-J-Dkeystore.pkcs12.legacy"]] {
        let to = ca.path("java.p12");
        let _ = std::fs::remove_file(&to);
        let arguments = ["-importkeystore", "-srckeystore", &source, "-srcstorepass", PASSPHRASE, "-destkeystore", &to];
        let Ok(output) =
            Command::new("keytool").args(options).args(arguments).args(["-deststorepass", PASSPHRASE]).output()
        else {
            signet_testing::skip("keytool is not on this machine, so that no PKCS#12 of Java is read");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_opens(&ca, &chain, &format!("{options:?}"), &std::fs::read(&to).expect("made"), Some(PASSPHRASE));
    }
}

#[test]
fn reads_what_firefox_writes_in_pieces_of_indefinite_length() {
    let (ca, _) = made(RSA);
    let source = ca.write("source.p12", &exported(&ca, &["-name", "nas"]));
    let folder = ca.path("nss");
    std::fs::create_dir(&folder).expect("room");
    let database = format!("sql:{folder}");
    let password = ca.write("password", PASSPHRASE.as_bytes());
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.map(|output| {
            let said = [output.stdout.as_slice(), &output.stderr].concat();
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&said));
        })
    };
    if run("certutil", &["-N", "-d", &database, "--empty-password"]).is_err() {
        signet_testing::skip("NSS's certutil is not on this machine, so that no PKCS#12 of Firefox is read");
        return;
    }
    run("pk12util", &["-i", &source, "-d", &database, "-w", &password]).expect("runs");
    for cipher in [
        &[][..],
        &["-c", "AES-256-CBC", "-C", "AES-128-CBC"],
        &[
            "-c",
            "PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC",
            "-C",
            "PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC",
        ],
    ] {
        let to = ca.path("nss.p12");
        run("pk12util", &[&["-o", &to, "-n", "nas", "-d", &database, "-w", &password], cipher].concat()).expect("runs");
        let file = std::fs::read(&to).expect("made");
        assert_eq!(file[..2], [0x30, 0x80], "of indefinite length");
        let opened = open(&file, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{cipher:?}: {error}"));
        assert!(opened.key.is_some() && opened.certificates.contains(&ca.der("leaf")), "{cipher:?}");
    }
}

#[test]
fn reads_what_this_program_writes_within_every_bound() {
    let (ca, chain) = made(P256);
    let key = openssl_ok(&["pkey", "-in", &ca.path("leaf.key"), "-outform", "DER"], b"");
    let file = encode(&chain, &Secret::new(key), "nas", &secret(PASSPHRASE)).expect("encodes");
    assert_opens(&ca, &chain, "our own", &file, Some(PASSPHRASE));
}

#[test]
fn an_integrity_check_is_demanded_and_holds_every_byte() {
    let (ca, _) = made(P256);
    assert_eq!(refused(&exported(&ca, &["-nomac"]), Some(PASSPHRASE)), Pkcs12Refusal::NoMac);
    let file = exported(&ca, &["-keypbe", "NONE", "-certpbe", "NONE"]);
    let place = file.windows(11).position(|it| it == b"example.org").expect("a plain certificate");
    let mut changed = file.clone();
    changed[place] ^= 1;
    assert_eq!(refused(&changed, Some(PASSPHRASE)), Pkcs12Refusal::WrongPassphrase);
    // MD5 protects nothing.
    let md5 = exported(&ca, &["-macalg", "md5"]);
    assert_eq!(refused(&md5, Some(PASSPHRASE)), Pkcs12Refusal::UnknownMac("HMAC with MD5".to_owned()));
}

#[test]
fn several_keys_are_named_and_none_of_them_is_opened() {
    let (ca, _) = made(RSA);
    let one = ca.write("one.p12", &exported(&ca, &["-name", "first"]));
    let output = |name: &str, more: &[&str]| {
        Command::new("keytool")
            .args(["-importkeystore", "-srckeystore", &one, "-srcstorepass", PASSPHRASE, "-srcalias", "first"])
            .args(["-destkeystore", &ca.path("both.p12"), "-deststorepass", PASSPHRASE, "-destalias", name])
            .args(more)
            .output()
    };
    if output("first", &[]).is_err() {
        signet_testing::skip("keytool is not on this machine, so that no file of several keys is made");
        return;
    }
    let second = Command::new("keytool")
        .args(["-genkeypair", "-alias", "second", "-keyalg", "EC", "-dname", "CN=other", "-storepass", PASSPHRASE])
        .args(["-keystore", &ca.path("both.p12")])
        .output()
        .expect("keytool runs");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stdout));
    let file = std::fs::read(ca.path("both.p12")).expect("made");
    let both = Pkcs12Refusal::SeveralKeys(vec!["first".to_owned(), "second".to_owned()]);
    assert_eq!(refused(&file, None), both, "before the passphrase is asked for");
    let told = both.invalid("certificate", |_| unreachable!("it is not the key"));
    assert!(told.what.ends_with("several private keys: first, second."), "{}", told.what);
}

#[test]
fn a_file_without_a_key_gives_its_certificates() {
    let (ca, chain) = made(P256);
    let arguments = ["pkcs12", "-export", "-nokeys", "-in", &ca.path("leaf.crt"), "-passout", "pass:correct horse"];
    let opened = open(&openssl_ok(&arguments, b""), Some(PASSPHRASE)).expect("opens");
    assert!(opened.key.is_none());
    assert_eq!(opened.certificates, chain[..1]);
}

#[test]
fn unreasonable_work_is_refused_before_it_begins() {
    let (ca, _) = made(P256);
    // OpenSSL does some rounds, and the file then says that there were more.
    let cost = |options: &[&str], rounds: u32| {
        let file = exported(&ca, &[&["-iter", "65536"], options].concat());
        let [_, number @ ..] = rounds.to_be_bytes();
        let file = replaced(&file, &[2, 3, 1, 0, 0], &[&[2, 3], &number[..]].concat());
        match refused(&file, Some(PASSPHRASE)) {
            Pkcs12Refusal::Cost(cost) => cost,
            other => panic!("{options:?}: {other}"),
        }
    };
    assert_eq!(cost(&["-nomaciter"], 2_000_001), Cost::Rounds(2_000_001));
    assert_eq!(cost(&["-legacy", "-nomaciter"], 2_000_001), Cost::Rounds(2_000_001));
    // MAC, certificates and key each below the bound of a key, and all of them above that of a file.
    assert_eq!(cost(&["-maciter"], 1_900_000), Cost::Hashes(5 * 1_900_000));
    assert_eq!(cost(&["-legacy", "-nomaciter"], 1_700_000), Cost::Hashes(1 + (2 + 3) * 1_700_000));
    // Each is counted where it is seen: without its certificates being encrypted the key is the last.
    let options = ["-keypbe", "AES-256-CBC", "-certpbe", "NONE", "-iter", "2000000", "-nomaciter"];
    assert!(open(&exported(&ca, &options), Some(PASSPHRASE)).is_ok(), "the most is allowed");
    let told = Pkcs12Refusal::Cost(Cost::Hashes(9_000_000)).invalid("certificate", |_| unreachable!("no key"));
    assert!(told.what.contains("9000000 hashes") && told.what.contains("the most is 8000000"), "{}", told.what);
}

#[test]
fn what_is_cut_off_or_damaged_is_called_so() {
    let (ca, _) = made(P256);
    let file = exported(&ca, &[]);
    assert_eq!(refused(&file[..file.len() - 1], Some(PASSPHRASE)), Pkcs12Refusal::CutOff { missing: 1 });
    assert_eq!(refused(&[0x30, 3, 2, 1, 3], None), Pkcs12Refusal::Damaged("structure"));
    assert_eq!(refused(&[0x30, 5, 2, 1, 3, 0x30, 0], None), Pkcs12Refusal::Damaged("structure"));
    assert_eq!(refused(b"0", None), Pkcs12Refusal::Damaged("structure"));
    // Of indefinite length without an end.
    assert_eq!(refused(&[0x30, 0x80, 2, 1, 3, 0x30, 0x80], None), Pkcs12Refusal::Damaged("structure"));
    let mut old = file.clone();
    let version = old.iter().position(|byte| *byte == 3).expect("the version");
    old[version] = 1;
    assert_eq!(refused(&old, None), Pkcs12Refusal::Damaged("version"));
}

#[test]
fn a_signed_file_is_called_signed() {
    let (ca, _) = made(P256);
    let arguments = ["cms", "-sign", "-nodetach", "-binary", "-outform", "DER", "-signer", &ca.path("leaf.crt")];
    let signed = openssl_ok(&[&arguments[..], &["-inkey", &ca.path("leaf.key")]].concat(), b"content");
    let mut file = Vec::new();
    crate::asn1::push_header(0x30, signed.len() + 3, &mut file);
    file.extend([2, 1, 3]);
    file.extend(signed);
    assert_eq!(refused(&file, Some(PASSPHRASE)), Pkcs12Refusal::Signed);
}

#[test]
fn a_key_with_another_passphrase_than_its_file_is_told_so() {
    let (ca, _) = made(P256);
    // Each under its own: the encrypted key of one file in the bag of another, whose MAC is made anew by this program.
    let key = openssl_ok(
        &["pkcs8", "-topk8", "-in", &ca.path("leaf.key"), "-outform", "DER", "-passout", "pass:other", "-iter", "1"],
        b"",
    );
    let bag = crate::pkcs12::tests::file_of_bag(&key, &secret(PASSPHRASE));
    assert_eq!(refused(&bag, Some(PASSPHRASE)), Pkcs12Refusal::KeyPassphrase);
    let told = Pkcs12Refusal::KeyPassphrase.invalid("certificate", |_| unreachable!("it is not the key"));
    assert_eq!(told.field, "passphrase");
}

#[test]
fn a_key_of_an_unknown_kind_is_told_as_in_a_key_file() {
    let (ca, _) = made(P256);
    ca.request("odd", crate::tests::authority::ED448, "/CN=odd");
    ca.sign("root", "odd", crate::tests::authority::LEAF, &[]);
    let (key, certificate) = (ca.path("odd.key"), ca.path("odd.crt"));
    let arguments = ["pkcs12", "-export", "-inkey", &key, "-in", &certificate, "-passout", "pass:correct horse"];
    let expected = Pkcs12Refusal::Key(KeyFileError::Algorithm("Ed448".to_owned()));
    assert_eq!(refused(&openssl_ok(&arguments, b""), Some(PASSPHRASE)), expected);
}

/// RFC 9579: what OpenSSL 3.4 and Java 25 can write; made here, since OpenSSL 3.0 cannot.
#[test]
fn reads_an_integrity_check_by_pbmac1() {
    let (ca, chain) = made(P256);
    let key = openssl_ok(&["pkcs8", "-topk8", "-nocrypt", "-in", &ca.path("leaf.key"), "-outform", "DER"], b"");
    let file = crate::pkcs12::tests::file_with_pbmac1(&key, &chain[0], &secret(PASSPHRASE), 32);
    assert_opens(&ca, &chain[..1], "PBMAC1", &file, Some(PASSPHRASE));
    assert_eq!(refused(&file, Some("wrong")), Pkcs12Refusal::WrongPassphrase);
    let long = crate::pkcs12::tests::file_with_pbmac1(&key, &chain[0], &secret(PASSPHRASE), 200);
    assert_eq!(refused(&long, Some(PASSPHRASE)), Pkcs12Refusal::Damaged("integrity check"));
}

#[test]
fn openssl_opens_what_its_own_message_suggests() {
    let (ca, chain) = made(P256);
    let file = ca.write("file.p12", &exported(&ca, &["-nomac"]));
    let to = ca.path("new.pem");
    let arguments = ["pkcs12", "-legacy", "-in", &file, "-aes256", "-out", &to, "-passin", "pass:correct horse"];
    let said = openssl(&[&arguments[..], &["-passout", "pass:correct horse"]].concat(), b"");
    assert!(said.ok, "{}", said.err);
    let text = std::fs::read_to_string(&to).expect("made");
    let blocks = pem::scan(&text).expect("PEM");
    assert_eq!(blocks.iter().filter(|block| block.label == "CERTIFICATE").count(), chain.len());
    assert!(blocks.iter().any(|block| block.label == "ENCRYPTED PRIVATE KEY"));
}

proptest::proptest! {
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = open(&bytes, Some("a"));
        let _ = open(&[&[0x30, 0x80, 2, 1, 3][..], &bytes].concat(), Some("a"));
    }

    /// A flipped bit anywhere is refused, or changes what has no meaning.
    #[test]
    fn a_flipped_bit_gives_no_other_key(place in 0_usize..2000, bit in 0..8_u8) {
        let file = hex::decode(FILE).expect("hex");
        let mut changed = file.clone();
        let place = place % changed.len();
        changed[place] ^= 1_u8 << bit;
        if let Ok(opened) = open(&changed, Some("a")) {
            let whole = open(&file, Some("a")).expect("opens");
            proptest::prop_assert_eq!(opened.certificates, whole.certificates);
        }
    }
}

/// `openssl pkcs12 -export -iter 1 -nomaciter` of an Ed25519 key and its certificate, passphrase `a`.
const FILE: &str = include_str!("tests/file.hex");
