//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Judges addresses: closed networks are refused unless the operator opened them.
#[derive(Debug)]
pub(super) struct Guard {
    opened: Vec<IpNet>,
    denied: Vec<IpAddr>,
}

impl Guard {
    /// A guard that opens `opened` among the closed networks, and refuses `denied` in any case.
    pub(super) fn new(opened: Vec<IpNet>, denied: impl IntoIterator<Item = IpAddr>) -> Self {
        Self {
            opened,
            denied: denied.into_iter().map(|ip| ip.to_canonical()).collect(),
        }
    }

    /// Tells whether `address` may be connected to.
    ///
    /// An IPv6 address that carries an IPv4 address is permitted only if both are: a network
    /// that translates or tunnels may be opened without opening what lies behind it.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        let holds = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
        (holds(&self.opened) || !holds(CLOSED))
            && !self.denied.contains(&address)
            && carried(address).all(|inner| self.permits(inner.into()))
    }
}

/// The IPv4 addresses that an IPv6 address carries.
fn carried(address: IpAddr) -> impl Iterator<Item = Ipv4Addr> {
    let carried = match address {
        IpAddr::V4(_) => [None, None],
        IpAddr::V6(address) => match address.segments() {
            // Unspecified and loopback look like "IPv4-compatible" ones and are not.
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => [None, None],
            // IPv4-compatible, IPv4-mapped, IPv4-translated; NAT64 by RFC 6052's well-known
            // prefix, and by RFC 8215's local one; 6to4 by RFC 3056.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x64, 0xff9b, 1, _, _, _, high, low]
            | [0x2002, high, low, ..] => [Some(v4(high, low)), None],
            // Teredo, RFC 4380: the server, and the client with its bits turned round.
            [0x2001, 0, s_high, s_low, _, _, c_high, c_low] => {
                [Some(v4(s_high, s_low)), Some(v4(!c_high, !c_low))]
            }
            _ => [None, None],
        },
    };
    carried.into_iter().flatten()
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}

const fn net4(a: u8, b: u8, c: u8, prefix: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), prefix)
}

const fn net6(start: [u16; 6], prefix: u8) -> IpNet {
    let s = start;
    let start = Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], 0, 0);
    IpNet::new_assert(IpAddr::V6(start), prefix)
}

/// What is not the public internet, after IANA's registries of special-purpose addresses.
const CLOSED: &[IpNet] = &[
    net4(0, 0, 0, 8),                  // this network; 0.0.0.0 reaches loopback on Linux
    net4(10, 0, 0, 8),                 // private
    net4(100, 64, 0, 10),              // shared, carrier-grade NAT
    net4(127, 0, 0, 8),                // loopback
    net4(169, 254, 0, 16),             // link-local, where clouds keep their metadata
    net4(172, 16, 0, 12),              // private
    net4(192, 0, 0, 24),               // protocol assignments
    net4(192, 0, 2, 24),               // documentation
    net4(192, 88, 99, 24),             // 6to4 relays
    net4(192, 168, 0, 16),             // private
    net4(198, 18, 0, 15),              // benchmarking
    net4(198, 51, 100, 24),            // documentation
    net4(203, 0, 113, 24),             // documentation
    net4(224, 0, 0, 4),                // multicast
    net4(240, 0, 0, 4),                // reserved, and broadcast
    net6([0; 6], 96),                  // unspecified, loopback, IPv4-compatible
    net6([0, 0, 0, 0, 0, 0xffff], 96), // IPv4-mapped
    net6([0, 0, 0, 0, 0xffff, 0], 96), // IPv4-translated
    net6([0x64, 0xff9b, 0, 0, 0, 0], 96), // NAT64
    net6([0x64, 0xff9b, 1, 0, 0, 0], 48), // NAT64, local use
    net6([0x100, 0, 0, 0, 0, 0], 64),  // discard
    net6([0x2001, 0, 0, 0, 0, 0], 23), // protocol assignments, with Teredo
    net6([0x2001, 0xdb8, 0, 0, 0, 0], 32), // documentation
    net6([0x2002, 0, 0, 0, 0, 0], 16), // 6to4
    net6([0x3fff, 0, 0, 0, 0, 0], 20), // documentation
    net6([0x5f00, 0, 0, 0, 0, 0], 16), // segment routing
    net6([0xfc00, 0, 0, 0, 0, 0], 7),  // unique local
    net6([0xfe80, 0, 0, 0, 0, 0], 10), // link-local
    net6([0xfec0, 0, 0, 0, 0, 0], 10), // site-local
    net6([0xff00, 0, 0, 0, 0, 0], 8),  // multicast
];
