//! Whom a URL names: a host and a port.

/// Whom a URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Server {
    /// `host:port` as `Host` and CONNECT name it.
    pub(super) fn field(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 443 { host } else { format!("{host}:{}", self.port) }
    }

    /// As [`Server::field`], always with the port (RFC 9110, section 9.3.6).
    pub(super) fn with_port(field: &str) -> String {
        let has_port = field.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        if has_port && !field.ends_with(']') { field.to_owned() } else { format!("{field}:443") }
    }
}
