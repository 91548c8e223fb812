//! The owner by command: root sets the password, the first one and another one, as text or as a hash that another login keeps.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::unprivileged::{Unprivileged, is_root};
use std::path::Path;
use std::process::{Command, Stdio};

const LIST: &str = "Certificate Signing Requests";
const ONE: &str = "a few unrelated words";
const OTHER: &str = "some other unrelated words";

fn set(data: &Path, arguments: &[&str], input: &str) -> Ran {
    run(signet(data).args(["owner", "set"]).args(arguments), input.as_bytes())
}

fn opens(browser: &mut Browser, password: &str) -> bool {
    let form = browser.get("/login").form("/login").set("password", password).enter();
    browser.send(form).title() == LIST
}

/// The last line of the log.
fn logged(data: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(data.join("audit.log")).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// Argon2id by the reference implementation.
fn argon2(password: &str, costs: &str) -> String {
    let line = format!("sixteen-bytes-or -id -v 13 -e {costs}");
    let mut command = Command::new("argon2");
    let command = command.args(line.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the package argon2, which tests/run installs");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), password.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn root_sets_the_first_password_and_another_one_which_ends_all_sessions() {
    if !is_root() {
        return signet_testing::skip("only root sets an owner without the setup code");
    }
    let console = Console::first_boot();
    let data = console.data();
    let said = set(&data, &["--password-stdin", "--dry-run"], ONE).worked();
    assert!(said.contains("would be set") && !data.join("owner.json").exists(), "{said}");
    set(&data, &["--password-stdin"], &format!("{ONE}\nsecond line\n")).worked();
    assert_eq!((&logged(&data)["what"], &logged(&data)["detail"]), (&"owner".into(), &"first".into()));
    let mut owner = console.browser();
    assert!(opens(&mut owner, ONE), "a running console uses it at once");
    for (input, rule) in [("short", "at least 12"), ("", "is empty"), ("passwordpassword", "most common")] {
        let refused = set(&data, &["--password-stdin"], input);
        assert!(refused.err.contains(rule), "{}", refused.err);
        assert_eq!(refused.code, 65, "{}", refused.err);
    }
    owner.get("/csrs").expect(200, LIST);
    let said = set(&data, &["--password-stdin"], OTHER).worked();
    assert!(said.contains("All sessions"), "{said}");
    let line = logged(&data);
    assert_eq!((&line["what"], line.get("detail")), (&"owner".into(), None));
    owner.get("/csrs").expect(200, "Log in");
    assert!(!opens(&mut owner, ONE) && opens(&mut owner, OTHER));
}

#[test]
fn a_hash_of_another_login_opens_the_console_and_costs_are_bounded() {
    if !is_root() {
        return signet_testing::skip("only root sets an owner without the setup code");
    }
    let console = Console::first_boot();
    let data = console.data();
    for (costs, rule) in [
        ("-k 65536 -t 3 -p 4", "memory (m, KiB) must be from 7168 to 19456"),
        ("-k 4096 -t 3 -p 1", "memory (m, KiB) must be from"),
        ("-k 8192 -t 1 -p 1", "Memory times passes must be 35840 or more"),
        ("-k 19456 -t 17 -p 1", "passes (t) must be from 1 to 16"),
        ("-k 19456 -t 2 -p 1 -l 64", "hash, in bytes, must be from 16 to 32"),
    ] {
        let (what, fix) = set(&data, &["--hash-stdin"], &argon2(ONE, costs)).refused(65);
        assert!(what.starts_with("--hash-stdin: ") && what.contains(rule), "{costs}: {what}");
        assert!(fix.contains("Argon2id"), "{fix}");
    }
    let other = argon2(ONE, "-k 19456 -t 2 -p 1").replace("argon2id", "argon2i");
    set(&data, &["--hash-stdin"], &other).refused(65);
    set(&data, &["--hash-stdin"], "$6$salt$hash\n").refused(65);
    assert!(!data.join("owner.json").exists());
    set(&data, &["--hash-stdin"], &argon2(ONE, "-k 12288 -t 3 -p 2")).worked();
    assert_eq!(logged(&data)["detail"], "first, from a hash");
    let mut owner = console.browser();
    assert!(!opens(&mut owner, OTHER) && opens(&mut owner, ONE));
}

#[test]
fn whoever_is_not_root_needs_the_code_and_sets_the_first_password_only() {
    let user = Unprivileged::new();
    let (data, code) = (user.at("data"), user.at("code"));
    let text = code.to_str().unwrap();
    // A first start whose port is taken later: the code is made once the console can serve.
    let console = Console::first_boot();
    let copied = Command::new("cp").arg("-a").arg(console.data()).arg(&data).status().unwrap();
    assert!(copied.success());
    std::fs::write(&code, console.said("Setup code")).unwrap();
    user.owns(&data);
    user.owns(&code);
    let set = |arguments: &[&str], input: &str| {
        run(user.signet(&data).args(["owner", "set", "--password-stdin"]).args(arguments), input.as_bytes())
    };
    assert!(set(&[], ONE).refused(64).0.contains("root or the setup code"));
    std::fs::write(user.at("wrong"), "AAAA-BBBB-CCCC-DDDD").unwrap();
    user.owns(&user.at("wrong"));
    assert!(set(&["--code-file", user.at("wrong").to_str().unwrap()], ONE).refused(65).0.contains("setup code"));
    assert!(set(&["--code-file", "-"], ONE).refused(64).0.contains("standard input"));
    assert!(!data.join("owner.json").exists());
    set(&["--code-file", text], ONE).worked();
    set(&["--code-file", text], OTHER).refused(79);
}
