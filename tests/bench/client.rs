//! The load generator: one thread, HTTPS/1.1 over rustls, the same for every server. Prints one line of JSON.
//!
//! ```text
//! client requests ADDR PATH CONNECTIONS COUNT [HEADER...]   keep-alive requests, COUNT in all
//! client handshakes ADDR full|hybrid COUNT                  connections, one after the other, without a request
//! client handshakes ADDR resumed COUNT PATH                 the same with a request on each: some give no ticket without
//! client idle ADDR PATH CONNECTIONS                         a request on each, then silence until standard input ends
//! client first ADDR PATH COMMAND [ARGUMENT...]              starts a server; the time to its first whole answer
//! ```
//! Whose certificate it is does not matter here. Every answer is read whole and must be a 200.

use rustls::client::{ClientSessionMemoryCache, Resumption};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use rustls::{ClientConfig, HandshakeKind};
use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Fallible<T> = std::io::Result<T>;
type Tls = TlsStream<TcpStream>;

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let work = async {
        match arguments.as_slice() {
            ["requests", to, path, connections, count, headers @ ..] => {
                requests(address(to)?, path, number(connections)?, number(count)?, headers).await
            }
            ["handshakes", to, kind, count, path @ ..] => handshakes(address(to)?, kind, number(count)?, path).await,
            ["idle", to, path, connections] => idle(address(to)?, path, number(connections)?).await,
            ["first", to, path, command @ ..] => first(address(to)?, path, command).await,
            _ => Err(wrong("the first lines of tests/bench/client.rs tell what is to be said")),
        }
    };
    let line = LocalSet::new().block_on(&runtime, work)?;
    println!("{line}");
    Ok(())
}

async fn requests(to: SocketAddr, path: &str, connections: usize, count: usize, headers: &[&str]) -> Fallible<String> {
    let config = config(false)?;
    let request = request(to, path, headers);
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut tls = connect(to, &config).await?;
        // The first answer is not counted: it warms both sides. A cookie in it is sent from then on, as a browser does.
        let mut answer = Vec::new();
        let bytes = exchange(&mut tls, &request, &mut answer).await?;
        let request: Rc<str> = with_cookie(&request, &answer).into();
        open.push((tls, bytes, request));
    }
    let bytes = open.first().map_or((0, 0), |(_, bytes, _)| *bytes);
    let (left, times) = (Rc::new(Cell::new(count)), Rc::new(RefCell::new(Vec::with_capacity(count))));
    let began = Instant::now();
    let tasks: Vec<_> = open
        .into_iter()
        .map(|(mut tls, _, request)| {
            let (left, times) = (Rc::clone(&left), Rc::clone(&times));
            tokio::task::spawn_local(async move {
                let mut buffer = Vec::new();
                while left.get() > 0 {
                    left.set(left.get() - 1);
                    let sent = Instant::now();
                    exchange(&mut tls, &request, &mut buffer).await?;
                    times.borrow_mut().push(sent.elapsed());
                }
                Fallible::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let times = spread(&mut times.borrow_mut());
    Ok(format!(
        "{{\"count\":{count},\"seconds\":{seconds},\"rate\":{},{times},\"head\":{},\"body\":{}}}",
        count as f64 / seconds,
        bytes.0,
        bytes.1
    ))
}

async fn handshakes(to: SocketAddr, kind: &str, count: usize, path: &[&str]) -> Fallible<String> {
    let request = path.first().map(|path| request(to, path, &[]));
    let visit = async |mut tls: Tls| {
        if let Some(request) = &request {
            exchange(&mut tls, request, &mut Vec::new()).await?;
        }
        // With our word that it is over the server has to finish its part, and we read what tickets it gave.
        close(tls).await
    };
    let mut config = config(kind == "hybrid")?;
    if kind != "resumed" {
        Arc::make_mut(&mut config).resumption = Resumption::disabled();
    }
    if kind == "resumed" {
        visit(connect(to, &config).await?).await?;
    }
    let (mut times, mut resumed) = (Vec::with_capacity(count), 0);
    let began = Instant::now();
    for _ in 0..count {
        let started = Instant::now();
        let tls = connect(to, &config).await?;
        resumed += usize::from(tls.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed));
        visit(tls).await?;
        times.push(started.elapsed());
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(format!(
        "{{\"count\":{count},\"resumed\":{resumed},\"seconds\":{seconds},\"rate\":{},{}}}",
        count as f64 / seconds,
        spread(&mut times)
    ))
}

async fn idle(to: SocketAddr, path: &str, connections: usize) -> Fallible<String> {
    let config = config(false)?;
    let request = request(to, path, &[]);
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut tls = connect(to, &config).await?;
        exchange(&mut tls, &request, &mut Vec::new()).await?;
        open.push(tls);
    }
    println!("{{\"idle\":{}}}", open.len());
    std::io::stdout().flush()?;
    let _ = std::io::stdin().read(&mut [0])?;
    Ok("{}".to_owned())
}

async fn first(to: SocketAddr, path: &str, command: &[&str]) -> Fallible<String> {
    let [program, arguments @ ..] = command else { return Err(wrong("no command")) };
    let config = config(false)?;
    let request = request(to, path, &[]);
    let began = Instant::now();
    let mut server = std::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    let answered = loop {
        match TcpStream::connect(to).await {
            Ok(tcp) => {
                let mut tls = handshake(tcp, &config).await?;
                exchange(&mut tls, &request, &mut Vec::new()).await?;
                break began.elapsed();
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && server.try_wait()?.is_none() => {
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
            Err(error) => return Err(error),
        }
    };
    let stopped = std::process::Command::new("kill").arg(server.id().to_string()).status();
    stopped.and_then(|_| server.wait())?;
    Ok(format!("{{\"seconds\":{}}}", answered.as_secs_f64()))
}

fn request(to: SocketAddr, path: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\nHost: {to}\r\n{headers}\r\n")
}

/// The request with the cookie that an answer sets, if there is one.
fn with_cookie(request: &str, answer: &[u8]) -> String {
    let head = String::from_utf8_lossy(answer);
    let set = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    let cookie =
        set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).find_map(|(_, value)| value.split(';').next());
    match (cookie, request.strip_suffix("\r\n")) {
        (Some(cookie), Some(open)) => format!("{open}Cookie: {cookie}\r\n\r\n"),
        _ => request.to_owned(),
    }
}

async fn connect(to: SocketAddr, config: &Arc<ClientConfig>) -> Fallible<Tls> {
    handshake(TcpStream::connect(to).await?, config).await
}

async fn handshake(tcp: TcpStream, config: &Arc<ClientConfig>) -> Fallible<Tls> {
    tcp.set_nodelay(true)?;
    let name = ServerName::try_from("localhost").map_err(|_| wrong("localhost"))?;
    TlsConnector::from(Arc::clone(config)).connect(name, tcp).await
}

async fn close(mut tls: Tls) -> Fallible<()> {
    tls.shutdown().await?;
    match tls.read_to_end(&mut Vec::new()).await {
        Ok(_) => Ok(()),
        // Some servers close without TLS's own word, or with a reset: they are through all the same.
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => Ok(()),
        Err(error) => Err(error),
    }
}

/// One exchange; the sizes of the answer's head and of its body, as it comes or without what chunks add.
async fn exchange(tls: &mut Tls, request: &str, buffer: &mut Vec<u8>) -> Fallible<(usize, usize)> {
    tls.write_all(request.as_bytes()).await?;
    tls.flush().await?;
    buffer.clear();
    let (head, length) = loop {
        more(tls, buffer).await?;
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = buffer.get(..end).and_then(|head| std::str::from_utf8(head).ok());
            let head = head.ok_or_else(|| wrong("a head that is not text"))?;
            if !head.starts_with("HTTP/1.1 200") {
                return Err(wrong(head));
            }
            break (end + 4, length(head)?);
        }
    };
    let Some(body) = length else { return Ok((head, chunks(tls, buffer, head).await?)) };
    while buffer.len() < head + body {
        more(tls, buffer).await?;
    }
    Ok((head, body))
}

async fn more(tls: &mut Tls, buffer: &mut Vec<u8>) -> Fallible<()> {
    if tls.read_buf(buffer).await? == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// What the head says of the body's length; none where it comes in chunks, as from servers that render while they send.
fn length(head: &str) -> Fallible<Option<usize>> {
    let field = |wanted: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    match (field("content-length"), field("transfer-encoding")) {
        (Some(length), _) => length.parse().map(Some).map_err(|_| wrong(head)),
        (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") => Ok(None),
        _ => Err(wrong("an answer without a length")),
    }
}

/// Reads the chunks of RFC 9112, 7.1, that begin at `at`; the bytes that they carry.
async fn chunks(tls: &mut Tls, buffer: &mut Vec<u8>, mut at: usize) -> Fallible<usize> {
    let mut carried = 0;
    loop {
        let line = loop {
            let rest = buffer.get(at..).unwrap_or_default();
            match rest.windows(2).position(|two| two == b"\r\n") {
                Some(end) => break rest.get(..end).unwrap_or_default(),
                None => more(tls, buffer).await?,
            }
        };
        let size = std::str::from_utf8(line).ok().and_then(|line| line.split(';').next());
        let size = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let size = size.ok_or_else(|| wrong("a chunk without a size"))?;
        // Size line, bytes and the line's end behind them; the last chunk has no bytes and, here, no trailers.
        at += line.len() + 2 + size + 2;
        while buffer.len() < at {
            more(tls, buffer).await?;
        }
        if size == 0 {
            return Ok(carried);
        }
        carried += size;
    }
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let micros = |percent| at(percent).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    format!("\"p50_us\":{:.1},\"p99_us\":{:.1}", micros(50), micros(99))
}

fn config(hybrid: bool) -> Fallible<Arc<ClientConfig>> {
    let mut provider = aws_lc_rs::default_provider();
    if !hybrid {
        // What every server of the comparison knows.
        provider.kx_groups = vec![aws_lc_rs::kx_group::X25519];
    }
    let verifier = signet_testing::accepting(&provider, |_| true);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| wrong(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(8)));
    Ok(Arc::new(config))
}

fn address(text: &str) -> Fallible<SocketAddr> {
    text.parse().map_err(|_| wrong(text))
}

fn number(text: &str) -> Fallible<usize> {
    text.parse().map_err(|_| wrong(text))
}

fn wrong(what: &str) -> std::io::Error {
    std::io::Error::other(what.to_owned())
}
