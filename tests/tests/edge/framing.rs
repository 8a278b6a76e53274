//! Requests whose beginning and end are not beyond doubt are refused, and nothing after them is served.

use std::time::Duration;

use tests::raw::{Raw, RawReply, post};

use super::hand_made::gateway;

const CLOSED_WITHIN: Duration = Duration::from_secs(1);
const HEAD: &str = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// What must never be served: it follows a request that ends the connection.
const SMUGGLED: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn cases() -> Vec<(u16, String)> {
    let chunked = format!("{:x}\r\n{PING}\r\n0\r\n\r\n", PING.len());
    let length = format!("Content-Length: {}\r\n", PING.len());
    let mut cases = Vec::new();
    let mut case = |status: u16, request: String| cases.push((status, request));
    let with = |headers: &str, body: &str| format!("{HEAD}{headers}\r\n{body}");
    case(400, with(&format!("{length}Transfer-Encoding: chunked\r\n"), PING));
    case(400, with(&format!("Transfer-Encoding: chunked\r\n{length}"), &chunked));
    case(400, with("Transfer-Encoding: chunked\r\nContent-Length: none\r\n", &chunked));
    case(400, with(&format!("{length}{length}"), PING));
    case(400, with(&format!("{length}Content-Length: 1\r\n"), PING));
    case(400, with("Content-Length: 40, 40\r\n", PING));
    case(400, with("Content-Length: +40\r\n", PING));
    case(400, with("Content-Length: 0x28\r\n", PING));
    case(400, with("Content-Length: -1\r\n", PING));
    case(400, with("Content-Length: 4 0\r\n", PING));
    case(400, with("Content-Length:\r\n", PING));
    case(400, with("Content-Length: 18446744073709551616\r\n", PING));
    case(400, with("Transfer-Encoding: gzip\r\n", &chunked));
    case(400, with("Transfer-Encoding: identity\r\n", PING));
    case(400, with("Transfer-Encoding: gzip, chunked\r\n", &chunked));
    case(400, with("Transfer-Encoding: chunked, identity\r\n", &chunked));
    case(400, with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", &chunked));
    case(400, with("Transfer-Encoding: \x0bchunked\r\n", &chunked));
    case(400, with("Transfer-Encoding: xchunked\r\n", &chunked));
    case(400, with("Transfer-Encoding : chunked\r\n", &chunked));
    case(400, with("Transfer-Encoding:\r\n chunked\r\n", &chunked));
    case(400, with("X-Folded: a\r\n b\r\n", ""));
    case(400, with("X-Control: a\0b\r\n", ""));
    case(400, with("X-Stray: a\rContent-Length: 40\r\n", PING));
    case(400, with("X-Bare: a\nContent-Length: 40\r\n", PING));
    case(400, with("no colon\r\n", ""));
    case(400, with(": no name\r\n", ""));
    case(400, format!("{}\n\n", HEAD.replace("\r\n", "\n")));
    case(400, HEAD.replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n" + &chunked);
    case(400, HEAD.replace("HTTP/1.1", "HTTP/2.0") + &length + "\r\n" + PING);
    case(400, HEAD.replace("HTTP/1.1", "HTTP/1.1 HTTP/1.1") + &length + "\r\n" + PING);
    case(400, HEAD.replace("POST", "PO ST") + &length + "\r\n" + PING);
    case(400, HEAD.replace("Host: localhost\r\n", "") + &length + "\r\n" + PING);
    case(400, format!("{HEAD}Host: localhost\r\n{length}\r\n{PING}"));
    case(400, format!("{HEAD}Host: evil.example\r\n{length}\r\n{PING}"));
    case(403, HEAD.replace("localhost", "evil.example") + &length + "\r\n" + PING);
    case(403, HEAD.replace("localhost", "") + &length + "\r\n" + PING);
    case(400, HEAD.replace("/mcp", "http://evil.example/mcp") + &length + "\r\n" + PING);
    case(400, HEAD.replace("/mcp", "http://localhost@evil.example/mcp") + &length + "\r\n" + PING);
    case(400, HEAD.replace("/mcp", "ftp://localhost/mcp") + &length + "\r\n" + PING);
    case(400, HEAD.replace("/mcp", "*") + &length + "\r\n" + PING);
    case(400, "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n".to_owned());
    case(417, with(&format!("{length}Expect: miracles\r\n"), PING));
    case(400, with("Transfer-Encoding: chunked\r\n", "nonsense\r\n"));
    case(400, with("Transfer-Encoding: chunked\r\n", "28;\n\n"));
    case(431, with(&format!("X-Long: {}\r\n", "a".repeat(70_000)), ""));
    case(431, with(&"X: 1\r\n".repeat(200), ""));
    case(431, HEAD.replace("/mcp", &format!("/{}", "a".repeat(70_000))) + "\r\n");
    cases
}

#[tokio::test]
async fn a_request_whose_framing_is_in_doubt_is_refused_and_ends_the_connection() {
    let gateway = gateway().await;
    let mut wrong = Vec::new();
    for (expected, request) in cases() {
        let mut raw = Raw::connect(gateway.address()).await;
        raw.send(request.clone() + SMUGGLED).await;
        let found = tokio::time::timeout(CLOSED_WITHIN, raw.answer()).await;
        let status = found.ok().flatten().map(|reply| reply.status);
        let closed = raw.is_closed_within(CLOSED_WITHIN).await;
        if status != Some(expected) || !closed {
            let shown: String = request.chars().take(300).collect();
            wrong.push(format!("{shown:?}: expected {expected}, got {status:?}, closed: {closed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends `request` and then another one; the answers to both, or to as many as there are before the server closes.
async fn answers(request: &str) -> Vec<RawReply> {
    let gateway = gateway().await;
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(request.to_owned() + SMUGGLED).await;
    let mut answers = Vec::new();
    while answers.len() < 2
        && let Some(answer) =
            tokio::time::timeout(CLOSED_WITHIN, raw.answer()).await.expect("an answer or an end")
    {
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn a_request_that_is_only_unusual_is_served() {
    let ping = String::from_utf8(post("", PING.as_bytes())).unwrap();
    let chunked = format!(
        "{HEAD}Transfer-Encoding: Chunked\r\n\r\n{:x};ext=1\r\n{PING}\r\n0\r\nX-End: 1\r\n\r\n",
        PING.len()
    );
    for (request, expected) in [
        (ping.clone(), [200, 200].as_slice()),
        (format!("\r\n\n{ping}"), &[200, 200]),
        (ping.replace("/mcp", "http://localhost/mcp"), &[200, 200]),
        (ping.replace("Host: localhost", "HOST:127.0.0.1:80"), &[200, 200]),
        (ping.replace("\r\n\r\n", "\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"), &[200, 200]),
        (ping.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), &[200]),
        (ping.replace("HTTP/1.1", "HTTP/1.0"), &[200]),
        // Where the end of a chunked body is, is for nobody else to decide.
        (chunked, &[200]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[]),
    ] {
        let found: Vec<u16> = answers(&request).await.iter().map(|answer| answer.status).collect();
        assert_eq!(found, expected, "{request:?}");
    }
}

#[tokio::test]
async fn a_client_that_waits_for_leave_to_send_a_body_gets_it_or_the_refusal() {
    let gateway = gateway().await;
    let head = |length: usize| format!("{HEAD}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(head(PING.len())).await;
    assert_eq!(raw.answer().await.unwrap().status, 100);
    raw.send(PING).await;
    assert_eq!(raw.answer().await.unwrap().status, 200);
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(head(1024 * 1024 + 1)).await;
    assert_eq!(raw.answer().await.unwrap().status, 413);
    assert!(raw.is_closed_within(CLOSED_WITHIN).await);
}
