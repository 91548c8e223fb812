//! What is installed, as facts.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn install(root: &Path) -> Vec<Report> {
    install_with(root, Port::Number(443), Port::None)
}

fn install_with(root: &Path, console: Port, redirect: Port) -> Vec<Report> {
    let group = (console == Port::None).then_some("nas-web");
    let ports = Ports::new(console, redirect, group).unwrap();
    put(&Image::open(root, false).unwrap(), b"program", Init::Systemd, &ports).unwrap()
}

#[test]
fn a_second_run_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    assert!(install(root.path()).iter().all(|report| report.became == Became::Made));
    let again = install(root.path());
    assert!(again.len() > Init::Systemd.files().len() + COMPLETIONS.len() + 30, "{again:?}");
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
    assert!(Ports::new(Port::None, Port::Number(80), None).is_err());
    for text in ["0", "65536", "-1", "https", ""] {
        assert!(text.parse::<Port>().is_err(), "{text}");
    }
    assert!(
        ports::group("www-data").is_ok() && ports::group("a\nListenStream=1").is_err() && ports::group("").is_err()
    );
}

#[test]
fn ports_that_are_equal_and_a_group_without_its_socket_are_refused() {
    let refused = |console, redirect, group| match Ports::new(console, redirect, group) {
        Err(CliError::Usage { what, fix }) => format!("{what}. {fix}"),
        other => panic!("{other:?}"),
    };
    let same = refused(Port::Number(8443), Port::Number(8443), None);
    assert!(same.contains("the same port") && same.contains("--redirect-port 80"), "{same}");
    let group = refused(Port::Number(443), Port::None, Some("nas-web"));
    assert!(group.contains("--socket-group is for the Unix socket") && group.contains("--port none"), "{group}");
    assert!(Ports::new(Port::None, Port::None, Some("nas-web")).is_ok());
    assert!(Ports::new(Port::Number(443), Port::Number(80), None).is_ok());
}

#[test]
fn a_redirect_that_is_not_asked_for_any_more_is_not_started_and_a_link_of_the_integrators_stays() {
    let root = tempfile::tempdir().unwrap();
    let link = root.path().join(init::REDIRECT_ENABLED.0);
    let removed = |reports: Vec<Report>| {
        let removed: Vec<_> = reports.into_iter().filter(|report| report.became == Became::Removed).collect();
        removed.into_iter().map(|report| (report.path, report.mode)).collect::<Vec<_>>()
    };
    install_with(root.path(), Port::Number(443), Port::Number(80));
    assert!(link.is_symlink());
    let dry = put(
        &Image::open(root.path(), true).unwrap(),
        b"program",
        Init::Systemd,
        &Ports::new(Port::None, Port::None, None).unwrap(),
    );
    let said = [(link.display().to_string(), "link".to_owned())];
    assert_eq!(removed(dry.unwrap()), said);
    assert!(link.is_symlink());
    assert_eq!(removed(install_with(root.path(), Port::None, Port::None)), said);
    assert!(!link.is_symlink());
    assert_eq!(removed(install(root.path())), []);
    for other in ["/dev/null", "/etc/systemd/system/signet-redirect.socket"] {
        symlink(other, &link).unwrap();
        assert_eq!(removed(install(root.path())), []);
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new(other));
        std::fs::remove_file(&link).unwrap();
    }
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
    use signet_app::config::{Config, ListenAddress};
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
    assert!(spoken.contains("\nlisten = ") && spoken.contains("\ncsrs = "), "{spoken}");
    for text in [text, &spoken] {
        let mut config = Config::parse(text).unwrap();
        // What the command takes where no file says anything.
        let by_hand: ListenAddress = "127.0.0.1:8443".parse().unwrap();
        assert!(config.listen.is_empty() || config.listen == [by_hand]);
        config.listen.clear();
        // A key that the file itself allows to leave is the factory's, too.
        config.policy.factory_exportable = Config::default().policy.factory_exportable;
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }
}

#[test]
fn what_the_image_has_decides_how_services_are_started() {
    let found = |files: &[&str]| {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        Init::of(&Image::open(root.path(), false).unwrap())
    };
    assert_eq!(found(&[]), Init::Systemd);
    assert_eq!(found(&["bin/busybox"]), Init::Busybox);
    assert_eq!(found(&["bin/busybox", "sbin/procd"]), Init::Procd);
    assert_eq!(found(&["bin/busybox", "usr/bin/runsvdir"]), Init::Runit);
    assert_eq!(found(&["bin/busybox", "usr/lib/systemd/systemd"]), Init::Systemd);
}

#[test]
fn without_systemd_the_configuration_says_where_the_console_listens() {
    use signet_app::config::{Config, ListenAddress};
    for init in [Init::Procd, Init::Busybox, Init::Runit] {
        let installed = |console, redirect| {
            let root = tempfile::tempdir().unwrap();
            let group = (console == Port::None).then_some("nas-web");
            let ports = Ports::new(console, redirect, group).unwrap();
            put(&Image::open(root.path(), false).unwrap(), b"program", init, &ports).unwrap();
            let text = |path: &str| std::fs::read_to_string(root.path().join(path)).unwrap();
            (Config::parse(&text("etc/signet/signet.toml")).unwrap(), text("etc/signet/service.conf"))
        };
        let (config, service) = installed(Port::Number(443), Port::Number(80));
        assert_eq!(config.listen, ["[::]:443".parse::<ListenAddress>().unwrap()]);
        assert!(config.redirect.len() == 1 && config.proxy.is_none() && service.contains("\nsocket_group=\n"));
        let (config, service) = installed(Port::None, Port::None);
        assert_eq!(config.listen, ["unix:/run/signet/signet.sock".parse::<ListenAddress>().unwrap()]);
        assert!(config.proxy.unwrap().unix && service.contains("\nsocket_group=nas-web\n"));
        let root = tempfile::tempdir().unwrap();
        let ports = Ports::new(Port::Number(443), Port::None, None).unwrap();
        let image = Image::open(root.path(), false).unwrap();
        put(&image, b"program", init, &ports).unwrap();
        let again = put(&image, b"program", init, &ports).unwrap();
        assert!(again.iter().all(|report| matches!(report.became, Became::Same | Became::Kept)), "{again:?}");
    }
}
