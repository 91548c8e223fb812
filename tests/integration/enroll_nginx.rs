//! From an empty data directory to nginx, by command and by a browser without scripts: an external account, several names and an
//! address, and a CA that rejects 30 % of all nonces. OpenSSL verifies what nginx shows.

use crate::deploy_nginx::{NGINX, Nginx, configure};
use crate::enroll::{CONFIG, root_of, verifies_below};
use crate::harness::console::{Console, PASSWORD, run, signet};
use crate::harness::deployed::{Device, is_root};
use signet_testing::free_port;
use signet_testing::pebble::{EXTERNAL, Pebble, Settings};
use signet_testing::until;
use std::net::TcpStream;
use std::process::Command;

const NAMES: [&str; 2] = ["nas.test", "files.test"];

#[test]
fn nginx_serves_certificates_that_were_ordered_by_command_and_in_the_browser() {
    if !is_root() {
        return;
    }
    if !std::path::Path::new(NGINX).exists() {
        return signet_testing::skip(&format!("there is no {NGINX} here"));
    }
    let port = free_port();
    let pebble = Pebble::start_at(Settings { external: true, rejects: 30, ..Settings::default() }, port);
    let device = Device::new();
    device.set_up("[[deploy]]\ncsr = \"command\"\n[[deploy]]\ncsr = \"browser\"\n");
    let config = format!("redirect = [\"127.0.0.1:{port}\"]\nservices = {:?}\n{CONFIG}", device.list());
    std::fs::create_dir(device.data()).unwrap();
    std::fs::write(device.data().join("signet.toml"), config).unwrap();
    let console = Console::start_at(&device.data());
    let mut browser = console.set_up();
    let command = |line: &str| run(signet(&device.data()).args(line.split(' ')), b"").worked();

    let key = device.at("key");
    std::fs::write(&key, EXTERNAL.1).unwrap();
    let (root, url) = (pebble.root(), &pebble.url);
    command(&format!(
        "ca add of-command --acme {url} --root {} --agree-terms --eab-kid {} --eab-key-file {}",
        root.display(),
        EXTERNAL.0,
        key.display()
    ));
    let names = "--san nas.test --san files.test --san 127.0.0.1";
    command(&format!("csr create --name command --profile https-ecc {names}"));
    command("csr enroll command --ca of-command");
    command("csr deploy command");

    let form = browser.get("/authorities").form("/authorities").set("name", "of-browser").set("url", url);
    let form = form.set("root", &std::fs::read_to_string(&root).unwrap()).check("agree_terms");
    let form = form.set("eab_kid", EXTERNAL.0).set("eab_key", EXTERNAL.1);
    browser.send(form.enter()).expect(200, "of-browser");
    command(&format!("csr create --name browser --profile https-ecc {names}"));
    let form = browser.get("/csrs/browser/enroll").form("/csrs/browser/enroll").set("ca", "of-browser");
    // Its page reloads itself until the certificate is kept.
    browser.send(form.enter());
    until("the certificate is kept", || browser.get("/csrs/browser/enroll?told=ordered").title() == "browser");
    let form = browser.get("/csrs/browser/deploy").form("/csrs/browser/deploy").set("password", PASSWORD);
    browser.send(form.enter());

    let served = root_of(&pebble);
    for name in ["command", "browser"] {
        verifies_below(&serde_json::from_str(&command(&format!("csr show {name} --json"))).unwrap(), &served);
    }
    device.deploy().worked();
    let (arguments, ports) = configure(&device, ["command", "browser"]);
    let _nginx = Nginx::start(arguments);
    let trusted = device.at("pebble.pem");
    std::fs::write(&trusted, served).unwrap();
    for (service, port) in ["command", "browser"].into_iter().zip(ports) {
        until("nginx listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let client = |check: [&str; 2]| {
            let connect = format!("127.0.0.1:{port}");
            let mut client = Command::new("openssl");
            client.args(["s_client", "-verify_return_error", "-connect", &connect]).args(check);
            run(client.arg("-CAfile").arg(&trusted), b"")
        };
        for check in NAMES.map(|name| ["-verify_hostname", name]).into_iter().chain([["-verify_ip", "127.0.0.1"]]) {
            let ran = client(check);
            let said = String::from_utf8_lossy(&ran.out).into_owned();
            assert!(
                ran.code == 0 && said.contains("Verify return code: 0 (ok)"),
                "{service} {check:?}: {said} {}",
                ran.err
            );
        }
        assert_ne!(client(["-verify_hostname", "other.test"]).code, 0, "{service}");
    }
}
