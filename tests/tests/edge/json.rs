//! Documents that are meant to break whoever reads them.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::raw::{Raw, post};

use super::alone::Alone;
use super::hand_made::gateway;

/// A ping that carries `value` where nothing looks.
fn with(value: &str) -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"arguments":{value}}}}}"#).into_bytes()
}

fn nested(levels: usize) -> String {
    let open: String = (0..levels).map(|level| if level % 2 == 0 { "[" } else { r#"{"a":"# }).collect();
    let close: String = (0..levels).rev().map(|level| if level % 2 == 0 { "]" } else { "}" }).collect();
    let inside = if levels.is_multiple_of(2) { "0" } else { "" };
    open + inside + &close
}

#[tokio::test]
async fn bad_documents_get_one_error_each_and_the_connection_goes_on() {
    let gateway = gateway().await;
    let mut raw = Raw::connect(gateway.address()).await;
    let latin1 = [with("\"").as_slice(), b"\xe9\"}}"].concat();
    let overlong = [with("\"").as_slice(), b"\xc0\xaf\"}}"].concat();
    let bom = [b"\xef\xbb\xbf".as_slice(), &with("1")].concat();
    let utf16: Vec<u8> =
        String::from_utf8(with("1")).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, body, code) in [
        ("62 levels in the two of the message", with(&nested(62)), 0),
        ("65 levels", with(&nested(63)), -32600),
        ("100,000 levels", with(&nested(100_000)), -32600),
        ("100,000 open arrays", with(&"[".repeat(100_000)), -32600),
        ("method twice", br#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"x"}"#.to_vec(), -32600),
        (
            "a member twice, once escaped",
            br#"{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"x"}"#.to_vec(),
            -32600,
        ),
        ("a key twice inside", with(r#"{"a":[{"b":1,"b":2}]}"#), -32600),
        ("1e999", with("1e999"), -32600),
        ("400 digits", with(&"9".repeat(400)), -32600),
        ("a lone surrogate", with(r#""\ud800""#), -32600),
        ("a lone surrogate as a key", with(r#"{"\udfff":1}"#), -32600),
        ("a character outside the basic plane", with(r#""\ud83d\ude00""#), 0),
        ("100,001 values", with(&format!("[{}0]", "0,".repeat(100_000))), -32600),
        ("Latin-1", latin1, -32700),
        ("an overlong slash", overlong, -32700),
        ("UTF-16", utf16, -32700),
        ("a byte order mark", bom, -32700),
        ("NaN", with("NaN"), -32700),
        ("a comment", with("1/**/"), -32700),
        ("a trailing comma", with("[1,]"), -32700),
        ("a raw line break in text", with("\"\n\""), -32700),
        ("two documents", [with("1"), with("1")].concat(), -32700),
        ("nothing", Vec::new(), -32700),
        ("a batch", [b"[".as_slice(), &with("1"), b"]"].concat(), -32600),
    ] {
        raw.send(post("", &body)).await;
        let reply = raw.answer().await.unwrap_or_else(|| panic!("{what}: closed"));
        let message: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(message["error"]["code"].as_i64().unwrap_or(0), code, "{what}: {message}");
        assert_eq!(reply.status, if code == 0 { 200 } else { 400 }, "{what}");
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_before_they_are_there() {
    let gateway = gateway().await;
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for announced in [1024 * 1024 + 1, 10 * 1024 * 1024 * 1024_u64, u64::MAX - 2] {
        let mut raw = Raw::connect(gateway.address()).await;
        raw.send(format!("{head}Content-Length: {announced}\r\n\r\n")).await;
        assert_eq!(raw.answer().await.unwrap().status, 413, "{announced}");
    }
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n")).await;
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    for _ in 0..32 {
        raw.send(&chunk).await;
    }
    assert_eq!(raw.answer().await.unwrap().status, 413, "2 MiB in chunks");
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(post("", &with(&" ".repeat(1024 * 1024 - 200)))).await;
    assert_eq!(raw.answer().await.unwrap().status, 400, "just below the limit, and no JSON");
}

#[tokio::test]
async fn two_hundred_huge_bodies_at_once_take_little_memory() {
    const CLIENTS: usize = 200;
    const EACH: usize = 2 * 1024 * 1024;
    let Some(process) = Alone::with("edge::json::two_hundred_huge_bodies_at_once_take_little_memory", 1024)
    else {
        return;
    };
    let gateway = gateway().await;
    let before = process.memory();
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let chunk = [b"8000\r\n".as_slice(), &[b' '; 0x8000], b"\r\n"].concat();
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let mut raw = Raw::connect(gateway.address()).await;
        let length =
            if number % 2 == 0 { "Content-Length: 10737418240" } else { "Transfer-Encoding: chunked" };
        raw.send(format!("{head}{length}\r\n\r\n")).await;
        clients.push(raw);
    }
    let mut most = 0;
    for _ in 0..EACH / 0x8000 {
        for client in &mut clients {
            client.send(&chunk).await;
        }
        most = most.max(process.memory().saturating_sub(before));
    }
    for client in &mut clients {
        let status = client.answer().await.expect("a refusal").status;
        assert!(matches!(status, 413 | 503), "{status}");
    }
    println!("{CLIENTS} huge bodies took {} KiB each", most / CLIENTS / 1024);
    assert!(most < CLIENTS * 1024 * 1024, "{most}");
}

#[tokio::test]
async fn the_worst_document_of_the_greatest_length_is_answered_soon() {
    /// For a build without optimization on a busy machine; ten times as long as it takes.
    const SOON: Duration = Duration::from_secs(2);
    let gateway = gateway().await;
    let mut raw = Raw::connect(gateway.address()).await;
    let keys =
        |n: usize| format!("{{{}\"z\":0}}", (0..n).map(|n| format!("\"key{n:06}\":0,")).collect::<String>());
    for value in
        [keys(49_000), format!("[{}0]", "[],".repeat(49_000)), format!("\"{}\"", r"\u00e9".repeat(170_000))]
    {
        let start = Instant::now();
        raw.send(post("", &with(&value))).await;
        assert_eq!(raw.answer().await.unwrap().status, 200);
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    }
}
