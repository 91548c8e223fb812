//! Slow, large and closed: a CA's server at its worst.

use super::run;
use super::server::{Server, TestCa, said};
use crate::{ClientError, Https, Proxy, Roots};
use hyper::Method;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn server(answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> (Server, Https) {
    let ca = TestCa::new();
    let server = Server::start(ca.server(|_| {}), answer).await;
    (server, Https::new(Roots::Pem(ca.pem.as_bytes()), None).unwrap())
}

#[test]
fn an_answer_over_one_mebibyte_is_refused() {
    run(async {
        let (server, mut https) = server(|_, _| said(200, "", &"x".repeat(2 * 1024 * 1024))).await;
        let error = https.send(Method::GET, &server.url, &[], Vec::new()).await.unwrap_err();
        assert!(matches!(error, ClientError::TooLarge { .. }), "{error}");
    });
}

#[test]
fn a_redirect_is_not_followed() {
    run(async {
        let (server, mut https) = server(|_, _| said(302, "Location: https://localhost:1/\r\n", "")).await;
        let error = https.send(Method::GET, &server.url, &[], Vec::new()).await.unwrap_err();
        assert!(matches!(error, ClientError::Redirect { .. }), "{error}");
        assert_eq!(server.asked.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    run(async {
        // A head without its end.
        let (server, https) = server(|_, _| b"HTTP/1.1 200 OK\r\n".to_vec()).await;
        let mut https = https.with_exchange(Duration::from_millis(300));
        let error = https.send(Method::GET, &server.url, &[], Vec::new()).await.unwrap_err();
        assert!(matches!(error, ClientError::Deadline { .. }), "{error}");
    });
}

#[test]
fn a_connection_is_kept_and_one_that_was_closed_is_made_again() {
    run(async {
        let (server, mut https) = server(|line, _| match line {
            "GET /close" => said(200, "Connection: close\r\n", "{}"),
            _ => said(200, "", "{}"),
        })
        .await;
        for path in ["/a", "/close", "/b"] {
            let url = format!("{}{path}", server.url);
            assert_eq!(https.send(Method::GET, &url, &[], Vec::new()).await.unwrap().body, "{}");
        }
        assert_eq!(server.connections.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn only_https_is_spoken() {
    run(async {
        let mut https = Https::new(Roots::Public, None).unwrap();
        for url in ["http://localhost/", "https://user:word@localhost/", "localhost", "file:///etc/passwd", ""] {
            let error = https.send(Method::GET, url, &[], Vec::new()).await.unwrap_err();
            assert!(matches!(error, ClientError::Address(_)), "{url}: {error}");
        }
    });
}

/// A proxy that passes one connection on, or answers with this line.
async fn proxy(line: Option<&'static str>) -> (Proxy, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let asked = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        match line {
            Some(line) => client.write_all(format!("{line}\r\n\r\n").as_bytes()).await.unwrap(),
            None => {
                let to = head.split(' ').nth(1).unwrap();
                let mut server = TcpStream::connect(to).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
            }
        }
        head
    });
    (proxy, asked)
}

#[test]
fn a_proxy_passes_the_connection_on_and_sees_the_host_alone() {
    run(async {
        let ca = TestCa::new();
        let server = Server::start(ca.server(|_| {}), |_, _| said(200, "", "{}")).await;
        let (through, asked) = proxy(None).await;
        let mut https = Https::new(Roots::Pem(ca.pem.as_bytes()), Some(through)).unwrap();
        let answer = https.send(Method::GET, &format!("{}/secret", server.url), &[], Vec::new()).await.unwrap();
        assert_eq!(answer.body, "{}");
        let head = asked.await.unwrap();
        assert_eq!(head, format!("CONNECT localhost:{0} HTTP/1.1\r\nHost: localhost:{0}\r\n\r\n", server.port));
        let (through, _asked) = proxy(Some("HTTP/1.1 407 Log in \x1b[2J")).await;
        let mut https = Https::new(Roots::Pem(ca.pem.as_bytes()), Some(through)).unwrap();
        let failure = https.send(Method::GET, &server.url, &[], Vec::new()).await.unwrap_err().failure();
        assert_eq!(failure.code, "proxy");
        assert!(failure.what.contains("407 Log in \\u{1b}[2J"), "{}", failure.what);
    });
}

#[test]
fn a_proxys_address_is_http_with_a_port() {
    assert_eq!(Proxy::parse("http://[::1]:3128/").unwrap().to_string(), "http://[::1]:3128");
    for bad in ["https://proxy:3128", "proxy:3128", "http://proxy", "http://u:p@proxy:3128", "http://proxy:3128/x", ""]
    {
        assert!(Proxy::parse(bad).is_err(), "{bad}");
    }
}
