//! The factory's accidents: each is told in a clear sentence, leaves nothing half made, and a run again completes.

use crate::harness::console::{run, signet};
use crate::harness::factory::{Station, is_the_unit_of, lines};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

#[test]
fn a_unit_is_made_from_a_command_with_manifest_and_label() {
    let station = Station::new();
    let (data, label) = (station.at("data"), station.at("label.svg"));
    let more = ["--serial", "NX4-00017", "--model", "Vault 4", "--hostname", "vault-17", "--mac", "02:00:5e:10:00:11"];
    let made = station.provision(&data, &[&more[..], &["--label", label.to_str().unwrap()]].concat());
    let printed = made.worked();
    let manifest = std::fs::read_to_string(station.at("manifest.jsonl")).unwrap();
    assert_eq!(printed, manifest, "what is printed is what the manifest has");
    let line = &lines(&station.at("manifest.jsonl"))[0];
    assert_eq!((&line["mac"], &line["hostname"]), (&"02:00:5e:10:00:11".into(), &"vault-17".into()));
    is_the_unit_of(&data, line);
    let svg = std::fs::read_to_string(&label).unwrap();
    let code = line["setup_code"].as_str().unwrap();
    assert!(svg.contains(code) && svg.contains("https://vault-17.local/") && svg.contains("NX4-00017"));
    for path in [&label, &station.at("manifest.jsonl")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    let text = |file: &str| std::fs::read_to_string(data.join(file)).unwrap();
    assert!(text("factory/setup.json").contains("$argon2id$") && !text("factory/setup.json").contains(code));
}

#[test]
fn sample_values_and_repeated_serials_are_refused() {
    let station = Station::new();
    let data = station.at("data");
    for (option, value) in [("--serial", "SN"), ("--serial", "123456"), ("--mac", "00:00:00:00:00:00")] {
        let serial = if option == "--serial" { vec![] } else { vec!["--serial", "NX4-1"] };
        let (what, _) =
            station.provision(&data, &[&serial[..], &[option, value, "--hostname", "v"]].concat()).refused(65);
        assert!(what.contains("is a sample value"), "{what}");
    }
    assert!(!data.exists());
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "v"]).worked();
    let (what, _) = station.provision(&data, &["--serial", "NX4-2", "--hostname", "v"]).refused(79);
    assert!(what.ends_with("is already provisioned, as serial NX4-1"), "{what}");
    let (what, fix) = station.provision(&station.at("other"), &["--serial", "nx4-1", "--hostname", "v"]).refused(79);
    assert!(what.ends_with("already has serial nx4-1, in line 1") && fix.contains("--again"), "{what} {fix}");
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "v", "--again"]).worked();
    let lines = lines(&station.at("manifest.jsonl"));
    assert_eq!(lines.len(), 2);
    is_the_unit_of(&data, &lines[1]);
}

#[test]
fn bad_lists_are_told_by_line_and_nothing_is_made() {
    let station = Station::new();
    let (list, out) = (station.at("units.csv"), station.at("out"));
    for (text, told) in [
        ("serial,model,mac\nA1,,\n", "line 1: the column hostname is missing."),
        ("serial,model,hostname,mac\nA1,,v1,\nA2,,v2,\nA1,,v3,\n", "line 4: serial \"A1\" is already in line 2."),
        ("serial,model,hostname,mac\nA1,,v1,\nA2,,v2,02:00\n", "line 3: mac: "),
        (
            "serial,model,hostname,mac\nA1,,v1,\nA2,,,\n",
            "line 3: requests: [[csr]] 1: The file uses {hostname}, and device A2 has none.",
        ),
    ] {
        std::fs::write(&list, text).unwrap();
        let (what, fix) = run(&mut station.batch(&list, &out), b"").refused(65);
        assert!(what.contains(told) && fix.ends_with('.'), "{what} / {fix}");
        assert!(!out.exists(), "{told}");
    }
}

#[test]
fn a_manifest_that_was_cut_is_told_and_the_run_completes() {
    let station = Station::new();
    let (list, out) = (station.list("units.csv", 3), station.at("out"));
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("manifest.jsonl"), b"{\"serial\":\"NX4-00001\",\"setup_code\":\"AB").unwrap();
    let ran = run(&mut station.batch(&list, &out), b"");
    assert!(ran.err.contains("last line of the manifest (1) was cut off"), "{}", ran.err);
    ran.worked();
    let lines = lines(&out.join("manifest.jsonl"));
    assert_eq!(lines.len(), 3);
    lines.iter().for_each(|line| is_the_unit_of(&out.join(line["serial"].as_str().unwrap()), line));
}

#[test]
fn two_stations_on_one_manifest_and_one_list_both_finish() {
    let station = Station::new();
    let (list, out) = (station.list("units.csv", 40), station.at("out"));
    let start = || station.batch(&list, &out).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let stations = [start(), start()];
    for other in stations {
        let output = other.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = lines(&out.join("manifest.jsonl"));
    assert_eq!(lines.len(), 40);
    lines.iter().for_each(|line| is_the_unit_of(&out.join(line["serial"].as_str().unwrap()), line));
}

#[test]
fn a_full_disk_stops_the_batch_and_room_lets_it_go_on() {
    let station = Station::new();
    let out = station.at("out");
    std::fs::create_dir(&out).unwrap();
    // Eleven files and folders a unit: the inodes are used up in the middle of the list.
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m,nr_inodes=420", "none"]).arg(&out).status();
    if !mounted.is_ok_and(|status| status.success()) {
        return signet_testing::skip("cannot mount a tmpfs here");
    }
    let list = station.list("units.csv", 60);
    let ran = run(&mut station.batch(&list, &out), b"");
    let made = ran.err.matches("no space is left").count();
    let (code, err) = (ran.code, ran.err);
    let resized = Command::new("mount").args(["-o", "remount,size=64m,nr_inodes=4000"]).arg(&out).status().unwrap();
    let again = run(&mut station.batch(&list, &out), b"");
    let lines = lines(&out.join("manifest.jsonl"));
    lines.iter().for_each(|line| is_the_unit_of(&out.join(line["serial"].as_str().unwrap()), line));
    let _ = Command::new("umount").arg("-l").arg(&out).status();
    assert_eq!(code, 83, "{err}");
    assert!(made >= 1 && err.contains("not started, because no space is left"), "{err}");
    assert!(resized.success());
    again.worked();
    assert_eq!(lines.len(), 60);
}

#[test]
fn a_generator_that_is_not_ready_is_waited_for_and_told() {
    if !crate::harness::strace::can_trace() {
        return;
    }
    let station = Station::new();
    let log = station.at("trace");
    let traced = |data: &str, inject: Option<String>| {
        let mut command = Command::new("strace");
        command.args(["-qq", "-e", "trace=getrandom", "-o"]).arg(&log);
        command.args(inject.iter().flat_map(|inject| ["-e", inject.as_str()]));
        command.arg(env!("CARGO_BIN_EXE_signet")).arg("--data").arg(station.at(data));
        run(command.args(["provision", "--serial", "NX4-1"]), b"")
    };
    traced("ready", None).worked();
    // The question that does not wait, for one byte, is answered as by a kernel that has just started.
    let asked = std::fs::read_to_string(&log).unwrap();
    let number = asked.lines().position(|line| line.contains(", 1, GRND_NONBLOCK)")).unwrap() + 1;
    let ran = traced("waits", Some(format!("inject=getrandom:error=EAGAIN:when={number}")));
    assert!(ran.err.contains("random generator is not ready yet; waiting for it"), "{}", ran.err);
    ran.worked();
}

#[test]
fn an_owner_given_by_root_has_everything_and_nobody_else_anything() {
    use std::os::unix::fs::MetadataExt;
    let station = Station::new();
    let data = station.at("data");
    let ran = station.provision(&data, &["--serial", "NX4-1", "--hostname", "v", "--owner", "990:991"]);
    if !rustix::process::geteuid().is_root() {
        let (what, _) = ran.refused(64);
        assert!(what.contains("only root can"), "{what}");
        return signet_testing::skip("only root can give a directory away");
    }
    ran.worked();
    let listed = Command::new("find").arg(&data).args(["-printf", "%U:%G %m %p\\n"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("identity.pem"), "{listed}");
    for line in listed.lines() {
        assert!(line.starts_with("990:991 600 ") || line.starts_with("990:991 700 "), "{line}");
    }
    // Started over, it stays theirs.
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "v", "--owner", "990:991", "--again"]).worked();
    assert_eq!(std::fs::metadata(data.join("identity.pem")).unwrap().uid(), 990);
}

#[test]
fn a_factory_key_leaves_only_where_the_config_says_so_itself() {
    let station = Station::new();
    let data = station.at("data");
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "v"]).worked();
    let export = || run(signet(&data).args(["csr", "key", "web-NX4-1", "--unencrypted"]), b"");
    let (what, fix) = export().refused(85);
    assert!(what.contains("factory") && fix.contains("exportable = true"), "{what} {fix}");
    let config = data.join("signet.toml");
    let mut file = std::fs::File::create(&config).unwrap();
    file.write_all(b"[keys]\nexportable = true\n").unwrap();
    assert!(export().worked().contains("BEGIN PRIVATE KEY"));
}
