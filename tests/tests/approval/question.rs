//! What a person is shown before a call, when their client can ask.

use serde_json::{Value, json};

use super::call::Call;
use super::desk::Desk;

async fn message(desk: &Desk, tool: &str, arguments: &str) -> String {
    let reply = desk.reply(&Call::new("agent", tool, arguments).asking()).await;
    let request = &reply.result()["inputRequests"]["approval"];
    assert_eq!(request["method"], "elicitation/create");
    assert_eq!(request["params"]["mode"], "form");
    let approve = &request["params"]["requestedSchema"]["properties"]["approve"];
    assert_eq!(approve["type"], "boolean");
    assert_eq!(approve.get("default"), None, "nothing is ticked for the user");
    request["params"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_question_names_the_tool_the_tenant_and_every_argument_and_hides_nothing_but_secrets() {
    let desk = Desk::open("confirm").await;
    for (tool, arguments, expected) in [
        (
            "crm_create_deal",
            r#"{"name":"Renewal","amount":12000.0,"currency":"EUR","actor":"agent","user_approved":true}"#,
            "Approve this call? Create deal (crm_create_deal)\n\
             It is a write operation for tenant default.\n\
             - name: \"Renewal\"\n\
             - amount: 12000.0\n\
             - currency: \"EUR\"",
        ),
        (
            "crm.webhook_create",
            r#"{"name":"Billing","endpoint_url":"https://a.example/hook","secret":"correct-horse-battery","event_types":["deal.won"]}"#,
            "Approve this call? Create or update webhook (crm_webhook_create)\n\
             It is a write operation for tenant default.\n\
             - name: \"Billing\"\n\
             - endpoint_url: \"https://a.example/hook\"\n\
             - secret: \"***\"\n\
             - event_types: [\"deal.won\"]",
        ),
        (
            "memory_delete",
            r#"{"memory_id":"a\n- memory_id: \"b\"\r\tc\u0000\u001b[2K\u200b\u202ed\u2066\ufeff\udb40\udc41\u2028\u2800","soft_delete":false}"#,
            "Approve this call? Delete memory (memory_delete)\n\
             It is a destructive operation for tenant default.\n\
             - memory_id: \"a\\u{a}- memory_id: \"b\"\\u{d}\\u{9}c\\u{0}\\u{1b}[2K\\u{200b}\\u{202e}d\\u{2066}\\u{feff}\\u{e0041}\\u{2028}\\u{2800}\"\n\
             - soft_delete: false",
        ),
        (
            "crm_create_object_record",
            r#"{"object_type":"vehicle","properties":{"pl\u202eate":"A\u200bB","number":100000000000000000001,"list":[1,{"k":"\u2029"}]}}"#,
            "Approve this call? Create object record (crm_create_object_record)\n\
             It is a write operation for tenant default.\n\
             - object_type: \"vehicle\"\n\
             - properties: {\"pl\\u{202e}ate\":\"A\\u{200b}B\",\"number\":\"100000000000000000001\",\"list\":[1,{\"k\":\"\\u{2029}\"}]}",
        ),
    ] {
        assert_eq!(message(&desk, tool, arguments).await, expected);
    }
}

#[tokio::test]
async fn a_long_value_hides_no_other_one_and_says_that_it_was_cut() {
    let desk = Desk::open("confirm").await;
    let long = "x".repeat(1_000);
    let record = json!({"object_type": "vehicle", "properties": {"note": long, "owner": "mallory"}});
    let shown = message(&desk, "crm_create_object_record", &record.to_string()).await;
    assert!(shown.contains("mallory"), "what stands behind a long value is shown: {shown}");
    let note = json!({"customer_id": "con_1", "text": "y".repeat(20_000)});
    let shown = message(&desk, "crm_create_note", &note.to_string()).await;
    assert!(shown.ends_with(" more characters)"), "{shown}");
    assert!(shown.chars().count() <= 4_200, "{} characters", shown.chars().count());
    let all = json!({
        "name": "n".repeat(200), "amount": 1, "currency": "EUR", "pipeline": "p".repeat(100), "stage": "s".repeat(100),
        "status": "won", "company_id": "c".repeat(128), "primary_contact_id": "d".repeat(128),
        "expected_close_date": "2027-03-31",
    });
    let shown = message(&desk, "crm_create_deal", &all.to_string()).await;
    for (name, value) in all.as_object().unwrap() {
        let value = match value {
            Value::String(text) => format!("\"{text}\""),
            other => other.to_string(),
        };
        assert!(shown.contains(&format!("\n- {name}: {value}")), "{name}: {shown}");
    }
}
