//! What starts services on a device.

use clap::ValueEnum;

/// What starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Init {
    /// systemd.
    Systemd,
    /// OpenWrt's.
    Procd,
    /// busybox init with scripts in /etc/init.d, as Buildroot has it.
    Busybox,
    /// runit, with a folder for each service.
    Runit,
}
