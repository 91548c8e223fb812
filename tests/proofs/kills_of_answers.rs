//! `csr answer` killed before every system call: afterwards the CSR is unanswered or answered, never half, and request and
//! key are what they were.

use crate::kills_of_commands::calls_of;
use crate::strace::{allowed, under};
use crate::unit::Unit;
use std::process::Command;

/// The answer of a CA to a request: the certificate and the CA's own.
pub fn answer_to(unit: &Unit, request: &str, days: u32) -> String {
    let [key, ca, leaf, out] = ["ca.key", "ca.crt", "leaf.crt", &format!("answer-{days}.pem")]
        .map(|name| unit.beside(name).to_str().unwrap().to_owned());
    let openssl = |arguments: &[&str]| {
        let made = Command::new("openssl").args(arguments).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl(
        &[&["req", "-x509", "-subj", "/CN=Home CA", "-days", "999", "-keyout", &key, "-out", &ca], &curve[..]].concat(),
    );
    let days = days.to_string();
    openssl(&[
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        &ca,
        "-CAkey",
        &key,
        "-set_serial",
        "7",
        "-days",
        &days,
        "-out",
        &leaf,
    ]);
    let both = [std::fs::read(leaf).unwrap(), std::fs::read(ca).unwrap()].concat();
    std::fs::write(&out, both).unwrap();
    out
}

/// Kills the answer everywhere over copies of one unit, whose CSR `one` is in this state before.
fn killed_everywhere(unit: &Unit, answer: &str) {
    let arguments = ["csr", "answer", "one", "--certificate", answer];
    let old = unit.files();
    let own = |file: &[u8]| {
        let text = String::from_utf8(file.to_vec()).unwrap();
        text.split("-----BEGIN SIGNET RECORD").next().unwrap().to_owned()
    };
    let wanted = std::fs::read_to_string(answer).unwrap();
    let mut seen = [0, 0];
    for (call, count) in calls_of(&unit.copy(), &arguments) {
        for number in 1..=count {
            let unit = unit.copy();
            let mut command = unit.command();
            command.args(arguments);
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let traced = under(&["-e", &format!("trace={call}"), "-e", &inject], &unit.beside("trace"), &command);
            let output = { traced }.output().unwrap();
            let when = format!("killed before {call} {number}");
            assert!(!output.status.success(), "{when}: it was not");
            // Every start sweeps; then the doctor looks, at the chain too.
            unit.is_whole(&when);
            let files = unit.files();
            assert_eq!(files.keys().collect::<Vec<_>>(), old.keys().collect::<Vec<_>>(), "{when}");
            assert_eq!(files["other.pem"], old["other.pem"], "{when}");
            assert_eq!(own(&files["one.pem"]), own(&old["one.pem"]), "{when}: request or key");
            let new = files["one.pem"] != old["one.pem"];
            if new {
                assert_eq!(unit.works(&["csr", "export", "one", "--chain"]), wanted, "{when}");
            }
            assert!(new || output.stdout.is_empty(), "{when}: it said that it was done");
            seen[usize::from(new)] += 1;
        }
    }
    println!("csr answer: killed at {} calls, old state {} times, new {}", seen[0] + seen[1], seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the kills did not reach both sides of the commit: {seen:?}");
}

#[test]
fn the_first_answer_and_one_that_takes_the_place_of_another() {
    if !allowed() {
        return;
    }
    let unit = Unit::with(&["other", "one"]);
    let request = unit.beside("one.csr");
    let request = request.to_str().unwrap();
    unit.works(&["csr", "export", "one", "--out", request]);
    let (first, second) = (answer_to(&unit, request, 90), answer_to(&unit, request, 190));
    killed_everywhere(&unit, &first);
    unit.works(&["csr", "answer", "--certificate", &first]);
    killed_everywhere(&unit, &second);
}
