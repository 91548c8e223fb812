//! nginx before pebble: a CA that refuses calls (429, with Retry-After) when there are too many of them, and that writes them down.

use signet_testing::pebble::Pebble;
use signet_testing::{free_port, until};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const NGINX: &str = "/usr/sbin/nginx";

/// It ends when it is dropped.
pub struct Limited {
    child: Child,
    folder: TempDir,
    /// The directory's URL.
    pub url: String,
}

/// A call to the CA: when it began and ended, in seconds, and the status of its answer.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub began: f64,
    pub ended: f64,
    pub status: u16,
}

impl Limited {
    /// So many calls a second are answered, and as many more at once; one in 200 is refused however slow they come. None where there
    /// is no nginx.
    pub fn start(pebble: &Pebble, rate: u32) -> Option<Self> {
        if !Path::new(NGINX).exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let port = free_port();
        let certificates = pebble.root().parent().unwrap().display().to_string();
        let to = pebble.url.strip_prefix("https://localhost:").unwrap().strip_suffix("/dir").unwrap();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .collect();
        let conf = format!(
            "daemon off;\nworker_processes 1;\npid {pid};\nerror_log {errors};\nevents {{}}\nhttp {{\n{temporary}\
             log_format calls '$msec $request_time $status';\naccess_log {calls} calls;\n\
             limit_req_zone $server_name zone=all:64k rate={rate}r/s;\nlimit_req_status 429;\n\
             split_clients $request_id $too_many {{ 0.5% 1; * 0; }}\n\
             map $status $after {{ 429 1; default \"\"; }}\n\
             upstream pebble {{ server 127.0.0.1:{to}; keepalive 4; }}\n\
             server {{\nserver_name ca;\nlisten 127.0.0.1:{port} ssl;\nssl_certificate {certificates}/server.pem;\n\
             ssl_certificate_key {certificates}/server.key;\nlimit_req zone=all burst={rate} nodelay;\n\
             add_header Retry-After $after always;\nlocation / {{\n\
             if ($too_many) {{ return 429; }}\nproxy_pass https://pebble;\nproxy_http_version 1.1;\n\
             proxy_set_header Connection \"\";\nproxy_set_header Host $http_host;\nproxy_ssl_verify off;\n}}\n}}\n}}\n",
            pid = at("pid"),
            errors = at("error.log"),
            calls = at("calls"),
        );
        std::fs::write(at("nginx.conf"), conf).unwrap();
        let child = Command::new(NGINX)
            .args(["-c", &at("nginx.conf"), "-p", &at(""), "-e", &at("error.log")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { child, folder, url: format!("https://localhost:{port}/dir") };
        until("nginx does not listen", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(this)
    }

    /// The calls so far, in the order of their ends.
    pub fn calls(&self) -> Vec<Call> {
        let text = std::fs::read_to_string(self.folder.path().join("calls")).unwrap();
        let call = |line: &str| {
            let fields: Vec<f64> = line.split(' ').map(|field| field.parse().unwrap()).collect();
            Call { began: fields[0] - fields[1], ended: fields[0], status: fields[2] as u16 }
        };
        text.lines().map(call).collect()
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        // Its master ends its worker.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
