//! Stopping: no new work, an answer for all that is under way, and an end within a bound.

use std::time::{Duration, Instant};

use runtime::Limits;
use tests::gateway::{Gateway, config_text};
use tests::raw::{Raw, RawReply, post};
use tokio::net::TcpStream;

use super::hand_made::{call, hand_made};
use super::holding::Holding;

const CALLS: usize = 200;

async fn ask(gateway: std::net::SocketAddr, request: impl AsRef<[u8]>) -> RawReply {
    let mut raw = Raw::connect(gateway).await;
    raw.send(request).await;
    raw.answer().await.expect("an answer")
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_answers_every_call_under_way() {
    let mut backend = Holding::start().await;
    let gateway = Gateway::with_config(&hand_made(), &config_text(backend.address(), "")).await;
    let address = gateway.address();
    let mut idle = Raw::connect(address).await;
    idle.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(idle.answer().await.unwrap().status, 200);
    let (mut clients, mut held) = (Vec::new(), Vec::new());
    for number in 0..CALLS {
        let mut client = Raw::connect(address).await;
        client.send(post("", &call(if number % 2 == 0 { "edge_read" } else { "edge_write" }))).await;
        held.push(backend.next().await);
        clients.push(client);
    }

    let stopping = tokio::spawn(gateway.stop());
    let ready = ask(address, "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(ready.status, 503);
    let refused = ask(address, post("", &call("edge_read"))).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert!(idle.is_closed_within(Duration::from_secs(1)).await, "an idle connection was kept");
    assert!(!stopping.is_finished());

    for held in held {
        held.answer().await;
    }
    for mut client in clients {
        let answer = client.answer().await.expect("an answer for every call under way");
        assert_eq!((answer.status, answer.header("connection")), (200, "close"));
    }
    assert!(stopping.await.unwrap());
    assert!(TcpStream::connect(address).await.is_err(), "still listening");
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_off_at_the_bound() {
    let limits = Limits { drain: Duration::from_millis(300), ..Limits::default() };
    for tool in ["edge_read", "edge_write"] {
        let mut backend = Holding::start().await;
        let gateway = Gateway::within(&hand_made(), &config_text(backend.address(), ""), limits).await;
        let mut client = Raw::connect(gateway.address()).await;
        client.send(post("", &call(tool))).await;
        let _held = backend.next().await;
        let start = Instant::now();
        assert!(!gateway.stop().await, "{tool}: nothing was cut off");
        let took = start.elapsed();
        assert!(took >= limits.drain && took < limits.drain + Duration::from_secs(1), "{tool}: {took:?}");
        assert!(client.is_closed_within(Duration::from_secs(1)).await, "{tool}: left open");
    }
}
