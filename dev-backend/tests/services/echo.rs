//! The echo: what an author calls before a route is built.

use serde_json::{Value as Json, json};

use crate::backend::{Answer, Backend};

/// Every service, by where it is.
const SERVICES: [(&str, &str); 7] = [
    ("memory", "/mcp/memory"),
    ("crm", "/mcp/crm"),
    ("support", "/support"),
    ("marketing", "/marketing"),
    ("website", "/website"),
    ("backoffice", "/backoffice"),
    ("onboarding", "/onboarding"),
];

#[tokio::test]
async fn every_service_gives_back_what_it_understood() {
    let backend = Backend::start().await;
    for (service, prefix) in SERVICES {
        let path = format!("{prefix}/echo");
        let posted = backend.post(&path, json!({"größe": [1, {"a": null}]})).await;
        assert_eq!(posted.status, 200, "{}", posted.body);
        let expected = json!({"service": service, "path": path, "payload": {"größe": [1, {"a": null}]}});
        assert_eq!(without_time(&posted.body), expected);
        let url = backend.url(&format!("{path}?city=Hamburg&limit=3&tenant_id=t&actor=a"));
        let got = Answer::of(backend.client.get(url)).await;
        assert_eq!(got.body["payload"], json!({"city": "Hamburg", "limit": "3"}), "{}", got.body);
    }
}

#[tokio::test]
async fn an_echo_is_for_a_known_caller_as_all_routes_are() {
    let backend = Backend::start().await;
    let url = backend.url("/mcp/crm/echo");
    let anonymous = Answer::of(backend.client.post(url).json(&json!({"a": 1}))).await;
    assert_eq!((anonymous.status, anonymous.code()), (400, "bad_request"));
}

fn without_time(body: &Json) -> Json {
    let mut body = body.clone();
    let time = body.as_object_mut().unwrap().remove("timestamp").unwrap();
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    body
}
