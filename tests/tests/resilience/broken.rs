//! Connections that break at every point of an exchange: what is read may be read again, and what changes something
//! reaches the service once.

use serde_json::{Value, json};

use super::faulty::{Act, Faulty};
use super::tools::{Before, READ, WRITE};

/// How the second half of an answer is lost: every point at which the connection can break, in both ways.
fn breaks() -> Vec<Act> {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n{\"ok\":\r\n";
    let begun = [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":tru",
        // All that JSON needs, and not all that was announced.
        "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"ok\":true}",
        chunked,
        // All that JSON needs, without the end.
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\n",
    ];
    let both = |text: &&str| [Act::Close((*text).to_owned()), Act::Reset((*text).to_owned())];
    std::iter::once(Act::HangUp).chain(begun.iter().flat_map(both)).collect()
}

#[tokio::test]
async fn a_read_survives_two_broken_connections_wherever_they_break() {
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    for broken in breaks() {
        before.forget();
        let sofar = backend.connections();
        backend.first([broken.clone(), broken.clone()]);
        let answer = before.call(READ).await;
        assert_eq!(answer, Ok(json!({"ok": true})), "{broken:?}");
        let connections = backend.connections() - sofar;
        assert!((2..=3).contains(&connections), "{connections} connections for {broken:?}");
    }
}

#[tokio::test]
async fn a_read_is_given_up_after_the_third_and_half_an_answer_is_never_a_success() {
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    for broken in breaks() {
        before.forget();
        let (requests, connections) = (backend.requests(), backend.connections());
        backend.first(vec![broken.clone(); 3]);
        let error = before.call(READ).await.expect_err("half an answer");
        assert_eq!(
            (&error["error_code"], &error["class"]),
            (&json!("BACKEND_ERROR"), &json!("server")),
            "{broken:?}"
        );
        let unread = if matches!(broken, Act::HangUp) { 3 } else { 0 };
        assert_eq!(backend.requests() - requests + unread, 3, "{broken:?}");
        // Nothing is on a connection that broke, so the next call does not suffer.
        assert!(before.call(READ).await.is_ok(), "{broken:?}");
        assert!(backend.connections() - connections <= 4);
    }
}

#[tokio::test]
async fn a_change_reaches_the_service_once_and_its_caller_learns_that_nobody_knows() {
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    for broken in breaks() {
        before.forget();
        let (requests, connections) = (backend.requests(), backend.connections());
        backend.first([broken.clone()]);
        let error = before.call(WRITE).await.expect_err("half an answer");
        assert_eq!(error["error_code"], "BACKEND_ERROR", "{broken:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("whether the call took effect is unknown"), "{message}");
        let unread = usize::from(matches!(broken, Act::HangUp));
        assert_eq!(backend.requests() - requests + unread, 1, "{broken:?}");
        assert!(backend.connections() - connections <= 1, "{broken:?}");
    }
}

#[tokio::test]
async fn the_audit_log_tells_how_often_a_service_was_asked() {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("audit.log");
    let backend = Faulty::start(Act::well()).await;
    let section = format!("audit: {{path: '{}'}}\n", path.display());
    let before = Before::at(backend.address(), "", &section).await;
    before.call(READ).await.unwrap();
    backend.first([Act::HangUp, Act::status(503, "")]);
    before.call(READ).await.unwrap();
    backend.first([Act::status(503, "")]);
    before.call(WRITE).await.unwrap_err();
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let outcomes: Vec<_> = lines
        .filter(|line| line["kind"] == "outcome")
        .map(|line| (line["backend_attempts"].as_u64(), line["backend_status"].as_u64()))
        .collect();
    assert_eq!(outcomes, [(Some(1), Some(200)), (Some(3), Some(200)), (Some(1), Some(503))]);
    assert_eq!(before.figure(r#"mcp_backend_requests_total{service="notes"}"#).await, 5.0);
    assert_eq!(before.figure(r#"mcp_backend_retries_total{service="notes",retry="sent"}"#).await, 2.0);
}
