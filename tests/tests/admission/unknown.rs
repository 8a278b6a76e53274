//! Calls with a key whose backend falls silent or breaks off: nobody can know whether they took effect.

use runtime::Setup;
use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tests::gateway::{Gateway, config_text, product};

use super::hasty;
use crate::edge::holding::Holding;

fn note() -> Value {
    json!({"content": "x"})
}

async fn keyed(client: &Client, tool: &str, arguments: Value) -> Reply {
    super::keyed(client, tool, arguments, "order-1").await
}

/// A gateway whose memory service is at `backend`, and keeps to idempotency keys or not.
async fn gateway(backend: &Holding, honours: bool) -> Gateway {
    let plain = format!("memory: http://{}/mcp/memory", backend.address());
    let full = format!(
        "memory: {{url: 'http://{}/mcp/memory', honours_idempotency_key: {honours}}}",
        backend.address()
    );
    let text = config_text(backend.address(), "").replace(&plain, &full);
    Gateway::with_setup(&product(), &text, Setup::default()).await
}

/// Calls while the backend does this with the request.
macro_rules! call_while {
    ($backend:ident, $client:ident, $held:ident => $does:expr) => {{
        let client = $client.clone();
        let call = tokio::spawn(async move { keyed(&client, "memory_write", note()).await });
        let $held = $backend.next().await;
        $does;
        call.await.unwrap()
    }};
}

#[tokio::test]
async fn a_call_whose_connection_broke_is_not_made_again() {
    let mut backend = Holding::start().await;
    let gateway = gateway(&backend, false).await;
    let client = gateway.client();
    let first = call_while!(backend, client, held => drop(held)).tool_error();
    assert_eq!(first["error_code"], "BACKEND_ERROR");
    for _ in 0..5 {
        let again = keyed(&client, "memory_write", note()).await.tool_error();
        assert_eq!((&again["error_code"], &again["message"]), (&first["error_code"], &first["message"]));
    }
    assert!(backend.is_quiet(), "a second request reached the backend");
}

#[tokio::test]
async fn a_service_that_keeps_to_keys_is_asked_again_until_it_answers() {
    let mut backend = Holding::start().await;
    let gateway = gateway(&backend, true).await;
    let client = gateway.client();
    for _ in 0..2 {
        // The request is sent three times for one call.
        let broken = call_while!(backend, client, held => {
            drop(held);
            drop(backend.next().await);
            drop(backend.next().await);
        });
        assert_eq!(broken.tool_error()["error_code"], "BACKEND_ERROR");
    }
    let other = keyed(&client, "memory_write", json!({"content": "y"})).await.tool_error();
    assert_eq!(other["error_code"], "IDEMPOTENCY_CONFLICT", "the key still stands for the first call");
    let answered = call_while!(backend, client, held => held.answer().await);
    assert_eq!(*answered.content(), json!({"ok": true}));
    assert_eq!(keyed(&client, "memory_write", note()).await.content(), answered.content());
    assert!(backend.is_quiet(), "what is answered was asked again");
}

#[tokio::test]
async fn a_call_that_ran_out_of_time_is_not_made_again() {
    let mut backend = Holding::start().await;
    let gateway = hasty::gateway(backend.address(), "").await;
    let client = gateway.client();
    let first = keyed(&client, hasty::CHANGE, json!({})).await.tool_error();
    assert_eq!(first["error_code"], "BACKEND_TIMEOUT");
    let _held = backend.next().await;
    let again = keyed(&client, hasty::CHANGE, json!({})).await.tool_error();
    assert_eq!(again["error_code"], "BACKEND_TIMEOUT");
    assert!(backend.is_quiet(), "a second request reached the backend");
}
