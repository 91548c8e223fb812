//! An EST client (RFC 7030 and 8951): two GETs, and two POSTs of a request (CSR) in base64.
//!
//! It authenticates by a password over HTTP Basic, or by the certificate of its connection. What comes back is given as it
//! came, since certificates are not read here.

pub(crate) mod refused;

pub use refused::{Cause, Refused};

use crate::acme::answer::refusal;
use crate::error::ClientError;
use crate::https::Https;
use crate::https::answer::{Answer, RetryAfter};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::Method;
use signet_domain::visible;
use std::error::Error;
use zeroize::Zeroizing;

/// Bytes of a refusal that are read as text.
const MAX_WORDS: usize = 4096;

/// An EST server, and who this device is to it.
#[derive(Debug)]
pub struct Est {
    https: Https,
    base: String,
    /// The `Authorization` field.
    login: Option<Zeroizing<String>>,
}

/// What a POST is answered with.
#[derive(Debug)]
pub enum Sent {
    /// Certificates, as they came.
    Certificates(Vec<u8>),
    /// The CA needs time; the same is to be sent again then.
    Later(Option<RetryAfter>),
}

impl Est {
    /// The server at `url`, perhaps one of several CAs there; and a user with a password.
    pub fn new(https: Https, url: &str, label: Option<&str>, login: Option<(&str, &[u8])>) -> Self {
        let label = label.map(|label| format!("/{label}")).unwrap_or_default();
        let login = login.map(|(user, password)| {
            let both = Zeroizing::new([user.as_bytes(), b":", password].concat());
            Zeroizing::new(format!("Basic {}", &*Zeroizing::new(BASE64_STANDARD.encode(&*both))))
        });
        Self { https, base: format!("{url}/.well-known/est{label}/"), login }
    }

    /// The CA's certificates (RFC 7030, section 4.1). Anybody may ask for them.
    pub async fn ca_certificates(&mut self) -> Result<Vec<u8>, ClientError> {
        let answer = self.send(Method::GET, "cacerts", Vec::new()).await?;
        Ok(answer.body.to_vec())
    }

    /// What the CA wants to find in a request, DER (section 4.5); empty where it does not say.
    pub async fn csr_attributes(&mut self) -> Result<Vec<u8>, ClientError> {
        match self.send(Method::GET, "csrattrs", Vec::new()).await {
            Ok(answer) => Ok(decoded(&answer.body)),
            Err(ClientError::Est(refused)) if refused.cause == Cause::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Sends a CSR (section 4.2): `again` where it repeats what this CA has issued.
    pub async fn enroll(&mut self, csr: &[u8], again: bool) -> Result<Sent, ClientError> {
        let operation = if again { "simplereenroll" } else { "simpleenroll" };
        // One line is what RFC 8951, section 3.1 wants; older servers take it, too.
        let answer = self.send(Method::POST, operation, BASE64_STANDARD.encode(csr).into_bytes()).await?;
        Ok(match answer.status {
            202 => Sent::Later(RetryAfter::of(&answer)),
            _ => Sent::Certificates(answer.body.to_vec()),
        })
    }

    async fn send(&mut self, method: Method, operation: &str, body: Vec<u8>) -> Result<Answer, ClientError> {
        let url = format!("{}{operation}", self.base);
        let mut fields = Vec::new();
        if method == Method::POST {
            fields.push(("content-type", "application/pkcs10"));
            fields.push(("content-transfer-encoding", "base64"));
        }
        if let Some(login) = &self.login {
            fields.push(("authorization", login.as_str()));
        }
        let answer = self.https.send(method, &url, &fields, body).await.map_err(|error| self.of_alert(error))?;
        match answer.status {
            200 | 202 => Ok(answer),
            // csrattrs has nothing to say.
            204 => Err(self.refused(&answer, Cause::NotFound)),
            400 if is_about_certificates(&answer.body) => Err(self.refused(&answer, Cause::Client)),
            401 => Err(self.refused(&answer, Cause::Login)),
            403 => Err(self.refused(&answer, Cause::NotAllowed)),
            404 | 405 | 501 => Err(self.refused(&answer, Cause::NotFound)),
            status if status >= 500 || status == 429 => Err(refusal(&url, &answer)),
            status if status >= 400 => Err(self.refused(&answer, Cause::Request)),
            _ => Err(not_est(&url, &answer)),
        }
    }

    fn refused(&self, answer: &Answer, cause: Cause) -> ClientError {
        let is_text = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
        let words = answer.body.get(..answer.body.len().min(MAX_WORDS)).unwrap_or_default();
        let words = String::from_utf8_lossy(words);
        let words = Some(words.trim()).filter(|words| is_text && !words.is_empty());
        let given = match cause {
            Cause::Client => self.https.has_client_certificate(),
            _ => self.login.is_some(),
        };
        let words = words.map(|words| visible::bounded(words, visible::LINE));
        ClientError::Est(Box::new(Refused { status: answer.status, cause, given, words }))
    }

    /// TLS tells by an alert what it does not accept about a client; in version 1.3 where the answer should be.
    fn of_alert(&self, error: ClientError) -> ClientError {
        use rustls::AlertDescription as Alert;
        let mut source: Option<&(dyn Error + 'static)> = match &error {
            ClientError::Broken { source, .. } => Some(source),
            ClientError::Alert { alert, .. } => return self.of(*alert).unwrap_or(error),
            _ => None,
        };
        while let Some(one) = source {
            let inner = one.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
            let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
            if let Some(rustls::Error::AlertReceived(alert)) = tls.or_else(|| one.downcast_ref()) {
                let alert: Alert = *alert;
                return self.of(alert).unwrap_or(error);
            }
            source = one.source();
        }
        error
    }

    fn of(&self, alert: rustls::AlertDescription) -> Option<ClientError> {
        use rustls::AlertDescription as Alert;
        let is_about_client = matches!(
            alert,
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
        );
        let given = self.https.has_client_certificate();
        // A root of the same name with another key.
        (is_about_client || (given && alert == Alert::DecryptError))
            .then(|| ClientError::Est(Box::new(Refused { status: 0, cause: Cause::Client, given, words: None })))
    }
}

/// Web servers tell so, as a page, that a client's certificate is missing or not accepted: nginx's statuses 495 and 496.
fn is_about_certificates(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("SSL certificate") || text.contains("TLS certificate") || text.contains("client certificate")
}

/// Base64, in one line or in many (RFC 8951, section 3.1); or DER, which some servers send.
fn decoded(body: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(plain).unwrap_or_else(|_| body.to_vec())
}

/// Something else than EST answers.
pub(crate) fn not_est(url: &str, answer: &Answer) -> ClientError {
    let kind = answer.header("content-type").unwrap_or("no content type");
    ClientError::NotEst {
        url: visible::line(url),
        what: format!("status {}, {}", answer.status, visible::bounded(kind, 60)),
    }
}
