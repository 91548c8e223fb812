//! Versions, key exchange, and an identity that changes.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Client, Server, Settings, client_config, header, identity, soon};
use crate::{Clients, IdentityError, IdentityHandle};

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

/// X25519MLKEM768 and the classical groups, as IANA numbers them.
const HYBRID: u16 = 0x11ec;
const X25519: u16 = 0x001d;
const P256: u16 = 0x0017;
const P384: u16 = 0x0018;

/// A block of TLS: its length in so many bytes, and itself.
fn block(length_bytes: usize, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = (content.len() as u32).to_be_bytes();
    [&length[4 - length_bytes..], content.as_slice()].concat()
}

/// A ClientHello in its record, with these groups and not one key share.
fn hello_without_share(version: u16, groups: &[u16]) -> Vec<u8> {
    let list = |numbers: &[u16]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let extension = |kind: u16, body: &[u8]| [kind.to_be_bytes().as_slice(), &block(2, &[body])].concat();
    let mut extensions = vec![
        extension(10, &block(2, &[&list(groups)])),
        extension(11, &block(1, &[&[0]])),
        // ECDSA on P-256 with SHA-256.
        extension(13, &block(2, &[&list(&[0x0403])])),
        extension(43, &block(1, &[&list(&[version])])),
        // extended_master_secret, without which rustls speaks no TLS 1.2.
        extension(23, &[]),
    ];
    if version == 0x0304 {
        extensions.push(extension(51, &block(2, &[])));
    }
    let suites = list(&[0x1302, 0x1301, 0xc02b, 0xc02c]);
    let session = block(1, &[&[7; 32]]);
    let extensions = block(2, &[&extensions.concat()]);
    let body = [&[3, 3][..], &[9; 32], &session, &block(2, &[&suites]), &[1, 0], &extensions].concat();
    let handshake = [&[1][..], &block(3, &[&body])].concat();
    [&[22, 3, 1][..], &block(2, &[&handshake])].concat()
}

/// The handshake messages that answer it, up to one of this kind: its content.
async fn answered(server: &Server, hello: &[u8], kind: u8) -> Vec<u8> {
    let mut client = server.tcp().await;
    soon(client.0.write_all(hello)).await.unwrap();
    let mut flight = Vec::new();
    loop {
        while let [this, a, b, c, rest @ ..] = flight.as_slice() {
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if rest.len() < length {
                break;
            }
            if *this == kind {
                return rest[..length].to_vec();
            }
            flight = rest[length..].to_vec();
        }
        let mut head = [0; 5];
        soon(client.0.read_exact(&mut head)).await.unwrap();
        let mut record = vec![0; usize::from(head[3]) << 8 | usize::from(head[4])];
        soon(client.0.read_exact(&mut record)).await.unwrap();
        assert_eq!(head[0], 22, "no alert: {record:?}");
        flight.extend(record);
    }
}

/// The group whose share a HelloRetryRequest asks for.
async fn asked_for(server: &Server, groups: &[u16]) -> u16 {
    let retry = answered(server, &hello_without_share(0x0304, groups), 2).await;
    assert_eq!(&retry[2..6], [0xcf, 0x21, 0xad, 0x74], "a HelloRetryRequest (RFC 8446, 4.1.3)");
    // Version, random, session, suite, compression, length of the extensions.
    let mut extensions = &retry[2 + 32 + 33 + 2 + 1 + 2..];
    while let [kind_high, kind_low, high, low, rest @ ..] = extensions {
        let (body, after) = rest.split_at(usize::from(*high) << 8 | usize::from(*low));
        if [*kind_high, *kind_low] == [0, 51] {
            return u16::from_be_bytes([body[0], body[1]]);
        }
        extensions = after;
    }
    panic!("it asks for no share: {retry:?}");
}

#[tokio::test]
async fn a_client_without_a_key_share_is_asked_for_the_hybrid_one_first() {
    let server = Server::start(Settings::default());
    for groups in [&[HYBRID, X25519][..], &[X25519, HYBRID], &[P256, P384, X25519, HYBRID], &[HYBRID]] {
        assert_eq!(asked_for(&server, groups).await, HYBRID, "{groups:x?}");
    }
    for groups in [&[X25519, P256][..], &[P256, X25519], &[P384], &[0x0100, X25519]] {
        let first = if groups[0] == 0x0100 { X25519 } else { groups[0] };
        assert_eq!(asked_for(&server, groups).await, first, "{groups:x?} have no hybrid one");
    }
}

#[tokio::test]
async fn a_client_that_puts_the_hybrid_group_last_comes_to_it_by_a_retry() {
    let server = Server::start(Settings::default());
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups.reverse();
    let verifier = super::only(&server.certificate, &provider);
    let config = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let mut client = Client(server.handshake(&Arc::new(config)).await);
    let connection = client.0.get_ref().1;
    assert_eq!(connection.handshake_kind(), Some(HandshakeKind::FullWithHelloRetryRequest));
    assert_eq!(connection.negotiated_key_exchange_group().map(|group| group.name()), Some(NamedGroup::X25519MLKEM768));
    assert_eq!(client.get("/").await.body, "hello");
}

#[tokio::test]
async fn a_client_of_tls_1_2_that_names_the_hybrid_group_gets_a_classical_one() {
    let server = Server::start(Settings::default());
    let exchange = answered(&server, &hello_without_share(0x0303, &[HYBRID, X25519]), 12).await;
    // ServerKeyExchange (RFC 8422, 5.4): a named curve, and which.
    assert_eq!(exchange[..3], [3, 0, 0x1d]);
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
    let shown = server.identity.replace_tested(vec![certificate.clone()], &key, Clients::Browsers).unwrap();
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
async fn an_identity_that_fails_its_self_test_is_not_shown() {
    let server = Server::start(Settings::default());
    let ((certificate, key), (_, other)) = (identity(), identity());
    let refused = server.identity.replace_tested(vec![certificate.clone()], &other, Clients::Browsers);
    assert!(matches!(refused, Err(IdentityError::Mismatch(_))), "{refused:?}");
    // rustls serves Ed25519, and no browser takes it.
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let made = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&ed25519).unwrap();
    let ed25519 = (vec![made.der().to_vec()], ed25519.serialize_der());
    assert!(IdentityHandle::new(ed25519.0.clone(), &ed25519.1).is_ok());
    let refused = server.identity.replace_tested(ed25519.0, &ed25519.1, Clients::Browsers);
    assert!(matches!(refused, Err(IdentityError::SelfTest(_))), "{refused:?}");
    assert_eq!(server.identity.number(), 1);
    assert!(crate::self_test_of(vec![certificate], &key).is_ok());
}

#[tokio::test]
async fn an_ml_dsa_identity_pleases_those_that_know_it_and_no_other() {
    let server = Server::start(Settings::default());
    for kind in [&rcgen::PKCS_ML_DSA_44, &rcgen::PKCS_ML_DSA_65, &rcgen::PKCS_ML_DSA_87] {
        let key = rcgen::KeyPair::generate_for(kind).unwrap();
        let made = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let (chain, key) = (vec![made.der().to_vec()], key.serialize_der());
        let refused = server.identity.replace_tested(chain.clone(), &key, Clients::Browsers);
        assert!(matches!(refused, Err(IdentityError::SelfTest(_))), "{refused:?}");
        server.identity.replace_tested(chain.clone(), &key, Clients::MlDsa).unwrap();
        let client = client_config(&chain[0], &[&TLS13]);
        let answer = Client(server.handshake(&client).await).get("/").await;
        assert_eq!(answer.body, "hello", "a client of rustls knows it");
    }
    let (certificate, key) = identity();
    let refused = server.identity.replace_tested(vec![certificate], &key, Clients::MlDsa);
    assert!(matches!(refused, Err(IdentityError::SelfTest(_))), "EC is for browsers: {refused:?}");
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
