//! EST servers that refuse this device by TLS itself, as Apache and Go's servers do, and what they are sent.

use super::run;
use super::server::{Server, TestCa, said};
use crate::error::ClientError;
use crate::est::{Est, Sent};
use crate::{Client, Https, Roots};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::sync::{Arc, Mutex};

fn est(server: &Server, ca: &TestCa, client: Option<(&[u8], &str)>) -> Est {
    let client = client.map(|(key, chain)| Client { key, chain: chain.as_bytes() });
    let https = Https::of(Roots::Pem(ca.pem.as_bytes()), None, client).unwrap();
    Est::new(https, &server.url, Some("nas"), Some(("user", b"secret")))
}

#[test]
fn a_server_that_ends_tls_for_want_of_a_certificate_is_understood() {
    let (ca, stranger) = (TestCa::new(), TestCa::new());
    let answer = |_: &str, _: &str| said(200, "", "");
    let code = |client: Option<(&[u8], &str)>| {
        run(async {
            let server = Server::start(ca.server_for_clients(), answer).await;
            match est(&server, &ca, client).enroll(b"csr", false).await {
                Ok(_) => "accepted".to_owned(),
                Err(error) => error.failure().code,
            }
        })
    };
    assert_eq!(code(None), "client_required");
    let (key, chain) = stranger.client();
    assert_eq!(code(Some((&key, &chain))), "client_refused");
    let (key, chain) = ca.client();
    assert_eq!(code(Some((&key, &chain))), "accepted");
}

#[test]
fn a_key_that_is_not_the_certificates_is_no_credential() {
    let ca = TestCa::new();
    let ((key, _), (_, chain)) = (ca.client(), ca.client());
    let client = Client { key: &key, chain: chain.as_bytes() };
    let refused = Https::of(Roots::Public, None, Some(client)).unwrap_err();
    assert!(matches!(refused, ClientError::ClientCertificate), "{refused}");
}

#[test]
fn a_request_is_one_line_of_base64_and_202_is_no_answer() {
    let ca = TestCa::new();
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let csr = [0xa5; 400];
    run(async {
        let kept = bodies.clone();
        let server = Server::start(ca.server(|_| {}), move |line, body| {
            kept.lock().unwrap().push(body.to_owned());
            match line {
                "POST /.well-known/est/nas/simplereenroll" => said(202, "Retry-After: 90\r\n", ""),
                "GET /.well-known/est/nas/csrattrs" => said(200, "", "MAkG\r\nBysGAQEBARY=\r\n"),
                other => panic!("{other}"),
            }
        })
        .await;
        let mut est = est(&server, &ca, None);
        let Ok(Sent::Later(Some(after))) = est.enroll(&csr, true).await else { panic!("it does not wait") };
        assert_eq!(after.seconds(jiff::Timestamp::UNIX_EPOCH), 90);
        // Wrapped base64.
        assert_eq!(est.csr_attributes().await.unwrap(), BASE64_STANDARD.decode("MAkGBysGAQEBARY=").unwrap());
    });
    assert_eq!(bodies.lock().unwrap()[0], BASE64_STANDARD.encode(csr));
}
