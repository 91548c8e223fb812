//! What is installed, as facts.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn install(root: &Path) -> Vec<Report> {
    install_with(root, Port::Number(443), Port::None)
}

fn install_with(root: &Path, console: Port, redirect: Port) -> Vec<Report> {
    let ports = Ports::new(console, redirect, "nas-web").unwrap();
    put(&Image::open(root, false).unwrap(), b"program", &ports).unwrap()
}

#[test]
fn a_second_run_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    assert!(install(root.path()).iter().all(|report| report.became == Became::Made));
    let again = install(root.path());
    assert!(again.len() > FILES.len() + COMPLETIONS.len() + 30, "{again:?}");
    assert!(again.iter().all(|report| matches!(report.became, Became::Same | Became::Kept)), "{again:?}");
    let mode = |path: &str| std::fs::metadata(root.path().join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(BINARY), mode("etc/signet/signet.toml"), mode("etc/signet")), (0o755, 0o644, 0o755));
}

#[test]
fn the_integrators_config_is_kept_and_an_old_unit_replaced() {
    let root = tempfile::tempdir().unwrap();
    install(root.path());
    let [config, unit] =
        ["etc/signet/signet.toml", "usr/lib/systemd/system/signet.service"].map(|at| root.path().join(at));
    std::fs::write(&config, "[limits]\ncsrs = 5\n").unwrap();
    std::fs::write(&unit, "[Unit]\n").unwrap();
    install(root.path());
    assert_eq!(std::fs::read_to_string(config).unwrap(), "[limits]\ncsrs = 5\n");
    assert!(std::fs::read_to_string(unit).unwrap().contains("Type=notify"));
}

#[test]
fn ports_are_those_that_were_asked_for_in_units_and_configuration() {
    use signet_app::config::{Config, ListenAddress};
    let units = "usr/lib/systemd/system";
    let installed = |console, redirect| {
        let root = tempfile::tempdir().unwrap();
        install_with(root.path(), console, redirect);
        let text = |path: &str| std::fs::read_to_string(root.path().join(path)).unwrap();
        let config = Config::parse(&text("etc/signet/signet.toml")).unwrap();
        assert!(config.unknown.is_empty());
        let link = root.path().join(units).join("sockets.target.wants/signet-redirect.socket");
        (
            text(&format!("{units}/signet.socket")),
            text(&format!("{units}/signet-redirect.socket")),
            config,
            link.exists(),
        )
    };
    let (socket, redirect, config, enabled) = installed(Port::Number(443), Port::None);
    assert!(socket.contains("\nListenStream=443\n") && redirect.contains("\nListenStream=80\n") && !enabled);
    assert!(config.listen.is_empty() && config.proxy.is_none());

    let (socket, redirect, config, enabled) = installed(Port::Number(8443), Port::Number(8080));
    assert!(socket.contains("\nListenStream=8443\n") && redirect.contains("\nListenStream=8080\n") && enabled);
    assert_eq!(config.listen, ["[::]:8443".parse::<ListenAddress>().unwrap()]);
    assert_eq!(config.redirect.len(), 1);

    let (socket, _, config, enabled) = installed(Port::None, Port::None);
    assert!(socket.contains("\nListenStream=/run/signet/signet.sock\n") && socket.contains("\nSocketMode=0660\n"));
    assert!(socket.contains("\nSocketGroup=nas-web\n") && !socket.contains("ListenStream=443") && !enabled);
    assert!(config.proxy.unwrap().unix);
    assert!(Ports::new(Port::None, Port::Number(80), "www-data").is_err());
    for text in ["0", "65536", "-1", "https", ""] {
        assert!(text.parse::<Port>().is_err(), "{text}");
    }
    assert!(
        ports::group("www-data").is_ok() && ports::group("a\nListenStream=1").is_err() && ports::group("").is_err()
    );
}

#[test]
fn links_of_the_image_lead_nowhere_outside_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("image"), folder.path().join("outside"));
    std::fs::create_dir_all(root.join("system/etc")).unwrap();
    std::fs::create_dir(&outside).unwrap();
    symlink("/system/etc", root.join("etc")).unwrap();
    symlink("../../outside", root.join("usr")).unwrap();
    let image = Image::open(&root, false).unwrap();
    image.file("etc/signet/signet.toml", b"", 0o644, true, &mut Vec::new()).unwrap();
    assert!(root.join("system/etc/signet/signet.toml").exists());
    // `..` stops at the image's root, where there is no such folder.
    assert!(image.file(BINARY, b"program", 0o755, false, &mut Vec::new()).is_err());
    assert_eq!(std::fs::read_dir(outside).unwrap().count(), 0);
}

#[test]
fn the_default_config_is_right_and_says_every_default() {
    use signet_app::config::Config;
    let text = include_str!("../../../systemd/signet.toml");
    let spoken: String = text
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| rest.contains(" = ") && !rest.starts_with(' '))
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect();
    for text in [text, &spoken] {
        let config = Config::parse(text).unwrap();
        assert!(config.unknown.is_empty(), "{:?}", config.unknown);
        let defaults = Config::default();
        assert_eq!((config.idle_minutes, config.total_hours), (defaults.idle_minutes, defaults.total_hours));
        assert_eq!((config.max_csrs, config.max_disk_mib), (defaults.max_csrs, defaults.max_disk_mib));
        assert_eq!(config.policy.required, defaults.policy.required);
        assert_eq!((config.policy.exportable, config.policy.allow_weak), (true, true));
    }
    assert!(spoken.contains("\nlisten = ") && spoken.contains("\ncsrs = "), "{spoken}");
}
