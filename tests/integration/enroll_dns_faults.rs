//! What can be wrong with dns-01, one row each: what the command, the status and the page say, and that no record and no note of
//! one is left. The same table is in docs/enrollment.md.

use crate::enroll_dns::{Device, OTHERS, is_root, nothing_is_left, servers};
use crate::enroll_faults::fits;
use crate::harness::console::Console;
use crate::harness::faketime;
use signet_testing::bind::{Bind, KEY, POWERLESS, secondary};
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings};
use std::os::unix::fs::PermissionsExt;

/// One way to fail.
#[derive(Clone, Copy)]
struct Row {
    /// What is wrong.
    fault: &'static str,
    code: &'static str,
    exit: i32,
    /// What is said; `…` stands for any text.
    says: &'static str,
    /// What to do.
    remedy: &'static str,
    /// Without a person.
    again: bool,
    /// What is ordered.
    name: &'static str,
    /// The clock of the process, as faketime(1) writes it.
    clock: &'static str,
    set: fn(&Place),
}

/// A row's usual rest.
const ROW: Row = Row {
    fault: "",
    code: "",
    exit: 78,
    says: "",
    remedy: "",
    again: false,
    name: "nas.one.test",
    clock: "",
    set: |_| {},
};

/// Two minutes in eight seconds.
const FAST: &str = "+0 x15";

/// A device whose authority has dns-01, and both servers.
struct Place {
    device: Device,
    bind: Bind,
    _pebble: Pebble,
}

impl Place {
    fn with(bind: Bind, pebble: Pebble) -> Self {
        let device = Device::new();
        device.add_dns(&pebble, &bind, &["--challenge=dns-01"]);
        Self { device, bind, _pebble: pebble }
    }

    fn new() -> Self {
        let (bind, pebble) = servers(None);
        Self::with(bind, pebble)
    }

    fn change(&self, words: &[&str]) {
        self.device.run(&[&["ca", "change", "pebble"], words].concat()).worked();
    }

    /// The settings that are right.
    fn mend(&self) {
        let (address, secret) = (self.bind.address(), self.bind.secret(KEY));
        let [name, algorithm, _] = KEY;
        self.change(&["--dns-server", &address, "--dns-zone=", "--tsig-name", name, "--tsig-algorithm", algorithm]);
        self.change(&["--tsig-secret-file", secret.to_str().unwrap()]);
    }

    /// A text as it is where root's file has its usual place, and the data directory is the usual one.
    fn plain(&self, text: &str) -> String {
        let hooks = text.replace(self.device.hooks.to_str().unwrap(), "/etc/signet/enroll.toml");
        hooks.replace(&format!(" --data {}", self.device.data().display()), "")
    }

    /// Fails as the row says by command and in the status, and leaves nothing. False where its clock cannot be had.
    fn fails(&self, row: &Row, request: &str) -> bool {
        let Row { fault, code, .. } = *row;
        self.device.create(request, &[row.name]);
        (row.set)(self);
        let clock = if row.clock.is_empty() {
            Vec::new()
        } else {
            // A wait is as long as it is where only the date is wrong.
            let Some(clock) = faketime::variables(row.clock, row.clock == FAST) else { return false };
            clock
        };
        let ran = self.device.run_with(&["csr", "enroll", request, "--ca", "pebble", "--quiet"], &clock);
        let (what, remedy) = ran.refused_after_notes(row.exit);
        let [what, remedy] = [what, remedy].map(|text| self.plain(&text));
        let says = what.split(" The CA says: ").next().unwrap();
        assert!(fits(says, row.says), "{fault}: {says}");
        assert!(fits(&remedy, row.remedy), "{fault}: {remedy}");
        let said = self.device.status(request);
        assert_eq!((&said["state"], &said["code"]), (&"failed".into(), &code.into()), "{fault}: {said}");
        assert_eq!(said["next_try"].is_string(), row.again, "{fault}: {said}");
        nothing_is_left(&self.device.data());
        for (name, count) in [(OTHERS, 1), ("_acme-challenge.nas.one.test", 0), ("_acme-challenge.nas.two.test", 0)] {
            assert_eq!(self.bind.texts(name), count, "{fault}: {name}");
        }
        true
    }
}

/// Each row by command, then all of them in a browser.
fn all_of(place: &Place, rows: &[Row]) {
    let mut failed = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let request = format!("row-{number}");
        if place.fails(row, &request) {
            failed.push((request, row));
        }
        if !row.code.starts_with("hook_") {
            place.mend();
        }
    }
    assert!(!failed.is_empty(), "no row was tried");
    let hooks = place.device.hooks.to_str().unwrap();
    let console = Console::start_at_with(&place.device.data(), &[("SIGNET_ENROLL_CONFIG", hooks)]);
    let mut browser = console.set_up();
    for (request, row) in failed {
        let title = format!("Certificate from a CA: {request}");
        let page = browser.get(&format!("/csrs/{request}/enroll")).expect(200, &title).main();
        let page = place.plain(&page);
        // Commands in a remedy are marked by their type.
        let remedy = row.remedy.replace('`', "");
        for words in row.says.split('…').chain(remedy.split('…')) {
            assert!(page.contains(words.trim()), "{}: {words} is not in {page}", row.fault);
        }
    }
}

/// What is wrong with the settings, the zones or the key.
const SETTINGS: [Row; 9] = [
    Row {
        fault: "Nobody is at the DNS server's address",
        code: "dns_unreachable",
        exit: 69,
        says: "The DNS server … does not answer: Connection refused (os error 111).",
        remedy: "Check the DNS server's address (--dns-server), its port, and the firewall on the way (UDP and TCP 53).",
        again: true,
        set: |place| place.change(&["--dns-server", &format!("127.0.0.1:{}", free_port())]),
        ..ROW
    },
    Row {
        fault: "The server does not have the name's zone",
        code: "dns_zone",
        says: "The DNS server is not authoritative for _acme-challenge.….",
        remedy: "Enter the primary server of the zone as the DNS server (--dns-server), or add a CNAME record _acme-challenge that leads into a zone of that server.",
        name: "nas.three.test",
        ..ROW
    },
    Row {
        fault: "The name is below a cut: its zone is at another server",
        code: "dns_zone",
        says: "_acme-challenge.… is in the zone …, which this DNS server has delegated to another one.",
        remedy: "Enter the primary server of that zone as the DNS server (--dns-server), or add a CNAME record _acme-challenge that leads into a zone of this server.",
        name: "nas.sub.one.test",
        ..ROW
    },
    Row {
        fault: "The name is in another zone than the settings allow",
        code: "dns_zone",
        says: "_acme-challenge.… is in the zone …, not in ….",
        remedy: "Change the zone (--dns-zone), or leave it empty: the server says which zone a name is in.",
        set: |place| place.change(&["--dns-zone=two.test"]),
        ..ROW
    },
    Row {
        fault: "The server's policy refuses the update",
        code: "dns_refused",
        says: "The DNS server refuses the update.",
        remedy: "Let the server's policy allow this TSIG key to change TXT records of _acme-challenge names (BIND: update-policy).",
        set: |place| {
            let secret = place.bind.secret(POWERLESS);
            let key = ["--tsig-name", POWERLESS[0], "--tsig-algorithm", POWERLESS[1], "--tsig-secret-file"];
            place.change(&[&key[..], &[secret.to_str().unwrap()]].concat());
        },
        ..ROW
    },
    Row {
        fault: "The server does not know the TSIG key",
        code: "tsig_key",
        says: "The DNS server does not know the TSIG key, or not with this algorithm (BADKEY).",
        remedy: "Compare the name (--tsig-name) and the algorithm (--tsig-algorithm) with the key on the DNS server.",
        set: |place| place.change(&["--tsig-name=unknown"]),
        ..ROW
    },
    Row {
        fault: "It knows the key by another algorithm",
        code: "tsig_key",
        says: "The DNS server does not know the TSIG key, or not with this algorithm (BADKEY).",
        remedy: "Compare the name (--tsig-name) and the algorithm (--tsig-algorithm) with the key on the DNS server.",
        set: |place| place.change(&["--tsig-algorithm=hmac-sha384"]),
        ..ROW
    },
    Row {
        fault: "It knows the key by another secret",
        code: "tsig_signature",
        says: "The DNS server rejects the TSIG signature (BADSIG).",
        remedy: "Give the key's secret again (--tsig-secret-file): it differs from the one on the DNS server.",
        set: |place| place.change(&["--tsig-secret-file", place.bind.secret(POWERLESS).to_str().unwrap()]),
        ..ROW
    },
    Row {
        fault: "The clocks differ by more than five minutes",
        code: "tsig_time",
        exit: 65,
        says: "The clocks of this device and of the DNS server differ by … seconds (BADTIME).",
        remedy: "Set the clock of this device, or that of the DNS server; five minutes are allowed. It is tried again automatically.",
        again: true,
        clock: "+1h",
        ..ROW
    },
];

/// A server of the zone that does not follow the primary one.
const SHOWN: Row = Row { exit: 65, again: true, name: "nas.two.test", clock: FAST, ..ROW };

const NEVER: Row = Row {
    fault: "A server of the zone never shows the record",
    code: "dns_not_shown",
    says: "The DNS server … does not show the record _acme-challenge.….",
    remedy: "Check that the server gets the zone's changes from the primary one. It is tried again automatically.",
    ..SHOWN
};

const OLD: Row = Row {
    fault: "A server of the zone shows an old record",
    code: "dns_old_record",
    says: "The DNS server … still shows an old record _acme-challenge.….",
    remedy: "Check that the server gets the zone's changes from the primary one, and remove records that nobody needs. It is tried again automatically.",
    ..SHOWN
};

/// The CA has a DNS of its own, in which nothing is set.
const UNSEEN: Row = Row {
    fault: "The CA asks other DNS servers, which do not have the record",
    code: "wrong_response",
    exit: 65,
    says: "The CA does not see the TXT record of its check for ….",
    remedy: "Check that the servers that the CA asks are those of the zone that the record was set in, and that they all have its changes.",
    again: true,
    ..ROW
};

/// What root's program does, or could be made to do.
const HOOKS: [Row; 6] = [
    Row {
        fault: "Root has not set the hook up",
        code: "hook_unknown",
        says: "The hook … is not set up on this device.",
        remedy: "Root adds it in /etc/signet/enroll.toml: [hooks], … = \"/path/of/the/program\".",
        set: |place| std::fs::write(&place.device.hooks, "[hooks]\n").unwrap(),
        ..ROW
    },
    Row {
        fault: "`enroll.toml` is wrong",
        code: "hook_settings",
        says: "/etc/signet/enroll.toml is wrong in line 1: unknown field `hook`, expected `notify` or `hooks`.",
        remedy: "Correct that line. It has [hooks] with a path for each name.",
        set: |place| std::fs::write(&place.device.hooks, "[hook]\n").unwrap(),
        ..ROW
    },
    Row {
        fault: "Others can write to the hook",
        code: "hook_untrusted",
        says: "… cannot be trusted: other users than its owner can write to it (mode …). The hook is not run.",
        remedy: "Make root its owner, let nobody else write to it, and name it by a path without links.",
        set: |place| permit(&place.device.hook("exit 0"), 0o757),
        ..ROW
    },
    Row {
        fault: "Others can write to `enroll.toml`",
        code: "hook_untrusted",
        says: "/etc/signet/enroll.toml cannot be trusted: other users than its owner can write to it (mode …). The hook is not run.",
        remedy: "Make root its owner, let nobody else write to it, and name it by a path without links.",
        set: |place| {
            place.device.hook("exit 0");
            permit(&place.device.hooks, 0o666);
        },
        ..ROW
    },
    Row {
        fault: "The hook fails, and prints a secret",
        code: "hook_failed",
        exit: 65,
        says: "The hook … ended `present` with exit status: 3.",
        remedy: "Run it by hand to see why: what it prints is not shown here. It is tried again automatically.",
        again: true,
        set: |place| {
            place.device.hook("echo top-secret; echo top-secret >&2; [ $1 = cleanup ] || exit 3");
        },
        ..ROW
    },
    Row {
        fault: "The hook hangs",
        code: "hook_time",
        exit: 65,
        says: "The hook … took longer than 60 seconds for `present` and was ended.",
        remedy: "Run it by hand to see why: what it prints is not shown here. It is tried again automatically.",
        again: true,
        clock: FAST,
        set: |place| {
            place.device.hook("[ $1 = cleanup ] || sleep 1000");
        },
        ..ROW
    },
];

fn permit(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn wrong_settings_zones_and_keys_are_told_by_command_and_on_the_page() {
    all_of(&Place::new(), &SETTINGS);
}

#[test]
fn servers_of_the_zone_that_show_nothing_or_something_old_are_told() {
    for (row, address, text) in [(NEVER, "127.53.71.4", None), (OLD, "127.53.71.5", Some("old"))] {
        if !secondary(address, move || text.map(str::to_owned)) {
            return signet_testing::skip("port 53 cannot be listened on");
        }
        let bind = Bind::start_with(&format!("@ NS slow\nslow A {address}\n"));
        let pebble = Pebble::start(Settings { dns_port: Some(bind.port), ..Settings::default() });
        all_of(&Place::with(bind, pebble), &[row]);
    }
}

#[test]
fn a_ca_that_does_not_see_the_record_is_told_by_how_it_looks() {
    all_of(&Place::with(Bind::start(), Pebble::start(Settings::default())), &[UNSEEN]);
}

#[test]
fn hooks_that_fail_hang_or_could_be_somebody_elses_are_told() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    place.change(&["--dns-hook=test"]);
    all_of(&place, &HOOKS);
    let log = place.device.run(&["audit", "--json"]).worked();
    let files = ["orders", "done", "taken"].map(|room| place.device.data().join("enroll").join(room));
    for entry in files.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten() {
        assert!(!std::fs::read_to_string(entry.unwrap().path()).unwrap().contains("top-secret"));
    }
    assert!(log.contains("hook_failed") && !log.contains("top-secret"), "{log}");
}

#[test]
fn a_record_that_could_not_be_removed_is_tried_again_every_quarter_of_an_hour_for_a_week() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let device = &place.device;
    place.change(&["--dns-hook=test"]);
    let log = device.data().with_file_name("log");
    let script = |cleanup: &str| format!("echo $1 >> {}; [ $1 = present ] || exit {cleanup}", log.display());
    let tried = || std::fs::read_to_string(&log).unwrap().lines().filter(|line| *line == "cleanup").count();
    let notes = || std::fs::read_dir(device.data().join("enroll/challenges")).unwrap().count();
    // The enrolling process, so much later.
    let later = |clock: &str| {
        let Some(clock) = faketime::variables(clock, false) else { return false };
        device.run_with(&["enroll", "--pending", "--once"], &clock);
        true
    };
    for (name, last, clock) in [("healed", "0", "+33m"), ("given-up", "1", "+8d")] {
        let _ = std::fs::remove_file(&log);
        device.hook(&script("1"));
        device.create(name, &["nas.one.test"]);
        device.run(&["csr", "enroll", name, "--ca", "pebble", "--quiet"]).refused(65);
        device.run(&["csr", "enroll", name, "--cancel"]).worked();
        let at_first = tried();
        assert!(notes() == 1 && at_first > 0, "{name}");
        if !later("+5m") {
            return;
        }
        assert_eq!((notes(), tried()), (1, at_first), "{name}: too early");
        later("+17m");
        assert_eq!((notes(), tried()), (1, at_first + 1), "{name}: once more");
        device.hook(&script(last));
        later(clock);
        assert_eq!((notes(), tried()), (0, at_first + 2), "{name}: at last");
    }
}

#[test]
fn the_table_in_the_documentation_is_the_one_that_is_tested() {
    let text = include_str!("../../docs/enrollment.md");
    for row in [&SETTINGS[..], &[NEVER, OLD, UNSEEN], &HOOKS].concat() {
        let again = if row.again { "yes" } else { "no" };
        let line = format!("| {} | `{}` | {} | {} | {again} |\n", row.fault, row.code, row.says, row.remedy);
        assert!(text.contains(&line), "docs/enrollment.md lacks this line:\n{line}");
    }
}
