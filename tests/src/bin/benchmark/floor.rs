//! The floor: a server that forwards calls and does nothing else. It reads every request into a JSON value,
//! sends the arguments to the backend, and puts the answer into a result, as anybody would write it who had
//! no rules to keep. The list of tools it has ready.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// Its name among the arguments of the process.
pub(crate) const FLOOR: &str = "floor";

struct Floor {
    http: reqwest::Client,
    backend: String,
    list: Bytes,
}

/// Serves until the process is ended.
pub(crate) async fn serve(backend: &str, list: &str) {
    let floor = Floor {
        http: reqwest::Client::builder().no_proxy().build().expect("a client"),
        backend: format!("http://{backend}/"),
        list: std::fs::read(list).expect("the list of tools").into(),
    };
    let router = Router::new().route("/mcp", post(answer)).with_state(Arc::new(floor));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    axum::serve(listener, router).await.expect("a server");
}

async fn answer(State(floor): State<Arc<Floor>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).expect("a request");
    let body = match request["method"].as_str() {
        Some("tools/list") => floor.list.clone(),
        _ => floor.call(&request).await.into(),
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

// === impl Floor ===

impl Floor {
    async fn call(&self, request: &Value) -> String {
        let sent = self.http.post(&self.backend).json(&request["params"]["arguments"]).send().await;
        let text = sent.expect("an answer").text().await.expect("a whole answer");
        let content: Value = serde_json::from_str(&text).expect("an answer in JSON");
        let result = json!({"content": [{"type": "text", "text": text}], "structuredContent": content});
        json!({"jsonrpc": "2.0", "id": request["id"], "result": result}).to_string()
    }
}
