//! Clients that take their time hold nothing for long, and hold up nobody.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use runtime::Limits;
use tests::gateway::{Gateway, config_text};
use tests::raw::{Raw, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use super::hand_made::{call, hand_made};

const PING: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const HEAD: &str = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

/// The figures of the product, ten times as short.
fn short() -> Limits {
    Limits {
        first_byte: Duration::from_millis(500),
        head: Duration::from_millis(500),
        idle: Duration::from_secs(6),
        body_idle: Duration::from_secs(1),
        body_total: Duration::from_secs(3),
        write_idle: Duration::from_secs(1),
        ..Limits::default()
    }
}

/// What a slow client does after it has connected.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Silent,
    /// Sends a head, a byte at a time.
    DripsHead,
    /// Sends empty lines, which may stand before a request.
    DripsBlanks,
    /// Sends a body, a byte at a time.
    DripsBody,
    /// Announces a body and sends none.
    WithholdsBody,
    /// Asks once and then nothing more.
    Idles,
}

impl Manner {
    /// How long the server puts up with it.
    fn limit(self, limits: &Limits) -> Duration {
        match self {
            Self::Silent | Self::DripsBlanks => limits.first_byte,
            Self::DripsHead => limits.head,
            Self::DripsBody => limits.body_total,
            Self::WithholdsBody => limits.body_idle,
            Self::Idles => limits.idle,
        }
    }

    /// Behaves so until the server closes; how long that took.
    async fn hold(self, address: SocketAddr) -> Duration {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let start = Instant::now();
        let (begin, part): (Vec<u8>, &[u8]) = match self {
            Self::Silent => (Vec::new(), b""),
            Self::DripsHead => (b"POST /mcp HTTP/1.1\r\nX: ".to_vec(), b"a"),
            Self::DripsBlanks => (Vec::new(), b"\r\n"),
            Self::DripsBody => (format!("{HEAD}Content-Length: 1000\r\n\r\n").into_bytes(), b" "),
            Self::WithholdsBody => (format!("{HEAD}Content-Length: 1000\r\n\r\n").into_bytes(), b""),
            Self::Idles => (post("", PING), b""),
        };
        stream.write_all(&begin).await.unwrap();
        let (mut read, mut write) = stream.split();
        let mut answer = Vec::new();
        let mut drip = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                got = read.read_buf(&mut answer) => {
                    if matches!(got, Ok(0) | Err(_)) {
                        return start.elapsed();
                    }
                }
                _ = drip.tick() => {
                    // Once the server has closed, reading says so.
                    let _closed = write.write_all(part).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn each_kind_of_slow_client_is_let_go_at_its_limit_and_not_before() {
    let limits = short();
    let gateway = Gateway::within(&hand_made(), &config_text(NOWHERE, ""), limits).await;
    let mut clients = JoinSet::new();
    use Manner::{DripsBlanks, DripsBody, DripsHead, Idles, Silent, WithholdsBody};
    for manner in [Silent, DripsHead, DripsBlanks, DripsBody, WithholdsBody, Idles] {
        let address = gateway.address();
        clients.spawn(async move { (manner, manner.hold(address).await) });
    }
    while let Some(held) = clients.join_next().await {
        let (manner, held) = held.unwrap();
        let limit = manner.limit(&limits);
        assert!(
            held >= limit && held < limit + Duration::from_secs(1),
            "{manner:?} was let go after {held:?}"
        );
    }
}

/// How long each of `count` requests took, one after the other, each on a connection of its own.
async fn times(address: SocketAddr, count: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        let mut raw = Raw::connect(address).await;
        raw.send(post("", PING)).await;
        assert_eq!(raw.answer().await.expect("an answer").status, 200);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_clients_hold_up_nobody_and_are_all_let_go() {
    /// Longest that one in a hundred of the others may wait, on a busy machine in a build without optimization.
    const BOUND: Duration = Duration::from_millis(100);
    let limits = Limits { first_byte: Duration::from_secs(3), head: Duration::from_secs(3), ..short() };
    let limits = Limits { per_client: 1100, ..limits };
    let gateway = Gateway::within(&hand_made(), &config_text(NOWHERE, ""), limits).await;
    let address = gateway.address();
    let before = times(address, 300).await;
    let mut clients = JoinSet::new();
    for number in 0..500 {
        clients.spawn(Manner::Silent.hold(address));
        clients.spawn(Manner::DripsHead.hold(address));
        if number % 50 == 0 {
            // Connections are taken in turn: when this is answered, all before it have been.
            times(address, 1).await;
        }
    }
    let during = times(address, 300).await;
    assert!(clients.try_join_next().is_none(), "the slow clients were still there");
    println!(
        "p50, p99 before: {:?}, {:?}; during: {:?}, {:?}",
        before[150], before[297], during[150], during[297]
    );
    assert!(during[297] < BOUND, "{:?}", during[297]);
    let held = clients.join_all().await;
    let longest = held.iter().max().unwrap();
    println!("all closed after {longest:?}");
    assert!(*longest < Duration::from_secs(3 + 1), "{longest:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_let_go() {
    // A backend whose answers are longer than all buffers on the way.
    let backend = tests::recorder::Recorder::start().await;
    backend.answer_with(200, &format!("\"{}\"", "a".repeat(3 * 1024 * 1024)));
    let limits = short();
    let gateway = Gateway::within(&hand_made(), &config_text(backend.address(), ""), limits).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(gateway.address()).await.unwrap();
    let start = Instant::now();
    stream.write_all(&post("", &call("edge_read"))).await.unwrap();
    // Writing to a connection that the other side has given up fails in the end; reading would go on reading.
    let gone = async {
        while stream.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(limits.write_idle + Duration::from_secs(1), gone).await.expect("to be let go");
    assert!(start.elapsed() >= limits.write_idle, "{:?}", start.elapsed());
}
