//! The headers of every answer, in one place; and what is refused by a request's head alone.

use super::error::WebError;
use super::messages::forms as say;
use super::site::Site;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    TRANSFER_ENCODING,
};
use hyper::{Method, Version};
use std::sync::LazyLock;

/// No script, no frame, no foreign origin. `form-action` keeps forms on the console; styles and the icon are its own.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Where a request comes from (Fetch Metadata, W3C).
pub static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// More names and values that every answer carries. There is no HSTS, ever: a browser that remembers it cannot click
/// through after a recovery gave the device a new certificate (RFC 6797 8.1, 8.4).
/// No Permissions-Policy either: only scripts and frames could ask for what it withholds, and the CSP lets none in.
const SECURITY: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not no-referrer: with it a browser sends `Origin: null` from our own forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// What every answer's head says, unless the answer itself says something else (caching of a static file): that it is a page,
/// and all of the above.
pub fn common() -> &'static HeaderMap {
    static COMMON: LazyLock<HeaderMap> = LazyLock::new(said);
    &COMMON
}

fn said() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

/// Refuses what no browser on our pages sends: a missing or malformed Host, a form of another site, a chunked body.
///
/// At the console's own port the form's origin is that of `Host`. Behind the device's web server, which may change `Host`, it
/// is the public URL's where there is one; else the browser's own word counts, and `Host` for browsers that give none.
pub fn check_head(method: &Method, version: Version, headers: &HeaderMap, site: &Site) -> Result<(), WebError> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().filter(|host| is_authority(host)),
        (None, None) if version == Version::HTTP_10 => Some(""),
        _ => None,
    };
    let host = host.ok_or(WebError::BadRequest(say::HOST))?;
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(WebError::LengthRequired);
    }
    if method != Method::POST {
        return Ok(());
    }
    // Fetch Metadata (W3C): "none" is the address bar, which sends no POST but for a reload.
    let fetch_site = headers.get(&SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let site_is_own = matches!(fetch_site, Some(b"same-origin"));
    if !matches!(fetch_site, None | Some(b"same-origin" | b"none")) {
        return Err(WebError::Forbidden(say::OTHER_SITE));
    }
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    if let Some(public) = site.origin() {
        let is_public = |origin: &[u8]| origin.eq_ignore_ascii_case(public.as_bytes());
        return match origin.is_none_or(is_public) {
            true => Ok(()),
            false => Err(WebError::OtherOrigin { address: format!("{public}{}/", site.base_path()) }),
        };
    }
    if site.proxied && site_is_own {
        return Ok(());
    }
    let own = origin.is_none_or(|origin| {
        let authority = std::str::from_utf8(origin).ok().and_then(|origin| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| same_authority(authority, host))
    });
    if own { Ok(()) } else { Err(WebError::Forbidden(say::OTHER_SITE)) }
}

/// The name or address that the visitor typed, without the port; empty where the head does not tell.
pub fn host(headers: &HeaderMap) -> &str {
    let authority = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    }
}

/// A port of 443 may be left out on either side (RFC 6454 6.2).
fn same_authority(a: &str, b: &str) -> bool {
    let bare = |authority: &str| authority.strip_suffix(":443").unwrap_or(authority).to_ascii_lowercase();
    bare(a) == bare(b)
}

/// `host`, `host:port`, `[v6]` or `[v6]:port` (RFC 9110 7.2); no list of names is kept, since a router may call the
/// device anything.
fn is_authority(text: &str) -> bool {
    if text.len() > 260 {
        return false;
    }
    let (host, rest) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, rest)) if address.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", rest),
        Some(_) => return false,
        None => text.split_at(text.bytes().position(|byte| byte == b':').unwrap_or(text.len())),
    };
    let port = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && (rest.is_empty() || rest.strip_prefix(':').is_some_and(port))
}

#[cfg(test)]
mod tests {
    use super::super::site::Sites;
    use super::*;
    use signet_app::seal::Seal;
    use signet_domain::secret::Secret;

    fn sites(public_url: &str) -> Sites {
        let text = format!("[proxy]\ntrusted = [\"unix\"]\n{public_url}\n");
        let proxy = signet_app::config::Config::parse(&text).unwrap().proxy;
        Sites::new(&Seal::new(&Secret::new(vec![1; 32])).unwrap(), proxy.as_ref())
    }

    fn post(pairs: &[(&'static str, &'static str)]) -> Result<(), WebError> {
        post_to(sites("").of(false), pairs)
    }

    fn post_to(site: &Site, pairs: &[(&'static str, &'static str)]) -> Result<(), WebError> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        check_head(&Method::POST, Version::HTTP_11, &headers, site)
    }

    #[test]
    fn host_must_be_there_once_and_well_formed() {
        for good in ["nas", "nas.local:8443", "192.0.2.1", "[2001:db8::1]:8443", "a_b.lan"] {
            assert!(post(&[("host", good)]).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "user@nas",
            "nas:port",
            "nas:99999",
            "[::1",
            "nas/x",
            "[nas]",
            "nas:",
            ":8443",
            "nas:+1",
            "[::1]8443",
            "::1",
        ] {
            assert!(post(&[("host", bad)]).is_err(), "{bad}");
        }
        assert!(post(&[]).is_err());
        assert!(post(&[("host", "nas"), ("host", "nas")]).is_err());
    }

    #[test]
    fn the_host_is_told_without_its_port() {
        for (value, told) in [
            ("nas.local:8443", "nas.local"),
            ("nas", "nas"),
            ("[2001:db8::1]:8443", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("192.0.2.1:443", "192.0.2.1"),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(value))]);
            assert_eq!(host(&headers), told);
        }
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        for own in ["https://nas.local:8443", "https://NAS.local:8443"] {
            assert!(post(&[("host", "nas.local:8443"), ("origin", own)]).is_ok(), "{own}");
        }
        assert!(post(&[("host", "nas"), ("origin", "https://nas:443")]).is_ok());
        for foreign in [
            "null",
            "http://nas.local:8443",
            "https://nas.local",
            "https://evil.example",
            "https://nas.local:8443.evil.example",
        ] {
            assert!(post(&[("host", "nas.local:8443"), ("origin", foreign)]).is_err(), "{foreign}");
        }
        assert!(post(&[("host", "nas"), ("sec-fetch-site", "cross-site")]).is_err());
        assert!(post(&[("host", "nas"), ("sec-fetch-site", "same-site")]).is_err());
        assert!(post(&[("host", "nas"), ("sec-fetch-site", "same-origin")]).is_ok());
    }

    #[test]
    fn behind_a_web_server_the_public_url_or_the_browsers_word_counts() {
        let public = sites("public_url = \"https://nas.example/certificates\"");
        let site = public.of(true);
        for (host, origin, taken) in [
            ("nas.example", "https://nas.example", true),
            ("localhost", "https://nas.example", true),
            ("localhost", "https://NAS.example", true),
            ("nas.example", "https://nas.example:8443", false),
            ("nas", "https://nas", false),
            ("nas.example", "null", false),
        ] {
            assert_eq!(post_to(site, &[("host", host), ("origin", origin)]).is_ok(), taken, "{host} {origin}");
        }
        let any = sites("");
        let site = any.of(true);
        let other = ("origin", "https://nas.example");
        assert!(post_to(site, &[("host", "nas.example"), other]).is_ok());
        assert!(post_to(site, &[("host", "localhost"), other]).is_err(), "a browser that does not say where it is");
        assert!(post_to(site, &[("host", "localhost"), other, ("sec-fetch-site", "same-origin")]).is_ok());
        assert!(post_to(site, &[("host", "localhost"), other, ("sec-fetch-site", "none")]).is_err());
        for site in [public.of(true), any.of(true)] {
            assert!(post_to(site, &[("host", "nas.example"), other, ("sec-fetch-site", "cross-site")]).is_err());
        }
        // The console's own port is nobody's but its own.
        assert!(post_to(public.of(false), &[("host", "nas:8443"), ("origin", "https://nas:8443")]).is_ok());
        assert!(post_to(public.of(false), &[("host", "nas:8443"), other]).is_err());
    }

    #[test]
    fn every_answer_carries_them() {
        let headers = common();
        let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((value("x-content-type-options"), value("cache-control")), ("nosniff".into(), "no-store".into()));
        for name in ["referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert_eq!(value(name), "same-origin", "{name}");
        }
        let policy = value("content-security-policy");
        for directive in ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|one| one == directive), "{directive} in {policy}");
        }
        assert!(!policy.contains("script-src") && !policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(!headers.contains_key("strict-transport-security"), "never: RFC 6797 8.1, 8.4");
    }

    #[test]
    fn a_body_without_a_length_is_refused() {
        assert!(matches!(post(&[("host", "nas"), ("transfer-encoding", "chunked")]), Err(WebError::LengthRequired)));
    }
}
