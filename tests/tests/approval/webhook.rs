//! Whoever is told of a new request can tell that the gateway told them, and learns no argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::call::{Call, Told};
use super::desk::{Desk, hex, tokens};

const SECRET: &str = "between-the-two-of-us";

/// A receiver that hands over what it gets.
struct Receiver {
    url: String,
    notices: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

impl Receiver {
    /// Answers every notice with this status.
    async fn start(status: u16) -> Self {
        let (sender, notices) = mpsc::unbounded_channel();
        let receive =
            async move |State(sender): State<mpsc::UnboundedSender<_>>, headers: HeaderMap, body: Bytes| {
                sender.send((headers, body)).unwrap();
                StatusCode::from_u16(status).unwrap()
            };
        let router = Router::new().fallback(receive).with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, notices }
    }

    async fn next(&mut self) -> (HeaderMap, Bytes) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.notices.recv());
        next.await.expect("a notice").expect("a receiver")
    }
}

async fn desk(receiver: &Receiver, mode: &str, secret: &str) -> Desk {
    let url = &receiver.url;
    Desk::with(&format!("{}  approval: {{mode: {mode}, webhook: {{url: \"{url}\"{secret}}}}}\n", tokens()))
        .await
}

#[tokio::test]
async fn a_new_request_is_told_once_signed_and_without_its_arguments() {
    let mut receiver = Receiver::start(204).await;
    let desk = desk(&receiver, "confirm", &format!(", secret: {SECRET}")).await;
    let call = Call { arguments: r#"{"name":"Renewal for Ada","amount":4711}"#, ..Call::deal() };
    let id = desk.ask(&call).await;
    assert_eq!(desk.ask(&call).await, id);
    let (headers, body) = receiver.next().await;
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let signed = [header("x-timestamp").as_bytes(), b".", &body].concat();
    let tag = sign(&Key::new(HMAC_SHA256, SECRET.as_bytes()), &signed);
    assert_eq!(header("x-signature"), format!("sha256={}", hex(tag.as_ref())));
    assert_eq!(header("content-type"), "application/json");
    let sent = UNIX_EPOCH + Duration::from_secs(header("x-timestamp").parse().unwrap());
    assert!(SystemTime::now().duration_since(sent).unwrap() < Duration::from_secs(60), "the receiver's time");
    let notice: Value = serde_json::from_slice(&body).unwrap();
    let expected = json!({
        "id": id, "tool": "crm_create_deal", "tenant": "default", "actor": "agent",
        "created_at": "2027-01-15T08:00:00.000Z", "expires_at": "2027-01-16T08:00:00.000Z",
    });
    assert_eq!(notice, expected, "no argument is in it");
    assert_eq!(header("authorization"), "", "the caller's token stays here");
    // The next notice is of the next request: the second asking and the decision were told to nobody.
    assert_eq!(desk.decide("chief", &id, "approve").await, 200);
    assert_eq!(desk.call(&call).await, Told::Done);
    let next = desk.ask(&call).await;
    let notice: Value = serde_json::from_slice(&receiver.next().await.1).unwrap();
    assert_eq!(notice["id"], json!(next));
}

#[tokio::test]
async fn a_receiver_that_fails_or_lets_everybody_in_changes_nothing() {
    for (secret, status) in [("", 204), ("", 500), (", secret: x", 302)] {
        let mut receiver = Receiver::start(status).await;
        let desk = desk(&receiver, "human", secret).await;
        let id = desk.ask(&Call::deal()).await;
        let (headers, _) = receiver.next().await;
        assert_eq!(headers.contains_key("x-signature"), !secret.is_empty(), "{status}");
        assert!(matches!(desk.call(&Call::deal()).await, Told::Required(_)), "{status}");
        assert_eq!(desk.decide("chief", &id, "approve").await, 200, "{status}");
        assert_eq!(desk.call(&Call::deal()).await, Told::Done, "{status}");
    }
    let gone = Receiver { url: "http://127.0.0.1:9/".to_owned(), ..Receiver::start(204).await };
    let desk = desk(&gone, "human", "").await;
    desk.approved(&Call::deal()).await;
    assert_eq!(desk.call(&Call::deal()).await, Told::Done, "nobody there");
}
