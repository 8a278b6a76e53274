//! More than there is room for is refused at once, and the refusal passes.

use std::time::{Duration, Instant};

use runtime::Limits;
use tests::gateway::{Gateway, config_text};
use tests::raw::{Raw, post};

use super::alone::Alone;
use super::hand_made::{call, gateway, hand_made};
use super::holding::Holding;

const PING: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// How soon a refusal has to come.
const AT_ONCE: Duration = Duration::from_millis(50);

/// Asks on a connection of its own; the status and how long to wait before asking again.
async fn ask(gateway: &Gateway, headers: &str, body: &[u8]) -> (u16, String) {
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(post(headers, body)).await;
    let answer = raw.answer().await.expect("an answer");
    (answer.status, answer.header("retry-after").to_owned())
}

#[tokio::test]
async fn a_connection_too_many_is_refused_at_once_and_the_others_go_on() {
    let refused = (503, "1".to_owned());
    for limits in
        [Limits { connections: 5, ..Limits::default() }, Limits { per_client: 5, ..Limits::default() }]
    {
        let gateway =
            Gateway::within(&hand_made(), &config_text(([127, 0, 0, 1], 9).into(), ""), limits).await;
        let mut kept = Vec::new();
        for _ in 0..5 {
            let mut raw = Raw::connect(gateway.address()).await;
            raw.send(post("", PING)).await;
            assert_eq!(raw.answer().await.unwrap().status, 200);
            kept.push(raw);
        }
        let start = Instant::now();
        assert_eq!(ask(&gateway, "", PING).await, refused);
        assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
        for raw in &mut kept {
            raw.send(post("", PING)).await;
            assert_eq!(raw.answer().await.unwrap().status, 200);
        }
        kept.pop();
        let freed = async { while ask(&gateway, "", PING).await == refused {} };
        tokio::time::timeout(Duration::from_secs(1), freed).await.expect("a place that was given back");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_share_of_requests() {
    let mut backend = Holding::start().await;
    let limits = Limits { per_client: 2, ..Limits::default() };
    let proxies = "  trusted_proxies: [127.0.0.0/8]\n";
    let gateway = Gateway::within(&hand_made(), &config_text(backend.address(), proxies), limits).await;
    let (mut clients, mut held) = (Vec::new(), Vec::new());
    for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"] {
        let mut raw = Raw::connect(gateway.address()).await;
        raw.send(post(&format!("X-Forwarded-For: 192.0.2.99, {client}\r\n"), &call("edge_read"))).await;
        held.push(backend.next().await);
        clients.push(raw);
    }
    let ping = async |client: &str| ask(&gateway, &format!("X-Forwarded-For: {client}\r\n"), PING).await;
    assert_eq!(ping("192.0.2.1").await, (429, "1".to_owned()));
    assert_eq!(ping("192.0.2.3").await.0, 200);
    for held in held {
        held.answer().await;
    }
    for mut client in clients {
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
    assert_eq!(ping("192.0.2.1").await.0, 200);
}

#[tokio::test]
async fn long_bodies_share_a_room_and_short_ones_always_get_in() {
    let limits = Limits { body_room: 1024 * 1024, ..Limits::default() };
    let gateway = Gateway::within(&hand_made(), &config_text(([127, 0, 0, 1], 9).into(), ""), limits).await;
    let long = post("", &[PING, &[b' '; 100_000]].concat());
    let (most, rest) = long.split_at(long.len() - 1);
    let mut first = Raw::connect(gateway.address()).await;
    first.send(most).await;
    // Until the first has its room, the second may take it.
    let refused = async { while ask(&gateway, "", &[b' '; 100_000]).await != (503, "1".to_owned()) {} };
    tokio::time::timeout(Duration::from_secs(1), refused).await.expect("a refusal");
    assert_eq!(ask(&gateway, "", PING).await.0, 200);
    first.send(rest).await;
    assert_eq!(first.answer().await.unwrap().status, 200);
    assert_eq!(ask(&gateway, "", &[b' '; 100_000]).await.0, 400);
}

#[tokio::test]
async fn without_descriptors_the_server_waits_quietly_and_goes_on_with_what_it_has() {
    /// Part of one processor that waiting may take.
    const QUIET: f64 = 0.2;
    let Some(process) = Alone::with(
        "edge::overload::without_descriptors_the_server_waits_quietly_and_goes_on_with_what_it_has",
        256,
    ) else {
        return;
    };
    let gateway = gateway().await;
    let mut first = Raw::connect(gateway.address()).await;
    first.send(post("", PING)).await;
    assert_eq!(first.answer().await.unwrap().status, 200);
    let mut others = Vec::new();
    while let Ok(stream) = tokio::net::TcpStream::connect(gateway.address()).await {
        others.push(stream);
    }
    let (start, used) = (Instant::now(), process.cpu_time());
    while start.elapsed() < Duration::from_secs(1) {
        first.send(post("", PING)).await;
        assert_eq!(first.answer().await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let share = (process.cpu_time() - used).as_secs_f64() / start.elapsed().as_secs_f64();
    println!(
        "{} connections; {:.1} % of a processor while there are no descriptors",
        others.len(),
        share * 100.0
    );
    assert!(share < QUIET, "{share}");
    drop(others);
    let again = async { ask(&gateway, "", PING).await.0 };
    assert_eq!(tokio::time::timeout(Duration::from_secs(1), again).await.expect("service"), 200);
}
