//! An EST server: nginx with TLS and optional client certificates, a gateway of a page of Python, and OpenBao, which signs.

use super::openbao::OpenBao;
use super::python::python;
use signet_testing::free_port;
use signet_testing::pebble::certificates;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Whom the gateway issues for.
pub const LOGIN: (&str, &str) = ("nas", "correct horse");

/// It ends when it is dropped.
pub struct Est {
    children: Vec<Child>,
    folder: TempDir,
    _bao: OpenBao,
    /// The server's address.
    pub url: String,
    /// The port of its gateway, behind its TLS.
    pub inner: String,
    password: String,
    /// The root that issues, PEM.
    pub issuing_root: String,
}

impl Est {
    /// Clients whose certificates have one of these roots (PEM) are known, and those of its own CA.
    pub fn start(clients: &str) -> Self {
        Self::start_for(clients, LOGIN.1)
    }

    /// The same with another password of its user.
    pub fn start_for(clients: &str, password: &str) -> Self {
        let bao = OpenBao::start();
        let (address, token, [root, issuing]) = bao.est();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        certificates(folder.path());
        std::fs::write(at("root.crt"), &root).unwrap();
        std::fs::write(at("issuing.crt"), &issuing).unwrap();
        std::fs::write(at("clients.pem"), [&root, "\n", &issuing, "\n", clients].concat()).unwrap();
        std::fs::write(at("login"), format!("{}:{password}", LOGIN.0)).unwrap();
        // Also from the tests of signet-factory.
        let gateway = python()
            .args(["-c", include_str!("est_gateway.py")])
            .arg(folder.path())
            .args([&address, token])
            .spawn()
            .expect("Python runs");
        let mut this = Self {
            children: vec![gateway],
            url: String::new(),
            inner: String::new(),
            password: password.to_owned(),
            issuing_root: root,
            _bao: bao,
            folder,
        };
        this.until(|this| this.at("port").exists());
        let port = std::fs::read_to_string(this.at("port")).unwrap();
        port.trim().clone_into(&mut this.inner);
        let listen = free_port();
        let dir = this.folder.path().display();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {dir}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n\
            client_body_temp_path {dir}/body;\nproxy_temp_path {dir}/proxy;\nfastcgi_temp_path {dir}/fastcgi;\n\
            uwsgi_temp_path {dir}/uwsgi;\nscgi_temp_path {dir}/scgi;\n\
            server {{\nlisten 127.0.0.1:{listen} ssl;\nssl_certificate {dir}/server.pem;\n\
            ssl_certificate_key {dir}/server.key;\nssl_client_certificate {dir}/clients.pem;\nssl_verify_client optional;\n\
            ssl_verify_depth 3;\nlocation / {{\nproxy_pass http://127.0.0.1:{port};\n\
            proxy_set_header X-Client-Verify $ssl_client_verify;\n\
            proxy_set_header X-Client-Cert $ssl_client_escaped_cert;\n}}\n}}\n}}\n"
        );
        std::fs::write(this.at("nginx.conf"), config).unwrap();
        let nginx = Command::new("nginx")
            .args(["-e", "stderr", "-p"])
            .arg(this.folder.path())
            .arg("-c")
            .arg(this.at("nginx.conf"))
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx runs");
        this.children.push(nginx);
        this.url = format!("https://localhost:{listen}");
        this.until(|_| TcpStream::connect(("127.0.0.1", listen)).is_ok());
        this
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn until(&self, is: impl Fn(&Self) -> bool) {
        for _ in 0..600 {
            if is(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the EST server does not start");
    }

    /// The root of the server's own certificate, a file.
    pub fn root(&self) -> String {
        self.at("root.pem").to_str().unwrap().to_owned()
    }

    /// A file with the user's password.
    pub fn password(&self) -> String {
        self.file("password", &self.password)
    }

    /// A file in its folder.
    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.at(name), text).unwrap();
        self.at(name).to_str().unwrap().to_owned()
    }

    /// What it was asked since it was last asked for this: method, label or `-`, operation, and who asked.
    pub fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.at("asked")).unwrap_or_default();
        let _ = std::fs::remove_file(self.at("asked"));
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Est {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
