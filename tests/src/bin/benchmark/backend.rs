//! The backend behind both: it answers everything alike, in the process that measures, whose time is not counted.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header;
use serde_json::{Value, json};

/// Starts it.
pub(crate) async fn start() -> SocketAddr {
    let answer = answer();
    let router = Router::new().fallback(move || {
        let answer = answer.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], answer) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What a search that finds five memories answers.
fn answer() -> String {
    let item = |number: usize| -> Value {
        json!({
            "id": format!("mem_{number:032}"),
            "kind": "note",
            "content": "The renewal is due in March; they asked for the security questionnaire before signing.",
            "tags": ["renewal", "security"],
            "status": "active",
            "created_at": "2026-11-09T08:45:00.000Z",
            "updated_at": "2026-11-09T08:45:00.000Z",
            "score": 3.25,
        })
    };
    let items: Vec<Value> = (0..5).map(item).collect();
    json!({"items": items, "total": 5, "next_offset": null}).to_string()
}
