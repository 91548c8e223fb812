//! CAs by `openssl ca`, in a folder of their own.

use super::openssl::openssl_ok;
use crate::certificate::Certificate;
use crate::pem;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How `openssl genpkey` is told of a key.
pub(crate) const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub(crate) const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub(crate) const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
pub(crate) const BRAINPOOL: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP512r1"];
pub(crate) const ED25519: &[&str] = &["-algorithm", "ED25519"];
pub(crate) const ED448: &[&str] = &["-algorithm", "ED448"];

/// Extensions of a CA and of a leaf, as configuration.
pub(crate) const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
pub(crate) const LEAF: &str =
    "subjectAltName=DNS:nas.example.org\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

fn made(key: &[&str]) -> Vec<u8> {
    openssl_ok(&[&["genpkey"], key].concat(), b"")
}

/// An RSA key takes OpenSSL as long as forty others, so folders share those of the same name.
fn shared_rsa(name: &str) -> Vec<u8> {
    static KEYS: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    keys.entry(name.to_owned()).or_insert_with(|| made(RSA)).clone()
}

/// A folder with keys and certificates by name.
pub(crate) struct Authority(tempfile::TempDir);

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().to_str().expect("plain");
        let config = format!(
            "[ca]\ndefault_ca=it\n[it]\ndatabase={root}/index\nnew_certs_dir={root}\nrand_serial=yes\ndefault_md=sha256\n\
             unique_subject=no\nemail_in_dn=yes\npolicy=any\ndefault_days=90\npreserve=yes\n[any]\ncountryName=optional\n\
             stateOrProvinceName=optional\nlocalityName=optional\norganizationName=optional\norganizationalUnitName=optional\n\
             commonName=optional\nemailAddress=optional\n[req]\ndistinguished_name=dn\nstring_mask=utf8only\n[dn]\n"
        );
        std::fs::write(folder.path().join("cnf"), config).expect("room");
        std::fs::write(folder.path().join("index"), "").expect("room");
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        path.to_str().expect("plain").to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("room");
        path
    }

    /// A key and a request for it under `name`.
    pub(crate) fn request(&self, name: &str, key: &[&str], subject: &str) {
        let (key_path, request) = (self.path(&format!("{name}.key")), self.path(&format!("{name}.csr")));
        self.write(&format!("{name}.key"), &if key == RSA { shared_rsa(name) } else { made(key) });
        let config = self.path("cnf");
        let arguments =
            ["req", "-new", "-utf8", "-config", &config, "-key", &key_path, "-subj", subject, "-out", &request];
        openssl_ok(&arguments, b"");
    }

    /// The certificate `name.crt` for the request `name`, signed by `ca` (itself, if it is the same).
    pub(crate) fn sign(&self, ca: &str, name: &str, extensions: &str, more: &[&str]) -> Certificate {
        self.sign_as(ca, name, name, extensions, more)
    }

    /// The same into `certificate.crt`.
    pub(crate) fn sign_as(
        &self,
        ca: &str,
        name: &str,
        certificate: &str,
        extensions: &str,
        more: &[&str],
    ) -> Certificate {
        let of = |name: &str, kind: &str| self.path(&format!("{name}.{kind}"));
        let extensions = self.write("ext", extensions.as_bytes());
        let (config, request, out) = (self.path("cnf"), of(name, "csr"), of(certificate, "crt"));
        let (key, cert) = (of(ca, "key"), of(ca, "crt"));
        let mut arguments = vec!["ca", "-batch", "-notext", "-utf8", "-config", &config, "-in", &request, "-out", &out];
        arguments.extend(["-keyfile", &key, "-extfile", &extensions]);
        let own = ca == name;
        arguments.extend(if own { ["-selfsign", "-verbose"] } else { ["-cert", &cert] });
        arguments.extend(more);
        openssl_ok(&arguments, b"");
        Certificate::read(&self.der(certificate)).expect("what openssl makes can be read")
    }

    /// Key, request and certificate of a CA that signs itself.
    pub(crate) fn root(&self, name: &str, key: &[&str]) -> Certificate {
        self.request(name, key, &format!("/O=Example/CN={name}"));
        self.sign(name, name, CA, &[])
    }

    /// Key, request and certificate below a CA.
    pub(crate) fn below(&self, ca: &str, name: &str, key: &[&str], extensions: &str) -> Certificate {
        self.request(name, key, &format!("/O=Example/CN={name}"));
        self.sign(ca, name, extensions, &[])
    }

    /// `name.crt` as PEM.
    pub(crate) fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(&format!("{name}.crt"))).expect("made")
    }

    /// `name.crt` as DER.
    pub(crate) fn der(&self, name: &str) -> Vec<u8> {
        pem::scan(&self.pem(name)).expect("PEM").first().expect("a block").der().expect("base64").to_vec()
    }

    /// Root, intermediate and leaf, all with keys of this kind; the files are `root`, `middle` and `leaf`.
    pub(crate) fn chain(&self, key: &[&str]) -> [Certificate; 3] {
        let root = self.root("root", key);
        let middle = self.below("root", "middle", key, CA);
        [self.below("middle", "leaf", key, LEAF), middle, root]
    }
}
