//! Plain HTTP at either port.

use tokio::net::TcpStream;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Client, SHORT, Server, Settings, header, soon};
use crate::Deadlines;

#[tokio::test]
async fn plain_http_at_the_consoles_port_is_told_what_to_type() {
    let server = Server::start(Settings::default());
    let mut client = server.tcp().await;
    client.send("GET /csrs HTTP/1.1\r\nHost: nas.local:1234\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 400);
    let url = format!("https://nas.local:{}/csrs", server.address.port());
    assert!(answer.body.contains(&url), "{}", answer.body);
    client.closed().await;
}

#[tokio::test]
async fn a_first_byte_of_neither_protocol_is_not_answered() {
    let server = Server::start(Settings::default());
    let mut client = server.tcp().await;
    client.send("\0\x01").await;
    client.closed().await;
    assert_eq!(server.connect().await.get("/").await.status, 200);
}

#[tokio::test]
async fn the_redirect_port_sends_every_method_to_https_and_closes() {
    let server = Server::start(Settings::default());
    for (method, more) in [("GET", ""), ("HEAD", ""), ("POST", "Content-Length: 3\r\n"), ("BREW", "")] {
        let mut client = Client(soon(TcpStream::connect(server.redirect)).await.unwrap());
        client.send(&format!("{method} /a?b=c HTTP/1.1\r\nHost: nas\r\n{more}\r\n")).await;
        let answer = if method == "HEAD" { client.head().await } else { client.answer().await };
        assert_eq!(answer.status, 308, "{method}");
        let location = format!("https://nas:{}/a?b=c", server.address.port());
        assert_eq!(header(&answer.head, "location"), Some(location.as_str()));
        assert_eq!(header(&answer.head, "cache-control"), Some("no-store"));
        assert_eq!(header(&answer.head, "connection"), Some("close"));
        client.closed().await;
    }
}

#[tokio::test]
async fn the_redirect_port_refuses_a_request_without_a_host() {
    let server = Server::start(Settings::default());
    let mut client = Client(soon(TcpStream::connect(server.redirect)).await.unwrap());
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400);
    client.closed().await;
}

#[tokio::test]
async fn a_slow_head_at_the_redirect_port_is_cut_too() {
    let deadlines = Deadlines { head: SHORT, ..Deadlines::default() };
    let server = Server::start(Settings { deadlines, ..Settings::default() });
    let mut client = Client(soon(TcpStream::connect(server.redirect)).await.unwrap());
    client.send("GET / HT").await;
    client.closed().await;
}

#[tokio::test]
async fn the_nets_own_answers_say_what_all_of_them_say_but_for_what_they_say_themselves() {
    let common = [("x-common", "said"), ("content-type", "text/html")]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let server = Server::start(Settings { headers: HeaderMap::from_iter(common), ..Settings::default() });
    let page = server.connect().await.get("/").await.head;
    assert_eq!(header(&page, "x-common"), None, "the handler's answers are its own");
    let hint = server.tcp().await.get("/").await.head;
    let broken = server.connect().await.get("/panic").await.head;
    for own in [hint, broken] {
        assert_eq!(header(&own, "x-common"), Some("said"), "{own}");
        assert_eq!(header(&own, "content-type"), Some("text/plain; charset=utf-8"), "{own}");
    }
}
