//! Whose request it is: the address at the other end, or the one that a trusted proxy passes on.

use std::net::IpAddr;

use http::HeaderMap;

use crate::config::TrustedProxies;

/// Where proxies say whom they speak for, each adding the address it sees at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of a request's client, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The address of the client that a request comes from.
///
/// Going from the near end of the list to the far one, the first address that is no trusted proxy is the
/// client: whatever stands before it may be the client's own invention.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let mut client = peer.to_canonical();
    let lists: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    let mut hops = lists.iter().rev().flat_map(|list| list.rsplit(','));
    while proxies.contains(client) {
        // Behind something that is no address nothing can be believed; then it is the last proxy's request.
        let Some(hop) = hops.next().and_then(address) else { break };
        client = hop;
    }
    client
}

/// The address of one entry, which some proxies write with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || hop.parse().ok().map(|address: std::net::SocketAddr| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::product::Product;

    fn proxies(list: &str) -> TrustedProxies {
        let text = format!("tenants: {{default: {{services: {{}}}}}}\nserver: {{trusted_proxies: {list}}}\n");
        let product = Product { tools: &[], services: &[], dev_backend: None };
        Config::parse("server.yaml", &text, &product, &|_| None).unwrap().server.trusted_proxies
    }

    #[test]
    fn the_nearest_address_that_is_no_trusted_proxy_is_the_client() {
        let proxies = proxies("[10.0.0.0/8, '2001:db8::1']");
        for (peer, headers, expected) in [
            ("192.0.2.1", &["198.51.100.7"] as &[&str], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.7,10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.7, evil, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["evil"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("2001:db8::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("2001:db8::1", &["[2001:db8::7]"], "2001:db8::7"),
        ] {
            let mut map = HeaderMap::new();
            for value in headers {
                map.append(FORWARDED_FOR, value.parse().unwrap());
            }
            let client = client_address(peer.parse().unwrap(), &map, &proxies);
            assert_eq!(client.to_string(), expected, "{peer} {headers:?}");
        }
    }
}
