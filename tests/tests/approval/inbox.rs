//! The list of requests as people read it.

use serde_json::{Value, json};

use super::call::Call;
use super::desk::{Desk, bearer};

const HOOK: &str = r#"{"name":"Billing","endpoint_url":"https://a.example/hook","secret":"correct-horse-battery","actor":"agent"}"#;

#[tokio::test]
async fn each_request_says_all_that_a_decision_needs_and_no_secret() {
    let desk = Desk::open("human").await;
    let id = desk.ask(&Call::new("agent", "crm.webhook_create", HOOK)).await;
    let expected = json!([{
        "id": id,
        "tool": "crm_webhook_create",
        "tenant": "default",
        "actor": "agent",
        "arguments": {"name": "Billing", "endpoint_url": "https://a.example/hook", "secret": "***"},
        "created_at": "2027-01-15T08:00:00.000Z",
        "expires_at": "2027-01-16T08:00:00.000Z",
        "state": "pending",
    }]);
    assert_eq!(json!(desk.list("chief", "").await), expected);
    let authorization = bearer("chief");
    let headers = [("authorization", authorization.as_str())];
    let (status, decided) = desk.request("POST", &format!("/approvals/{id}/approve"), &headers, None).await;
    assert_eq!(status, 200);
    let mut expected = expected[0].clone();
    expected["state"] = json!("approved");
    expected["expires_at"] = json!("2027-01-15T08:10:00.000Z");
    assert_eq!(decided, expected, "an approval waits ten minutes for its call");
    assert_eq!(desk.list("chief", "?state=approved").await, [expected]);
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_a_state_and_is_in_the_order_of_asking() {
    let desk = Desk::open("human").await;
    let mut ids = Vec::new();
    for number in 0..4 {
        let arguments = format!(r#"{{"name":"Deal {number}"}}"#);
        ids.push(desk.ask(&Call { arguments: &arguments, ..Call::deal() }).await);
        desk.after(std::time::Duration::from_secs(1));
    }
    assert_eq!(desk.decide("chief", &ids[1], "approve").await, 200);
    assert_eq!(desk.decide("chief", &ids[2], "deny").await, 200);
    for (query, expected) in [
        ("", vec![&ids[0], &ids[1], &ids[2], &ids[3]]),
        ("?state=pending", vec![&ids[0], &ids[3]]),
        ("?state=approved", vec![&ids[1]]),
        ("?state=denied", vec![&ids[2]]),
    ] {
        let listed = desk.list("chief", query).await;
        let listed: Vec<&Value> = listed.iter().map(|item| &item["id"]).collect();
        assert_eq!(json!(listed), json!(expected), "{query}");
    }
    let authorization = bearer("chief");
    let headers = [("authorization", authorization.as_str())];
    let (status, answer) = desk.request("GET", "/approvals?state=open", &headers, None).await;
    assert_eq!((status, answer), (400, json!({"error": "state: expected pending, approved or denied"})));
}
