//! The same in a network of its own, where every address there is leads to one listener: what is connected to
//! is counted, and the system's own resolver is asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;

use runtime::native::fetch::Network;

use super::apart::apart;
use super::dns::Dns;
use super::judge::hostile;
use super::names::{check_names, zone};
use super::site::{Site, page};
use super::{fetch, gateway};

/// An address of the public internet, here on the loopback device.
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
const PORT: u16 = 80;

#[test]
#[ignore = "needs the right to make network namespaces; .ci/run runs it"]
fn no_address_of_the_whole_internet_is_reached_but_public_ones() {
    let name = "fetch::namespace::no_address_of_the_whole_internet_is_reached_but_public_ones";
    apart(name, &["unshare", "--map-root-user", "--net", "--mount"], inside());
}

fn run(command: &str) {
    let mut words = command.split(' ');
    let status = Command::new(words.next().unwrap()).args(words).status().unwrap();
    assert!(status.success(), "{command}");
}

async fn inside() {
    run("ip link set lo up");
    run(&format!("ip addr add {PUBLIC}/32 dev lo"));
    // From here on every address is this machine's own.
    run("ip route add local 0.0.0.0/0 dev lo");
    run("ip -6 route add local ::/0 dev lo");
    let folder = tempfile::tempdir().unwrap();
    let resolv = folder.path().join("resolv.conf");
    std::fs::write(&resolv, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").unwrap();
    run(&format!("mount --bind {} /etc/resolv.conf", resolv.display()));

    let dns = Dns::at(([127, 0, 0, 1], 53).into(), zone(PUBLIC)).await;
    let listening = (IpAddr::V6(Ipv6Addr::UNSPECIFIED), PORT).into();
    let everywhere = Site::at(listening, |_, stream| {
        Box::pin(super::site::send(stream, page("text/plain", b"the outside")))
    })
    .await;
    // No hook of any kind: the network as the product has it.
    let gateway = gateway(Network::default(), "robots: false").await;
    let client = gateway.client();

    let urls = hostile(PORT);
    for url in &urls {
        fetch(&client, url).await.tool_error();
    }
    assert_eq!(everywhere.connections(), 0, "something of {} URLs was connected to", urls.len());
    // The listener hears what is public, by whatever address.
    let public =
        ["93.184.216.34", "8.8.8.8", "[2606:4700:4700::1111]", "[::ffff:93.184.216.34]", "1572395042"];
    for (count, host) in public.iter().enumerate() {
        let reply = fetch(&client, &format!("http://{host}/")).await;
        assert_eq!(
            (&reply.content()["text"], everywhere.connections()),
            (&"the outside".into(), count + 1),
            "{host}"
        );
    }
    // Names, by the system's resolver: the listener on the inside is the same, so connections are counted.
    let before = everywhere.connections();
    let nobody = Site::canary(IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
    check_names(&client, PORT, &everywhere, &nobody).await;
    assert_eq!(everywhere.connections() - before, 3, "only the three public answers were connected to");
    assert_eq!(dns.asked("rebinding.example.com"), 4);
    println!("{} hostile URLs, 0 connections; {} public ones, as many connections", urls.len(), public.len());
}
