//! Devices without systemd: the scripts that `signet install --init` puts there do a first boot, a recovery and a stop, the setup
//! code is on the console and in no log, and what is installed is what the reference says.

use crate::harness::browser::Browser;
use crate::harness::busybox::{Device, GROUP, Image, USER, image};
use crate::harness::console::{PASSWORD, run};
use crate::harness::origin::Origin;
use crate::harness::reference::{agree, code, table};
use crate::harness::wizard;
use signet_testing::free_port;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

const INITS: [&str; 3] = ["busybox", "procd", "runit"];

/// A code as it is printed.
fn code_in(text: &str) -> Option<String> {
    let is_code = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        let is_group =
            |group: &&str| group.len() == 4 && group.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        groups.len() == 4 && groups.iter().all(is_group)
    };
    text.split_whitespace().find(is_code).map(str::to_owned)
}

/// The console of a device, by the fingerprint that it tells root.
fn origin(device: &mut Device, port: u16) -> Origin {
    device.until("signet --json console show 2> /dev/null | grep -q '\"serving\":{'");
    let shown: serde_json::Value = serde_json::from_str(&device.works("signet --json console show")).unwrap();
    let hex = shown["serving"]["certificate_sha256"].as_str().unwrap();
    let fingerprint = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    Origin { address: ([127, 0, 0, 1], port).into(), fingerprint, proxied: None }
}

/// First boot by the code on the console, to a saved request.
fn first_boot(device: &mut Device, port: u16) -> Browser {
    let origin = origin(device, port);
    // It is shown a moment after the console says that it runs.
    device.until("[ -e /var/lib/signet/factory/setup.json ]");
    let code = code_in(&device.shown()).unwrap_or_else(|| panic!("no code is shown: {}", device.shown()));
    let mut browser = Browser::new(origin);
    let form = browser.get("/").form("/setup").set("setup_code", &code);
    let form = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
    browser.send(form).expect(200, "Certificate Signing Requests");
    wizard::make(&mut browser, "nas", "https-ecc");
    let request = browser.get_once("/csrs/nas/download");
    assert!(request.body.starts_with(b"-----BEGIN CERTIFICATE REQUEST-----"));
    browser
}

/// Every console of the device is its user's, without rights of root.
fn is_users(device: &mut Device) {
    let status = device.works("cat /proc/$(head -n 1 /var/lib/signet/serve.lock | tr -d ' ')/status");
    let line = |label: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
        found.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("Uid:"), vec![USER.to_string(); 4]);
    assert_eq!(line("Gid:"), vec![GROUP.to_string(); 4]);
    assert!(line("Groups:").is_empty() && line("CapEff:") == ["0000000000000000"], "{status}");
    let data = device.image().at("var/lib/signet");
    for entry in std::fs::read_dir(&data).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().uid(), USER, "{:?}", entry.path());
    }
}

fn provisioned(image: &Image) {
    image.write(
        "etc/signet/unit.env",
        "# from the board\nSIGNET_SERIAL=NX4-24-0017\nSIGNET_MODEL=Vault 4\nSIGNET_HOSTNAME=\"vault\"",
    );
}

#[test]
fn busybox_does_first_boot_recovery_and_stop_by_its_script() {
    let Some(image) = image() else { return };
    let port = free_port();
    // The image says by itself what starts its services.
    image.install(&["--port", &port.to_string()]);
    provisioned(&image);
    let mut device = image.boot();
    device.works("syslogd -O /var/log/messages");
    assert_eq!(device.run("/etc/init.d/S80signet status").1, 3);
    let said = device.works("/etc/init.d/S80signet start");
    assert_eq!(code_in(&said), None, "{said}");
    let mut browser = first_boot(&mut device, port);
    is_users(&mut device);
    device.works("/etc/init.d/S80signet status");
    let unit: serde_json::Value = serde_json::from_str(&device.image().read("var/lib/signet/device.json")).unwrap();
    assert_eq!(
        (&unit["serial"], &unit["model"], &unit["hostname"]),
        (&"NX4-24-0017".into(), &"Vault 4".into(), &"vault".into())
    );

    // A console that is killed comes back, and a second start starts nothing twice.
    device.works("kill -9 $(head -n 1 /var/lib/signet/serve.lock)");
    device.until("signet --json console show | grep -q '\"running\":true'");
    device.works("/etc/init.d/S80signet start");
    assert_eq!(device.works("pidof signet").split_whitespace().count(), 2, "console and watch");
    browser.get("/login").expect(200, "Log in");

    // The reset button.
    device.works("touch /run/signet-recovery/factory-reset");
    device.until("[ ! -e /run/signet-recovery/factory-reset ]");
    device.until("signet --json console show | grep -q '\"running\":true'");
    assert!(device.image().read("var/lib/signet/audit.log").contains("factory-reset"));
    let origin = origin(&mut device, port);
    let mut browser = Browser::new(origin);
    browser.get("/").expect(200, "Set up this console");

    device.works("/etc/init.d/S80signet restart");
    self::origin(&mut device, port);
    device.works("/etc/init.d/S80signet stop");
    assert_eq!(device.run("pidof signet").1, 1, "nothing is left");
    assert_eq!(device.run("/etc/init.d/S80signet status").1, 3);
    let log = device.image().read("var/log/messages");
    assert!(log.contains("signet-console: URL:") && log.contains("Setup code:"), "{log}");
    assert_eq!(code_in(&log), None, "the log has no code");
}

#[test]
fn a_unix_socket_and_a_serial_line_are_as_the_configuration_of_the_scripts_says() {
    let Some(image) = image() else { return };
    image.install(&["--init", "busybox", "--port", "none"]);
    let conf = image.read("etc/signet/service.conf");
    assert!(conf.contains("\nsocket_group=www-data\n"), "{conf}");
    image.write("etc/signet/service.conf", &conf.replace("\nsetup_code=\n", "\nsetup_code=/run/code\n"));
    let mut device = image.boot();
    device.works("/etc/init.d/S80signet start");
    device.until("[ -S /run/signet/signet.sock ]");
    device.until("[ -s /run/code ]");
    assert_eq!(device.works("stat -c '%U:%G %a' /run/signet/signet.sock").trim(), "root:www-data 660");
    assert_eq!(device.works("stat -c '%U %a' /run/code").trim(), "root 600");
    assert!(code_in(&device.works("cat /run/code")).is_some());
    assert_eq!(code_in(&device.shown()), None);
    device.works("/etc/init.d/S80signet stop");
}

/// The functions of procd that the script calls, as OpenWrt's `/etc/rc.common` and `/lib/functions/procd.sh` have them.
const PROCD: &str = r#"#!/bin/sh
initscript=$1
action=${2:-help}
procd_open_instance() { name=$1 command= respawn=; }
procd_set_param() {
    what=$1
    shift
    echo "$name $what $*" >> /run/procd
    [ "$what" != command ] || "$@" > /run/procd.$name 2>&1 &
}
procd_close_instance() { echo "$name closed" >> /run/procd; }
procd_send_signal() { echo "signal $*" >> /run/procd; }
. "$initscript"
case $action in
    start) start_service ;;
    reload) reload_service ;;
    *) echo "$START $STOP $USE_PROCD" ;;
esac
"#;

#[test]
fn procd_is_told_of_two_instances_that_are_started_again_for_ever() {
    let Some(image) = image() else { return };
    let port = free_port();
    image.write("sbin/procd", "");
    image.install(&["--port", &port.to_string()]);
    provisioned(&image);
    image.write("etc/rc.common", PROCD);
    let mut device = image.boot();
    device.works("chmod 755 /etc/rc.common");
    assert_eq!(device.works("/etc/init.d/signet").trim(), "95 10 1");
    device.works("/etc/init.d/signet start > /run/started 2>&1");
    first_boot(&mut device, port);
    is_users(&mut device);
    device.works("/etc/init.d/signet reload");
    let told = device.works("cat /run/procd");
    for line in [
        "console command /usr/bin/signet --data /var/lib/signet serve --user signet",
        "console respawn 3600 2 0",
        "console closed",
        "watch command /usr/bin/signet --data /var/lib/signet watch",
        "watch respawn 3600 2 0",
        "watch closed",
        "signal signet console HUP",
    ] {
        assert!(told.lines().any(|one| one == line), "{line}: {told}");
    }
    assert_eq!(code_in(&device.works("cat /run/started /run/procd.console /run/procd.watch")), None);
}

#[test]
fn runit_runs_the_console_as_its_user_and_the_log_goes_to_syslog() {
    let Some(image) = image() else { return };
    let port = free_port();
    image.install(&["--init", "runit", "--port", &port.to_string()]);
    let mut device = image.boot();
    device.works("syslogd -O /var/log/messages");
    device.works("(/etc/sv/signet/run | /etc/sv/signet/log/run) < /dev/null > /dev/null 2>&1 &");
    // Without a serial number the console itself makes a code.
    first_boot(&mut device, port);
    is_users(&mut device);
    device.works("/etc/sv/signet-watch/run < /dev/null > /run/watched 2>&1 &");
    device.works("touch /run/signet-recovery/lockout");
    device.until("[ ! -e /run/signet-recovery/lockout ]");
    device.until("grep -q 'signet: URL:' /var/log/messages");
    assert_eq!(code_in(&device.works("cat /var/log/messages /run/watched")), None);
}

#[test]
fn a_device_without_the_user_is_told_and_starts_nothing() {
    let Some(image) = image() else { return };
    image.install(&["--init", "busybox"]);
    image.write("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    let mut device = image.boot();
    let (said, code) = device.run("/etc/init.d/S80signet start 2>&1");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("there is no user signet in /etc/passwd"), "{said}");
    assert_eq!(device.run("pidof signet").1, 1);
}

fn installed(init: &str) -> (tempfile::TempDir, Vec<(String, String)>) {
    let root = tempfile::tempdir().unwrap();
    let mut install = Command::new(env!("CARGO_BIN_EXE_signet"));
    let ran = run(install.args(["install", "--json", "--init", init, "--root"]).arg(root.path()), b"");
    let printed: serde_json::Value = serde_json::from_str(&ran.worked()).unwrap();
    let shown = root.path().to_str().unwrap();
    let paths = printed.as_array().unwrap().iter().map(|one| {
        let path = one["path"].as_str().unwrap().strip_prefix(shown).unwrap();
        (path.to_owned(), one["mode"].as_str().unwrap().to_owned())
    });
    let paths = paths.filter(|(path, _)| !root.path().join(&path[1..]).is_dir() || path.contains("/service/"));
    let paths = paths.collect();
    (root, paths)
}

#[test]
fn every_file_of_the_other_inits_is_documented_and_no_other() {
    let shared: BTreeSet<String> = table("Firmware image").iter().map(|row| code(&row[0])).collect();
    let mut found = BTreeSet::new();
    for init in INITS {
        let (_root, paths) = installed(init);
        assert!(paths.iter().all(|(path, _)| !path.contains("systemd") && !path.contains("sysusers")), "{paths:?}");
        let own = paths.into_iter().filter(|(path, _)| !shared.contains(path) && !path.starts_with("/usr/share/man/"));
        found.extend(own.map(|(path, mode)| format!("{init} {path} {mode}")));
    }
    let documented = table("Firmware image without systemd");
    let documented = documented.into_iter().flat_map(|row| {
        let inits = if row[2] == "all" { INITS.map(str::to_owned).to_vec() } else { vec![code(&row[2])] };
        inits.into_iter().map(move |init| format!("{init} {} {}", code(&row[0]), row[1]))
    });
    agree("Firmware image without systemd", found, documented);
}

fn shellcheck(script: &Path) {
    let checked = run(Command::new("shellcheck").args(["-x", "-e", "SC1091"]).arg(script), b"");
    assert_eq!(checked.code, 0, "{}: {}", script.display(), String::from_utf8_lossy(&checked.out));
}

#[test]
fn shellcheck_finds_nothing_wrong_with_any_script() {
    let has = Command::new("shellcheck").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if has.is_err() {
        return signet_testing::skip("there is no shellcheck here");
    }
    let mut scripts = Vec::new();
    for init in INITS {
        let (root, paths) = installed(init);
        for (path, mode) in paths {
            let path = root.path().join(&path[1..]);
            if (mode == "0755" && !path.ends_with("signet"))
                || path.ends_with("init.d/signet")
                || path.ends_with("service.conf")
            {
                shellcheck(&path);
                scripts.push(path);
            }
        }
    }
    assert!(scripts.len() > 9, "{scripts:?}");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    shellcheck(&tests.join("boot"));
    let parts = std::fs::read_dir(tests.join("boot.d")).unwrap().map(|entry| entry.unwrap().path());
    let parts: Vec<_> = parts.filter(|path| path.is_file()).collect();
    parts.iter().for_each(|path| shellcheck(path));
    assert!(parts.len() > 7, "{parts:?}");
}

/// The keys of a table, and of those in it.
fn dotted(before: &str, table: &toml::Table, keys: &mut Vec<String>) {
    for (name, value) in table {
        match value {
            toml::Value::Table(inner) => dotted(&format!("{before}{name}."), inner, keys),
            _ => keys.push(format!("{before}{name}")),
        }
    }
}

#[test]
fn the_shipped_configuration_has_every_key_of_the_reference() {
    let text = include_str!("../../systemd/signet.toml");
    let spoken: String = text
        .lines()
        .map(|line| {
            line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') && rest.contains(" = ")).unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let parsed: toml::Table = toml::from_str(&spoken).unwrap();
    let mut keys = Vec::new();
    dotted("", &parsed, &mut keys);
    agree("`signet.toml`, as it is shipped", keys, table("`signet.toml`").iter().map(|row| code(&row[0])));
    let defaults = table("`signet.toml`");
    for row in defaults {
        let (key, default) = (code(&row[0]), code(&row[2]));
        let value = key.split('.').skip(1).fold(&parsed[key.split('.').next().unwrap()], |table, key| &table[key]);
        // The default of `listen` is the command's.
        let default = if key == "listen" { "[\"127.0.0.1:8443\"]".to_owned() } else { default };
        let default = if default.starts_with('/') { format!("\"{default}\"") } else { default };
        let expected: toml::Table = toml::from_str(&format!("value = {default}\n")).unwrap();
        assert_eq!(*value, expected["value"], "{key}");
    }
}
