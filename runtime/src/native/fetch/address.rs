//! Which addresses are the public internet's.
//!
//! Global unicast only: every block of IANA's special-purpose registries for IPv4 and IPv6 is refused, those
//! that are "globally reachable" included, for none of them has web pages. An IPv6 address that carries an IPv4
//! address leads to that one, so it is judged by it. Nothing here knows of names, URLs or connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and prefix length of IPv4 blocks that are not public.
const IPV4: [([u8; 4], u32); 20] = [
    ([0, 0, 0, 0], 8),          // this network
    ([10, 0, 0, 0], 8),         // private use
    ([100, 64, 0, 0], 10),      // carrier NAT, and internal services of clouds
    ([127, 0, 0, 0], 8),        // loopback
    ([168, 63, 129, 16], 32),   // public by number, yet the agent of a virtual machine's own host
    ([169, 254, 0, 0], 16),     // link-local, and metadata services of clouds
    ([172, 16, 0, 0], 12),      // private use
    ([192, 0, 0, 0], 24),       // protocol assignments
    ([192, 0, 2, 0], 24),       // documentation
    ([192, 31, 196, 0], 24),    // AS112
    ([192, 52, 193, 0], 24),    // automatic multicast tunnelling
    ([192, 88, 99, 0], 24),     // 6to4 relays
    ([192, 168, 0, 0], 16),     // private use
    ([192, 175, 48, 0], 24),    // AS112
    ([198, 18, 0, 0], 15),      // benchmarking
    ([198, 51, 100, 0], 24),    // documentation
    ([203, 0, 113, 0], 24),     // documentation
    ([224, 0, 0, 0], 4),        // multicast
    ([240, 0, 0, 0], 4),        // reserved
    ([255, 255, 255, 255], 32), // broadcast
];

/// The only IPv6 block from which global unicast addresses are given out.
const GLOBAL_UNICAST: (u128, u32) = (0x2000 << 112, 3);

/// First address and prefix length of blocks within it that are not public.
const IPV6: [(u128, u32); 4] = [
    (0x2001 << 112, 23),          // protocol assignments
    (0x2001_0db8 << 96, 32),      // documentation
    (0x2620_004f_8000 << 80, 48), // AS112
    (0x3fff << 112, 20),          // documentation
];

const MAPPED: (u128, u32) = (0xffff << 32, 96);
const COMPATIBLE: (u128, u32) = (0, 96);
const NAT64: (u128, u32) = (0x0064_ff9b << 96, 96);
const SIX_TO_FOUR: (u128, u32) = (0x2002 << 112, 16);
const TEREDO: (u128, u32) = (0x2001_0000 << 96, 32);

/// Decides on addresses.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Addresses that count as public although they are not, for tests that stay on one machine.
    also_public: Vec<IpAddr>,
}

impl Addresses {
    /// Takes `addresses` for public ones too. There is no configuration for this.
    pub fn with_also_public(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self { also_public: addresses.into_iter().collect() }
    }

    /// Whether a page may be fetched from `address`.
    pub(super) fn is_public(&self, address: IpAddr) -> bool {
        self.also_public.contains(&address) || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !IPV4.iter().any(|(first, length)| {
        let shift = 32 - length;
        address.to_bits() >> shift == Ipv4Addr::from(*first).to_bits() >> shift
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    if [MAPPED, COMPATIBLE, NAT64].iter().any(|block| is_in(bits, *block)) {
        return is_public_v4(embedded(bits, 0));
    }
    if is_in(bits, SIX_TO_FOUR) {
        return is_public_v4(embedded(bits, 80)) && is_public_isatap(bits);
    }
    if is_in(bits, TEREDO) {
        // The server's address, and the client's with every bit turned over.
        return is_public_v4(embedded(bits, 64)) && is_public_v4(embedded(!bits, 0));
    }
    is_in(bits, GLOBAL_UNICAST) && !IPV6.iter().any(|block| is_in(bits, *block)) && is_public_isatap(bits)
}

fn is_in(bits: u128, (first, length): (u128, u32)) -> bool {
    let shift = 128 - length;
    bits >> shift == first >> shift
}

/// The IPv4 address whose last bit is the one at `shift`.
fn embedded(bits: u128, shift: u32) -> Ipv4Addr {
    // Cut to the 32 bits on purpose.
    #[allow(clippy::cast_possible_truncation)]
    Ipv4Addr::from_bits((bits >> shift) as u32)
}

/// Whether the lower half is no interface of an intra-site tunnel (`[02]00:5efe` and an IPv4 address), or one to
/// a public address.
fn is_public_isatap(bits: u128) -> bool {
    let interface = (bits >> 32) & 0xfcff_ffff;
    interface != 0x0000_5efe || is_public_v4(embedded(bits, 0))
}

#[cfg(test)]
mod tests;
