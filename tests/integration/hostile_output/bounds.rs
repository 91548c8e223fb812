//! Foreign text in a message is bounded to a line, and what is shown of it is exact.

use super::{device, in_use, is_harmless};
use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::made::{Folder, der, ec_key, request};
use crate::harness::wizard::{self, to_import};
use std::path::Path;

/// No line of a refusal is longer, paths of the test's own folder included.
const LINE: usize = 1200;

fn is_bounded(what: &str, ran: &Ran) {
    is_harmless(what, ran);
    let longest = ran.err.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(longest <= LINE && ran.err.lines().count() <= 20, "{what}: {longest} characters");
}

fn hundred_kb(of: &str) -> String {
    of.repeat(100_000 / of.len() + 1)
}

#[test]
fn a_cipher_of_100_kb_is_a_line_of_some_characters_by_command_and_by_browser() {
    let folder = Folder::new();
    let key = ec_key("P-256");
    let request = request(&key, "");
    let cipher = hundred_kb("x\u{1b}[2J\u{202e}\u{9b}");
    let hostile = format!(
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"
    );
    let (request_file, key_file) = (folder.file("request", &request), folder.file("key", hostile.as_bytes()));
    let (console, mut browser) = Console::owned();
    let mut command = signet(&console.data());
    command.args(["csr", "import", "--name", "a", "--request"]).arg(&request_file).arg("--key").arg(&key_file);
    let ran = run(&mut command, b"");
    is_bounded("import", &ran);
    let shown = format!("X\\u{{1b}}[2J\\u{{202e}}\\u{{9b}}{}", "X\\u{1b}[2J\\u{202e}\\u{9b}");
    assert!(ran.err.contains("unsupported encryption: ") && ran.err.contains(&shown[..40]), "{}", ran.err);
    let form = to_import(&mut browser, "a").step();
    let form = form.set("signing_request", std::str::from_utf8(&request).unwrap()).set("private_key", &hostile);
    let page = browser.send(form.press("next"));
    let told = page.at_field("private_key");
    assert!(told.chars().count() < LINE && told.contains("\\u{202e}") && !told.contains('\u{202e}'), "{told}");
}

#[test]
fn labels_keys_and_fields_of_100_kb_are_a_line_of_some_characters() {
    let folder = Folder::new();
    let long = hundred_kb("x\u{202e}");
    let (of_config, small) = (device::toml_string(&long[..20_000]), device::toml_string(&long[..2_000]));
    let path = |name: &str, content: String| folder.file(name, content.as_bytes()).to_str().unwrap().to_owned();
    let data = Path::new(&path("x", String::new())).with_file_name("data");
    in_use(&data);
    let from = path("from", format!("{of_config} = 1\n"));
    let requests = path("requests", format!("[[csr]]\nname = \"a\"\n{of_config} = 1\n"));
    let units = path("units", format!("serial,model,hostname,mac\n\"{long}\",,,\n"));
    let column = path("column", format!("serial,model,hostname,mac,\"{long}\"\n"));
    let config = path("config", format!("{small} = 1\n"));
    let hosts = path("hosts", format!("hostnames = [{small}]\n"));
    let types = path("types", format!("listen = [{small}]\n"));
    let manifest = path(
        "manifest",
        serde_json::json!({"serial": "NX4-1", "setup_code": "", "certificate_sha256": "", "spki_sha256": long,
            "csrs": [{"name": long, "spki_sha256": long, "pem": ""}], "software": long})
        .to_string()
            + "\n",
    );
    let out = path("out", String::new()) + "-units";
    let cases: [Vec<&str>; 10] = [
        vec!["csr", "create", "--from", &from],
        vec!["provision", "--serial", "NX4-1", "--requests", &requests],
        vec!["provision", "--batch", &units, "--out", &out],
        vec!["provision", "--batch", &column, "--out", &out],
        vec!["provision", "--serial", "NX4-1", "--manifest", &manifest],
        vec!["--config", &config, "csr", "list"],
        vec!["--config", &hosts, "csr", "list"],
        vec!["--config", &types, "csr", "list"],
        vec!["csr", "show", &long],
        vec!["csr", "create", "--name", "a", "--san", &long, "--organization", "x"],
    ];
    for arguments in cases {
        let ran = run(signet(&data).args(&arguments), b"");
        is_bounded(&arguments[..2].join(" "), &ran);
        assert!(!ran.err.is_empty(), "{:?}", &arguments[..2]);
    }
}

#[test]
fn what_is_shown_of_hostile_text_is_exact() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    device::change_record(&console.data().join("csrs/nas.pem"), |record| {
        record["note"] =
            "one \u{1b}[31mred\r\ntwo \u{202e}\u{9b}\u{7f}\u{200b}\nFORGED is a line of the note's own".into();
    });
    let shown = console.run(["csr", "show", "nas"]).worked();
    let (_, note) = shown.split_once("\nNote").unwrap();
    let (note, _) = note.split_once("\n-----BEGIN").unwrap();
    let lines: Vec<&str> = note.lines().map(str::trim_start).collect();
    assert_eq!(
        lines,
        ["one \\u{1b}[31mred", "two \\u{202e}\\u{9b}\\u{7f}\\u{200b}", "FORGED is a line of the note's own"]
    );
    assert!(note.lines().skip(1).all(|line| line.starts_with("          ")), "each line is below the first: {note}");
    let json = console.run(["csr", "list", "--json"]).worked();
    assert!(json.contains(r"one \u001b[31mred\r\ntwo \u202e\u009b\u007f\u200b\nFORGED"), "{json}");
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(read[0]["note"].as_str().unwrap().contains("two \u{202e}\u{9b}\u{7f}\u{200b}\n"));
    // An unknown variant in a record is told by the parser, in a line.
    device::change_record(&console.data().join("csrs/nas.pem"), |record| record["origin"] = "\u{1b}\n\u{202e}".into());
    let list = console.run(["csr", "list"]).worked();
    assert!(list.contains("damaged") && list.contains(r"unknown variant `\u{1b}\u{a}\u{202e}`"), "{list}");
}

#[test]
fn files_for_other_programs_are_written_byte_for_byte() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let pem = browser.get_once("/csrs/nas/download").body;
    assert_eq!(console.run(["csr", "export", "nas"]).out, pem);
    assert_eq!(console.run(["csr", "export", "nas", "--der"]).out, der(&pem));
    assert!(console.run(["csr", "show", "nas"]).out.ends_with(&pem));
}
