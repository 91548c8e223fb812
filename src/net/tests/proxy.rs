//! Proxies in front: over the Unix socket, over plain TCP, over TLS; and those who only say that they are one.

use tokio::net::{TcpStream, UnixStream};

use super::{Client, SHORT, Server, Settings, header, soon};
use crate::{Deadlines, Endpoint, Limits, Proxies, VisitorHeader};

fn trusting(networks: &[&str], unix: bool) -> Settings {
    let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
    Settings { proxies: Some(Proxies { networks, unix, header: VisitorHeader::default() }), ..Settings::default() }
}

/// A server with a Unix socket and a plain port for proxies.
async fn both(folder: &tempfile::TempDir, settings: Settings) -> (Server, Client<UnixStream>, Client<TcpStream>) {
    let path = folder.path().join("signet.sock");
    let any = "127.0.0.1:0".parse().unwrap();
    let (server, places) = Server::start_at(&[Endpoint::Unix(path.clone()), Endpoint::Http(any)], settings);
    let [Endpoint::Unix(_), Endpoint::Http(plain)] = &places[..] else { panic!("{places:?}") };
    assert_ne!(plain.port(), 0);
    let unix = Client(soon(UnixStream::connect(&path)).await.unwrap());
    let plain = Client(soon(TcpStream::connect(plain)).await.unwrap());
    (server, unix, plain)
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: nas\r\n{headers}\r\n")
}

#[tokio::test]
async fn a_trusted_proxy_speaks_for_its_visitors_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, mut unix, mut plain) = both(&folder, trusting(&["127.0.0.1/32"], true)).await;
    for visitor in ["192.0.2.7", "2001:db8::7", "192.0.2.7"] {
        let request = get("/remote", &format!("X-Forwarded-For: 198.51.100.1, {visitor}\r\n"));
        unix.send(&request).await;
        assert_eq!(unix.answer().await.body, format!("{visitor} true"));
        plain.send(&request).await;
        assert_eq!(plain.answer().await.body, format!("{visitor} true"));
    }
    unix.send(&get("/remote", "Forwarded: for=192.0.2.66\r\n")).await;
    assert_eq!(unix.answer().await.body, "127.0.0.1 true", "nothing is said in the header that counts");
}

#[tokio::test]
async fn who_is_not_trusted_is_heard_at_no_plain_port_and_believed_at_none() {
    let folder = tempfile::tempdir().unwrap();
    let (server, mut unix, mut plain) = both(&folder, trusting(&["192.0.2.0/24"], false)).await;
    let forged = get("/remote", "X-Forwarded-For: 192.0.2.7\r\n");
    unix.send(&forged).await;
    plain.send(&forged).await;
    for answer in [unix.answer().await, plain.answer().await] {
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("[proxy]"), "{}", answer.body);
    }
    unix.closed().await;
    plain.closed().await;
    let mut direct = server.connect().await;
    direct.send(&forged).await;
    assert_eq!(direct.answer().await.body, "127.0.0.1 false");
}

#[tokio::test]
async fn over_tls_a_trusted_address_is_a_proxy_where_it_says_whom_it_speaks_for() {
    let server = Server::start(trusting(&["127.0.0.0/8"], false));
    let mut client = server.connect().await;
    assert_eq!(client.get("/remote").await.body, "127.0.0.1 false", "the device's own owner");
    client.send(&get("/remote", "X-Forwarded-For: 192.0.2.7\r\n")).await;
    assert_eq!(client.answer().await.body, "192.0.2.7 true");
    assert_eq!(client.get("/remote").await.body, "127.0.0.1 false");
}

#[tokio::test]
async fn a_proxys_connection_rests_and_goes_on_and_its_slow_head_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let deadlines = Deadlines { head: SHORT, ..Deadlines::default() };
    let settings = Settings { deadlines, ..trusting(&["127.0.0.1/32"], true) };
    let (_server, mut unix, mut plain) = both(&folder, settings).await;
    for _ in 0..2 {
        assert_eq!(unix.get("/").await.body, "hello");
        assert_eq!(plain.get("/").await.body, "hello");
        // Long enough for the buffers of a request to be given back.
        tokio::time::sleep(SHORT).await;
    }
    unix.send("GET / HT").await;
    unix.closed().await;
    plain.send("GET / HT").await;
    plain.closed().await;
}

#[tokio::test]
async fn a_visitor_has_no_larger_share_behind_a_proxy_and_another_one_is_served_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { per_source: 2, ..Limits::default() };
    let settings = Settings { limits, ..trusting(&[], true) };
    let path = folder.path().join("signet.sock");
    let (server, _) = Server::start_at(&[Endpoint::Unix(path.clone())], settings);
    let connect = async || Client(soon(UnixStream::connect(&path)).await.unwrap());
    let (mut busy, mut over) = (vec![connect().await, connect().await], connect().await);
    for client in &mut busy {
        client.send(&get("/wait", "X-Forwarded-For: 192.0.2.7\r\n")).await;
        soon(server.handler.entered.notified()).await;
    }
    over.send(&get("/", "X-Forwarded-For: 192.0.2.7\r\n")).await;
    let refused = over.answer().await;
    assert_eq!((refused.status, header(&refused.head, "connection")), (503, Some("close")));
    let mut owner = connect().await;
    owner.send(&get("/remote", "X-Forwarded-For: 192.0.2.8\r\n")).await;
    assert_eq!(owner.answer().await.body, "192.0.2.8 true");
    for client in &mut busy {
        server.handler.leave.notify_one();
        assert_eq!(client.answer().await.body, "waited");
    }
    // Their connections rest now, and one of them makes room.
    let mut again = connect().await;
    again.send(&get("/", "X-Forwarded-For: 192.0.2.7\r\n")).await;
    assert_eq!(again.answer().await.status, 200);
}
