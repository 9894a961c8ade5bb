//! Whose address a request comes from: the peer's, or, where the peer is a proxy that the operator
//! trusts, the one that this proxy names in `X-Forwarded-For`.
//!
//! The list is read from its right end, where the nearest proxy writes: the first address that is not a
//! trusted proxy's is the client's. What stands left of it is what the client itself sent, and means
//! nothing; so does the whole header of a peer that is not trusted.
//!
//! An address stands for everything that its holder has: an IPv6 one for its /64, and an IPv4 address
//! written as IPv6 is the IPv4 address.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Once,
};

/// A client's address, as far as it tells clients apart. Its `Debug` does not show it: an address is
/// personal data, and logs are kept long.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client behind this peer, which sent these values of `X-Forwarded-For`, in their order.
    #[must_use]
    pub fn behind(peer: IpAddr, forwarded: &[&[u8]], trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        if !forwarded.is_empty() {
            warn_of_an_unnamed_proxy(peer, trusted);
        }
        Self::from(client(peer, forwarded, trusted))
    }

    /// The address that stands for all of its holder's.
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        self.0
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
            ip => ip,
        })
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}

/// Follows the proxies back from the peer. An entry that is no address ends it: the proxy that passed
/// it on is then all that is known.
fn client(peer: IpAddr, forwarded: &[&[u8]], trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut nearest = peer;
    let entries = forwarded.iter().rev().flat_map(|value| value.rsplit(|&byte| byte == b','));
    for entry in entries {
        if !is_trusted(nearest) {
            break;
        }
        let Some(next) = std::str::from_utf8(entry).ok().and_then(parse_hop) else { break };
        nearest = next;
    }
    nearest
}

/// An entry of the list: an address, of some proxies with a port, of IPv6 with or without brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

/// Says once that there seems to be a proxy which the settings do not name: all of its visitors count as
/// one, and the limits of an address are soon too narrow for them.
fn warn_of_an_unnamed_proxy(peer: IpAddr, trusted: &[Network]) {
    static WARNED: Once = Once::new();
    let near = match peer {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    if near && !trusted.iter().any(|network| network.contains(peer)) {
        WARNED.call_once(|| {
            tracing::warn!(%peer, "requests come through a proxy that trusted_proxies does not name: its visitors share one address");
        });
    }
}

/// Addresses that share their first bits: one proxy, or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The first address; of IPv4 as the IPv6 address that is mapped from it.
    first: u128,
    /// How many of the 128 bits are shared.
    shared: u32,
}

/// Neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a network")]
pub struct InvalidNetwork;

impl Network {
    /// Whether the address is one of them.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let different = bits(ip) ^ self.first;
        different.checked_shr(128 - self.shared).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    /// Reads `192.0.2.1`, `10.0.0.0/8`, `::1`, `fd00::/8`. Bits beyond the shared ones must be zero: a
    /// network that says otherwise is more likely mistyped than meant.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let ip: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let width: u32 = if ip.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => width,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|length| *length <= width).ok_or(InvalidNetwork)?
            }
            Some(_) => return Err(InvalidNetwork),
        };
        let network = Self { first: bits(ip), shared: 128 - width + length };
        let rest = network.first.checked_shl(network.shared).unwrap_or(0);
        if rest == 0 { Ok(network) } else { Err(InvalidNetwork) }
    }
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ClientAddress {
        ClientAddress::from(text.parse::<IpAddr>().unwrap())
    }

    fn client_of(peer: &str, forwarded: &[&str], trusted: &[&str]) -> ClientAddress {
        let forwarded: Vec<_> = forwarded.iter().map(|value| value.as_bytes()).collect();
        let trusted: Vec<_> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        ClientAddress::behind(peer.parse().unwrap(), &forwarded, &trusted)
    }

    #[test]
    fn an_address_stands_for_its_holder() {
        assert_eq!(address("192.0.2.1"), address("::ffff:192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("2001:db8:1:2::3"), address("2001:db8:1:2:ffff::"));
        assert_ne!(address("2001:db8:1:2::3"), address("2001:db8:1:3::3"));
        assert_eq!(address("::1").ip(), IpAddr::V6(Ipv6Addr::LOCALHOST));
        assert!(!format!("{:?}", address("192.0.2.1")).contains("192"));
    }

    #[test]
    fn the_client_is_the_nearest_address_that_is_no_trusted_proxy() {
        let proxies = ["10.0.0.0/8", "::1"];
        let cases: [(&str, &[&str], &str); 14] = [
            // Nobody is believed who is not trusted.
            ("192.0.2.9", &["198.51.100.7"], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::1", &["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            // What the client wrote stands at the left, and counts for nothing.
            ("10.0.0.1", &["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7, 10.9.9.9", " 10.8.8.8 "], "198.51.100.7"),
            // All of them proxies: the farthest.
            ("10.0.0.1", &["10.3.3.3,10.2.2.2"], "10.3.3.3"),
            // No address: the proxy that passed it on.
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7, , 10.2.2.2"], "10.2.2.2"),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
        ];
        for (peer, forwarded, expected) in cases {
            assert_eq!(client_of(peer, forwarded, &proxies), address(expected), "{peer} {forwarded:?}");
        }
        assert_eq!(client_of("10.0.0.1", &["198.51.100.7"], &[]), address("10.0.0.1"));
    }

    #[test]
    fn networks() {
        let contains =
            |network: &str, ip: &str| network.parse::<Network>().unwrap().contains(ip.parse().unwrap());
        assert!(contains("10.0.0.0/8", "10.255.255.255") && !contains("10.0.0.0/8", "11.0.0.0"));
        assert!(contains("192.0.2.1", "192.0.2.1") && !contains("192.0.2.1", "192.0.2.0"));
        assert!(contains("fd00::/8", "fdff::1") && !contains("fd00::/8", "fe00::1"));
        assert!(contains("0.0.0.0/0", "192.0.2.1") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1"));
        for bad in
            ["", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.1/8", "::1/64", "10/8", " ::1"]
        {
            assert_eq!(bad.parse::<Network>(), Err(InvalidNetwork), "{bad}");
        }
    }
}
