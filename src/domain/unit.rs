//! What the factory knows of one device: serial number, model, host name, MAC address.
//!
//! Sample values are refused: a station that was not configured, or a mainboard whose maker left the fields as they came,
//! would otherwise make many devices of one name. Knows neither files nor keys.

use super::dns_name::DnsName;
use super::invalid::{Invalid, Mistakes};
use super::messages::unit as messages;
use super::visible::is_command;

/// Serials that stand for "nobody filled this in", lower-case.
const SAMPLES: [&str; 16] = [
    "sn",
    "serial",
    "serialnumber",
    "serial-number",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    "none",
    "unknown",
    "default",
    "test",
    "sample",
    "n-a",
];

/// One device. Its serial is safe as a file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    serial: String,
    model: Option<String>,
    hostname: Option<String>,
    mac: Option<String>,
}

impl Unit {
    /// A device from what was typed; of the optional ones an empty text is none.
    ///
    /// `serial`: 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter or digit. `model`: up to 64 printable characters.
    /// `hostname`: one label or several, no wildcard. `mac`: six bytes in hex, with `:` or `-` or nothing between them.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn parse(serial: &str, model: &str, hostname: &str, mac: &str) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::none();
        let serial = mistakes.keep(parse_serial(serial.trim()));
        let model = mistakes.keep(optional(model, parse_model));
        let hostname = mistakes.keep(optional(hostname, parse_hostname));
        let mac = mistakes.keep(optional(mac, parse_mac));
        match (serial, model, hostname, mac) {
            (Some(serial), Some(model), Some(hostname), Some(mac)) if mistakes.is_empty() => {
                Ok(Self { serial, model, hostname, mac })
            }
            _ => Err(mistakes),
        }
    }

    /// Its serial number, as it was typed.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Its model, if one was said.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Its host name in lower case, if one was said.
    pub fn hostname(&self) -> Option<&str> {
        self.hostname.as_deref()
    }

    /// Its MAC address as `02:00:5e:10:00:01`, if one was said.
    pub fn mac(&self) -> Option<&str> {
        self.mac.as_deref()
    }

    /// Its names for the console's certificate: the host name, `.local` behind a single label, `localhost`.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.hostname.iter().cloned().collect();
        if let Some(host) = self.hostname.as_ref().filter(|host| !host.contains('.')) {
            names.push(format!("{host}.local"));
        }
        if names.iter().all(|name| name != "localhost") {
            names.push("localhost".to_owned());
        }
        names
    }
}

/// Serial numbers are not case-sensitive, like file names on many systems.
pub fn folded(serial: &str) -> String {
    serial.to_ascii_lowercase()
}

fn optional(text: &str, parse: impl FnOnce(&str) -> Result<String, Invalid>) -> Result<Option<String>, Invalid> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

fn parse_serial(text: &str) -> Result<String, Invalid> {
    if text.is_empty() {
        return Err(messages::no_serial());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let starts_well = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if text.len() > 64 || !starts_well || !text.bytes().all(allowed) {
        return Err(messages::not_a_serial(text));
    }
    let plain = folded(text);
    let mut letters = plain.bytes();
    let one_symbol = letters.next().is_some_and(|first| plain.len() > 1 && letters.all(|byte| byte == first));
    if SAMPLES.contains(&plain.as_str()) || one_symbol || plain == "0" {
        return Err(messages::sample_value("serial", text));
    }
    Ok(text.to_owned())
}

fn parse_model(text: &str) -> Result<String, Invalid> {
    if text.chars().count() > 64 || text.chars().any(is_command) {
        return Err(messages::not_a_model(text));
    }
    Ok(text.to_owned())
}

fn parse_hostname(text: &str) -> Result<String, Invalid> {
    let name = DnsName::parse(text).map_err(|refusal| refusal.at("hostname", text))?;
    if name.is_wildcard() {
        return Err(messages::wildcard_host(text));
    }
    Ok(name.as_str().to_owned())
}

fn parse_mac(text: &str) -> Result<String, Invalid> {
    let separated = text.contains([':', '-']);
    let groups: Vec<&str> = if separated {
        text.split([':', '-']).collect()
    } else {
        (0..text.len()).step_by(2).filter_map(|at| text.get(at..at + 2)).collect()
    };
    let hex = |group: &&str| group.len() == 2 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    if groups.len() != 6 || !groups.iter().all(hex) || (!separated && text.len() != 12) {
        return Err(messages::not_a_mac(text));
    }
    let mac = groups.join(":").to_ascii_lowercase();
    if ["00:00:00:00:00:00", "12:34:56:78:9a:bc", "aa:bb:cc:dd:ee:ff", "11:22:33:44:55:66"].contains(&mac.as_str()) {
        return Err(messages::sample_value("mac", text));
    }
    let first = groups.first().and_then(|group| u8::from_str_radix(group, 16).ok()).unwrap_or_default();
    if first & 1 == 1 {
        return Err(messages::multicast_mac(text));
    }
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(serial: &str, model: &str, hostname: &str, mac: &str) -> Unit {
        Unit::parse(serial, model, hostname, mac).unwrap()
    }

    fn refused(serial: &str, model: &str, hostname: &str, mac: &str) -> Vec<&'static str> {
        Unit::parse(serial, model, hostname, mac).unwrap_err().iter().map(|invalid| invalid.field).collect()
    }

    #[test]
    fn takes_a_units_values_and_brings_them_into_one_form() {
        let unit = unit(" NX4-24.0017_b ", "Vault 4", "Vault-0017", "02-00-5E-10-00-0A");
        assert_eq!(unit.serial(), "NX4-24.0017_b");
        assert_eq!(unit.model(), Some("Vault 4"));
        assert_eq!(unit.hostname(), Some("vault-0017"));
        assert_eq!(unit.mac(), Some("02:00:5e:10:00:0a"));
        assert_eq!(unit.names(), ["vault-0017", "vault-0017.local", "localhost"]);
        assert_eq!(super::tests::unit("A1", "", "", "02005e10000A").mac(), Some("02:00:5e:10:00:0a"));
    }

    #[test]
    fn a_unit_with_a_full_name_or_none_has_no_dot_local() {
        assert_eq!(unit("A1", "", "nas.example.com", "").names(), ["nas.example.com", "localhost"]);
        assert_eq!(unit("A1", "", "", "").names(), ["localhost"]);
        assert_eq!(unit("A1", "", "localhost", "").names(), ["localhost", "localhost.local"]);
    }

    #[test]
    fn refuses_sample_values() {
        for serial in ["SN", "sn", "123456", "000000", "XXXX", "0", "Default", "1234567890"] {
            assert_eq!(refused(serial, "", "", ""), ["serial"], "{serial}");
        }
        for mac in ["00:00:00:00:00:00", "000000000000", "AA-BB-CC-DD-EE-FF"] {
            assert_eq!(refused("A1", "", "", mac), ["mac"], "{mac}");
        }
    }

    #[test]
    fn refuses_serials_that_are_no_file_names() {
        for serial in ["", " ", ".", "..", "../A1", "a/b", "a b", "-A1", ".A1", "Ä1", "a\0b", &"a".repeat(65)] {
            assert_eq!(refused(serial, "", "", ""), ["serial"], "{serial:?}");
        }
    }

    #[test]
    fn tells_every_wrong_field() {
        assert_eq!(refused("SN", "a\tb", "*.nas", "02:00"), ["serial", "model", "hostname", "mac"]);
        for mac in ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "02:00:5e:10:00", "02:00:5e:10:00:0g", "02005e1000é"] {
            assert_eq!(refused("A1", "", "", mac), ["mac"], "{mac}");
        }
        assert_eq!(refused("A1", "", "nas_1", ""), ["hostname"]);
    }
}
