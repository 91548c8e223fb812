//! Sentences that pages and commands share are neutral: none names what only a page has, such as boxes, buttons and pasting.

use crate::harness::console::{Ran, run, signet};
use crate::reference::source::files;

/// What only a page has.
const ONLY_PAGES: [&str; 13] = [
    "tick",
    "ticked",
    "paste",
    "pasted",
    "click",
    "button",
    "checkbox",
    "page",
    "pages",
    "this box",
    "both fields",
    "text field",
    "choose its file",
];

/// What may say so all the same: files that are not the console's pages, and sentences that name both ways.
const FINE: [&str; 4] = ["web page", "manual pages", "`, or the page ", "older pages are replaced"];

/// The first thing of a page that a sentence names.
fn of_a_page(sentence: &str) -> Option<&'static str> {
    let mut sentence = sentence.to_lowercase();
    for fine in FINE {
        sentence = sentence.replace(fine, " ");
    }
    let letters = |letter: char| if letter.is_alphanumeric() { letter } else { ' ' };
    let words: String = sentence.chars().map(letters).collect();
    let words = format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "));
    ONLY_PAGES.into_iter().find(|one| words.contains(&format!(" {one} ")))
}

/// String literals of one file, comments left out, each with its continued lines.
fn literals(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut joined = String::new();
    for line in lines {
        let is_continued = joined.ends_with('\\');
        if is_continued {
            joined.pop();
        } else {
            joined.push('\n');
        }
        joined.push_str(if is_continued { line.trim_start() } else { line });
    }
    let joined = joined.replace("\\\\", "").replace("\\\"", "'").replace("'\"'", "' '");
    joined.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn no_sentence_that_commands_print_names_what_only_a_page_has() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for below in ["src/domain", "src/pki", "src/store", "src/net", "src/cli"] {
        for (path, text) in files(below) {
            for sentence in literals(&text).iter().filter(|text| text.split_whitespace().count() > 2) {
                seen += 1;
                // A table of words is not a sentence, and a path is not a page.
                if let Some(word) = of_a_page(sentence).filter(|_| !path.ends_with("pgp_words.rs")) {
                    wrong.push(format!("{}: “{word}”: {sentence}", path.display()));
                }
            }
        }
    }
    assert!(seen > 1000, "only {seen} sentences were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_commands_refuse_and_advise_is_said_in_their_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (empty, prose) = (file("empty", ""), file("prose", "hello"));
    let csr = |arguments: &[&str]| -> Ran { run(signet(&folder.path().join("data")).arg("csr").args(arguments), b"") };
    let who = ["--country=DE", "--state=-", "--city=-", "--organization=-", "--email=root@nas", "--san=nas.local"];
    let create = |arguments: &[&str]| csr(&[&["create", "--name=nas"], arguments, &who].concat());
    let refused = [
        create(&["--aki-issuer=xyz"]),
        create(&["--aki-issuer=5A:3C:0"]),
        create(&["--aki-issuer=5A:3C", "--aki-cert-issuer"]),
        create(&["--aki-issuer=:"]),
        create(&["--bc", "--bc-path-length=1"]),
        create(&["--bc", "--bc-ca", "--bc-path-length=x"]),
        create(&["--ku=key_cert_sign", "--ku=encipher_only"]),
        create(&["--bc", "--bc-ca", "--ku=digital_signature"]),
        create(&["--ku=key_agreement", "--ku=encipher_only", "--ku=decipher_only"]),
        create(&["--eku=ANY_EXTENDED_KEY_USAGE", "--eku-critical"]),
        create(&["--eku=CODE_SIGNING", "--ku=key_encipherment"]),
        csr(&["create", "--name=a b", "--country=Germany", "--san=https://nas", "--common=a\nb"]),
        csr(&["import", "--name=nas", "--request", &empty, "--key", &empty]),
        csr(&["import", "--name=nas", "--request", &prose, "--key", &prose]),
        csr(&["import", "--name=nas", "--certificate", &prose]),
    ];
    for (number, ran) in refused.iter().enumerate() {
        assert_ne!(ran.code, 0, "{number}");
        assert!(ran.err.lines().count() >= 2, "{number}: {}", ran.err);
        assert_eq!(of_a_page(&ran.err), None, "{number}: {}", ran.err);
    }
    let advised = create(&["--key-length=1024", "--organizational-unit=IT", "--bc", "--bc-ca", "--bc-path-length=0"]);
    assert_eq!(advised.code, 0, "{}", advised.err);
    assert!(advised.err.lines().filter(|line| line.starts_with("advice: ")).count() >= 2, "{}", advised.err);
    assert_eq!(of_a_page(&advised.err), None, "{}", advised.err);
}

#[test]
fn words_of_a_page_are_found() {
    for (sentence, found) in [
        ("Paste the CA's certificate.", Some("paste")),
        ("Copy it again, or choose\nits file.", Some("choose its file")),
        ("Give it on that request’s page.", Some("page")),
        ("This is a web page (HTML), not a certificate.", None),
        ("Give the certificate's file.", None),
    ] {
        assert_eq!(of_a_page(sentence), found, "{sentence}");
    }
}
