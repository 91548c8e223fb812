//! Where the ledger is: a URL, and what libpq's variables add to it.
//!
//! TLS is either checked whole (`verify-full`) or off: what lies between proves nothing. A password in an argument is refused,
//! because every user of the machine can read arguments.

use percent_encoding::percent_decode_str;
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_domain::visible;
use std::path::PathBuf;

/// A server, a database and a login.
#[derive(Debug)]
pub struct Target {
    /// A host's name or address, or the folder of a socket.
    pub host: Host,
    /// The port, which is also part of a socket's name.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The login.
    pub user: String,
    /// How the connection is protected.
    pub tls: Tls,
    /// From the variable `DATABASE_URL` alone.
    pub password: Option<Secret>,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an address.
    Tcp(String),
    /// A folder with a socket.
    Socket(PathBuf),
}

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// TLS, with the server's certificate checked whole.
    Full {
        /// The roots, PEM.
        roots: PathBuf,
        /// A certificate and a key of this station's, PEM.
        own: Option<(PathBuf, PathBuf)>,
    },
}

/// Where a URL came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `--ledger`.
    Argument,
    /// `DATABASE_URL`.
    Variable,
}

const EXAMPLE: &str = "Write postgres://user@host/database?sslmode=verify-full&sslrootcert=FILE, or for a socket \
                       postgres:///database?host=/run/postgresql.";
const KEYS: &str = "Use host, port, user, dbname, sslmode, sslrootcert, sslcert and sslkey. Passwords come from PGPASSFILE or PGPASSWORD.";

fn wrong(what: impl Into<String>, fix: &str) -> Invalid {
    Invalid::new("ledger", what.into(), fix)
}

fn decoded(text: &str) -> Result<String, Invalid> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| wrong("The URL has percent-encoded bytes that are not UTF-8.", EXAMPLE))
}

impl Target {
    /// Reads a URL. `login` is the user where none is named.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(url: &str, source: Source, login: &str) -> Result<Self, Invalid> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| wrong("The URL does not begin with postgres://.", EXAMPLE))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        let (login_part, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login_part.split_once(':').map_or((login_part, None), |(user, word)| (user, Some(word)));
        if password.is_some() && source == Source::Argument {
            return Err(wrong(
                "The URL has a password, which every user of this machine can read in the list of processes.",
                "Remove it from the URL. Put it into the file that PGPASSFILE names, or set PGPASSWORD.",
            ));
        }
        let (host, port) = host_and_port(address)?;
        let mut fields = Fields {
            host: decoded(host)?,
            port: port.to_owned(),
            user: decoded(user)?,
            database: decoded(path)?,
            ..Fields::default()
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.set(key, decoded(value)?)?;
        }
        let password = password.map(|word| percent_decode_str(word).collect::<Vec<u8>>()).map(Secret::new);
        fields.finish(password, login)
    }

    /// As messages have it: without what is secret.
    pub fn shown(&self) -> String {
        let host = match &self.host {
            Host::Tcp(host) => format!("{host}:{}", self.port),
            Host::Socket(folder) => visible::path(folder),
        };
        format!("{}/{}", visible::bounded(&host, visible::VALUE), visible::bounded(&self.database, visible::VALUE))
    }

    /// True where others can read along: TCP to another machine without TLS.
    pub fn is_readable(&self) -> bool {
        let is_local = |host: &str| host == "localhost" || host.starts_with("127.") || host == "::1";
        matches!(&self.host, Host::Tcp(host) if self.tls == Tls::Off && !is_local(host))
    }
}

fn host_and_port(address: &str) -> Result<(&str, &str), Invalid> {
    if let Some(inner) = address.strip_prefix('[') {
        let (host, rest) = inner.split_once(']').ok_or_else(|| wrong("The address has no closing ].", EXAMPLE))?;
        return Ok((host, rest.strip_prefix(':').unwrap_or(rest)));
    }
    Ok(address.split_once(':').unwrap_or((address, "")))
}

#[derive(Default)]
struct Fields {
    host: String,
    port: String,
    user: String,
    database: String,
    mode: Option<String>,
    roots: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Fields {
    fn set(&mut self, key: &str, value: String) -> Result<(), Invalid> {
        match key {
            "host" => self.host = value,
            "port" => self.port = value,
            "user" => self.user = value,
            "dbname" => self.database = value,
            "sslmode" => self.mode = Some(value),
            "sslrootcert" => self.roots = Some(value.into()),
            "sslcert" => self.certificate = Some(value.into()),
            "sslkey" => self.key = Some(value.into()),
            _ => {
                let key = visible::bounded(key, visible::VALUE);
                return Err(wrong(format!("The URL has {key}, which is not used here."), KEYS));
            }
        }
        Ok(())
    }

    fn finish(self, password: Option<Secret>, login: &str) -> Result<Target, Invalid> {
        let port = match self.port.as_str() {
            "" => 5432,
            port => port.parse().map_err(|_| wrong("The port is not a number from 1 to 65535.", EXAMPLE))?,
        };
        if self.host.is_empty() {
            return Err(wrong("The URL names no host.", EXAMPLE));
        }
        let host = match self.host.starts_with('/') {
            true => Host::Socket(self.host.clone().into()),
            false => Host::Tcp(self.host.clone()),
        };
        let user = if self.user.is_empty() { login.to_owned() } else { self.user.clone() };
        if user.is_empty() {
            return Err(wrong("The URL names no user.", EXAMPLE));
        }
        let database = if self.database.is_empty() { user.clone() } else { self.database.clone() };
        let tls = self.tls(&host)?;
        Ok(Target { host, port, database, user, tls, password })
    }

    fn tls(self, host: &Host) -> Result<Tls, Invalid> {
        let is_off = match (self.mode.as_deref(), host) {
            (Some("disable"), _) | (None, Host::Socket(_)) => true,
            (Some("verify-full") | None, Host::Tcp(_)) => false,
            (Some("verify-full"), Host::Socket(_)) => {
                return Err(wrong("A socket has no TLS.", "Remove sslmode from the URL."));
            }
            (Some(other), _) => {
                let other = visible::bounded(other, visible::VALUE);
                return Err(wrong(
                    format!("sslmode={other} does not check the server's certificate and its name."),
                    "Use sslmode=verify-full with sslrootcert, or sslmode=disable on a network of its own.",
                ));
            }
        };
        if is_off {
            return Ok(Tls::Off);
        }
        let missing = "The URL has no sslrootcert, so the server's certificate cannot be checked.";
        let roots = self.roots.ok_or_else(|| wrong(missing, "Add sslrootcert=FILE, with the CA of the server."))?;
        let own = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(wrong("sslcert and sslkey need each other.", "Add the other one, or remove both.")),
        };
        Ok(Tls::Full { roots, own })
    }
}

#[cfg(test)]
mod tests;
