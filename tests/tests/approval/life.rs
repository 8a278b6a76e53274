//! The life of a request for approval: how long it waits, what ends it, and what becomes of it with its call.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Call, Told};
use super::desk::Desk;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);
const SECOND: Duration = Duration::from_secs(1);

fn denied() -> Told {
    Told::Refused("APPROVAL_DENIED".to_owned())
}

#[tokio::test]
async fn a_request_waits_a_day_for_its_decision() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    let id = desk.ask(&deal).await;
    desk.after(DAY - SECOND);
    assert_eq!(desk.ask(&deal).await, id, "it still waits");
    desk.after(SECOND);
    assert_eq!(desk.decide("chief", &id, "approve").await, 404, "too late to approve");
    assert_eq!(desk.list("chief", "").await, Vec::<Value>::new());
    assert_ne!(desk.ask(&deal).await, id, "asked anew");
    assert_eq!(desk.reached().len(), 0);
}

#[tokio::test]
async fn an_approval_waits_ten_minutes_for_its_call() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    desk.approved(&deal).await;
    desk.after(TEN_MINUTES - SECOND);
    assert_eq!(desk.call(&deal).await, Told::Done);
    assert_eq!(desk.reached().len(), 1);
    let id = desk.approved(&deal).await;
    desk.after(TEN_MINUTES);
    assert_ne!(desk.ask(&deal).await, id, "asked anew");
    assert_eq!(desk.reached().len(), 0);
}

#[tokio::test]
async fn an_approval_given_at_the_last_moment_has_its_ten_minutes() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    let id = desk.ask(&deal).await;
    desk.after(DAY - SECOND);
    assert_eq!(desk.decide("chief", &id, "approve").await, 200);
    desk.after(TEN_MINUTES - SECOND);
    assert_eq!(desk.call(&deal).await, Told::Done);
}

#[tokio::test]
async fn asking_often_is_asking_once() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    let id = desk.ask(&deal).await;
    for by in ["agent", "second-key"] {
        assert_eq!(desk.ask(&Call { by, ..deal }).await, id);
    }
    assert_eq!(desk.ask(&Call { tool: "crm.create_deal", ..deal }).await, id, "by the alias");
    assert_eq!(desk.list("chief", "").await.len(), 1);
}

#[tokio::test]
async fn a_decision_is_taken_once() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    for (first, told) in [("approve", Told::Done), ("deny", denied())] {
        let id = desk.ask(&deal).await;
        assert_eq!(desk.decide("chief", &id, first).await, 200, "{first}");
        for second in ["approve", "deny"] {
            assert_eq!(desk.decide("chief", &id, second).await, 409, "{second} after {first}");
        }
        assert_eq!(desk.call(&deal).await, told, "{first}");
        for third in ["approve", "deny"] {
            assert_eq!(desk.decide("chief", &id, third).await, 404, "{third} once it is over");
        }
    }
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn a_denial_is_told_once_with_its_reason_and_the_call_may_be_asked_for_anew() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    let id = desk.ask(&deal).await;
    let reason = r#"{"reason":"not\nthis year\u202e"}"#;
    let headers = [("authorization", super::desk::bearer("chief"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (status, _) = desk.request("POST", &format!("/approvals/{id}/deny"), &headers, Some(reason)).await;
    assert_eq!(status, 200);
    let error = desk.reply(&deal).await.tool_error();
    assert_eq!(error["error_code"], "APPROVAL_DENIED");
    assert_eq!(error["approval_id"], json!(id));
    assert_eq!(
        error["message"],
        r"a person has refused this call of crm_create_deal: not\u{a}this year\u{202e}"
    );
    let next = desk.ask(&deal).await;
    assert_ne!(next, id);
    assert_eq!(desk.decide("chief", &next, "approve").await, 200);
    assert_eq!(desk.call(&deal).await, Told::Done);
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_call_uses_up_no_approval() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    desk.approved(&deal).await;
    for arguments in [r#"{"name":""}"#, r#"{"name":"Renewal","amount":12000,"currency":"euro"}"#, "{}"] {
        let told = desk.call(&Call { arguments, ..deal }).await;
        assert_eq!(told, Told::Refused("VALIDATION_ERROR".to_owned()), "{arguments}");
    }
    let foreign = r#"{"name":"Renewal","amount":12000,"currency":"EUR","actor":"colleague"}"#;
    let told = desk.call(&Call { arguments: foreign, ..deal }).await;
    assert_eq!(told, Told::Refused("PERMISSION_DENIED".to_owned()));
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal).await, Told::Done);
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn a_call_that_fails_at_the_backend_has_used_its_approval() {
    let desk = Desk::open("human").await;
    let deal = Call::deal();
    desk.approved(&deal).await;
    desk.backend.answer_with(500, r#"{"error":"down"}"#);
    assert_eq!(desk.call(&deal).await, Told::Refused("BACKEND_ERROR".to_owned()));
    assert_eq!(desk.reached().len(), 1);
    desk.backend.answer_with(200, r#"{"ok":true}"#);
    let error = desk.reply(&deal).await.tool_error();
    assert_eq!(error["error_code"], "APPROVAL_REQUIRED", "what it did is unknown, so a person decides again");
    let id = error["approval_id"].as_str().unwrap();
    let expected = format!(
        "crm_create_deal needs a person's approval first; it waits for a decision as {id}. Make the same call again once it is approved"
    );
    assert_eq!(error["message"], json!(expected));
    assert_eq!(desk.reached().len(), 0);
}

#[tokio::test]
async fn a_restart_forgets_requests_and_approvals_and_approves_nothing() {
    let mut desk = Desk::open("human").await;
    let (deal, other) = (Call::deal(), Call { arguments: r#"{"name":"Other"}"#, ..Call::deal() });
    let (approved, pending) = (desk.approved(&deal).await, desk.ask(&other).await);
    desk.restart().await;
    for id in [&approved, &pending] {
        assert_eq!(desk.decide("chief", id, "approve").await, 404);
    }
    let next = desk.ask(&deal).await;
    assert_ne!(next, approved, "the approval went with the server; the call is asked for anew");
    assert_ne!(desk.ask(&other).await, pending);
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.decide("chief", &next, "approve").await, 200);
    assert_eq!(desk.call(&deal).await, Told::Done);
}

#[tokio::test]
async fn one_actor_has_at_most_a_hundred_requests_open_and_takes_no_room_from_others() {
    let desk = Desk::open("human").await;
    let names: Vec<String> = (0..101).map(|number| format!(r#"{{"name":"Deal {number}"}}"#)).collect();
    let call = |number: usize| Call { arguments: &names[number], ..Call::deal() };
    let mut ids = Vec::new();
    for number in 0..100 {
        ids.push(desk.ask(&call(number)).await);
    }
    let error = desk.reply(&call(100)).await.tool_error();
    assert_eq!(error["error_code"], "APPROVAL_REQUIRED");
    assert_eq!(error["approval_id"], Value::Null);
    assert_eq!(error["message"], "too many calls wait for approval already; wait until some are decided");
    assert_eq!(desk.ask(&call(0)).await, ids[0], "what waits already goes on waiting");
    for by in ["colleague", "stranger"] {
        desk.ask(&Call { by, ..call(100) }).await;
    }
    assert_eq!(desk.decide("chief", &ids[0], "approve").await, 200);
    assert_eq!(desk.call(&call(0)).await, Told::Done);
    desk.ask(&call(100)).await;
    assert_eq!(desk.reached().len(), 1);
}
