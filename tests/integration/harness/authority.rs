//! Real CAs that answer our requests: `openssl ca`, GnuTLS's certtool, and cfssl's server.

use super::console::run;
use super::openssl::openssl;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// What a CA's certificate says of itself.
const IS_CA: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";

/// A root and a CA below it, which signs. Its folder goes with it.
pub struct Authority {
    folder: TempDir,
    /// PEM of the root, and of the CA below it.
    pub root: Vec<u8>,
    pub issuing: Vec<u8>,
}

/// The validity of a certificate, as `openssl ca` takes it.
pub enum Term<'a> {
    Days(u32),
    Dates(&'a str, &'a str),
}

impl Authority {
    pub fn new() -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap(), root: Vec::new(), issuing: Vec::new() };
        let extensions = this.file("ca.ext", IS_CA.as_bytes());
        for name in ["root", "issuing"] {
            let key = this.path(&format!("{name}.key"));
            openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {key}"), b"");
            openssl(
                &format!("req -new -key {key} -subj /O=Example/CN=Example-{name} -out {}", this.path("ca.csr")),
                b"",
            );
            let signer = match name {
                "root" => format!("-signkey {key}"),
                _ => format!("-CA {} -CAkey {} -CAcreateserial", this.path("root.crt"), this.path("root.key")),
            };
            let out = this.path(&format!("{name}.crt"));
            let request = this.path("ca.csr");
            openssl(&format!("x509 -req -in {request} {signer} -days 3000 -extfile {extensions} -out {out}"), b"");
        }
        let section = "[ca]\ndatabase = DIR/index\nserial = DIR/serial\nnew_certs_dir = DIR\nunique_subject = no\n\
            certificate = DIR/issuing.crt\nprivate_key = DIR/issuing.key\ndefault_md = sha256\npolicy = any\n\
            copy_extensions = copy\ndefault_crl_days = 30\nrand_serial = yes\nemail_in_dn = yes\npreserve = yes\n\
            [any]\ncommonName = optional\n[extensions]\n";
        this.file("ca.cnf", section.replace("DIR", this.folder.path().to_str().unwrap()).as_bytes());
        this.file("index", b"");
        let read = |name: &str| std::fs::read(this.path(name)).unwrap();
        Self { root: read("root.crt"), issuing: read("issuing.crt"), ..this }
    }

    /// `openssl ca` with everything that the request asks for.
    pub fn sign(&self, request: &[u8]) -> Vec<u8> {
        self.sign_with(request, "", &Term::Days(90))
    }

    /// The same with these extensions instead of the request's own of the kind.
    pub fn sign_with(&self, request: &[u8], extensions: &str, term: &Term<'_>) -> Vec<u8> {
        let (request, out) = (self.file("in.csr", request), self.path("out.crt"));
        let extensions = self.file("leaf.ext", format!("{extensions}\nauthorityKeyIdentifier=keyid\n").as_bytes());
        let term = match term {
            Term::Days(days) => format!("-days {days}"),
            Term::Dates(from, to) => format!("-startdate {from} -enddate {to}"),
        };
        let config = self.path("ca.cnf");
        openssl(
            &format!(
                "ca -batch -notext -config {config} -name ca {term} -extfile {extensions} -in {request} -out {out}"
            ),
            b"",
        );
        std::fs::read(out).unwrap()
    }

    /// The root's name and key again, signed by the CA below it: the two have signed each other.
    pub fn cross_signed(&self) -> Vec<u8> {
        self.request_of("root");
        self.x509("-CA", "issuing", IS_CA)
    }

    /// A certificate that no CA signed, but the holder of another certificate, which comes behind it.
    pub fn sign_by_a_holder(&self, request: &[u8]) -> Vec<u8> {
        openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {}", self.path("holder.key")), b"");
        self.request_of("holder");
        let holder = self.x509("-CA", "issuing", "basicConstraints=critical,CA:FALSE\n");
        self.file("holder.crt", &holder);
        self.file("x509.csr", request);
        let leaf = self.x509("-CA", "holder", "subjectAltName=DNS:nas.local\n");
        [leaf, holder].concat()
    }

    /// A certificate without extensions, as `openssl x509` makes it when it is told of none.
    pub fn sign_of_version_1(&self, request: &[u8]) -> Vec<u8> {
        let (certificate, key) = (self.path("issuing.crt"), self.path("issuing.key"));
        openssl(&format!("x509 -req -CA {certificate} -CAkey {key} -set_serial 9 -days 30"), request)
    }

    fn request_of(&self, name: &str) {
        let (key, out) = (self.path(&format!("{name}.key")), self.path("x509.csr"));
        openssl(&format!("req -new -key {key} -subj /O=Example/CN=Example-{name} -out {out}"), b"");
    }

    /// The waiting request, signed by one of the names here.
    fn x509(&self, how: &str, by: &str, extensions: &str) -> Vec<u8> {
        let (certificate, key) = (self.path(&format!("{by}.crt")), self.path(&format!("{by}.key")));
        let (request, extensions) = (self.path("x509.csr"), self.file("x509.ext", extensions.as_bytes()));
        let signer = format!("{how} {certificate} -CAkey {key} -set_serial {}", std::process::id());
        openssl(&format!("x509 -req -in {request} {signer} -days 300 -extfile {extensions}"), b"")
    }

    /// certtool with a template; `honor_crq_extensions` in it copies what was asked.
    pub fn certtool(&self, request: &[u8], template: &str) -> Vec<u8> {
        let (request, template) = (self.file("in.csr", request), self.file("template", template.as_bytes()));
        let (certificate, key) = (self.path("issuing.crt"), self.path("issuing.key"));
        let arguments = format!(
            "--generate-certificate --no-text --load-request {request} --template {template} --load-ca-certificate {certificate} --load-ca-privkey {key}"
        );
        let ran = run(Command::new("certtool").args(arguments.split(' ')), b"");
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    }

    /// cfssl's server with this CA.
    pub fn cfssl(&self) -> Cfssl {
        let profile = r#"{"signing":{"default":{"expiry":"2160h","usages":["digital signature","server auth"]}}}"#;
        let config = self.file("cfssl.json", profile.as_bytes());
        // A port that was free a moment ago; cfssl takes no 0.
        let port = signet_testing::free_port();
        let (certificate, key) = (self.path("issuing.crt"), self.path("issuing.key"));
        let arguments =
            format!("serve -address 127.0.0.1 -port {port} -ca {certificate} -ca-key {key} -config {config}");
        let child =
            Command::new("cfssl").args(arguments.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Cfssl { child: child.expect("cfssl runs"), port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("cfssl does not listen");
    }

    /// PKCS#7 of these certificates (PEM), with the CA's list of revoked ones where it is wanted.
    pub fn pkcs7(&self, certificates: &[u8], form: &str, with_list: bool) -> Vec<u8> {
        let certificates = self.file("chain.pem", certificates);
        let list = if with_list {
            let (config, list) = (self.path("ca.cnf"), self.path("crl.pem"));
            openssl(&format!("ca -gencrl -config {config} -name ca -out {list}"), b"");
            format!("-in {list}")
        } else {
            "-nocrl".to_owned()
        };
        openssl(&format!("crl2pkcs7 {list} -certfile {certificates} -outform {form}"), b"")
    }

    /// Fails unless OpenSSL accepts the first certificate of a chain up to the root.
    pub fn accepts(&self, chain: &[u8]) {
        let (chain, root) = (self.file("kept.pem", chain), self.path("root.crt"));
        openssl(&format!("verify -CAfile {root} -untrusted {chain} {chain}"), b"");
    }

    /// A file of the CA's folder.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }
}

/// cfssl's server. It ends when it is dropped.
pub struct Cfssl {
    child: Child,
    port: u16,
}

impl Cfssl {
    /// Its answer to a request; the hosts, where some are given, instead of the names that were asked for.
    pub fn sign(&self, request: &[u8], hosts: &[&str]) -> Vec<u8> {
        let mut order = serde_json::json!({ "certificate_request": String::from_utf8(request.to_vec()).unwrap() });
        if !hosts.is_empty() {
            order["hosts"] = hosts.into();
        }
        let order = order.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "POST /api/v1/cfssl/sign HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            order.len()
        );
        stream.write_all((head + &order).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}")).1;
        let said: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
        said["result"]["certificate"].as_str().unwrap_or_else(|| panic!("{answer}")).as_bytes().to_vec()
    }
}

impl Drop for Cfssl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
