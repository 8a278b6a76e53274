//! What each path, method and kind of body gets, and what no answer says.

use tests::raw::{Raw, RawReply, post};

use super::hand_made::{call, gateway};

const PING: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

async fn ask(request: impl AsRef<[u8]>) -> RawReply {
    let gateway = gateway().await;
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(request).await;
    raw.answer().await.unwrap()
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_and_the_right_methods_named() {
    for (line, status, allow) in [
        ("GET /", 404, ""),
        ("POST /mcp/", 404, ""),
        ("GET /mcp/../health", 404, ""),
        ("GET //health", 404, ""),
        ("GET /mcp", 405, "post"),
        ("DELETE /mcp", 405, "post"),
        ("PUT /mcp", 405, "post"),
        ("OPTIONS /mcp", 405, "post"),
        ("TRACE /mcp", 405, "post"),
        ("BREW /mcp", 405, "post"),
        ("POST /health", 405, "get,head"),
        ("GET /health", 200, ""),
        ("GET /ready", 200, ""),
    ] {
        let reply = ask(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        assert_eq!((reply.status, reply.header("allow")), (status, allow), "{line}");
        assert_eq!(reply.header("connection"), if status < 400 { "" } else { "close" }, "{line}");
    }
}

#[tokio::test]
async fn only_plain_json_is_read() {
    let post = String::from_utf8(post("", PING)).unwrap();
    let kind = "Content-Type: application/json\r\n";
    for (other, status) in [
        (kind, 200),
        ("content-type: Application/JSON; charset=utf-8\r\n", 200),
        ("", 415),
        ("Content-Type: text/plain\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: multipart/form-data; boundary=x\r\n", 415),
        ("Content-Type: application/jsonp\r\n", 415),
        ("Content-Type: application/json, text/plain\r\n", 415),
        ("Content-Type: application/json\r\nContent-Type: text/plain\r\n", 415),
        ("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", 415),
    ] {
        assert_eq!(ask(post.replace(kind, other)).await.status, status, "{other:?}");
    }
}

#[tokio::test]
async fn a_web_page_of_another_origin_gets_nothing() {
    let post = |headers: &str| post(headers, PING);
    for (headers, status) in [
        ("Origin: https://evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Origin: http://localhost\r\n", 403),
        ("Origin: http://localhost.evil.example\r\n", 403),
        ("Origin: https://evil.example\r\nSec-Fetch-Mode: no-cors\r\n", 403),
        ("", 200),
    ] {
        assert_eq!(ask(post(headers)).await.status, status, "{headers:?}");
    }
    let preflight = "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Method: POST\r\n\r\n";
    for request in [post(""), preflight.into(), post("Origin: null\r\n")] {
        let reply = ask(request).await;
        for name in ["access-control-", "server:", "x-powered-by", "via:"] {
            assert!(!reply.head.contains(name), "{}", reply.head);
        }
    }
}

#[tokio::test]
async fn a_breakdown_inside_is_answered_with_an_id_and_touches_nobody_else() {
    let gateway = gateway().await;
    let mut raw = Raw::connect(gateway.address()).await;
    raw.send(post("X-Correlation-Id: of-the-client\r\n", &call("edge_broken"))).await;
    let reply = raw.answer().await.unwrap();
    assert_eq!((reply.status, reply.header("x-correlation-id")), (500, "of-the-client"));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(
        (&body["error_code"], &body["correlation_id"]),
        (&"INTERNAL_ERROR".into(), &"of-the-client".into())
    );
    assert!(!String::from_utf8_lossy(&reply.body).contains("a fault in the server"));
    let mut other = Raw::connect(gateway.address()).await;
    for _ in 0..3 {
        other.send(post("", PING)).await;
        assert_eq!(other.answer().await.unwrap().status, 200);
    }
}
