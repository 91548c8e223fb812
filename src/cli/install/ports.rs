//! Which ports of the device are the console's, in the units and the configuration that are installed.
//!
//! The shipped files say 443 for the console and 80 for the redirect; what says another port is made from them here.

use super::super::error::CliError;
use super::kind::Init;
use std::borrow::Cow;
use std::str::FromStr;

/// The socket unit of the console, and of the redirect.
const SOCKET: &str = "signet.socket";
const REDIRECT: &str = "signet-redirect.socket";
const CONFIG: &str = "signet.toml";
/// What the scripts for other init systems know.
const SERVICE: &str = "service.conf";
/// Where the device's web server reaches the console.
const SOCKET_PATH: &str = "/run/signet/signet.sock";
/// In place of the console's, for the device's web server.
const UNIX: &str = include_str!("../../../systemd/signet-unix.socket");
/// The group that it names.
const GROUP: &str = "www-data";

/// The ports of the shipped files.
const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// A port, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Port {
    Number(u16),
    None,
}

impl FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<u16>() {
            Ok(number @ 1..) => Ok(Self::Number(number)),
            Err(_) if text == "none" => Ok(Self::None),
            _ => Err("a port is a number from 1 to 65535, or `none`"),
        }
    }
}

/// A group's name, as groupadd(8) takes it: nothing that could end a unit's line.
pub(super) fn group(text: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_name = !text.is_empty() && text.len() <= 32 && !text.starts_with('-') && text.bytes().all(plain);
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a group's name has letters, digits, - and _, and at most 32 of them")
    }
}

/// The ports of an image.
#[derive(Debug)]
pub(super) struct Ports {
    console: Port,
    redirect: Port,
    group: String,
}

impl Ports {
    /// Refuses a redirect to a console that has no port or the same one, and a group where there is no Unix socket.
    pub(super) fn new(console: Port, redirect: Port, group: Option<&str>) -> Result<Self, CliError> {
        if console == Port::None && redirect != Port::None {
            return Err(CliError::Usage {
                what: "--redirect-port leads to the console's own port, and with --port none it has none",
                fix: "Leave out --redirect-port: the device's web server redirects to its own HTTPS.",
            });
        }
        if console == redirect && console != Port::None {
            return Err(CliError::Usage {
                what: "--port and --redirect-port name the same port",
                fix: "Choose two ports, such as --port 443 --redirect-port 80.",
            });
        }
        if console != Port::None && group.is_some() {
            return Err(CliError::Usage {
                what: "--socket-group is for the Unix socket, which only --port none makes",
                fix: "Add --port none, or leave out --socket-group.",
            });
        }
        Ok(Self { console, redirect, group: group.unwrap_or(GROUP).to_owned() })
    }

    /// True where the redirect is started at boot.
    pub(super) fn redirects(&self) -> bool {
        self.redirect != Port::None
    }

    /// The text of a shipped file with these ports.
    pub(super) fn in_file<'a>(&self, path: &str, text: &'a str, init: Init) -> Cow<'a, str> {
        let name = path.rsplit('/').next().unwrap_or_default();
        match (name, self.console, self.redirect) {
            (SOCKET, Port::None, _) => UNIX.replace(&format!("={GROUP}\n"), &format!("={}\n", self.group)).into(),
            (SOCKET, Port::Number(port), _) if port != HTTPS => listening(text, HTTPS, port).into(),
            (REDIRECT, _, Port::Number(port)) if port != HTTP => listening(text, HTTP, port).into(),
            (CONFIG, ..) => self.in_config(text, init).into(),
            (SERVICE, Port::None, _) => {
                text.replace("\nsocket_group=\n", &format!("\nsocket_group={}\n", self.group)).into()
            }
            _ => text.into(),
        }
    }

    /// Without systemd, and on labels, the configuration's ports count. systemd opens 443 by itself.
    fn in_config(&self, text: &str, init: Init) -> String {
        let listen = match (self.console, init) {
            (Port::None, Init::Systemd) | (Port::Number(HTTPS), Init::Systemd) => None,
            (Port::None, _) => Some(format!("unix:{SOCKET_PATH}")),
            (Port::Number(port), _) => Some(format!("[::]:{port}")),
        };
        let redirect = match self.redirect {
            Port::Number(port) => Some(format!("[::]:{port}")),
            Port::None => None,
        };
        let trusted = (self.console == Port::None).then(|| "unix".to_owned());
        let set = [("listen", listen), ("redirect", redirect), ("trusted", trusted)];
        let lines = text.lines().map(|line| {
            let is_default =
                |key: &str| line.strip_prefix('#').is_some_and(|rest| rest.starts_with(&format!("{key} = ")));
            let found = set.iter().find(|(key, value)| value.is_some() && is_default(key));
            match found {
                Some((key, Some(value))) => format!("{key} = [\"{value}\"]\n"),
                _ => format!("{line}\n"),
            }
        });
        lines.collect()
    }
}

fn listening(unit: &str, shipped: u16, port: u16) -> String {
    unit.replace(&format!("ListenStream={shipped}\n"), &format!("ListenStream={port}\n"))
}
