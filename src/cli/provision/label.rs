//! The label that goes onto the unit, as SVG: serial, URL (also as QR code), setup code, fingerprint of the console's key.
//!
//! The QR code holds the URL alone: a photograph of a shelf must not be a way in, and a code in a URL would be kept by
//! browsers and proxies.

use crate::cli::error::CliError;
use crate::cli::messages::provision as say;
use askama::Template;
use signet_app::config::{Config, ListenAddress};
use signet_app::provision::line::Line;
use signet_app::qr::Qr;
use signet_domain::secret::Secret;
use signet_domain::unit::Unit;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

#[derive(Template)]
#[template(path = "label.svg", escape = "html")]
struct Label<'a> {
    serial: &'a str,
    model: &'a str,
    url: &'a str,
    code: &'a str,
    /// Each line with its height, millimetres.
    fingerprint: Vec<(&'static str, String)>,
    qr: Option<Qr>,
}

/// Where the console will be, without a code in it: the host name with `.local` behind a single label, else the first
/// address; the port where the config names another one than 443.
pub(super) fn url(unit: &Unit, addresses: &[IpAddr], config: &Config) -> Result<String, CliError> {
    let host = match (unit.hostname(), addresses.first()) {
        (Some(host), _) if host.contains('.') => host.to_owned(),
        (Some(host), _) => format!("{host}.local"),
        (None, Some(IpAddr::V4(address))) => address.to_string(),
        (None, Some(IpAddr::V6(address))) => format!("[{address}]"),
        (None, None) => {
            return Err(CliError::Refused(say::no_url(unit.serial()).into()));
        }
    };
    if let Some(proxy) = &config.proxy {
        let origin = proxy.public.as_ref().map_or_else(|| format!("https://{host}"), |public| public.origin.clone());
        return Ok(format!("{origin}{}/", proxy.base_path));
    }
    let own = config.listen.iter().find_map(|address| match address {
        ListenAddress::Https(address) => Some(address.port()),
        ListenAddress::Http(_) | ListenAddress::Unix(_) => None,
    });
    Ok(match own.filter(|port| *port != 443 && *port != 0) {
        Some(port) => format!("https://{host}:{port}/"),
        None => format!("https://{host}/"),
    })
}

/// The label's text.
pub(super) fn draw(line: &Line, url: &str) -> Secret {
    let label = Label {
        serial: &line.serial,
        model: line.model.as_deref().unwrap_or_default(),
        url,
        code: &line.setup_code,
        fingerprint: fingerprint(&line.spki_sha256),
        qr: Qr::of(url),
    };
    // The template is checked at build, and a String takes everything.
    Secret::from(label.render().unwrap_or_default())
}

/// Writes the label whole, mode 0600 from its first byte, over an older one.
pub(super) fn write(path: &Path, svg: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    // One name for each label, so that a killed run leaves nothing that the next one does not take over.
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(".part");
    let part = path.with_file_name(part);
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    let written = file.write_all(svg).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written.and_then(|()| signet_store::sync_folder_of(path))
}

/// `AB:CD:…` in four lines of eight bytes.
fn fingerprint(hex: &str) -> Vec<(&'static str, String)> {
    let pairs: Vec<String> =
        (0..hex.len()).step_by(2).filter_map(|at| hex.get(at..at + 2)).map(str::to_ascii_uppercase).collect();
    ["38.4", "41.3", "44.2", "47.1"].into_iter().zip(pairs.chunks(8).map(|pairs| pairs.join(":"))).collect()
}

#[cfg(test)]
#[path = "../../app/qr/drawn.rs"]
mod drawn;

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            serial: "NX4-0017".into(),
            model: Some("Vault <4> & \"more\"".into()),
            hostname: Some("vault-0017".into()),
            mac: None,
            setup_code: "ABCD-EFGH-JKMN-PQRS".into(),
            certificate_sha256: String::new(),
            spki_sha256: "0123456789abcdef".repeat(4),
            csrs: Vec::new(),
            software: "signet".into(),
            again: false,
        }
    }

    fn svg(url: &str) -> String {
        String::from_utf8(draw(&line(), url).expose_secret().to_vec()).unwrap()
    }

    /// The QR code of a label, drawn from its path and read by another program's rules.
    fn decoded(svg: &str) -> String {
        let document = roxmltree::Document::parse(svg).unwrap();
        let code = document.descendants().find(|node| node.attribute("id") == Some("qr")).unwrap();
        let side: i32 =
            code.parent().unwrap().attribute("viewBox").unwrap().split(' ').nth(2).unwrap().parse().unwrap();
        let dark = drawn::drawn(&Qr { side, path: code.attribute("d").unwrap().to_owned() });
        let side = dark.len();
        let zoom = 4;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * zoom, side * zoom, |x, y| {
            if dark[y / zoom][x / zoom] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_label_is_xml_and_says_what_the_owner_needs() {
        let svg = svg("https://vault-0017.local/");
        let document = roxmltree::Document::parse(&svg).unwrap();
        let text: Vec<&str> = document
            .descendants()
            .filter(|node| node.is_text())
            .filter_map(|node| node.text())
            .map(str::trim)
            .collect();
        for wanted in ["NX4-0017", "Vault <4> & \"more\"", "https://vault-0017.local/", "ABCD-EFGH-JKMN-PQRS"] {
            assert!(text.iter().any(|text| text.contains(wanted)), "{wanted}: {text:?}");
        }
        assert_eq!(text.iter().filter(|text| **text == "01:23:45:67:89:AB:CD:EF").count(), 4);
        assert_eq!(document.root_element().tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
    }

    #[test]
    fn the_qr_code_is_the_url_without_the_code() {
        for url in
            ["https://vault-0017.local/", "https://[2001:db8::17]:8443/", "https://a.very.long.name.example.com/"]
        {
            assert_eq!(decoded(&svg(url)), url);
        }
    }

    #[test]
    fn the_url_is_the_host_name_or_the_address_with_a_port_of_its_own() {
        let of = |host: &str, addresses: &[&str], listen: &[&str]| {
            let config =
                Config { listen: listen.iter().map(|one| one.parse().unwrap()).collect(), ..Config::default() };
            let addresses: Vec<IpAddr> = addresses.iter().map(|one| one.parse().unwrap()).collect();
            url(&Unit::parse("A1", "", host, "").unwrap(), &addresses, &config)
        };
        assert_eq!(of("nas", &[], &[]).unwrap(), "https://nas.local/");
        assert_eq!(of("nas.example.com", &[], &["[::]:443"]).unwrap(), "https://nas.example.com/");
        assert_eq!(of("", &["2001:db8::1"], &["[::]:8443"]).unwrap(), "https://[2001:db8::1]:8443/");
        assert!(of("", &[], &[]).is_err());
    }

    #[test]
    fn a_label_is_its_owners_alone_and_replaces_an_older_one() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("A1.svg");
        std::fs::write(folder.path().join(".A1.svg.part"), "left by a kill").unwrap();
        std::fs::write(&path, "old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
