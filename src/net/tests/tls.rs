//! Versions, key exchange, and an identity that changes.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};

use super::{Client, Server, Settings, client_config, header, identity};
use crate::{IdentityError, IdentityHandle};

#[tokio::test]
async fn speaks_tls_1_2_and_1_3_and_http_1_1_in_both() {
    let server = Server::start(Settings::default());
    for (version, expected) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let stream = server.handshake(&client_config(&server.certificate, &[version])).await;
        let connection = stream.get_ref().1;
        assert_eq!(connection.protocol_version(), Some(expected));
        assert_eq!(connection.alpn_protocol(), Some(b"http/1.1".as_slice()), "the client offers h2, too");
        assert_eq!(Client(stream).get("/").await.body, "hello");
    }
}

#[tokio::test]
async fn the_hybrid_key_exchange_is_taken_first() {
    let server = Server::start(Settings::default());
    let client = server.connect().await;
    let group = client.0.get_ref().1.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(NamedGroup::X25519MLKEM768));
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_tls_1_1() {
    let server = Server::start(Settings::default());
    let s_client = |version: &str| {
        let mut command = Command::new("openssl");
        command.args(["s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect", &server.address.to_string()]);
        let output = command.stdin(Stdio::null()).output().expect("openssl runs");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let old = s_client("-tls1_1");
    assert!(old.contains("SSL alert number") && old.contains("Cipher is (NONE)"), "{old}");
    let new = s_client("-tls1_2");
    assert!(new.contains("Cipher is ECDHE-ECDSA-"), "{new}");
}

#[tokio::test]
async fn a_replaced_identity_is_seen_by_new_handshakes_alone() {
    let server = Server::start(Settings::default());
    let mut before = server.connect().await;
    let (certificate, key) = identity();
    server.identity.replace(vec![certificate.clone()], &key).unwrap();

    let stream = server.handshake(&client_config(&certificate, &[&TLS13])).await;
    assert_eq!(Client(stream).get("/").await.status, 200);
    assert_eq!(before.get("/").await.status, 200, "an open connection goes on");
}

#[tokio::test]
async fn sessions_are_resumed_until_the_identity_changes() {
    let server = Server::start(Settings::default());
    for version in [&TLS12, &TLS13] {
        let mut config = (*client_config(&server.certificate, &[version])).clone();
        config.resumption = Resumption::in_memory_sessions(8);
        let config = Arc::new(config);
        let kind = async || {
            let mut client = Client(server.handshake(&config).await);
            client.get("/").await;
            client.0.get_ref().1.handshake_kind()
        };
        assert_eq!(kind().await, Some(HandshakeKind::Full));
        assert_eq!(kind().await, Some(HandshakeKind::Resumed));
        server.identity.replace(vec![server.certificate.clone()], &[]).unwrap_err();
        assert_eq!(kind().await, Some(HandshakeKind::Resumed), "a refused identity changes nothing");
    }
    let mut config = (*client_config(&server.certificate, &[&TLS13])).clone();
    config.resumption = Resumption::in_memory_sessions(8);
    let config = Arc::new(config);
    Client(server.handshake(&config).await).get("/").await;
    let (certificate, key) = identity();
    server.identity.replace(vec![certificate], &key).unwrap();
    let name = "localhost".try_into().unwrap();
    let refused = tokio_rustls::TlsConnector::from(config).connect(name, server.tcp().await.0).await;
    assert!(refused.is_err(), "resuming would have shown the former identity");
}

#[tokio::test]
async fn a_request_tells_whose_handshake_its_connection_came_by() {
    let server = Server::start(Settings::default());
    let mut before = server.connect().await;
    assert_eq!(before.get("/handshake").await.body, "1 false");
    let former = server.identity.shown();
    let (certificate, key) = identity();
    let shown = server.identity.replace_rehearsed(vec![certificate.clone()], &key).unwrap();
    assert_eq!((shown.number(), server.identity.number()), (2, 2));

    let answer = before.get("/handshake").await;
    assert_eq!(answer.body, "1 false", "an open connection does not become one of the new identity");
    assert_eq!(header(&answer.head, "connection"), Some("close"));
    before.closed().await;

    let mut config = (*client_config(&certificate, &[&TLS13])).clone();
    config.resumption = Resumption::in_memory_sessions(8);
    let config = Arc::new(config);
    for told in ["2 false", "2 true"] {
        let mut client = Client(server.handshake(&config).await);
        let answer = client.get("/handshake").await;
        assert_eq!((answer.body.as_str(), header(&answer.head, "connection")), (told, None));
        assert_eq!(client.get("/").await.status, 200, "it stays open");
    }

    server.identity.back_to(&former);
    let mut client = server.connect().await;
    assert_eq!(client.get("/handshake").await.body, "1 false", "the former one is itself again");
    let (certificate, key) = identity();
    assert_eq!(server.identity.replace(vec![certificate], &key).unwrap().number(), 3, "no number is given twice");
}

#[tokio::test]
async fn an_identity_that_fails_its_rehearsal_is_not_shown() {
    let server = Server::start(Settings::default());
    let ((certificate, key), (_, other)) = (identity(), identity());
    let refused = server.identity.replace_rehearsed(vec![certificate.clone()], &other);
    assert!(matches!(refused, Err(IdentityError::Mismatch(_))), "{refused:?}");
    // rustls serves Ed25519, and no browser takes it.
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let made = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&ed25519).unwrap();
    let ed25519 = (vec![made.der().to_vec()], ed25519.serialize_der());
    assert!(IdentityHandle::new(ed25519.0.clone(), &ed25519.1).is_ok());
    let refused = server.identity.replace_rehearsed(ed25519.0, &ed25519.1);
    assert!(matches!(refused, Err(IdentityError::Rehearsal(_))), "{refused:?}");
    assert_eq!(server.identity.number(), 1);
    assert!(crate::rehearse(vec![certificate], &key).is_ok());
}

#[test]
fn an_identity_whose_parts_do_not_fit_is_refused() {
    let ((certificate, key), (_, other)) = (identity(), identity());
    let new = |chain, key| IdentityHandle::new(chain, key).err();
    assert!(new(vec![certificate.clone()], &key).is_none());
    assert!(matches!(new(vec![], &key), Some(IdentityError::NoCertificate)));
    assert!(matches!(new(vec![certificate.clone()], &other), Some(IdentityError::Mismatch(_))));
    assert!(matches!(new(vec![b"none".to_vec()], &key), Some(IdentityError::Mismatch(_))));
    assert!(matches!(new(vec![certificate], b"none"), Some(IdentityError::Key)));
}
