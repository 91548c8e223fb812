//! The files that what starts services on a device needs for the console.
//!
//! Under systemd sockets, recoveries and renewals are units. Elsewhere the console opens its ports as root and becomes its user
//! (`serve --user`), and `signet watch` does the rest.

use super::image::Image;
use super::kind::Init;
use super::ports::Ports;

/// A file of the image.
pub(super) struct Shipped {
    pub(super) path: &'static str,
    /// As it is shipped; [`Ports`] change what depends on them.
    pub(super) text: &'static str,
    pub(super) mode: u32,
    /// What the integrator changed is left alone.
    pub(super) keep: bool,
}

macro_rules! shipped {
    ($file:literal, $path:literal, $mode:literal) => {
        Shipped { path: $path, text: include_str!(concat!("../../../", $file)), mode: $mode, keep: false }
    };
    ($file:literal, $path:literal, keep) => {
        Shipped { path: $path, text: include_str!(concat!("../../../", $file)), mode: 0o644, keep: true }
    };
}

const SYSTEMD: [Shipped; 19] = [
    shipped!("systemd/signet.socket", "usr/lib/systemd/system/signet.socket", 0o644),
    shipped!("systemd/signet-redirect.socket", "usr/lib/systemd/system/signet-redirect.socket", 0o644),
    shipped!("systemd/signet.service", "usr/lib/systemd/system/signet.service", 0o644),
    shipped!("systemd/signet-provision.service", "usr/lib/systemd/system/signet-provision.service", 0o644),
    shipped!("systemd/signet-recover@.path", "usr/lib/systemd/system/signet-recover@.path", 0o644),
    shipped!("systemd/signet-recover@.service", "usr/lib/systemd/system/signet-recover@.service", 0o644),
    shipped!("systemd/signet-deploy.path", "usr/lib/systemd/system/signet-deploy.path", 0o644),
    shipped!("systemd/signet-deploy.timer", "usr/lib/systemd/system/signet-deploy.timer", 0o644),
    shipped!("systemd/signet-deploy.service", "usr/lib/systemd/system/signet-deploy.service", 0o644),
    shipped!("systemd/signet-enroll.path", "usr/lib/systemd/system/signet-enroll.path", 0o644),
    shipped!("systemd/signet-enroll.timer", "usr/lib/systemd/system/signet-enroll.timer", 0o644),
    shipped!("systemd/signet-enroll.service", "usr/lib/systemd/system/signet-enroll.service", 0o644),
    shipped!("systemd/deploy.toml", "usr/share/doc/signet/deploy.toml", 0o644),
    shipped!("systemd/signet-renewal@.timer", "usr/lib/systemd/system/signet-renewal@.timer", 0o644),
    shipped!("systemd/signet-renewal@.service", "usr/lib/systemd/system/signet-renewal@.service", 0o644),
    shipped!("systemd/signet.target", "usr/lib/systemd/system/signet.target", 0o644),
    shipped!("systemd/signet.sysusers", "usr/lib/sysusers.d/signet.conf", 0o644),
    shipped!("systemd/signet.tmpfiles", "usr/lib/tmpfiles.d/signet.conf", 0o644),
    shipped!("systemd/signet.toml", "etc/signet/signet.toml", keep),
];

/// The link that starts everything at boot.
const ENABLED: (&str, &str) = ("usr/lib/systemd/system/multi-user.target.wants/signet.target", "../signet.target");

/// The link that starts the redirect at boot, where it has a port.
pub(super) const REDIRECT_ENABLED: (&str, &str) =
    ("usr/lib/systemd/system/sockets.target.wants/signet-redirect.socket", "../signet-redirect.socket");

const PROCD: [Shipped; 5] = [
    shipped!("init/procd", "etc/init.d/signet", 0o755),
    shipped!("init/prepare", "usr/lib/signet/prepare", 0o755),
    shipped!("init/service.conf", "etc/signet/service.conf", keep),
    shipped!("systemd/deploy.toml", "usr/share/doc/signet/deploy.toml", 0o644),
    shipped!("systemd/signet.toml", "etc/signet/signet.toml", keep),
];

/// As `/etc/init.d/signet enable` makes them.
const PROCD_ENABLED: [(&str, &str); 2] =
    [("etc/rc.d/S95signet", "../init.d/signet"), ("etc/rc.d/K10signet", "../init.d/signet")];

const BUSYBOX: [Shipped; 5] = [
    shipped!("init/busybox", "etc/init.d/S80signet", 0o755),
    shipped!("init/prepare", "usr/lib/signet/prepare", 0o755),
    shipped!("init/service.conf", "etc/signet/service.conf", keep),
    shipped!("systemd/deploy.toml", "usr/share/doc/signet/deploy.toml", 0o644),
    shipped!("systemd/signet.toml", "etc/signet/signet.toml", keep),
];

const RUNIT: [Shipped; 8] = [
    shipped!("init/runit/run", "etc/sv/signet/run", 0o755),
    shipped!("init/runit/log", "etc/sv/signet/log/run", 0o755),
    shipped!("init/runit/watch", "etc/sv/signet-watch/run", 0o755),
    shipped!("init/runit/log", "etc/sv/signet-watch/log/run", 0o755),
    shipped!("init/prepare", "usr/lib/signet/prepare", 0o755),
    shipped!("init/service.conf", "etc/signet/service.conf", keep),
    shipped!("systemd/deploy.toml", "usr/share/doc/signet/deploy.toml", 0o644),
    shipped!("systemd/signet.toml", "etc/signet/signet.toml", keep),
];

/// Where runsvdir looks: Void Linux has the first folder, others the second one.
const RUNIT_OF_VOID: &str = "etc/runit/runsvdir/default";
const RUNIT_LINKS_OF_VOID: [(&str, &str); 2] = [
    ("etc/runit/runsvdir/default/signet", "/etc/sv/signet"),
    ("etc/runit/runsvdir/default/signet-watch", "/etc/sv/signet-watch"),
];
const RUNIT_LINKS: [(&str, &str); 2] =
    [("etc/service/signet", "/etc/sv/signet"), ("etc/service/signet-watch", "/etc/sv/signet-watch")];

/// What tells which one an image has. The first that is found counts: an image may have busybox beside another one.
const FOUND_BY: [(Init, &[&str]); 4] = [
    (Init::Systemd, &["usr/lib/systemd/systemd", "lib/systemd/systemd"]),
    (Init::Procd, &["sbin/procd", "usr/sbin/procd"]),
    (Init::Runit, &["usr/bin/runsvdir", "bin/runsvdir", "sbin/runsvdir", "usr/sbin/runsvdir"]),
    (Init::Busybox, &["bin/busybox", "usr/bin/busybox", "sbin/busybox"]),
];

impl Init {
    /// What the image has; systemd where nothing is there yet.
    pub(super) fn of(image: &Image) -> Self {
        let found = FOUND_BY.iter().find(|(_, paths)| paths.iter().any(|path| image.has(path)));
        found.map_or(Self::Systemd, |(init, _)| *init)
    }

    pub(super) fn files(self) -> &'static [Shipped] {
        match self {
            Self::Systemd => &SYSTEMD,
            Self::Procd => &PROCD,
            Self::Busybox => &BUSYBOX,
            Self::Runit => &RUNIT,
        }
    }

    /// The links by which it is started at boot, and their targets.
    pub(super) fn links(self, image: &Image, ports: &Ports) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Systemd if ports.redirects() => vec![ENABLED, REDIRECT_ENABLED],
            Self::Systemd => vec![ENABLED],
            Self::Procd => PROCD_ENABLED.to_vec(),
            Self::Busybox => Vec::new(),
            Self::Runit if image.has(RUNIT_OF_VOID) => RUNIT_LINKS_OF_VOID.to_vec(),
            Self::Runit => RUNIT_LINKS.to_vec(),
        }
    }

    /// Links that an earlier run may have made and this one does not want.
    pub(super) fn unwanted(self, ports: &Ports) -> Vec<(&'static str, &'static str)> {
        if self == Self::Systemd && !ports.redirects() { vec![REDIRECT_ENABLED] } else { Vec::new() }
    }
}
