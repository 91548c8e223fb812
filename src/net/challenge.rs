//! Answers to CAs' checks while they are open. Here is the one to http-01 (RFC 8555, section 8.3): by plain HTTP at a port that
//! redirects, and by HTTPS, where the device's own port 80 redirects or proxies to. The one to tls-alpn-01 is in `acme_tls`.
//!
//! Knows no CA and no file; whoever serves says what is open.

use super::acme_tls::{Proof, Proofs};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response};
use std::fmt::{Debug, Formatter};
use std::sync::Arc;

/// The path below which CAs look.
const PATH: &str = "/.well-known/acme-challenge/";

/// Gives the answers to challenges while they are open.
#[derive(Clone)]
pub struct Challenges(Arc<Both>);

struct Both {
    pages: Box<Open>,
    proofs: Proofs,
}

type Open = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

impl Challenges {
    /// `pages` is asked for each token that could be one: 20 to 128 characters of base64url. `proofs` is asked for the names of
    /// checks by TLS, in lower case; an address has its name of reverse DNS (RFC 8738, section 6).
    pub fn new(
        pages: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
        proofs: impl Fn(&str) -> Option<Proof> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Both { pages: Box::new(pages), proofs: Proofs::new(proofs) }))
    }

    pub(super) fn proofs(&self) -> &Proofs {
        &self.0.proofs
    }
}

impl Debug for Challenges {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenges")
    }
}

/// The answer; none for any other request, and while nothing is open for it.
pub(super) fn answer<B>(request: &Request<B>, challenges: Option<&Challenges>) -> Option<Response<Full<Bytes>>> {
    let token = request.uri().path().strip_prefix(PATH)?;
    let is_token = (20..=128).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_token || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let open = (challenges?.0.pages)(token)?;
    let mut response = Response::new(Full::new(Bytes::from(open)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn asked(method: &str, path: &str) -> Option<Response<Full<Bytes>>> {
        let challenges =
            Challenges::new(|token| (token == "abcdefghijklmnopqrst").then(|| b"answer".to_vec()), |_| None);
        answer(&Request::builder().method(method).uri(path).body(()).unwrap(), Some(&challenges))
    }

    #[tokio::test]
    async fn only_an_open_token_is_answered() {
        let found = asked("GET", "/.well-known/acme-challenge/abcdefghijklmnopqrst").unwrap();
        assert_eq!(found.into_body().collect().await.unwrap().to_bytes(), "answer");
        for (method, path) in [
            ("POST", "/.well-known/acme-challenge/abcdefghijklmnopqrst"),
            ("GET", "/.well-known/acme-challenge/abcdefghijklmnopqrsu"),
            ("GET", "/.well-known/acme-challenge/"),
            ("GET", "/.well-known/acme-challenge/../../owner.json.....x"),
            ("GET", "/.well-known/acme-challenge/%61bcdefghijklmnopqrst"),
            ("GET", "/abcdefghijklmnopqrst"),
        ] {
            assert!(asked(method, path).is_none(), "{method} {path}");
        }
        let request = Request::builder().uri("/.well-known/acme-challenge/abcdefghijklmnopqrst").body(()).unwrap();
        assert!(answer(&request, None).is_none());
    }
}
