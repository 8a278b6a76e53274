//! Names whose answers change: what is judged is what is connected to, and nothing else.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dns::{Dns, Record, Zone};
use super::site::{Site, page};
use super::{PUBLIC, assert_blocked, fetch, gateway, network_with};

const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Names, and what becomes of fetching from them.
pub(super) fn zone(public: IpAddr) -> Zone {
    use Record::{Address, Alias};
    let at = |ip: IpAddr| Address(ip);
    HashMap::from([
        ("steady.example.com", vec![vec![at(public)]]),
        ("rebinding.example.com", vec![vec![at(public)], vec![at(INSIDE)]]),
        ("inside.example.com", vec![vec![at(INSIDE)]]),
        ("both.example.com", vec![vec![at(public), at(INSIDE)]]),
        ("both-turned.example.com", vec![vec![at(INSIDE), at(public)]]),
        ("six.example.com", vec![vec![at(public), at(IpAddr::V6(Ipv6Addr::LOCALHOST))]]),
        ("mapped.example.com", vec![vec![at("::ffff:127.0.0.1".parse().unwrap())]]),
        ("cloud.example.com", vec![vec![at("169.254.169.254".parse().unwrap())]]),
        ("alias.example.com", vec![vec![Alias("target.example.com"), at(public)]]),
        ("alias-inside.example.com", vec![vec![Alias("a.example.com"), Alias("b.example.com"), at(INSIDE)]]),
        ("alias-both.example.com", vec![vec![Alias("c.example.com"), at(public), at(INSIDE)]]),
    ])
}

/// Fetches from every name; the listener on the inside must stay alone.
pub(super) async fn check_names(client: &tests::client::Client, port: u16, public: &Site, inside: &Site) {
    let url = |name: &str| format!("http://{name}:{port}/");
    for name in ["steady", "alias"] {
        let before = public.connections();
        let reply = fetch(client, &url(&format!("{name}.example.com"))).await;
        assert_eq!(reply.content()["text"], "the outside", "{name}");
        assert!(public.connections() > before, "{name} was not fetched");
    }
    for name in ["inside", "both", "both-turned", "six", "mapped", "cloud", "alias-inside", "alias-both"] {
        let reply = fetch(client, &url(&format!("{name}.example.com"))).await;
        assert_blocked(&reply, "address", name);
        assert!(!reply.text.contains("127.0.0.1") && !reply.text.contains("169.254"), "{}", reply.text);
    }
    // Public when asked first; from then on it leads inside.
    let reply = fetch(client, &url("rebinding.example.com")).await;
    assert_eq!(reply.content()["text"], "the outside");
    for _ in 0..3 {
        assert_blocked(&fetch(client, &url("rebinding.example.com")).await, "address", "rebinding");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_sometimes_or_among_others_is_never_followed_there() {
    let dns = Dns::start(zone(PUBLIC)).await;
    let public = Site::of_answers(PUBLIC, |_| page("text/plain", b"the outside")).await;
    // The same port on the inside, which is where a second look-up would lead.
    let inside = Site::at((INSIDE, public.port()).into(), |_, _| Box::pin(async {})).await;
    // Without robots.txt a fetch is one request, and so one look-up.
    let fetch_section = format!("ports: [{}], robots: false", public.port());
    let gateway = gateway(network_with(dns.resolver()), &fetch_section).await;
    check_names(&gateway.client(), public.port(), &public, &inside).await;
    assert_eq!(dns.asked("steady.example.com"), 1);
    assert_eq!(dns.asked("rebinding.example.com"), 4);
}

#[tokio::test]
async fn a_name_that_turns_inside_between_robots_and_page_is_refused() {
    let dns = Dns::start(zone(PUBLIC)).await;
    let public = Site::of_answers(PUBLIC, |_| page("text/plain", b"the outside")).await;
    let inside = Site::at((INSIDE, public.port()).into(), |_, _| Box::pin(async {})).await;
    let gateway = gateway(network_with(dns.resolver()), &format!("ports: [{}]", public.port())).await;
    let url = format!("http://rebinding.example.com:{}/", public.port());
    assert_blocked(&fetch(&gateway.client(), &url).await, "address", "rebinding");
    assert_eq!((public.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unreachable() {
    let dns = Dns::start(Zone::new()).await;
    let gateway = gateway(network_with(dns.resolver()), "").await;
    let reply = fetch(&gateway.client(), "http://nowhere.example.com/").await;
    assert_eq!(super::refusal(&reply).0, "BACKEND_UNAVAILABLE");
}
