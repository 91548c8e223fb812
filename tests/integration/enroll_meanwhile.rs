//! What happens while a certificate is being ordered: its request or its CA goes away or changes, the same order is placed twice,
//! the partition fills up, the clock is wrong, the CA wants to wait. Nothing is lost, and everybody is told.

use crate::enroll::{CONFIG, create, json, nothing_is_left, root_of, status, verifies};
use crate::enroll_faults::{Device, fits, without_data};
use crate::enroll_kills::answering;
use crate::harness::answering::show;
use crate::harness::authority::Authority;
use crate::harness::console::{Console, PASSWORD, Ran, run, signet};
use crate::harness::faketime;
use crate::harness::fault_proxy::{Fault, FaultProxy, Reply, at};
use serde_json::Value;
use signet_testing::pebble::{Pebble, Settings};
use signet_testing::until;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// What commands that ran meanwhile said.
type Said = Arc<Mutex<Vec<Ran>>>;

/// From now on these commands run when the CSR has been sent and the CA has not answered.
fn meanwhile(device: &Device, lines: &'static [&'static str]) -> Said {
    let said = Said::default();
    let (data, heard) = (device.console.data(), Arc::clone(&said));
    device.proxy.rule(at("POST /finalize-order", move || {
        for line in lines {
            heard.lock().unwrap().push(run(signet(&data).args(line.split_whitespace()), b""));
        }
        // It takes its time.
        Fault::Changed(Box::new(|reply| processing(reply, None)))
    }));
    said
}

/// The order that is answered needs time, at least so many seconds.
fn processing(reply: &mut Reply, wait: Option<&str>) {
    let mut order: Value = serde_json::from_slice(&reply.body).unwrap();
    order["status"] = "processing".into();
    order.as_object_mut().unwrap().remove("certificate");
    reply.body = order.to_string().into_bytes();
    *reply = wait.iter().fold(reply.clone(), |reply, wait| reply.field("retry-after", wait));
}

fn one(said: &Said) -> Ran {
    said.lock().unwrap().remove(0)
}

fn enroll(device: &Device, name: &str) -> Ran {
    device.console.run(["csr", "enroll", name, "--ca", "pebble", "--quiet"])
}

#[test]
fn a_request_that_is_ordered_twice_renamed_renewed_or_deleted_meanwhile_costs_one_order() {
    let mut device = Device::new();
    // Twice, by command, by the enrolling process, and in the browser.
    create(&device.console, "twice", &["--san=nas.test"]);
    device.proxy.mend();
    let said = meanwhile(&device, &["csr enroll twice --ca pebble", "enroll --pending", "check --json"]);
    enroll(&device, "twice").worked();
    let (what, remedy) = one(&said).refused(79);
    assert_eq!(what, "NAME: A certificate for twice is being ordered at pebble already.");
    let remedy = without_data(&remedy, &device.console);
    assert_eq!(remedy, "`signet csr enroll twice --status` shows it; `--cancel` ends it.");
    let other = one(&said);
    assert_eq!(
        (other.code, other.err.trim_end()),
        (0, "note: another process is ordering certificates; it takes up what waits.")
    );
    let report: Value = serde_json::from_slice(&one(&said).out).unwrap();
    let finding = report["findings"].as_array().unwrap().iter().find(|one| one["about"] == "orders").unwrap();
    assert_eq!(finding["what"], "1 certificate is being ordered.");
    let orders = device.proxy.asked().iter().filter(|line| *line == "POST /order-plz").count();
    assert_eq!(orders, 1);
    let page = device.browser.get("/csrs/twice/enroll").expect(200, "Certificate from a CA: twice");
    assert!(page.main().contains("has come and is kept"));

    create(&device.console, "renamed", &["--san=nas.test"]);
    let said = meanwhile(&device, &["csr rename renamed other"]);
    let ran = enroll(&device, "renamed").worked();
    one(&said).worked();
    assert_eq!(ran, "");
    assert_eq!(status(&device.console, "other")["state"], "kept");
    verifies(&device.console, "other", &root_of(&device.pebble));

    create(&device.console, "renewed", &["--san=nas.test"]);
    let said = meanwhile(&device, &["csr renew renewed --name next"]);
    enroll(&device, "renewed").worked();
    one(&said).worked();
    verifies(&device.console, "renewed", &root_of(&device.pebble));
    assert_eq!(show(&device.console, "next")["state"], "ready");

    create(&device.console, "deleted", &["--san=nas.test"]);
    let said = meanwhile(&device, &["csr delete deleted --yes"]);
    let (what, _) = enroll(&device, "deleted").refused(66);
    one(&said).worked();
    assert!(what.contains("deleted"), "{what}");
    assert_eq!(device.logged("deleted"), [""; 0]);
    device.proxy.mend();
    until("its order is gone", || {
        device.console.run(["enroll", "--pending", "--once"]).worked();
        device.console.data().join("enroll/queue").read_dir().unwrap().next().is_none()
    });
    nothing_is_left(&device.console);
}

#[test]
fn an_authority_that_is_changed_or_deleted_meanwhile_takes_no_request_with_it() {
    let device = Device::new();
    let account = device.account();
    // The order that fails is the old address's; the new one has none of it.
    create(&device.console, "nas", &["--san=nas.test"]);
    device.proxy.rule(at("POST /finalize-order", || Fault::Lost));
    enroll(&device, "nas").refused(69);
    let old = status(&device.console, "nas");
    let root = device.pebble.root();
    let change =
        ["ca", "change", "pebble", "--acme", &device.pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"];
    device.console.run(change).worked();
    device.is_due();
    device.console.run(["enroll", "--pending", "--once"]);
    until("it is ordered at the new address", || status(&device.console, "nas")["state"] == "kept");
    let new = status(&device.console, "nas");
    let host = device.pebble.url.trim_end_matches("/dir");
    assert!(new["order"].as_str().unwrap().starts_with(host), "{old} {new}");
    // It is the same CA: the key has one account there.
    let number = |account: &Value| account["account"]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(number(&device.account()), number(&account));

    let root = device.proxy.root();
    let change =
        ["ca", "change", "pebble", "--acme", &device.proxy.url, "--root", root.to_str().unwrap(), "--agree-terms"];
    device.console.run(change).worked();
    create(&device.console, "other", &["--san=nas.test"]);
    device.proxy.mend();
    let said = meanwhile(&device, &["ca delete pebble", "ca delete pebble --yes"]);
    let (what, remedy) = enroll(&device, "other").refused(66);
    let (refused, _) = one(&said).refused(84);
    assert!(refused.contains("is used by other"), "{refused}");
    one(&said).worked();
    assert_eq!(what, "The order of other was cancelled.");
    assert_eq!(without_data(&remedy, &device.console), "Order again with `signet csr enroll other --ca CA`.");
    device.proxy.mend();
    device.console.run(["enroll", "--pending", "--once"]).worked();
    nothing_is_left(&device.console);
    assert_eq!(show(&device.console, "other")["state"], "ready");
    let log = device.console.run(["audit"]).worked();
    assert!(log.contains("other: Cancelled the order") && log.contains("Deleted an authority (pebble)"), "{log}");
}

#[test]
fn a_ca_that_wants_three_days_is_asked_after_three_days() {
    let mut device = Device::new();
    create(&device.console, "nas", &["--san=nas.test"]);
    device
        .proxy
        .rule(at("POST /finalize-order", || Fault::Changed(Box::new(|reply| processing(reply, Some("259200"))))));
    let ran = device.console.run(["csr", "enroll", "nas", "--ca", "pebble"]);
    let said = String::from_utf8_lossy(&ran.out).into_owned();
    assert_eq!(ran.code, 75, "{} {said}", ran.err);
    assert!(said.starts_with("nas: the CA needs time; it is asked again at "), "{said}");
    let before = status(&device.console, "nas");
    assert_eq!((&before["state"], &before["code"]), (&"waiting".into(), &Value::Null));
    #[expect(clippy::disallowed_methods, reason = "the CA's answer was dated by the real clock")]
    let now = jiff::Timestamp::now();
    let next: jiff::Timestamp = before["next_try"].as_str().unwrap().parse().unwrap();
    assert!((2 * 24..=3 * 24).contains(&next.duration_since(now).as_hours()), "{next}");
    let page = device.browser.get_once("/csrs/nas/enroll");
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("waiting for the CA") && page.contains("Next try"), "{page}");
    device.proxy.mend();
    // Nobody asks before.
    assert_eq!(device.console.run(["enroll", "--pending", "--once"]).code, 75);
    assert_eq!(device.proxy.asked(), [""; 0]);
    device.is_due();
    device.console.run(["enroll", "--pending", "--once"]);
    until("it is kept", || status(&device.console, "nas")["state"] == "kept");
    assert_eq!(status(&device.console, "nas")["order"], before["order"]);
    assert_eq!(device.logged("nas"), [""; 0]);
}

/// A chain of this key's request, from a CA of the test's own, for these names alone.
fn issued(authority: &Authority, request: &str, names: &str) -> Vec<u8> {
    let leaf = authority.sign_with(
        request.as_bytes(),
        &format!("subjectAltName={names}"),
        &crate::harness::authority::Term::Days(90),
    );
    [leaf, authority.issuing.clone()].concat()
}

#[test]
fn a_chain_out_of_order_is_put_in_order_and_fewer_names_are_kept_only_where_none_is_lost() {
    let device = Device::new();
    let request = |name: &str| {
        create(&device.console, name, &["--san=nas.test", "--san=files.test"]);
        device.console.run(["csr", "export", name]).worked()
    };
    // The root of the chain first.
    request("order");
    device.proxy.rule(at("POST /certZ", || {
        Fault::Changed(Box::new(|reply| {
            let text = String::from_utf8(reply.body.clone()).unwrap();
            let (leaf, above) = text.split_once("-----END CERTIFICATE-----\n").unwrap();
            reply.body = format!("{}\n{leaf}-----END CERTIFICATE-----\n", above.trim()).into_bytes();
        }))
    }));
    enroll(&device, "order").worked();
    verifies(&device.console, "order", &root_of(&device.pebble));
    // Nothing is lost where there was nothing; the comparison says what is missing.
    let pem = request("fewer");
    let authority = Authority::new();
    let chain = issued(&authority, &pem, "DNS:nas.test");
    let fewer = |chain: Vec<u8>| {
        device.proxy.rule(at("POST /certZ", move || {
            let chain = chain.clone();
            Fault::Changed(Box::new(move |reply| reply.body = chain))
        }));
    };
    fewer(chain);
    enroll(&device, "fewer").worked();
    let shown = show(&device.console, "fewer");
    assert_eq!(shown["certificate"]["san"], serde_json::json!(["DNS:nas.test"]), "{shown}");
    // The same again, and in a renewal: the certificate that is there stays.
    let pem = request("full");
    device.proxy.mend();
    enroll(&device, "full").worked();
    let kept = show(&device.console, "full")["certificate"]["sha256"].clone();
    device.console.run(["csr", "renew", "full", "--name=next"]).worked();
    let next = device.console.run(["csr", "export", "next"]).worked();
    for (name, pem) in [("full", pem), ("next", next)] {
        fewer(issued(&authority, &pem, "DNS:nas.test"));
        let (what, remedy) = enroll(&device, name).refused(65);
        assert_eq!(what, "The CA's certificate lacks DNS:files.test, which the previous one has. It is not kept.");
        assert!(remedy.contains("make a request without them"), "{remedy}");
        assert_eq!(status(&device.console, name)["code"], "names_missing");
        assert_eq!(device.logged(name), ["names_missing"]);
    }
    assert_eq!(show(&device.console, "full")["certificate"]["sha256"], kept);
    assert_eq!(show(&device.console, "next")["state"], "ready");
    device.proxy.mend();
    enroll(&device, "next").worked();
    verifies(&device.console, "next", &root_of(&device.pebble));
}

#[test]
fn with_a_clock_of_1970_nothing_is_ordered_and_the_reason_is_said() {
    // The clock of the processes that are started with these.
    let Some(variables) = faketime::variables("@1970-01-02 00:00:00", false) else { return };
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let device = Device::new();
    let data = device.console.data();
    create(&device.console, "nas", &["--san=nas.test"]);
    let Device { console, proxy, .. } = device;
    let late = |line: &str| run(signet(&data).args(line.split_whitespace()).envs(variables.clone()), b"");
    proxy.mend();
    let form = "NAME: This device's clock says 1970-01-02 00:… UTC, before this program was built. A CA would refuse the order, and its certificate could not be checked.";
    let remedy = "Set the clock, then order again.";
    let (what, fix) = late("csr enroll nas --ca pebble").refused(65);
    assert!(fits(&what, form), "{what}");
    assert_eq!(fix, remedy);
    let report: Value = serde_json::from_slice(&late("check --json").out).unwrap();
    let finding = report["findings"].as_array().unwrap().iter().find(|one| one["about"] == "clock").unwrap();
    assert_ne!(finding["state"], "fine", "{finding}");
    assert!(!console.run(["audit"]).worked().contains("nas: Ordered"));
    // In the browser, of a console that started with this clock.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("data");
    crate::harness::folder::copy(&data, &copy);
    std::fs::write(copy.join("signet.toml"), CONFIG).unwrap();
    let early = Console::start_at_with(&copy, &variables);
    let mut browser = early.browser();
    let login = browser.get("/login").form("/login").set("password", PASSWORD);
    browser.send(login.enter()).expect(200, "Certificate Signing Requests");
    let form = browser.get("/csrs/nas/enroll").form("/csrs/nas/enroll").set("ca", "pebble");
    let page = browser.send(form.enter()).expect(422, "Error: Certificate from a CA: nas");
    let said = page.main();
    assert!(said.contains("before this program was built") && said.contains(remedy), "{said}");
    assert_eq!(proxy.asked(), [""; 0], "nobody was called");
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
}

/// A file system of this size, unmounted at the end.
struct Small(PathBuf);

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_partition_that_fills_up_before_the_certificate_is_kept_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "none"]).arg(&small).status();
    if !mount.is_ok_and(|status| status.success()) {
        return signet_testing::skip("cannot mount a tmpfs here");
    }
    let _small = Small(small.clone());
    let data = small.join("data");
    let at_work = Arc::new(Mutex::new(data.clone()));
    let pebble = Pebble::start_at(Settings { rejects: 0, ..Settings::default() }, answering(at_work));
    let proxy = FaultProxy::start(&pebble.url);
    let command = |line: &str| run(signet(&data).args(line.split_whitespace()), b"");
    command(&format!("ca add pebble --acme {} --root {} --agree-terms", proxy.url, proxy.root().display())).worked();
    std::fs::write(data.join("signet.toml"), CONFIG).unwrap();
    command("csr create --name nas --profile https-ecc --san nas.test").worked();
    let fill = small.join("fill");
    proxy.rule(at("POST /finalize-order", {
        let fill = fill.clone();
        move || {
            // To the last block.
            let _ = std::fs::write(&fill, vec![0; 4 << 20]);
            Fault::Pass
        }
    }));
    let (what, remedy) = command("csr enroll nas --ca pebble --quiet").refused(83);
    assert!(what.ends_with("cannot be written: no space is left"), "{what}");
    assert_eq!(remedy, "Free space on the partition and try again. Nothing was lost.");
    let full = command("check --json");
    let before = json(command("csr enroll nas --status --json"));
    assert!(before["order"].is_string(), "{before}");
    std::fs::remove_file(&fill).unwrap();
    proxy.mend();
    command("enroll --pending --once").worked();
    let after = json(command("csr enroll nas --status --json"));
    assert_eq!((&after["state"], &after["order"]), (&"kept".into(), &before["order"]));
    assert!(!proxy.asked().contains(&"POST /order-plz".to_owned()), "the order that was noted is finished");
    let report: Value = serde_json::from_slice(&full.out).unwrap();
    let found = report["findings"].as_array().unwrap().iter().find(|one| one["about"] == "space").unwrap();
    assert_ne!(found["state"], "fine", "{found}");
}
