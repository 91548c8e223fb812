//! The owner's word that other services may have a certificate: by browser after the password, by command line, recorded, and
//! only where the integrator has set something up.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::deployed::{Device, record_of};
use crate::harness::made::Folder;
use crate::harness::ml_dsa::second;
use crate::harness::wizard;
use std::os::unix::fs::{OpenOptionsExt, symlink};

/// A console whose config names the device's list of services, and its owner, who is logged in.
fn console(device: &Device) -> (Console, Browser) {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let config = console.data().join("signet.toml");
    let mut file = std::fs::OpenOptions::new();
    let mut file = file.write(true).create_new(true).mode(0o600).open(config).unwrap();
    std::io::Write::write_all(&mut file, format!("services = {:?}\n", device.list()).as_bytes()).unwrap();
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    let login = browser.get("/csrs").expect(200, "Log in");
    browser.send(login.form("/login").set("password", PASSWORD).enter()).expect(200, "Certificate Signing Requests");
    (console, browser)
}

/// The CA's answer, as the file holds it.
fn answer(device: &Device, console: &Console) {
    answer_as(device, console, "nas");
}

/// The same with the certificate of a request of that name elsewhere: whose it is does not matter to the page.
fn answer_as(device: &Device, console: &Console, name: &str) {
    use std::io::Write;
    let file = console.data().join("csrs/nas.pem");
    device.create(name);
    let certificates = device.certificates(name);
    std::fs::OpenOptions::new().append(true).open(file).unwrap().write_all(certificates.as_bytes()).unwrap();
}

fn wanted(console: &Console) -> bool {
    record_of(&console.data().join("csrs/nas.pem"))["deploy"] == true
}

#[test]
fn is_given_after_the_password_taken_back_without_and_recorded() {
    let device = Device::new();
    device.set_up_web("nas");
    let (console, mut browser) = console(&device);
    // Nothing to hand over yet.
    assert!(!browser.get("/csrs/nas").source().contains("/csrs/nas/deploy"));
    let page = browser.get("/csrs/nas/deploy").expect(200, "Other services: nas");
    assert!(
        page.main().contains("once its certificate is here") && !page.main().contains("Hand over"),
        "{}",
        page.main()
    );
    answer(&device, &console);
    let page = browser.get("/csrs/nas");
    let page = browser.click(&page, "Hand to other services…").expect(200, "Other services: nas");
    assert!(page.main().contains("gets it if you allow it") && page.main().contains("private key"), "{}", page.main());
    let form = page.form("/csrs/nas/deploy");
    let wrong = browser.send(form.clone().set("password", "a wrong password").enter());
    let wrong = wrong.expect(422, "Error: Other services: nas");
    assert!(wrong.at_field("password").contains("This is not the password."));
    assert!(browser.send_once(form.clone().enter()).status == 422 && !wanted(&console));
    let page = browser.send(form.set("password", PASSWORD).enter()).expect(200, "nas");
    assert!(page.main().contains("handed to the other services") && wanted(&console));
    // What became of it shows by the link alone.
    let page = browser.get("/csrs/nas/deploy");
    assert!(page.main().contains("does not have it yet"), "{}", page.main());
    let record = record_of(&console.data().join("csrs/nas.pem"));
    let id = record["id"].as_str().unwrap();
    std::fs::create_dir_all(device.copies().join("web")).unwrap();
    symlink(format!("{id}-0123456789abcdef-1"), device.copies().join("web/live")).unwrap();
    let page = browser.get("/csrs/nas/deploy");
    assert!(page.main().contains("has this certificate"), "{}", page.main());
    // A service that has another one's says whose.
    console.run(["csr", "rename", "nas", "old"]).worked();
    wizard::make(&mut browser, "nas", "https-ecc");
    answer_as(&device, &console, "other");
    let page = browser.get("/csrs/nas/deploy");
    assert!(page.main().contains("has the certificate of old"), "{}", page.main());
    console.run(["csr", "delete", "nas", "--yes"]).worked();
    console.run(["csr", "rename", "old", "nas"]).worked();
    assert!(browser.get("/csrs/nas/delete").main().contains("Their copies are removed"));
    let page = browser.get("/csrs/nas/deploy");
    let page = browser.send(page.form("/csrs/nas/deploy").press("stop")).expect(200, "nas");
    assert!(page.main().contains("removed within a minute") && !wanted(&console));
    let page = browser.get("/audit").expect(200, "Log");
    let what = page.texts("td[data-label=What]");
    let told = |words: &str| what.iter().filter(|what| *what == words).count();
    assert_eq!(told("Stopped handing it to other services"), 1, "{what:?}");
    assert_eq!(told("Handed it to other services"), 1, "{what:?}");
}

#[test]
fn is_asked_for_only_where_something_is_set_up() {
    let device = Device::new();
    let (console, mut browser) = console(&device);
    answer(&device, &console);
    for list in [None, Some("[[deploy]]\ncsr = \"another\"\n"), Some("[[deploy]]\nwrong = 1\n")] {
        list.into_iter().for_each(|text| device.set_up(text));
        assert!(!browser.get("/csrs/nas").source().contains("/csrs/nas/deploy"));
        let page = browser.get("/csrs/nas/deploy").expect(403, "Error: This did not work");
        assert!(
            page.main().contains("No other service of this device is set up for the request nas"),
            "{}",
            page.main()
        );
        assert_eq!(
            console.run(["csr", "deploy", "nas"]).refused(85).0,
            "no other service of this device is set up for the request nas"
        );
    }
    assert!(!wanted(&console));
}

#[test]
fn is_given_and_taken_back_by_the_command_line_alike() {
    let device = Device::new();
    device.set_up_web("nas");
    let (console, _) = console(&device);
    assert_eq!(console.run(["csr", "deploy", "nas"]).refused(80).0, "the request nas has no certificate yet");
    answer(&device, &console);
    let said = console.run(["csr", "deploy", "nas"]).worked();
    assert!(said.contains(&format!("web: {}", device.copies().join("web/live").display())), "{said}");
    assert!(wanted(&console));
    // Taken back also where nothing is set up any more.
    std::fs::remove_file(device.list()).unwrap();
    console.run(["csr", "deploy", "nas", "--stop"]).worked();
    assert!(!wanted(&console));
    let log = std::fs::read_to_string(console.data().join("audit.log")).unwrap();
    assert_eq!(log.matches("\"deploy\"").count() + log.matches("\"deploy-stop\"").count(), 2, "{log}");
}

#[test]
fn which_clients_cannot_use_it_is_said_before_it_is_given() {
    use std::io::Write;
    let device = Device::new();
    device.set_up_web("nas");
    let (console, mut browser) = console(&device);
    answer(&device, &console);
    let page = browser.get("/csrs/nas/deploy").expect(200, "Other services: nas");
    assert!(!page.main().contains("Worth knowing"), "{}", page.main());
    // Another certificate in its place: whose it is does not matter to the page.
    let folder = Folder::new();
    let directory = folder.file("x", b"").parent().unwrap().to_str().unwrap().to_owned();
    second(["make", "65", &directory]);
    let file = console.data().join("csrs/nas.pem");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let certificate = std::fs::read_to_string(folder.file("x", b"").with_file_name("certificate.pem")).unwrap();
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(file).unwrap();
    file.write_all([before, &certificate].concat().as_bytes()).unwrap();
    let page = browser.get("/csrs/nas/deploy").expect(200, "Other services: nas");
    assert!(page.texts(".advice").concat().contains("Programs that do not know ML-DSA"), "{}", page.main());
}
