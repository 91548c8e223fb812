//! The command that a page offers makes the same request, whatever the answers are, when a shell runs it.

use crate::harness::console::Console;
use crate::harness::openssl::openssl_text;
use crate::harness::page::{Page, parse};
use crate::harness::wizard;
use signet_app::data_flag::DataFlag;
use signet_domain::subject::SubjectAnswers;
use std::process::Command;

/// Answers that a shell or a reader of arguments would take for something else.
const ANSWERS: [(&str, &str); 5] = [
    ("state", "-x"),
    ("city", "--yes; touch PWNED"),
    ("organization", "It's \"quoted\" $(touch PWNED) `touch PWNED` \\ #1 & |"),
    ("organizational_unit", "--"),
    ("common", "-common *"),
];

/// The command, character for character.
fn printed(page: &Page) -> String {
    let html = page.html();
    let pre = parse("pre");
    let mut blocks = html.select(&pre).map(|block| block.text().collect::<String>());
    blocks.find(|text| text.starts_with("signet ") && text.contains(" csr create")).unwrap()
}

#[test]
fn the_printed_command_makes_the_same_request_through_a_shell() {
    let (console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "twin", "https-ecc");
    let form = ANSWERS.iter().fold(wizard::subject(&page), |form, (field, value)| form.set(field, value));
    let page = browser.send(form.press("next")).expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    let command = printed(&page);
    assert!(command.contains("--state=-x") && command.contains("--organizational-unit=--"), "{command}");
    let saved = browser.send(page.step().press("save")).expect(200, "twin");
    assert_eq!(printed(&saved), command);
    // The same answers under another name, by a real shell and the real program.
    assert!(command.starts_with(&format!("signet --data {} csr create", console.data().display())), "{command}");
    let script = command.replacen("signet", "\"$SIGNET\"", 1).replace("--name=twin", "--name=again");
    let folder = tempfile::tempdir().unwrap();
    for shell in ["sh", "bash"] {
        let script = script.replace("--name=again", &format!("--name=again-{shell}"));
        let output = Command::new(shell)
            .arg("-c")
            .arg(&script)
            .env("SIGNET", env!("CARGO_BIN_EXE_signet"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        let shown = |name: &str| {
            let text = openssl_text(
                "req -noout -subject -nameopt multiline,utf8,-esc_msb",
                &console.run(["csr", "export", name]).out,
            );
            (text, console.run(["csr", "show", name, "--openssl"]).worked().replace(name, "NAME"))
        };
        assert_eq!(shown("twin"), shown(&format!("again-{shell}")));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the shell ran a part of an answer");
}

#[test]
fn answers_with_line_breaks_stay_one_word() {
    // Through the wizard no subject has them; an authority's certificate does, and a record that somebody wrote.
    let asked = |issuer: &str, state: &str| {
        serde_json::from_value(serde_json::json!({
            "options": {"key_type": "EC", "key_length": "", "ec_curve": "SECP256R1", "digest_algorithm": "SHA256", "lifetime": "90"},
            "subject": {"country": "DE", "state": state, "city": "", "organization": "", "organizational_unit": "", "email": "",
                "common": "", "san": "nas.local\n-x.local"},
            "constraints": {"bc_enabled": false, "bc_ca": false, "bc_path_length": "", "bc_critical": false, "aki_enabled": true,
                "aki_issuer": issuer, "aki_cert_issuer": false, "eku_enabled": false, "eku": [],
                "eku_critical": false, "ku_enabled": false, "ku": [], "ku_critical": false},
        }))
        .unwrap()
    };
    let issuer = "-----BEGIN CERTIFICATE-----\n'; touch PWNED\n$(touch PWNED)\n-----END CERTIFICATE-----\n";
    let command = signet_app::requests::cli_equivalent::command(
        "nas",
        &asked(issuer, "a\nb"),
        &DataFlag::default(),
        &SubjectAnswers::default(),
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = format!("signet() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = text.split('\0').collect();
    for word in [&format!("--aki-issuer={issuer}"), "--state=a\nb", "--san=-x.local"] {
        assert!(words.contains(&word), "{words:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // What a terminal would obey is in no command.
    for hostile in ["\u{1b}[2J", "\u{202e}", "\u{9b}"] {
        assert_eq!(
            signet_app::requests::cli_equivalent::command(
                "nas",
                &asked("", hostile),
                &DataFlag::default(),
                &SubjectAnswers::default()
            ),
            None
        );
    }
}
