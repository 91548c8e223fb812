//! The address in a login link.

use crate::cli::error::CliError;
use hyper::Uri;
use signet_app::host;
use signet_app::tickets::Token;
use signet_domain::invalid::Invalid;
use std::net::{IpAddr, SocketAddr};
use zeroize::Zeroizing;

/// The longest URL, bytes.
const MOST: usize = 1024;

/// The URL that browsers reach the console at, without a slash at its end.
pub(super) fn checked(url: &str) -> Result<String, CliError> {
    let refused = |what: &str| {
        let fix = "Name it as https://HOST[:PORT], with a path where a proxy serves the console below one.";
        CliError::from(Invalid::new("url", what, fix))
    };
    let parsed =
        url.parse::<Uri>().ok().filter(|_| url.len() <= MOST && url.bytes().all(|byte| byte.is_ascii_graphic()));
    let parsed = parsed.ok_or_else(|| refused("This is not a URL."))?;
    if parsed.scheme_str() != Some("https") {
        return Err(refused("The URL does not begin with https://."));
    }
    let authority = parsed.authority().filter(|authority| !authority.as_str().contains('@'));
    if authority.is_none_or(|authority| authority.host().is_empty()) || parsed.query().is_some() || url.contains('#') {
        return Err(refused("The URL may only have a host, a port and a path."));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// This device's name, or the one address that the console listens on, and its port. What the console says of itself is
/// believed as far as it is an address of this device: whoever could write something else there could send the link elsewhere.
/// None where the console serves no HTTPS by itself: any port that is guessed is another program's, which would get the link.
pub(super) fn guessed(listen: &[SocketAddr]) -> Option<String> {
    let own = host::addresses();
    let is_own = |ip: IpAddr| ip.is_unspecified() || ip.is_loopback() || own.contains(&ip);
    let found = listen.iter().find(|address| is_own(address.ip()))?;
    let name = host::names(&[]).into_iter().next();
    let host = match found.ip() {
        ip if !ip.is_unspecified() => SocketAddr::new(ip, 0).to_string().trim_end_matches(":0").to_owned(),
        _ => name.unwrap_or_else(|| "localhost".to_owned()),
    };
    Some(if found.port() == 443 { format!("https://{host}") } else { format!("https://{host}:{}", found.port()) })
}

/// True where the console is below a path of its host name.
pub(super) fn has_path(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| rest.contains('/'))
}

/// The link.
pub(super) fn with_token(url: &str, token: &Token) -> Zeroizing<String> {
    Zeroizing::new(format!("{url}/ticket?token={}", token.in_link().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_perhaps_a_port_and_a_path() {
        for (url, kept) in [
            ("https://nas.local", "https://nas.local"),
            ("https://nas.local:8443/", "https://nas.local:8443"),
            ("https://[2001:db8::7]/certificates/", "https://[2001:db8::7]/certificates"),
        ] {
            assert_eq!(checked(url).unwrap(), kept);
        }
        for bad in [
            "",
            "nas.local",
            "/certificates",
            "http://nas.local",
            "https://",
            "https://owner@nas.local",
            "https://nas.local/?a=b",
            "https://nas.local/#a",
            "https://nas.local/a b",
            "javascript:alert(1)",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_an_address_of_this_device_is_believed_and_none_is_made_up() {
        let found = |listen: &str| guessed(&[listen.parse().unwrap()]);
        let of = |listen: &str| found(listen).unwrap();
        assert_eq!(of("127.0.0.1:8443"), "https://127.0.0.1:8443");
        assert_eq!(of("[::1]:443"), "https://[::1]");
        assert!(of("0.0.0.0:8443").ends_with(":8443") && !of("0.0.0.0:8443").contains("0.0.0.0"));
        assert_eq!((found("198.51.100.99:8443"), guessed(&[])), (None, None));
    }
}
