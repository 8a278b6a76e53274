//! Requests that are refused before they are calls.

use runtime::Limits;
use serde_json::{Value, json};
use tests::gateway::{Gateway, config_text, product};
use tests::raw::{Raw, post};
use tests::recorder::Recorder;

use super::CONTACT;
use super::ledger::{Ledger, count};

/// SHA-256 of `good`.
const GOOD: &str = "770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c";

/// One token, with these rights.
fn security(rights: &str) -> String {
    format!(
        "security: {{auth: {{mode: token, tokens: [{{name: t, sha256: '{GOOD}', tenant: default, actor: a, \
         roles: [Agent], rights: {rights}}}]}}}}\n"
    )
}

#[tokio::test]
async fn refused_logins_have_a_line_each_and_a_flood_of_them_few() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = Gateway::with_config(&product(), &ledger.config(backend.address(), &security("[]"))).await;
    let client = gateway.client();
    let list = async |token: &str| client.with_token(token).modern("tools/list", json!({}), &[]).await.status;
    assert_eq!(client.modern("tools/list", json!({}), &[]).await.status, 401);
    let mut statuses = Vec::new();
    for number in 0..20 {
        statuses.push(list(&format!("guess-{number}")).await);
    }
    assert!(statuses.contains(&401) && statuses.contains(&429), "{statuses:?}");
    // Not for operators, and from a foreign page.
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(client.modern("tools/list", json!({}), &foreign).await.status, 403);
    assert!(gateway.stop().await);
    let lines = ledger.lines();
    let told: Vec<&Value> =
        lines.iter().filter(|line| line["kind"] == "refusal").map(|line| &line["status"]).collect();
    assert_eq!(told, [&json!(401), &json!(429), &json!(403), &Value::Null]);
    assert_eq!(lines.last().unwrap()["untold"], 22 - 3);
    assert_eq!(count(&lines, "outcome"), 0);
    assert!(!std::fs::read_to_string(ledger.path()).unwrap().contains("guess"), "a credential was recorded");
    let report = ledger.report();
    assert!(report.faults.is_empty() && report.tail_proven, "{report:?}");
}

#[tokio::test]
async fn what_there_is_no_room_for_has_a_line_too() {
    let backend = Recorder::start().await;
    let all = Limits::default();
    let proxied = "  trusted_proxies: [127.0.0.0/8]\n";
    for (limits, server, status, client, path) in [
        (Limits { connections: 0, ..all }, "", 503, "127.0.0.1", Value::Null),
        (Limits { body_room: 0, ..all }, "", 503, "127.0.0.1", json!("/mcp")),
        (Limits { per_client: 0, ..all }, proxied, 429, "192.0.2.1", Value::Null),
    ] {
        let ledger = Ledger::new();
        let audit = format!("{server}audit: {{path: '{}'}}\n", ledger.path().display());
        let gateway = Gateway::within(&product(), &config_text(backend.address(), &audit), limits).await;
        for _ in 0..3 {
            let mut raw = Raw::connect(gateway.address()).await;
            raw.send(post("X-Forwarded-For: 192.0.2.1\r\n", &[b' '; 100_000])).await;
            assert_eq!(raw.answer().await.expect("an answer").status, status);
        }
        assert!(gateway.stop().await);
        let lines = ledger.lines();
        let told: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "refusal").collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!((&told[0]["status"], &told[0]["client"]), (&json!(status), &json!(client)));
        assert_eq!((&told[0]["path"], &told[1]["untold"]), (&path, &json!(2)));
    }
}

#[tokio::test]
async fn a_refused_decision_has_its_own_line_and_no_second_one() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway =
        Gateway::with_config(&product(), &ledger.config(backend.address(), &security("[approver]"))).await;
    let client = gateway.client().with_token("good");
    let asked = client.call(CONTACT, json!({"email": "anna@example.com"})).await.tool_error();
    let url =
        format!("http://{}/approvals/{}/approve", gateway.address(), asked["approval_id"].as_str().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(http.post(url).bearer_auth("good").send().await.unwrap().status().as_u16(), 403);
    assert!(gateway.stop().await);
    assert_eq!((count(&ledger.lines(), "refusal"), count(&ledger.lines(), "decision")), (0, 1));
}
