//! What `signet-enroll.service` allows is enough for orders by DNS: by signed updates, and by a hook that it runs. Without systemd: the
//! process's own calls are held against the lines of the unit.

use crate::enroll_dns::{Device, is_root, nothing_is_left, servers};
use crate::harness::strace;
use crate::systemd::{filter, has};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

const UNIT: &str = include_str!("../../systemd/signet-enroll.service");

/// The words of a line of the unit.
fn words(key: &str) -> Vec<&'static str> {
    let mut lines = UNIT.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.next().unwrap_or_else(|| panic!("the unit has no {key}")).split(' ').collect()
}

#[test]
fn orders_by_updates_and_by_a_hook_make_no_call_that_their_unit_refuses() {
    if !is_root() || !has("systemd-analyze") || !strace::can_trace() {
        return;
    }
    let (bind, pebble) = servers(None);
    let device = Device::new();
    device.add_dns(&pebble, &bind, &["--challenge=dns-01"]);
    device.create("nas", &["*.one.test", "alias.one.test"]);
    // It ends well, so the order goes on to the CA, which finds no record.
    device.hook("echo \"$1 $SIGNET_VALUE\" | cat > /dev/null");
    let root = pebble.root();
    let hooked = ["--challenge=dns-01", "--dns-hook=test", "--agree-terms", "--root", root.to_str().unwrap()];
    device.run(&[&["ca", "add", "hooked", "--acme", &pebble.url], &hooked[..]].concat()).worked();
    device.create("hooked", &["nas.two.test"]);
    for (name, ca) in [("nas", "pebble"), ("hooked", "hooked")] {
        device.run(&["csr", "enroll", name, "--ca", ca, "--no-wait"]).worked();
    }
    let log = device.data().with_file_name("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log).arg(env!("CARGO_BIN_EXE_signet")).arg("--data").arg(device.data());
    command.args(["enroll", "--pending", "--once"]).env("SIGNET_ENROLL_CONFIG", &device.hooks);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(75), "one order is left");
    assert_eq!(device.status("nas")["state"], "kept");
    assert_eq!(device.status("hooked")["code"], "wrong_response", "its hook ended well");
    nothing_is_left(&device.data());

    let traced = std::fs::read_to_string(&log).unwrap();
    let calls = || traced.lines().filter_map(|line| line.split_whitespace().nth(1)?.split_once('('));
    let names: BTreeSet<&str> = calls().map(|(name, _)| name).collect();
    for seen in ["execve", "setpgid", "kill", "waitid", "connect", "renameat"] {
        assert!(names.contains(seen), "{seen} is not in {names:?}");
    }
    let allowed = filter(UNIT);
    let refused: Vec<&&str> = names.iter().filter(|call| !allowed.contains(**call)).collect();
    assert!(refused.is_empty(), "{refused:?}");
    // Nothing is bound (SocketBindDeny=any), and only these families are called.
    assert!(words("SocketBindDeny") == ["any"] && !names.contains("bind"));
    let families = words("RestrictAddressFamilies");
    for (_, socket) in calls().filter(|(name, _)| *name == "socket" || *name == "socketpair") {
        assert!(families.iter().any(|family| socket.starts_with(&format!("{family},"))), "{socket}");
    }
    // Memory that can be written and run (MemoryDenyWriteExecute=true).
    assert_eq!(words("MemoryDenyWriteExecute"), ["true"]);
    assert!(!traced.lines().any(|line| line.contains("PROT_WRITE|PROT_EXEC")));
}
