//! What clients bring back for their users: yes is one answer of many, and only that makes the call.

use super::call::{ACCEPT, Call, Told};
use super::desk::Desk;

/// What has to be told.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// A person said no.
    Denied,
    /// Nobody has said anything that could be understood.
    AskedAnew,
    /// The message itself is wrong.
    Invalid,
}

#[tokio::test]
async fn only_a_clear_yes_makes_the_call() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    for (what, responses, expected) in [
        ("decline", r#"{"approval":{"action":"decline"}}"#, Expected::Denied),
        ("cancel", r#"{"approval":{"action":"cancel"}}"#, Expected::Denied),
        (
            "accepted without approval",
            r#"{"approval":{"action":"accept","content":{"approve":false}}}"#,
            Expected::Denied,
        ),
        (
            "decline with approval",
            r#"{"approval":{"action":"decline","content":{"approve":true}}}"#,
            Expected::Denied,
        ),
        (
            "cancel with approval",
            r#"{"approval":{"action":"cancel","content":{"approve":true}}}"#,
            Expected::Denied,
        ),
        ("accepted without content", r#"{"approval":{"action":"accept"}}"#, Expected::AskedAnew),
        (
            "accepted with nothing in it",
            r#"{"approval":{"action":"accept","content":{}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval as text",
            r#"{"approval":{"action":"accept","content":{"approve":"true"}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval as a number",
            r#"{"approval":{"action":"accept","content":{"approve":1}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval in a list",
            r#"{"approval":{"action":"accept","content":{"approve":[true]}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval as null",
            r#"{"approval":{"action":"accept","content":{"approve":null}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval under another name",
            r#"{"approval":{"action":"accept","content":{"Approve":true}}}"#,
            Expected::AskedAnew,
        ),
        (
            "approval beside the content",
            r#"{"approval":{"action":"accept","approve":true}}"#,
            Expected::AskedAnew,
        ),
        (
            "content that is a list",
            r#"{"approval":{"action":"accept","content":[true]}}"#,
            Expected::AskedAnew,
        ),
        (
            "content that is text",
            r#"{"approval":{"action":"accept","content":"{\"approve\":true}"}}"#,
            Expected::AskedAnew,
        ),
        (
            "an action in capitals",
            r#"{"approval":{"action":"ACCEPT","content":{"approve":true}}}"#,
            Expected::AskedAnew,
        ),
        (
            "an unknown action",
            r#"{"approval":{"action":"yes","content":{"approve":true}}}"#,
            Expected::AskedAnew,
        ),
        (
            "an action that is true",
            r#"{"approval":{"action":true,"content":{"approve":true}}}"#,
            Expected::AskedAnew,
        ),
        ("no action", r#"{"approval":{"content":{"approve":true}}}"#, Expected::AskedAnew),
        ("an answer that is true", r#"{"approval":true}"#, Expected::AskedAnew),
        ("an answer that is null", r#"{"approval":null}"#, Expected::AskedAnew),
        (
            "an answer in a list",
            r#"{"approval":[{"action":"accept","content":{"approve":true}}]}"#,
            Expected::AskedAnew,
        ),
        (
            "an answer to another question",
            r#"{"other":{"action":"accept","content":{"approve":true}}}"#,
            Expected::AskedAnew,
        ),
        (
            "an answer without a question's name",
            r#"{"action":"accept","content":{"approve":true}}"#,
            Expected::AskedAnew,
        ),
        ("no answer", "{}", Expected::AskedAnew),
        ("answers that are null", "null", Expected::AskedAnew),
        ("answers in a list", r#"[{"approval":{"action":"accept"}}]"#, Expected::AskedAnew),
        ("answers that are text", r#""accept""#, Expected::AskedAnew),
        (
            "two answers",
            r#"{"approval":{"action":"decline"},"approval":{"action":"accept","content":{"approve":true}}}"#,
            Expected::Invalid,
        ),
    ] {
        let state = desk.asked(&deal).await;
        let told = desk.call(&deal.answered(&state, responses)).await;
        match expected {
            Expected::Denied => {
                assert_eq!(told, Told::Refused("APPROVAL_DENIED".to_owned()), "{what}");
                let again = desk.call(&deal.answered(&state, ACCEPT)).await;
                assert_eq!(again, Told::Required(None), "{what}: a no is final for its question");
            }
            Expected::AskedAnew => assert!(matches!(told, Told::Ask(_)), "{what}: {told:?}"),
            Expected::Invalid => assert_eq!(told, Told::Invalid(-32600), "{what}"),
        }
        assert_eq!(desk.reached().len(), 0, "{what}");
    }
    let state = desk.asked(&deal).await;
    let more =
        r#"{"other":7,"approval":{"action":"accept","content":{"approve":true,"why":"x"},"_meta":{}}}"#;
    assert_eq!(desk.call(&deal.answered(&state, more)).await, Told::Done, "what is beside a yes is ignored");
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn an_answer_counts_only_with_its_state_and_from_a_client_that_can_ask() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal();
    let no_state = Call { responses: Some(ACCEPT), ..deal.asking() };
    assert!(matches!(desk.call(&no_state).await, Told::Ask(_)), "an answer without a state");
    let state = desk.asked(&deal.asking()).await;
    let no_answer = Call { state: Some(&state), ..deal.asking() };
    assert!(matches!(desk.call(&no_answer).await, Told::Ask(_)), "a state without an answer");
    for (what, capabilities) in [
        ("no capability", r#"{}"#),
        ("elicitation by URL alone", r#"{"elicitation":{"url":{}}}"#),
        ("a capability that is null", r#"{"elicitation":null}"#),
        ("a capability that is true", r#"{"elicitation":true}"#),
        ("a capability that is a list", r#"{"elicitation":["form"]}"#),
        ("a form that is true", r#"{"elicitation":{"form":true}}"#),
        ("a capability by another name", r#"{"Elicitation":{}}"#),
    ] {
        let call = Call { capabilities: Some(capabilities), ..deal };
        assert!(matches!(desk.call(&call).await, Told::Required(Some(_))), "{what}");
        let told = desk.call(&call.answered(&state, ACCEPT)).await;
        assert!(
            matches!(told, Told::Required(Some(_))),
            "{what}, with the answer of another client: {told:?}"
        );
    }
    let legacy = Call { capabilities: None, ..deal };
    assert!(
        matches!(desk.call(&legacy.answered(&state, ACCEPT)).await, Told::Required(Some(_))),
        "a legacy client"
    );
    for capabilities in [r#"{"elicitation":{"form":{}}}"#, r#"{"elicitation":{"form":{},"url":{}},"x":1}"#] {
        desk.asked(&Call { capabilities: Some(capabilities), ..deal }).await;
    }
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal.asking().answered(&state, ACCEPT)).await, Told::Done, "the client itself");
}

#[tokio::test]
async fn a_legacy_client_is_never_asked_whatever_it_says_it_can() {
    let desk = Desk::open("confirm").await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm_create_deal","arguments":{"name":"Renewal"},"_meta":{"io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}}"#;
    let headers = [("authorization", super::desk::bearer("agent"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let reply = tests::client::Client::new(desk.gateway.address()).post(body, &headers).await;
    assert_eq!(reply.tool_error()["error_code"], "APPROVAL_REQUIRED", "{}", reply.text);
}
