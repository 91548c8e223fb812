//! The response to plain HTTP: the way to HTTPS, as a redirect or as a sentence.
//!
//! It responds from the head alone and reads no body.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue, LOCATION};
use hyper::http::uri::Authority;
use hyper::{Request, Response, StatusCode};

use super::messages;
use super::response::bare;

/// The default port of https, which an URL leaves out.
const HTTPS: u16 = 443;

/// Sends the visitor to the same path on `port`: 308 keeps the method, and is not to be stored, since the port or the
/// name may be another device's tomorrow.
pub(super) fn to_https<B>(request: &Request<B>, port: u16) -> Response<Full<Bytes>> {
    let Some(location) = https_url(request, port).and_then(|url| HeaderValue::try_from(url).ok()) else {
        return bare(StatusCode::BAD_REQUEST, messages::NO_HOST);
    };
    let mut response = bare(StatusCode::PERMANENT_REDIRECT, messages::USE_HTTPS);
    response.headers_mut().insert(LOCATION, location);
    response
}

/// For a visitor who typed `http://` at the console's own port: what to type.
pub(super) fn hint(request: &Request<Incoming>, port: u16) -> Response<Full<Bytes>> {
    bare(StatusCode::BAD_REQUEST, messages::open_with_https(https_url(request, port).as_deref()))
}

/// The request's own URL with https and `port`; `None` without a well-formed host or an absolute path.
fn https_url<B>(request: &Request<B>, port: u16) -> Option<String> {
    let host = host(request)?;
    let path = request.uri().path_and_query().map(|path| path.as_str()).filter(|path| path.starts_with('/'))?;
    Some(match port {
        HTTPS => format!("https://{host}{path}"),
        _ => format!("https://{host}:{port}{path}"),
    })
}

/// The host that the client asked: of the absolute form if there is one (RFC 9112, 3.2.2), else the one `Host`.
fn host<B>(request: &Request<B>) -> Option<String> {
    let authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => {
            let mut hosts = request.headers().get_all(HOST).iter();
            let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
            Authority::try_from(host.as_bytes()).ok()?
        }
    };
    let host = authority.host();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let well_formed = match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(plain),
    };
    // What is left is nothing, or a port; user names are refused here, too.
    let port = authority.as_str().strip_prefix(host)?;
    let port_is_one =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    (well_formed && port_is_one).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(hosts: &[&str], uri: &str, port: u16) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let response = to_https(&request.body(()).expect("a request"), port);
        let location = response.headers().get(LOCATION).map(|url| url.to_str().expect("ASCII").to_owned());
        let expected = if location.is_some() { StatusCode::PERMANENT_REDIRECT } else { StatusCode::BAD_REQUEST };
        assert_eq!(response.status(), expected);
        location
    }

    #[test]
    fn keeps_the_host_the_path_and_the_query_and_takes_the_consoles_port() {
        for (host, uri, port, url) in [
            ("nas", "/", 443, "https://nas/"),
            ("nas.local:80", "/csrs?q=a&page=2", 8443, "https://nas.local:8443/csrs?q=a&page=2"),
            ("192.0.2.7:8080", "//x/%2e", 443, "https://192.0.2.7//x/%2e"),
            ("[2001:db8::1]:80", "/", 8443, "https://[2001:db8::1]:8443/"),
            ("ignored", "http://nas/a", 443, "https://nas/a"),
        ] {
            assert_eq!(location(&[host], uri, port).as_deref(), Some(url));
        }
    }

    #[test]
    fn refuses_a_host_that_is_none() {
        for host in ["", " ", "a b", "user@nas", "nas/path", "[::1", "[nas]", "nas\"", "<b>", "a,b", ":80", "nas:port"]
        {
            assert_eq!(location(&[host], "/", 443), None, "{host:?}");
        }
        assert_eq!(location(&[], "/", 443), None);
        assert_eq!(location(&["a", "b"], "/", 443), None);
        assert_eq!(location(&["nas"], "*", 443), None);
    }
}
