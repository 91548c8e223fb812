//! Whether an address of the device stays: what the kernel and the lease files of the usual DHCP clients tell.
//!
//! Best effort. The kernel shows the flags of IPv6 addresses in `/proc`; for IPv4 it has them in netlink alone, so the
//! clients' lease files are read where they can be. What neither tells is [`Lease::Unknown`], and the page says so.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// What is known of an address's stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The router gave it for a time: DHCP, or autoconfiguration from its prefix.
    Dynamic,
    /// It was set by hand.
    Fixed,
    /// A privacy address or one on its way out (RFC 8981): gone within days.
    Temporary,
    /// Nothing tells.
    Unknown,
}

/// Where clients keep their leases: systemd-networkd and NetworkManager, ISC dhclient, dhcpcd.
const FOLDERS: [&str; 6] = [
    "/run/systemd/netif/leases",
    "/run/NetworkManager/devices",
    "/var/lib/NetworkManager",
    "/var/lib/dhcp",
    "/var/lib/dhclient",
    "/var/lib/dhcpcd",
];
/// Bytes of one lease file, and files of a folder, that are looked at.
const LONGEST: u64 = 256 * 1024;
const MOST: usize = 64;

/// `IFA_F_*` of linux/if_addr.h.
const TEMPORARY: u32 = 0x01;
const DEPRECATED: u32 = 0x20;
const PERMANENT: u32 = 0x80;

/// What is known of all addresses.
#[derive(Debug, Default)]
pub(super) struct Leases {
    v4: Vec<Ipv4Addr>,
    v6: HashMap<Ipv6Addr, u32>,
}

impl Leases {
    /// Reads what this process may read.
    pub(super) fn read() -> Self {
        let v4 = FOLDERS.iter().flat_map(|folder| leased_in(Path::new(folder))).collect();
        Self { v4, v6: flags(&std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default()) }
    }

    /// What is known of one.
    pub(super) fn of(&self, address: IpAddr) -> Lease {
        match address {
            IpAddr::V4(v4) if self.v4.contains(&v4) => Lease::Dynamic,
            IpAddr::V4(_) => Lease::Unknown,
            IpAddr::V6(v6) => match self.v6.get(&v6) {
                None => Lease::Unknown,
                Some(flags) if flags & (TEMPORARY | DEPRECATED) != 0 => Lease::Temporary,
                Some(flags) if flags & PERMANENT != 0 => Lease::Fixed,
                Some(_) => Lease::Dynamic,
            },
        }
    }
}

fn leased_in(folder: &Path) -> Vec<Ipv4Addr> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MOST);
    let short = files.filter(|file| file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST));
    short.filter_map(|file| std::fs::read(file.path()).ok()).flat_map(|content| leased(&content)).collect()
}

/// The addresses that a lease file says were given to us.
fn leased(content: &[u8]) -> Vec<Ipv4Addr> {
    // dhcpcd keeps the server's message as it came: `yiaddr` at 16, the magic cookie at 236 (RFC 2131, 2).
    if content.get(236..240) == Some(&[0x63, 0x82, 0x53, 0x63]) {
        let given = content.get(16..20).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        return given.map(Ipv4Addr::from).into_iter().collect();
    }
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().map(str::trim);
    let given = |line: &str| {
        let value = line.strip_prefix("ADDRESS=").or_else(|| line.strip_prefix("fixed-address "))?;
        value.trim_end_matches(';').trim().parse().ok()
    };
    lines.filter_map(given).collect()
}

/// `/proc/net/if_inet6`: address, interface number, prefix length, scope, flags, name; numbers in hex.
fn flags(table: &str) -> HashMap<Ipv6Addr, u32> {
    let line = |line: &str| {
        let mut columns = line.split_ascii_whitespace();
        let address = u128::from_str_radix(columns.next()?, 16).ok()?;
        let flags = u32::from_str_radix(columns.nth(3)?, 16).ok()?;
        Some((Ipv6Addr::from(address), flags))
    };
    table.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_files_tell_what_was_leased() {
        let address = Ipv4Addr::new(192, 0, 2, 7);
        let networkd =
            b"# This is private data. Do not parse.\nADDRESS=192.0.2.7\nNETMASK=255.255.255.0\nROUTER=192.0.2.1\n";
        let dhclient = b"lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.7;\n  option routers 192.0.2.1;\n}\n";
        let mut dhcpcd = vec![0; 300];
        dhcpcd[16..20].copy_from_slice(&address.octets());
        dhcpcd[236..240].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
        for content in [networkd.as_slice(), dhclient, &dhcpcd] {
            assert_eq!(leased(content), [address]);
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("2"), networkd).unwrap();
        std::fs::write(folder.path().join("broken"), [0xFF; 50]).unwrap();
        assert_eq!(leased_in(folder.path()), [address]);
    }

    #[test]
    fn the_kernel_tells_of_ipv6_what_stays() {
        let table = "20010db8000000000000000000000007 02 40 00 80     eth0\n\
                     20010db80000000012345678abcdef01 02 40 00 00     eth0\n\
                     20010db80000000012345678abcdef02 02 40 00 01     eth0\n\
                     short line\n";
        let leases = Leases { v4: vec![Ipv4Addr::new(192, 0, 2, 7)], v6: flags(table) };
        for (address, lease) in [
            ("2001:db8::7", Lease::Fixed),
            ("2001:db8::1234:5678:abcd:ef01", Lease::Dynamic),
            ("2001:db8::1234:5678:abcd:ef02", Lease::Temporary),
            ("2001:db8::8", Lease::Unknown),
            ("192.0.2.7", Lease::Dynamic),
            ("192.0.2.8", Lease::Unknown),
        ] {
            assert_eq!(leases.of(address.parse().unwrap()), lease, "{address}");
        }
    }
}
