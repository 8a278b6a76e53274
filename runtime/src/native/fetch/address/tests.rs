use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Addresses, is_public};

/// Blocks of IANA's registry for IPv4, and addresses just outside that are public.
const BLOCKS: [(&str, &str, &[&str]); 20] = [
    ("0.0.0.0", "0.255.255.255", &["1.0.0.0"]),
    ("10.0.0.0", "10.255.255.255", &["9.255.255.255", "11.0.0.0"]),
    ("100.64.0.0", "100.127.255.255", &["100.63.255.255", "100.128.0.0"]),
    ("127.0.0.0", "127.255.255.255", &["126.255.255.255", "128.0.0.0"]),
    ("168.63.129.16", "168.63.129.16", &["168.63.129.15", "168.63.129.17"]),
    ("169.254.0.0", "169.254.255.255", &["169.253.255.255", "169.255.0.0"]),
    ("172.16.0.0", "172.31.255.255", &["172.15.255.255", "172.32.0.0"]),
    ("192.0.0.0", "192.0.0.255", &["191.255.255.255", "192.0.1.0"]),
    ("192.0.2.0", "192.0.2.255", &["192.0.1.255", "192.0.3.0"]),
    ("192.31.196.0", "192.31.196.255", &["192.31.195.255", "192.31.197.0"]),
    ("192.52.193.0", "192.52.193.255", &["192.52.192.255", "192.52.194.0"]),
    ("192.88.99.0", "192.88.99.255", &["192.88.98.255", "192.88.100.0"]),
    ("192.168.0.0", "192.168.255.255", &["192.167.255.255", "192.169.0.0"]),
    ("192.175.48.0", "192.175.48.255", &["192.175.47.255", "192.175.49.0"]),
    ("198.18.0.0", "198.19.255.255", &["198.17.255.255", "198.20.0.0"]),
    ("198.51.100.0", "198.51.100.255", &["198.51.99.255", "198.51.101.0"]),
    ("203.0.113.0", "203.0.113.255", &["203.0.112.255", "203.0.114.0"]),
    ("224.0.0.0", "239.255.255.255", &["223.255.255.255"]),
    ("240.0.0.0", "255.255.255.254", &[]),
    ("255.255.255.255", "255.255.255.255", &[]),
];

/// First and last addresses of IPv6 blocks that are not public, whatever they embed.
const BLOCKS_V6: [(&str, &str); 16] = [
    ("::", "::1"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),
    ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
    ("2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
];

fn check(address: &str, expected: bool) {
    let address: IpAddr = address.parse().unwrap();
    assert_eq!(is_public(address), expected, "{address}");
}

/// All forms in which an IPv6 address can carry an IPv4 address.
fn carriers(address: Ipv4Addr) -> [Ipv6Addr; 9] {
    let bits = u128::from(address.to_bits());
    let public = u128::from(Ipv4Addr::new(8, 8, 8, 8).to_bits());
    let all = u128::from(u32::MAX);
    [
        bits | 0xffff << 32,
        bits,
        bits | 0x0064_ff9b << 96,
        0x2002 << 112 | bits << 80 | 1,
        // 6to4 of a public address, and within it a tunnel.
        0x2002 << 112 | public << 80 | 0x5efe << 32 | bits,
        // Teredo: as the server, and as the client.
        0x2001 << 112 | bits << 64 | (public ^ all),
        0x2001 << 112 | public << 64 | (bits ^ all),
        // ISATAP, with and without the bit that says the address is the world's.
        0x2a00_1450 << 96 | 0x5efe << 32 | bits,
        0x2a00_1450 << 96 | 0x0200_5efe << 32 | bits,
    ]
    .map(Ipv6Addr::from_bits)
}

#[test]
fn the_ends_of_every_special_block_are_refused_and_their_neighbours_are_not() {
    for (first, last, neighbours) in BLOCKS {
        check(first, false);
        check(last, false);
        neighbours.iter().for_each(|neighbour| check(neighbour, true));
    }
    for (first, last) in BLOCKS_V6 {
        check(first, false);
        check(last, false);
    }
}

#[test]
fn an_address_that_carries_another_is_judged_by_it() {
    for (first, last, neighbours) in BLOCKS {
        for (text, expected) in
            [(first, false), (last, false)].into_iter().chain(neighbours.iter().map(|n| (*n, true)))
        {
            for carrier in carriers(text.parse().unwrap()) {
                assert_eq!(is_public(IpAddr::V6(carrier)), expected, "{text} in {carrier}");
            }
        }
    }
}

#[test]
fn addresses_of_the_public_internet_pass() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "140.82.112.3",
        "185.199.108.153",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2400:cb00::1",
        "2606:4700:4700::1111",
        "2620:4f:8001::1",
        "2620:fe::fe",
        "2a00:1450:4001:80b::200e",
        "2a05:d018::1",
        "3ffe::1",
        "3fff:1000::1",
    ] {
        check(address, true);
    }
}

#[test]
fn only_the_addresses_that_a_test_names_count_as_public_too() {
    let addresses = Addresses::with_also_public(["127.0.0.2".parse().unwrap()]);
    for (address, expected) in
        [("127.0.0.2", true), ("127.0.0.1", false), ("::ffff:127.0.0.2", false), ("8.8.8.8", true)]
    {
        assert_eq!(addresses.is_public(address.parse().unwrap()), expected, "{address}");
    }
}
