//! `[network]`: how this device reaches CAs. Only the enrolling process and `signet ca test` call anybody.

use signet_domain::san::San;
use std::ops::Range;
use toml::Spanned;

/// The table as it lies.
#[derive(Debug, serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct NetworkTable {
    proxy: Option<Spanned<String>>,
}

impl NetworkTable {
    /// The proxy, `http://HOST:PORT`; an error is where and what is wrong.
    pub(super) fn proxy(&self) -> Result<Option<String>, (Option<Range<usize>>, String)> {
        let Some(text) = &self.proxy else { return Ok(None) };
        let value = text.get_ref().trim_end_matches('/');
        if value.is_empty() {
            return Ok(None);
        }
        if is_proxy(value) {
            return Ok(Some(value.to_owned()));
        }
        Err((Some(text.span()), crate::messages::config::NOT_A_PROXY.to_owned()))
    }
}

fn is_proxy(text: &str) -> bool {
    let Some((host, port)) = text.strip_prefix("http://").and_then(|rest| rest.rsplit_once(':')) else { return false };
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
    is_port && San::of_common(host).is_some() && !host.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_http_with_host_and_port_alone() {
        for good in ["http://proxy:3128", "http://192.0.2.1:8080", "http://[2001:db8::1]:1"] {
            assert!(is_proxy(good), "{good}");
        }
        for bad in [
            "",
            "proxy:3128",
            "https://proxy:1",
            "http://proxy",
            "http://u:p@proxy:1",
            "http://proxy:0",
            "http://proxy:1/x",
        ] {
            assert!(!is_proxy(bad), "{bad}");
        }
    }
}
