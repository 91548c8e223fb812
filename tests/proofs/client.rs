//! A visitor: HTTPS/1.1 one exchange at a time, a jar of cookies, and forms filled in from the page that holds them.
//!
//! Whose certificate it is does not matter to these proofs.

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use scraper::{ElementRef, Html, Selector};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// A TLS connection.
pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A console that says nothing for so long hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = signet_testing::accepting(&provider, |_| true);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Arc::new(config)
});

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One visitor. A clone is another tab.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    /// The address of this machine that it comes from.
    source: Option<IpAddr>,
    cookies: BTreeMap<String, String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, source: None, cookies: BTreeMap::new() }
    }

    /// The same visitor from another address of this machine.
    pub fn from(self, source: IpAddr) -> Self {
        Self { source: Some(source), ..self }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.try_exchange("GET", path, "").unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Fills in the page's form that goes to `action` and sends it by one of its buttons.
    pub fn send(&mut self, page: &Answer, action: &str, typed: &[(&str, &str)], button: Option<&str>) -> Answer {
        self.try_send(page, action, typed, button).unwrap_or_else(|error| panic!("POST {action}: {error}"))
    }

    /// As [`Client::send`], with a console that may end meanwhile.
    pub fn try_send(
        &mut self,
        page: &Answer,
        action: &str,
        typed: &[(&str, &str)],
        button: Option<&str>,
    ) -> std::io::Result<Answer> {
        let mut fields = form(page, action);
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields.extend(button.map(|button| (button.to_owned(), "on".to_owned())));
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.try_exchange("POST", action, &body)
    }

    pub fn try_exchange(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Answer> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookie = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let form = match method {
            "POST" => format!(
                "Origin: https://{}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                self.address,
                body.len()
            ),
            _ => String::new(),
        };
        let host = self.address;
        let tcp = match self.source {
            None => TcpStream::connect(self.address)?,
            Some(source) => tcp_from(source, self.address, None)?,
        };
        let mut tls = connect(tcp)?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}{form}Connection: close\r\n\r\n{body}");
        tls.write_all(request.as_bytes())?;
        tls.flush()?;
        let answer = read_answer(&mut tls)?;
        for line in answer.head.lines() {
            let Some((_, set)) = line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            else {
                continue;
            };
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// The wizard up to the page before Save, for an EC key; that page.
    pub fn up_to_save(&mut self, name: &str) -> std::io::Result<Answer> {
        let mut page = self.try_exchange("GET", "/wizard", "")?;
        if page.status == 200 {
            self.try_send(&page, "/wizard", &[], None)?;
        }
        page = self.try_exchange("GET", "/wizard/identity", "")?;
        self.try_send(&page, "/wizard/identity", &[("name", name), ("profile", "https-ecc")], Some("next"))?;
        page = self.try_exchange("GET", "/wizard/options", "")?;
        self.try_send(&page, "/wizard/options", &[], Some("next"))?;
        page = self.try_exchange("GET", "/wizard/subject", "")?;
        let subject = [
            ("country", "DE"),
            ("state", "Berlin"),
            ("city", "Berlin"),
            ("organization", "Example"),
            ("email", "root@nas.local"),
            ("common", "nas.local"),
            ("san", "nas.local"),
        ];
        self.try_send(&page, "/wizard/subject", &subject, Some("next"))?;
        page = self.try_exchange("GET", "/wizard/constraints", "")?;
        self.try_send(&page, "/wizard/constraints", &[], Some("next"))?;
        page = self.try_exchange("GET", "/wizard/confirm", "")?;
        assert_eq!(page.status, 200, "{}", page.head);
        Ok(page)
    }

    /// Saves at that page.
    pub fn save(&mut self, page: &Answer) -> std::io::Result<Answer> {
        self.try_send(page, "/wizard/confirm", &[], Some("save"))
    }
}

/// A TCP connection from one of this machine's addresses, with a receive buffer of so many bytes.
pub fn tcp_from(source: IpAddr, to: SocketAddr, receive: Option<usize>) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    if let Some(bytes) = receive {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect(&to.into())?;
    Ok(socket.into())
}

/// Handshakes over a TCP connection.
pub fn connect(tcp: TcpStream) -> std::io::Result<Tls> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_nodelay(true)?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = StreamOwned::new(ClientConnection::new(Arc::clone(&CONFIG), name).unwrap(), tcp);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(tls)
}

/// The first bytes of a handshake, as [`connect`] sends them.
pub fn client_hello() -> Vec<u8> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut hello = Vec::new();
    ClientConnection::new(Arc::clone(&CONFIG), name).unwrap().write_tls(&mut hello).unwrap();
    hello
}

pub fn read_answer(tls: &mut Tls) -> std::io::Result<Answer> {
    let mut raw = Vec::new();
    // The answer ends with the connection; a close without TLS's own word is as good here.
    match tls.read_to_end(&mut raw) {
        Ok(_) => {}
        Err(_) if raw.windows(4).any(|four| four == b"\r\n\r\n") => {}
        Err(error) => return Err(error),
    }
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let status =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(std::io::ErrorKind::InvalidData)?;
    Ok(Answer { status, head, body: raw[end + 4..].to_vec() })
}

/// The value of a page's hidden field.
pub fn field(page: &Answer, action: &str, name: &str) -> String {
    form(page, action).remove(name).unwrap_or_default()
}

/// What a browser would send of the page's form that goes to `action`, its buttons left out.
fn form(page: &Answer, action: &str) -> BTreeMap<String, String> {
    let document = Html::parse_document(&page.text());
    let select = |what: &str| Selector::parse(what).unwrap();
    let forms = select("form");
    let form = document
        .select(&forms)
        .find(|form| form.value().attr("action").is_some_and(|to| to.split('#').next() == Some(action)));
    let form = form.unwrap_or_else(|| panic!("no form to {action}: {}", page.head));
    let mut fields = BTreeMap::new();
    let mut add = |element: ElementRef<'_>, value: String| {
        if let Some(name) = element.value().attr("name") {
            fields.insert(name.to_owned(), value);
        }
    };
    for input in form.select(&select("input")) {
        let attribute = |name| input.value().attr(name);
        match attribute("type").unwrap_or("text") {
            "checkbox" | "radio" if attribute("checked").is_none() => {}
            "submit" | "file" | "button" => {}
            "checkbox" | "radio" => add(input, attribute("value").unwrap_or("on").to_owned()),
            _ => add(input, attribute("value").unwrap_or_default().to_owned()),
        }
    }
    for area in form.select(&select("textarea")) {
        add(area, area.text().collect::<String>().trim_start_matches('\n').to_owned());
    }
    for list in form.select(&select("select")) {
        let options = select("option");
        let chosen = list.select(&options).find(|option| option.value().attr("selected").is_some());
        let chosen = chosen.or_else(|| list.select(&options).next());
        add(list, chosen.and_then(|option| option.value().attr("value")).unwrap_or_default().to_owned());
    }
    fields
}

/// The certificate that a console shows.
pub fn certificate_of(address: SocketAddr) -> Vec<u8> {
    let tls = connect(TcpStream::connect(address).unwrap()).unwrap();
    tls.conn.peer_certificates().unwrap()[0].to_vec()
}
