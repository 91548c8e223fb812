//! Everything that a CA can do wrong, without a CA that does it: a proxy between the client and an ACME server, with TLS on both
//! sides. A rule of the test's decides about each request; without one, all passes.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};
use signet_testing::pebble::pem;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What the proxy shows as its certificate, or instead of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    /// One of its root.
    Good,
    /// One of another root.
    OtherRoot,
    /// One that has expired.
    Expired,
    /// One that is itself a CA certificate.
    IsCa,
    /// Nothing: it takes the connection and is silent.
    Silence,
    /// Nothing: nobody listens there.
    Down,
}

/// An answer on its way to the client.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What a rule wants with one request.
pub enum Fault {
    /// The server hears it, and its answer comes back.
    Pass,
    /// The server hears nothing of it.
    Instead(Reply),
    /// The server hears it; what it answers is changed.
    Changed(Box<dyn FnOnce(&mut Reply) + Send>),
    /// The server hears it; the connection ends before its answer.
    Lost,
}

type Rule = Box<dyn Fn(&str) -> Fault + Send + Sync>;

/// It ends with the process: its threads wait for connections.
pub struct FaultProxy {
    state: Arc<State>,
    folder: TempDir,
    /// The directory's URL, through it.
    pub url: String,
    port: u16,
}

struct State {
    server: String,
    certificates: HashMap<Shown, Arc<ServerConfig>>,
    shown: Mutex<Shown>,
    rule: Mutex<Option<Arc<Rule>>>,
    asked: Mutex<Vec<(String, u16)>>,
}

impl Reply {
    /// One with this body.
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, fields: vec![("content-type".to_owned(), kind.to_owned())], body: body.into() }
    }

    /// A problem document (RFC 7807) with words of the CA's own.
    pub fn problem(status: u16, kind: &str) -> Self {
        let body = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"words of the CA"}}"#);
        Self::new(status, "application/problem+json", body).field("replay-nonce", "AAAAAAAAAAAAAAAAAAAAAA")
    }

    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn bytes(&self, to_head: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Status\r\n", self.status);
        for (name, value) in self.fields.iter().filter(|(name, _)| name != "content-length" && name != "connection") {
            head += &format!("{name}: {value}\r\n");
        }
        if !to_head {
            head += &format!("content-length: {}\r\n", self.body.len());
        }
        let body: &[u8] = if to_head { b"" } else { &self.body };
        [head.as_bytes(), b"\r\n", body].concat()
    }
}

impl FaultProxy {
    /// In front of the directory at this URL.
    pub fn start(directory: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, certificates) = certificates();
        std::fs::write(folder.path().join("root.pem"), root).unwrap();
        let rest = directory.strip_prefix("https://").unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            server: server.to_owned(),
            certificates,
            shown: Mutex::new(Shown::Good),
            rule: Mutex::default(),
            asked: Mutex::default(),
        });
        std::thread::spawn({
            let state = Arc::clone(&state);
            move || listen(listener, &state)
        });
        Self { state, folder, url: format!("https://localhost:{port}/{path}"), port }
    }

    /// The root of its certificate, PEM.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// From now on this decides; it is asked with `METHOD PATH`.
    pub fn rule(&self, rule: impl Fn(&str) -> Fault + Send + Sync + 'static) {
        *self.state.rule.lock().unwrap() = Some(Arc::new(Box::new(rule)));
    }

    /// From now on it shows this.
    pub fn show(&self, shown: Shown) {
        *self.state.shown.lock().unwrap() = shown;
        // Whoever waits for a connection sees it.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let listens = || TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        signet_testing::until("the proxy comes and goes", || listens() == (shown != Shown::Down));
    }

    /// All is well again.
    pub fn mend(&self) {
        *self.state.rule.lock().unwrap() = None;
        self.show(Shown::Good);
        self.state.asked.lock().unwrap().clear();
    }

    /// How often requests that begin so were answered with this status since it was last mended.
    pub fn count(&self, start: &str, status: u16) -> usize {
        let asked = self.state.asked.lock().unwrap();
        asked.iter().filter(|(line, got)| line.starts_with(start) && *got == status).count()
    }

    /// What was asked since it was last mended: `METHOD PATH`.
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }
}

/// A rule that changes nothing but the requests whose line begins so.
pub fn at(
    start: &'static str,
    fault: impl Fn() -> Fault + Send + Sync + 'static,
) -> impl Fn(&str) -> Fault + Send + Sync + 'static {
    move |line| if line.starts_with(start) { fault() } else { Fault::Pass }
}

fn listen(mut listener: TcpListener, state: &Arc<State>) {
    let address = listener.local_addr().unwrap();
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        if *state.shown.lock().unwrap() == Shown::Down {
            drop((stream, listener));
            signet_testing::until("the proxy is mended", || *state.shown.lock().unwrap() != Shown::Down);
            listener = TcpListener::bind(address).unwrap();
            continue;
        }
        let state = Arc::clone(state);
        // A client that goes away is no failure of the test.
        std::thread::spawn(move || serve(stream, &state));
    }
}

fn serve(mut stream: TcpStream, state: &State) -> Option<()> {
    let shown = *state.shown.lock().unwrap();
    let Some(config) = state.certificates.get(&shown) else {
        // Silent until the client goes.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        return None;
    };
    let mut client = StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream);
    let mut held = Vec::new();
    loop {
        let (head, body) = message(&mut client, &mut held)?;
        let mut words = head.lines().next()?.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let line = format!("{method} {path}");
        let rule = state.rule.lock().unwrap().clone();
        let fault = rule.map_or(Fault::Pass, |rule| rule(&line));
        let pass = || passed_on(&state.server, &line, &head, &body);
        let reply = match fault {
            Fault::Pass => pass()?,
            Fault::Instead(reply) => reply,
            Fault::Changed(change) => {
                let mut reply = pass()?;
                change(&mut reply);
                reply
            }
            Fault::Lost => {
                state.asked.lock().unwrap().push((line.clone(), pass()?.status));
                return None;
            }
        };
        state.asked.lock().unwrap().push((line, reply.status));
        client.write_all(&reply.bytes(method == "HEAD")).and_then(|()| client.flush()).ok()?;
    }
}

/// A head, and as much body as it says.
fn message(stream: &mut impl Read, held: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let mut chunk = [0; 16 * 1024];
    let mut more = |held: &mut Vec<u8>| match stream.read(&mut chunk) {
        Ok(count @ 1..) => Some(held.extend_from_slice(&chunk[..count])),
        _ => None,
    };
    let end = loop {
        match held.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(at) => break at + 4,
            None => more(held)?,
        }
    };
    let head = String::from_utf8(held[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let whole = end + length.unwrap_or(0);
    while held.len() < whole {
        more(held)?;
    }
    let body = held[end..whole].to_vec();
    held.drain(..whole);
    Some((head, body))
}

/// The server's answer. It sees the client's `Host`, so that all its URLs lead through the proxy.
fn passed_on(server: &str, line: &str, head: &str, body: &[u8]) -> Option<Reply> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let any = signet_testing::accepting(&provider, |_| true);
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.dangerous().with_custom_certificate_verifier(any).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream =
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), TcpStream::connect(server).ok()?);
    // HTTP/1.0: the answer comes whole, and the connection ends after it.
    let fields = head.trim_end().split("\r\n").skip(1).filter(|field| !field.to_lowercase().starts_with("connection"));
    let fields: String = fields.map(|field| format!("{field}\r\n")).collect();
    let asked = [format!("{line} HTTP/1.0\r\n{fields}\r\n").as_bytes(), body].concat();
    stream.write_all(&asked).and_then(|()| stream.flush()).ok()?;
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw);
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(raw[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let fields = lines.filter_map(|line| line.split_once(": "));
    let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Some(Reply { status, fields, body: raw[end + 4..].to_vec() })
}

/// The root of the good one, PEM, and all of them.
fn certificates() -> (String, HashMap<Shown, Arc<ServerConfig>>) {
    let authority = || {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Root of the fault proxy");
        let root = pem("CERTIFICATE", params.self_signed(&key).unwrap().der());
        (root, Issuer::new(params, key))
    };
    let ((root, issuer), (_, other)) = (authority(), authority());
    let config = |issuer: &Issuer<'_, KeyPair>, change: fn(&mut CertificateParams)| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, issuer).unwrap().der().clone();
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
    };
    let all = HashMap::from([
        (Shown::Good, config(&issuer, |_| {})),
        (Shown::OtherRoot, config(&other, |_| {})),
        (Shown::Expired, config(&issuer, |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1))),
        (Shown::IsCa, config(&issuer, |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
    ]);
    (root, all)
}
