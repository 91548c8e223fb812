//! What people paste, and what is wrong with it.

use super::*;
use proptest::prelude::*;

const DER: &[u8] = b"\x30\x03\x02\x01\x05";

fn only(text: &str) -> Block {
    let mut blocks = scan(text).unwrap();
    assert_eq!(blocks.len(), 1, "in {text:?}");
    blocks.remove(0)
}

fn refusal(text: &str) -> PemError {
    match scan(text) {
        Err(error) => error,
        Ok(blocks) => blocks[0].der().expect_err("a refusal"),
    }
}

#[test]
fn finds_a_block_in_what_people_paste() {
    for text in [
        "-----BEGIN A B-----\nMAMC\nAQU=\n-----END A B-----\n",
        "Certificate Request:\n    Data:\n-----BEGIN A B-----\nMAMCAQU=\n-----END A B-----\nThanks",
        "-----BEGIN A B-----\r\nMAMC\r\nAQU=\r\n-----END A B-----",
        r"-----BEGIN A B-----\nMAMC\nAQU=\n-----END A B-----\n",
        r#"{"key": "-----BEGIN A B-----\r\nMAMC\r\nAQU=\r\n-----END A B-----\r\n"}"#,
        "   -----BEGIN A B-----\n   MAMC\n\tAQU=\n   -----END A B-----",
        "-----BEGIN A B----- MAMC AQU= -----END A B-----",
        "\u{feff}-----BEGIN A B-----\nMAMC\u{a0}\nAQU=\n-----END A B-----",
    ] {
        let block = only(text);
        assert_eq!((block.label.as_str(), block.der().unwrap().as_slice()), ("A B", DER), "in {text:?}");
    }
}

#[test]
fn reads_headers_with_and_without_the_blank_line() {
    for blank in ["\n", ""] {
        let block = only(&format!(
            "-----BEGIN K-----\n  Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n{blank}MAMC\nAQU=\n-----END K-----"
        ));
        assert_eq!(block.header("proc-type"), Some("4,ENCRYPTED"));
        assert_eq!(block.header("DEK-Info"), Some("AES-256-CBC,00"));
        assert_eq!(block.der().unwrap().as_slice(), DER);
    }
}

#[test]
fn finds_blocks_in_their_order() {
    let text = [encode("B", b"1"), encode("A", b"2"), encode("B", b"3")].map(|pem| pem.to_string()).concat();
    let labels: Vec<String> = scan(&text).unwrap().into_iter().map(|block| block.label).collect();
    assert_eq!(labels, ["B", "A", "B"]);
}

#[test]
fn names_what_is_wrong() {
    let label = || "A".to_owned();
    let table = [
        ("-----BEGIN A-----\nMAMCAQU=\n", PemError::NoEnd { label: label() }),
        ("-----BEGIN A-----\nMAMC\n-----BEGIN B-----\nMA==\n-----END B-----", PemError::NoEnd { label: label() }),
        ("MAMCAQU=\n-----END A-----", PemError::NoBegin { label: label() }),
        (
            "-----BEGIN A-----\nMAMCAQU=\n-----END B-----",
            PemError::LabelsDiffer { begin: label(), end: "B".to_owned() },
        ),
        ("-----BEGIN A---\nMAMCAQU=\n-----END A-----", PemError::Dashes),
        ("----BEGIN PRIVATE KEY----\nMAMCAQU=\n----END PRIVATE KEY----", PemError::Dashes),
        ("\u{2014}\u{2013}BEGIN CERTIFICATE REQUEST\u{2014}\u{2013}\nMAMCAQU=\n", PemError::Dashes),
        ("-----BEGIN A-----\n-----END A-----", PemError::Empty { label: label() }),
        ("-----BEGIN A-----\nMAMCAQU\n-----END A-----", PemError::Base64 { label: label() }),
        ("-----BEGIN A-----\nMAM*AQU=\n-----END A-----", PemError::Base64 { label: label() }),
    ];
    for (text, expected) in table {
        assert_eq!(refusal(text), expected, "in {text:?}");
    }
    assert!(scan("no PEM here").unwrap().is_empty());
}

#[test]
fn reads_what_powershell_redirects() {
    let pem = encode("A", DER);
    let units = || pem.encode_utf16();
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
    assert_eq!(text_of(&little), pem);
    assert_eq!(text_of(&big), pem);
}

proptest! {
    #[test]
    fn reads_back_what_it_writes(der in prop::collection::vec(any::<u8>(), 1..300)) {
        let pem = encode("A KEY", &der);
        prop_assert!(pem.lines().all(|line| line.len() <= 64));
        prop_assert_eq!(only(&pem).der().unwrap().to_vec(), der);
    }

    #[test]
    fn survives_any_text(text in "(-----|BEGIN |END |A|\\\\n|\n|:|=|\u{2014}|.){0,40}") {
        if let Ok(blocks) = scan(&text) {
            for block in blocks {
                let _ = block.der();
            }
        }
    }

    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = scan(&text_of(&bytes));
    }
}
