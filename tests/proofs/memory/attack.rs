//! What attackers do: each way to make the console hold memory, as one connection that is begun and then held.

use crate::client::{Client, Tls, client_hello, connect, field, tcp_from};
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A receive buffer of those who do not read.
const NARROW: usize = 2048;

static CLIENT_HELLO: LazyLock<Vec<u8>> = LazyLock::new(client_hello);

/// One way to make the console hold memory, or work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attack {
    /// A form to a page behind the login, which the login would carry along.
    Reply { bytes: usize },
    /// A login that carries a form of quotes along, which are escaped.
    Carried { bytes: usize },
    /// A path to go on to, of quotes.
    Next { bytes: usize },
    /// A ClientHello that never ends.
    Hello { bytes: usize },
    /// A head that never ends.
    Head { bytes: usize },
    /// A form that never ends.
    Body { bytes: usize },
    /// Requests one after the other, each for a page that is compressed, whose answers nobody reads.
    Requests { count: usize },
    /// A ClientHello, then another one as soon as it is answered: the console computes handshakes, the attacker nothing.
    Handshake,
}

impl Attack {
    /// How many connections do it at the same time.
    pub fn crowd(self) -> usize {
        match self {
            Self::Hello { .. } => 2_500,
            Self::Head { .. } | Self::Body { .. } | Self::Requests { .. } => 400,
            _ => 128,
        }
    }

    /// One connection's part. It is not read from, and ends when it is dropped.
    pub fn begin(self, source: IpAddr, console: SocketAddr, token: &Token) -> std::io::Result<Stuck> {
        let mut tcp = tcp_from(source, console, Some(NARROW))?;
        tcp.set_write_timeout(Some(Duration::from_secs(2)))?;
        match self {
            Self::Hello { bytes } => return hello(tcp, bytes),
            Self::Handshake => {
                tcp.write_all(&CLIENT_HELLO)?;
                return Ok(Stuck { content: true, ..Stuck::new(Line::Tcp(tcp)) });
            }
            _ => {}
        }
        let mut tls = connect(tcp)?;
        let head = |method: &str, target: &str, rest: &str| {
            format!("{method} {target} HTTP/1.1\r\nHost: {console}\r\n{rest}\r\n")
        };
        let form = |length: usize, cookie: &str| {
            format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{cookie}")
        };
        let request = match self {
            Self::Reply { bytes } => {
                let body = format!("certificate={}", "\"".repeat(bytes));
                head("POST", "/reply", &form(body.len(), "")) + &body
            }
            Self::Carried { bytes } => {
                let body = format!(
                    "csrf_token={}&next=&carried_path=/reply&carried_form={}&password=",
                    token.token,
                    "\"".repeat(bytes)
                );
                head("POST", "/login", &form(body.len(), &format!("Cookie: {}\r\n", token.cookie))) + &body
            }
            Self::Next { bytes } => head("GET", &format!("/login?next=/csrs?q={}", "\"".repeat(bytes)), ""),
            Self::Head { bytes } => {
                let whole = head("GET", "/login", &format!("Cookie: a={}\r\n", "a".repeat(bytes)));
                whole.trim_end().to_owned()
            }
            Self::Body { bytes } => {
                head("POST", "/login", &form(bytes + 1000, "")) + "carried_form=" + &"\"".repeat(bytes)
            }
            Self::Requests { count } => {
                head("GET", "/login", "Accept-Encoding: gzip\r\nSec-Fetch-Site: none\r\n").repeat(count)
            }
            Self::Hello { .. } | Self::Handshake => unreachable!("above"),
        };
        // Whoever is cut in between has lost.
        tls.write_all(request.as_bytes())?;
        tls.flush()?;
        Ok(Stuck::new(Line::Tls(Box::new(tls))))
    }
}

/// The first records of a ClientHello that says it has 65,000 bytes.
fn hello(mut tcp: TcpStream, bytes: usize) -> std::io::Result<Stuck> {
    let mut handshake = vec![1, 0, 0xfd, 0xe8, 3, 3];
    handshake.resize(bytes, 0);
    for part in handshake.chunks(16 * 1024) {
        let length = u16::try_from(part.len()).unwrap().to_be_bytes();
        tcp.write_all(&[&[22, 3, 1], &length[..], part].concat())?;
    }
    Ok(Stuck::new(Line::Tcp(tcp)))
}

/// A connection that the attacker holds.
pub struct Stuck {
    line: Line,
    touched: Instant,
    /// An answer is all that it is for: there is another one then.
    content: bool,
}

enum Line {
    Tls(Box<Tls>),
    Tcp(TcpStream),
}

impl Stuck {
    fn new(line: Line) -> Self {
        Self { line, touched: Instant::now(), content: false }
    }

    /// True when the console has closed it, or has done what it is for. Nothing is read, so that the window stays shut; an end
    /// behind an unread answer is seen by the error of a second write.
    pub fn is_over(&mut self) -> bool {
        let tcp = match &mut self.line {
            Line::Tls(tls) => &mut tls.sock,
            Line::Tcp(tcp) => tcp,
        };
        if tcp.take_error().ok().flatten().is_some() {
            return true;
        }
        tcp.set_nonblocking(true).unwrap();
        let mut over = match tcp.peek(&mut [0]) {
            Ok(0) => true,
            Ok(_) => self.content,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        if self.touched.elapsed() > Duration::from_secs(1) {
            self.touched = Instant::now();
            // The first byte of a record.
            over |= tcp.write(&[23]).is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock);
        }
        tcp.set_nonblocking(false).unwrap();
        over
    }
}

/// What a login page gave a stranger.
pub struct Token {
    token: String,
    cookie: String,
}

impl Token {
    pub fn of(console: SocketAddr) -> Self {
        let mut client = Client::new(console);
        let page = client.get("/login");
        let set = page.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { token: field(&page, "/login", "csrf_token"), cookie }
    }
}
