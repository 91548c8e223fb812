//! A CA of OpenSSL's, for answers to our requests.

use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A CA with its key; it signs what it is given.
pub(super) struct Authority {
    folder: TempDir,
    pub(super) certificate: String,
}

impl Authority {
    /// A CA that signed itself.
    pub(super) fn root(name: &str) -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap(), certificate: String::new() };
        let arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let subject = format!("/O=Example/CN={name}");
        let extensions = ["-addext", "keyUsage=critical,keyCertSign", "-days", "4000"];
        let key = this.path("key");
        this.openssl(
            &[&arguments[..], &["-subj", &subject, "-keyout", &key, "-out", &this.path("crt")], &extensions].concat(),
        );
        let certificate = std::fs::read_to_string(this.path("crt")).unwrap();
        Self { certificate, ..this }
    }

    /// A CA below this one, whose certificate says where this one's can be had.
    pub(super) fn below(&self, name: &str) -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap(), certificate: String::new() };
        let arguments = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let subject = format!("/O=Example/CN={name}");
        let csr = this.path("csr");
        this.openssl(&[&arguments[..], &["-subj", &subject, "-keyout", &this.path("key"), "-out", &csr]].concat());
        let request = std::fs::read_to_string(csr).unwrap();
        let extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
        let certificate = self.sign(&request, extensions, 3000);
        std::fs::write(this.path("crt"), &certificate).unwrap();
        Self { certificate, ..this }
    }

    /// A certificate for a request (PEM) with these extensions, from now on for so many days.
    pub(super) fn sign(&self, request: &str, extensions: &str, days: u32) -> String {
        std::fs::write(self.path("in.csr"), request).unwrap();
        std::fs::write(self.path("ext"), extensions).unwrap();
        let (csr, ext, out, days) = (self.path("in.csr"), self.path("ext"), self.path("out.crt"), days.to_string());
        let (crt, key) = (self.path("crt"), self.path("key"));
        self.openssl(&[
            "x509", "-req", "-in", &csr, "-CA", &crt, "-CAkey", &key, "-days", &days, "-extfile", &ext, "-out", &out,
        ]);
        std::fs::read_to_string(out).unwrap()
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
