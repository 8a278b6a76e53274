//! URLs that lead inside, in every spelling: each is refused, and the listener on the inside never hears of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::site::{Site, page};
use super::{PUBLIC, fetch, gateway, network};

/// An address of each block that is not public.
pub(super) const NOT_PUBLIC: [[u8; 4]; 26] = [
    [0, 0, 0, 0],
    [0, 1, 2, 3],
    [10, 0, 0, 1],
    [10, 255, 255, 255],
    [100, 64, 0, 1],
    [100, 100, 100, 200],
    [127, 0, 0, 1],
    [127, 0, 0, 53],
    [127, 255, 255, 254],
    [168, 63, 129, 16],
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [172, 16, 0, 1],
    [172, 31, 255, 255],
    [192, 0, 0, 1],
    [192, 0, 0, 192],
    [192, 0, 2, 1],
    [192, 88, 99, 1],
    [192, 168, 1, 1],
    [192, 175, 48, 1],
    [198, 18, 0, 1],
    [198, 51, 100, 1],
    [203, 0, 113, 1],
    [224, 0, 0, 1],
    [240, 0, 0, 1],
    [255, 255, 255, 255],
];

/// All hostile URLs, for a listener at `port`.
pub(super) fn hostile(port: u16) -> Vec<String> {
    let mut urls: Vec<String> =
        NOT_PUBLIC.iter().flat_map(|octets| spellings(Ipv4Addr::from(*octets))).collect();
    urls.extend(IPV6.map(|address| format!("http://[{address}]:PORT/")));
    urls.extend(ODD.map(str::to_owned));
    urls.iter().map(|url| url.replace("PORT", &port.to_string())).collect()
}

/// The ways to write an address: plain, as one number, in other bases, short, and inside IPv6.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let (bits, [a, b, c, d]) = (address.to_bits(), address.octets());
    let inside = |high: u128| Ipv6Addr::from_bits(high << 32 | u128::from(bits));
    let hosts = [
        address.to_string(),
        format!("{address}."),
        bits.to_string(),
        format!("0x{bits:x}"),
        format!("0{bits:o}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("0x{a:x}.0X{b:X}.{c}.{d}"),
        format!("{a}.{b}.{}", u32::from(c) << 8 | u32::from(d)),
        format!("{a}.{}", bits & 0x00ff_ffff),
        full_width(&address.to_string()),
        address.to_string().replace('.', "。"),
        address.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect(),
        format!("[::ffff:{address}]"),
        format!("[{}]", inside(0)),
        format!("[{}]", inside(0x0064_ff9b << 64)),
        format!("[{}]", Ipv6Addr::from_bits(0x2002 << 112 | u128::from(bits) << 80 | 1)),
        format!("[{}]", Ipv6Addr::from_bits(0x2001 << 112 | 0x0808_0808 << 64 | u128::from(!bits))),
        format!("[{}]", inside(0x2a00_1450_u128 << 64 | 0x5efe)),
    ];
    hosts.map(|host| format!("http://{host}:PORT/")).to_vec()
}

fn full_width(text: &str) -> String {
    let wide =
        |char: char| char.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or('．');
    text.chars().map(wide).collect()
}

const IPV6: [&str; 26] = [
    "::1",
    "::",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::0.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

const ODD: [&str; 49] = [
    "http://localhost:PORT/",
    "http://LocalHost:PORT/",
    "http://localhost.:PORT/",
    "http://a.localhost:PORT/",
    "http://localhost.localdomain:PORT/",
    "http://ip6-localhost:PORT/",
    "http://ｌｏｃａｌｈｏｓｔ:PORT/",
    "http://loc%61lhost:PORT/",
    "http://metadata.google.internal:PORT/",
    "http://kubernetes.default.svc:PORT/",
    "http://printer.local:PORT/",
    "http://intranet:PORT/",
    "http://127.0.0.1..:PORT/",
    "http://user@127.0.0.1:PORT/",
    "http://user:secret@127.0.0.1:PORT/",
    "http://@127.0.0.1:PORT/",
    "http://example.com@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@example.com/",
    "http://example.com\\@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@example.com/",
    "http://127.0.0.1:PORT#@example.com/",
    "http://127.0.0.1:PORT?@example.com/",
    "http://exam\tple.com:PORT/",
    "http://127.0.0.1:PORT/\r\nHost: example.com",
    " http://127.0.0.1:PORT/",
    "http:127.0.0.1:PORT",
    "http:/127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http://///127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "hTTp://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "https://[::1]:PORT/",
    "http://[::1%25lo]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[::ffff:7f00:0001]:PORT/",
    "http://[::ffff:127.1]:PORT/",
    "http://127.0.0.1:0PORT/",
    "file:///etc/passwd",
    "file://127.0.0.1:PORT/etc/passwd",
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/x",
    "ldap://127.0.0.1:PORT/",
    "javascript:fetch('http://127.0.0.1:PORT/')",
    "data:text/html,x",
    "ws://127.0.0.1:PORT/",
];

#[tokio::test]
async fn no_spelling_of_an_inner_address_is_ever_connected_to() {
    // Both stacks, and all of loopback: whatever the machine itself would take for one of its own.
    let inside = Site::canary(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).await;
    let outside = Site::of_answers(PUBLIC, |_| page("text/plain", b"the outside")).await;
    let ports = format!("ports: [{}, {}]", inside.port(), outside.port());
    let gateway = gateway(network(), &ports).await;
    let client = gateway.client();
    let urls = hostile(inside.port());
    assert!(urls.len() >= 150, "only {} URLs", urls.len());
    for url in &urls {
        let error = fetch(&client, url).await.tool_error();
        let code = error["error_code"].as_str().unwrap();
        assert!(matches!(code, "FETCH_BLOCKED" | "VALIDATION_ERROR"), "{url}: {error}");
        // What the caller wrote itself may be repeated where its form is wrong; a refusal repeats nothing.
        let tells = NOT_PUBLIC
            .iter()
            .any(|octets| error["message"].to_string().contains(&Ipv4Addr::from(*octets).to_string()));
        assert!(code == "VALIDATION_ERROR" || !tells, "an address is told: {error}");
    }
    assert_eq!(inside.connections(), 0);
    // The listeners do hear, and what is public is fetched.
    let reply = fetch(&client, &outside.url("/")).await;
    assert_eq!(reply.content()["text"], "the outside");
    tokio::net::TcpStream::connect(("127.0.0.1", inside.port())).await.unwrap();
    tokio::net::TcpStream::connect(("::1", inside.port())).await.unwrap();
    while inside.connections() < 2 {
        tokio::task::yield_now().await;
    }
}
