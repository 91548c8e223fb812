//! All that passes over the loopback interface while a password gets a certificate: the password is not in it, as it is or as HTTP
//! sends it.

use crate::enroll_dns::Device;
use crate::harness::est::{Est, LOGIN};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use signet_testing::until;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// In no other test, whose packets are captured, too.
const PASSWORD: &str = "seven purple herons at the weir";
/// What the capture must have seen, so that what it has not seen counts.
const SEEN: &[u8] = b"a line that passed in the clear after the enrollment";

/// A capture that ends with its test.
struct Capture {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Capture {
    /// Of all TCP on the loopback interface, but for this port; none where nothing can be captured, with the reason.
    fn start(file: &Path, but_for: &str) -> Result<Self, String> {
        let filter = format!("tcp and not port {but_for}");
        let mut child = Command::new("tcpdump")
            .args(["-i", "lo", "-n", "-U", "--immediate-mode", "-B", "65536", "-s", "0", "-Z", "root", "-w"])
            .arg(file)
            .arg(filter)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("tcpdump: {error}"))?;
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let mut all = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if line.contains("listening on lo") {
                return Ok(Self { child, said });
            }
            all += &std::mem::take(&mut line);
        }
        let _ = child.wait();
        Err(format!("tcpdump cannot capture: {}", all.replace('\n', " ")))
    }

    /// Ends it; gives what it said of lost packets.
    fn end(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// How many bytes a capture (pcap, Ethernet, IPv4) has of TCP to this port.
fn sent_to(capture: &[u8], port: u16) -> usize {
    let (mut rest, mut sent) = (&capture[24..], 0);
    while let Some((head, after)) = rest.split_at_checked(16) {
        let length = u32::from_ne_bytes(head[8..12].try_into().unwrap()) as usize;
        let Some((frame, after)) = after.split_at_checked(length) else { break };
        rest = after;
        let Some(packet) = frame.get(14..).filter(|packet| packet.len() >= 40 && packet[0] >> 4 == 4) else { continue };
        let tcp = &packet[usize::from(packet[0] & 15) * 4..];
        if u16::from_be_bytes([tcp[2], tcp[3]]) == port {
            sent += tcp.len();
        }
    }
    sent
}

#[test]
fn the_password_of_an_est_user_is_in_no_packet_outside_tls() {
    let est = Est::start_for("", PASSWORD);
    let device = Device::new();
    device.create("nas", &["nas.plant"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lo.pcap");
    // The server's own side of its TLS.
    let capture = match Capture::start(&file, &est.inner) {
        Ok(capture) => capture,
        Err(why) => return signet_testing::skip(&why),
    };
    let (root, password) = (est.root(), est.password());
    let given = ["--user", LOGIN.0, "--password-file", &password];
    device.run(&[&["ca", "add", "plant", "--est", &est.url, "--root", &root], &given[..]].concat()).worked();
    device.run(&["ca", "test", "plant"]).worked();
    device.run(&["csr", "enroll", "nas", "--ca", "plant"]).worked();
    assert!(est.asked().contains(&"POST - simpleenroll password".to_owned()), "the password was sent");
    // One that is wrong is sent, too.
    let wrong = est.file("wrong", &format!("{PASSWORD}!"));
    device.run(&["ca", "change", "plant", "--user", LOGIN.0, "--password-file", &wrong]).worked();
    device.create("other", &["other.plant"]);
    device.run(&["csr", "enroll", "other", "--ca", "plant", "--quiet"]).refused(78);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    sender.write_all(SEEN).unwrap();
    until("the capture has what came last", || has(&std::fs::read(&file).unwrap(), SEEN));
    let said = capture.end();
    assert!(said.contains("0 packets dropped by kernel"), "{said}");
    let captured = std::fs::read(&file).unwrap();
    let port = est.url.rsplit(':').next().unwrap().parse().unwrap();
    let sent = sent_to(&captured, port);
    assert!(sent > 2000, "{sent} bytes to the EST server in {}", captured.len());
    for password in [PASSWORD.to_owned(), format!("{PASSWORD}!")] {
        let coded = BASE64_STANDARD.encode(format!("{}:{password}", LOGIN.0));
        assert!(!has(&captured, password.as_bytes()) && !has(&captured, coded.as_bytes()));
    }
}
