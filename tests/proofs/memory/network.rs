//! Where crowds, visitors and the owner come from: a network namespace of the proof's own with addresses of the documentation's
//! networks, or the loopback network where there can be none.

use nix::sched::{CloneFlags, unshare};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};

/// Addresses that the attackers of an IPv6 network have.
const OF_NETWORK6: u16 = 256;

/// Where attackers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// One IPv4 address.
    One,
    /// Twenty of them.
    Twenty,
    /// An IPv6 /64.
    Network6,
    /// The device itself.
    Loopback,
}

/// The addresses of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// A namespace, in which no address but loopback's is spared any bound.
    Own,
    /// 127.0.0.0/8 and ::1.
    Loopback,
}

/// Runs `proof` in a namespace, on a thread of its own, or on loopback addresses; what panics there panics here.
pub fn within(proof: impl FnOnce(Network) + Send) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name);
        let proof = thread.spawn_scoped(scope, || proof(Network::enter())).unwrap();
        if let Err(panic) = proof.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

impl Network {
    /// The calling thread and what it starts are in the namespace from here on; it ends with them.
    fn enter() -> Self {
        let inside = unshare(CloneFlags::CLONE_NEWNET).map_err(|error| format!("no network namespace: {error}"));
        match inside.and_then(|()| addresses()) {
            Ok(()) => Self::Own,
            Err(reason) => {
                signet_testing::skip(&format!(
                    "attacks from an IPv6 /64 and from addresses that are not loopback: {reason}"
                ));
                Self::Loopback
            }
        }
    }

    /// Whether attackers can come from there.
    pub fn has(self, from: From) -> bool {
        self == Self::Own || from != From::Network6
    }

    /// The address of one of the attackers.
    pub fn source(self, from: From, number: usize) -> IpAddr {
        let last = |count: usize| u8::try_from(number % count).unwrap();
        match (from, self) {
            (From::One, Self::Own) => Ipv4Addr::new(192, 0, 2, 2).into(),
            (From::Twenty, Self::Own) => Ipv4Addr::new(192, 0, 2, 101 + last(20)).into(),
            (From::Network6, _) => attacker6(u16::try_from(number % usize::from(OF_NETWORK6)).unwrap()).into(),
            (From::One, Self::Loopback) => Ipv4Addr::new(127, 0, 0, 2).into(),
            (From::Twenty, Self::Loopback) => Ipv4Addr::new(127, 0, 1, 1 + last(20)).into(),
            (From::Loopback, _) => Ipv6Addr::LOCALHOST.into(),
        }
    }

    /// The console's address for those who come from there.
    pub fn console(self, from: From, port: u16) -> SocketAddr {
        let address = match (from, self) {
            (From::Network6, _) => Ipv6Addr::new(0x2001, 0xdb8, 0, 2, 0, 0, 0, 1).into(),
            (From::Loopback, _) => Ipv6Addr::LOCALHOST.into(),
            _ => self.everybody(),
        };
        SocketAddr::new(address, port)
    }

    /// The console's address for everybody else.
    pub fn everybody(self) -> IpAddr {
        match self {
            Self::Own => Ipv4Addr::new(192, 0, 2, 1).into(),
            Self::Loopback => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// The owner's address.
    pub fn owner(self) -> IpAddr {
        match self {
            Self::Own => Ipv4Addr::new(198, 51, 100, 7).into(),
            Self::Loopback => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// An address that no attacker has, nor the owner.
    pub fn visitor(self) -> IpAddr {
        match self {
            Self::Own => Ipv4Addr::new(198, 51, 100, 9).into(),
            Self::Loopback => Ipv4Addr::new(127, 9, 9, 9).into(),
        }
    }
}

fn attacker6(number: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, number + 1)
}

/// Gives the namespace its addresses: of the IPv4 networks of its loopback device all are there, of the IPv6 ones each is named.
fn addresses() -> Result<(), String> {
    let mut commands =
        String::from("link set lo up\naddress add 192.0.2.1/24 dev lo\naddress add 198.51.100.1/24 dev lo\n");
    commands += "address add 2001:db8:0:2::1/64 dev lo\n";
    for number in 0..OF_NETWORK6 {
        commands += &format!("address add {}/64 dev lo\n", attacker6(number));
    }
    let ip = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut ip = ip.map_err(|error| format!("ip (iproute2): {error}"))?;
    // Where it ends early it says why.
    let _ = ip.stdin.take().unwrap().write_all(commands.as_bytes());
    let output = ip.wait_with_output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("ip: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
