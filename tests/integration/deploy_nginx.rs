//! A web server of the device that serves by the deployed files and is reloaded by the configured command, through renewals
//! with new keys: whoever connects meets a certificate whose key it has.

use crate::harness::deployed::{Device, is_root};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(super) const NGINX: &str = "/usr/sbin/nginx";
const RENEWALS: usize = 4;

/// Its master; asked to end when dropped.
pub(super) struct Nginx {
    child: Child,
    stop: Vec<String>,
}

impl Nginx {
    /// By these arguments.
    pub(super) fn start(arguments: Vec<String>) -> Self {
        let child = Command::new(NGINX).args(&arguments).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, stop: arguments }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new(NGINX).args(&self.stop).args(["-s", "stop"]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// The arguments by which nginx finds its configuration, which serves what each of these services has at a free port.
pub(super) fn configure<const N: usize>(device: &Device, services: [&str; N]) -> (Vec<String>, [u16; N]) {
    let ports = services.map(|_| signet_testing::free_port());
    let servers: String = services
        .iter()
        .zip(ports)
        .map(|(service, port)| {
            let live = device.copies().join(service).join("live");
            let live = live.display();
            format!(
                "server {{\nlisten 127.0.0.1:{port} ssl;\nssl_certificate {live}/fullchain.pem;\n\
                 ssl_certificate_key {live}/privkey.pem;\nreturn 200 served;\n}}\n"
            )
        })
        .collect();
    let folder = device.at("nginx");
    std::fs::create_dir(&folder).unwrap();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
        .collect();
    let text = format!(
        "daemon off;\nworker_processes 2;\npid {0}/pid;\nerror_log {0}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n\
         {temporary}{servers}}}\n",
        folder.display(),
    );
    let conf = folder.join("nginx.conf");
    std::fs::write(&conf, text).unwrap();
    let of = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    (
        vec!["-c".to_owned(), of(&conf), "-p".to_owned(), of(&folder), "-e".to_owned(), of(&folder.join("error.log"))],
        ports,
    )
}

/// One visit without resumption: the certificate that was shown, its chain and its key's signature verified.
fn visit(config: &Arc<ClientConfig>, port: u16) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| error.to_string();
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(failed)?;
    let name = ServerName::try_from("nas.local").unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    if !answer.ends_with(b"served") {
        return Err(String::from_utf8_lossy(&answer).into_owned());
    }
    Ok(stream.conn.peer_certificates().unwrap()[0].to_vec())
}

fn leaf(device: &Device) -> Vec<u8> {
    CertificateDer::from_pem_slice(device.found("web").unwrap().certificate.as_bytes()).unwrap().to_vec()
}

#[test]
fn nginx_never_shows_a_certificate_whose_key_it_has_not_through_renewals_with_new_keys() {
    if !is_root() {
        return;
    }
    if !std::path::Path::new(NGINX).exists() {
        signet_testing::skip(&format!("there is no {NGINX} here"));
        return;
    }
    let device = Device::new();
    let (arguments, [port]) = configure(&device, ["web"]);
    let words: Vec<String> =
        [NGINX.to_owned(), "-s".into(), "reload".into()].into_iter().chain(arguments.clone()).collect();
    let entry = |reload: &str| format!("[[deploy]]\ncsr = \"nas-0\"\nas = \"web\"\n{reload}");
    // Before nginx runs there is nobody to reload.
    device.set_up(&entry(""));
    device.ready("nas-0");
    device.deploy().worked();
    let _nginx = Nginx::start(arguments);
    device.set_up(&entry(&format!("reload = {words:?}\n")));

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(device.at("ca.pem")).unwrap()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    let config = Arc::new(config);
    let started = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(started, "nginx does not start: {}", std::fs::read_to_string(device.at("nginx/error.log")).unwrap());

    let over = AtomicBool::new(false);
    let mut served = vec![leaf(&device)];
    let (visits, seen) = std::thread::scope(|scope| {
        let visitors: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut visits, mut seen) = (0, HashSet::new());
                    while !over.load(Ordering::Relaxed) {
                        seen.insert(visit(&config, port).unwrap());
                        visits += 1;
                    }
                    (visits, seen)
                })
            })
            .collect();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 1..=RENEWALS {
                device.renewed(&format!("nas-{}", number - 1), &format!("nas-{number}"));
                assert_eq!(device.deploy().worked(), format!("web: copied nas-{number}\n"));
                served.push(leaf(&device));
                // The command only asks; nginx takes it up when it can.
                let taken_up = (0..3000).any(|_| {
                    std::thread::sleep(Duration::from_millis(10));
                    visit(&config, port).unwrap() == served[number]
                });
                assert!(taken_up, "nginx does not take renewal {number} up");
            }
        }));
        over.store(true, Ordering::Relaxed);
        let ended: Vec<(usize, HashSet<Vec<u8>>)> =
            visitors.into_iter().map(|visitor| visitor.join().unwrap()).collect();
        outcome.unwrap();
        let visits: usize = ended.iter().map(|(visits, _)| visits).sum();
        (visits, ended.into_iter().flat_map(|(_, seen)| seen).collect::<HashSet<_>>())
    });
    println!("{visits} handshakes over {RENEWALS} renewals, {} certificates seen", seen.len());
    assert!(seen.iter().all(|certificate| served.contains(certificate)));
    assert!(seen.contains(&served[0]) && seen.contains(&served[RENEWALS - 1]));
    let said = std::fs::read_to_string(device.at("nginx/error.log")).unwrap();
    for wrong in ["[emerg]", "[alert]", "[crit]", "key values mismatch"] {
        assert!(!said.contains(wrong), "{said}");
    }
}
