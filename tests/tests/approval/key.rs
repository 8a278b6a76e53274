//! A client's own key for a call: it repeats an outcome, and is no approval.

use super::call::{ACCEPT, Call, DEAL, Told};
use super::desk::Desk;

const OTHER: &str = r#"{"name":"Renewal","amount":99999,"currency":"EUR"}"#;

fn conflict() -> Told {
    Told::Refused("IDEMPOTENCY_CONFLICT".to_owned())
}

#[tokio::test]
async fn a_key_repeats_what_was_approved_and_approves_nothing_else() {
    let desk = Desk::open("human").await;
    let deal = Call { key: Some("order-1"), ..Call::deal() };
    desk.approved(&deal).await;
    assert_eq!(desk.call(&deal).await, Told::Done);
    assert_eq!(desk.reached().len(), 1);
    assert_eq!(desk.call(&deal).await, Told::Done, "the outcome of the first");
    for (what, call, expected) in [
        ("other arguments", Call { arguments: OTHER, ..deal }, Some(conflict())),
        ("no key", Call { key: None, ..deal }, None),
        ("another key", Call { key: Some("order-2"), ..deal }, None),
        ("another actor", Call { by: "colleague", ..deal }, None),
        ("another tenant", Call { by: "stranger", ..deal }, None),
        ("another tool", Call::new("agent", "crm_complete_task", r#"{"task_id":"t"}"#), None),
    ] {
        let told = desk.call(&call).await;
        match expected {
            Some(expected) => assert_eq!(told, expected, "{what}"),
            None => assert!(matches!(told, Told::Required(Some(_))), "{what}: {told:?}"),
        }
        assert_eq!(desk.reached().len(), 0, "{what}");
    }
}

#[tokio::test]
async fn a_key_that_was_refused_approval_is_still_free() {
    let desk = Desk::open("confirm").await;
    let deal = Call { key: Some("order-1"), ..Call::deal().asking() };
    let state = desk.asked(&deal).await;
    let decline = r#"{"approval":{"action":"decline"}}"#;
    let denied = Told::Refused("APPROVAL_DENIED".to_owned());
    assert_eq!(desk.call(&deal.answered(&state, decline)).await, denied);
    let state = desk.asked(&deal).await;
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done);
    let changed = Call { arguments: OTHER, ..deal };
    assert_eq!(desk.call(&changed.answered(&state, ACCEPT)).await, conflict());
    assert_eq!(
        desk.call(&Call { tool: DEAL.0, key: None, ..deal.answered(&state, ACCEPT) }).await,
        Told::Required(None)
    );
    assert_eq!(desk.reached().len(), 1);
}
