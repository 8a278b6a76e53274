//! Which calls need approval and in which way, as configuration and manifests make it together.

use super::call::{ACCEPT, Call, DEAL, Told};
use super::desk::{Desk, tokens};

/// How a call is let through, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Nothing,
    /// `user_approved` in the call.
    Word,
    /// The user's answer.
    Answer,
    /// A decision by somebody else.
    Decision,
}

const SEARCH: (&str, &str) = ("crm_search_customers", r#"{"query":"ada"}"#);
const BY_WORD: &str = r#"{"name":"Renewal","amount":12000,"currency":"EUR","user_approved":true}"#;

/// Makes a call in all ways, the weakest first, until one lets it through.
async fn need(desk: &Desk, call: &Call<'_>, by_word: &str) -> Need {
    if desk.call(call).await == Told::Done {
        return Need::Nothing;
    }
    if desk.call(&Call { arguments: by_word, ..*call }).await == Told::Done {
        return Need::Word;
    }
    if let Told::Ask(state) = desk.call(&call.asking()).await {
        assert_eq!(desk.call(&call.asking().answered(&state, ACCEPT)).await, Told::Done);
        return Need::Answer;
    }
    desk.approved(call).await;
    assert_eq!(desk.call(call).await, Told::Done);
    Need::Decision
}

#[tokio::test]
async fn configuration_decides_how_each_call_is_approved() {
    let word_for_search = r#"{"query":"ada","user_approved":true}"#;
    for (what, mode, tools, deal, search) in [
        ("nothing said", None, "", Need::Decision, Need::Nothing),
        ("argument", Some("argument"), "", Need::Word, Need::Nothing),
        ("confirm", Some("confirm"), "", Need::Answer, Need::Nothing),
        ("human", Some("human"), "", Need::Decision, Need::Nothing),
        (
            "none for the tool",
            Some("human"),
            "crm_create_deal: {approval: none}",
            Need::Nothing,
            Need::Nothing,
        ),
        (
            "argument for the tool",
            Some("human"),
            "crm_create_deal: {approval: argument}",
            Need::Word,
            Need::Nothing,
        ),
        (
            "confirm for the tool",
            Some("human"),
            "crm_create_deal: {approval: confirm}",
            Need::Answer,
            Need::Nothing,
        ),
        (
            "human for the tool",
            Some("argument"),
            "crm_create_deal: {approval: human}",
            Need::Decision,
            Need::Nothing,
        ),
        (
            "by the tool's alias",
            Some("argument"),
            "crm.create_deal: {approval: human}",
            Need::Decision,
            Need::Nothing,
        ),
        (
            "not required for the tool",
            Some("human"),
            "crm_create_deal: {user_approval_required: false}",
            Need::Nothing,
            Need::Nothing,
        ),
        (
            "human for a read",
            Some("argument"),
            "crm_search_customers: {approval: human}",
            Need::Word,
            Need::Decision,
        ),
        (
            "confirm for a read",
            Some("human"),
            "crm_search_customers: {approval: confirm}",
            Need::Decision,
            Need::Answer,
        ),
        (
            "required for a read",
            Some("confirm"),
            "crm_search_customers: {user_approval_required: true}",
            Need::Answer,
            Need::Answer,
        ),
        (
            "argument for a read",
            Some("human"),
            "crm_search_customers: {approval: argument}",
            Need::Decision,
            Need::Word,
        ),
        (
            "another tool's override",
            Some("human"),
            "crm_create_note: {approval: none}",
            Need::Decision,
            Need::Nothing,
        ),
    ] {
        let mode = mode.map(|mode| format!("  approval: {{mode: {mode}}}\n")).unwrap_or_default();
        let desk = Desk::with(&format!("{}{mode}  tools: {{{tools}}}\n", tokens())).await;
        assert_eq!(need(&desk, &Call::deal(), BY_WORD).await, deal, "{what}");
        let call = Call::new("agent", SEARCH.0, SEARCH.1);
        assert_eq!(need(&desk, &call, word_for_search).await, search, "{what}, a read");
        assert_eq!(desk.reached().len(), 2, "{what}");
    }
}

#[tokio::test]
async fn a_caller_that_shows_no_credential_has_no_word_in_confirm_and_human_either() {
    for mode in ["confirm", "human"] {
        let desk = Desk::with(&format!("  approval: {{mode: {mode}}}\n")).await;
        for arguments in [
            BY_WORD,
            r#"{"name":"Renewal","user_approved":true,"actor_role":"Admin"}"#,
            r#"{"name":"Renewal","user_approved":true,"actor":"chief","tenant_id":"other"}"#,
        ] {
            let told = desk.call(&Call::new("", DEAL.0, arguments)).await;
            assert!(matches!(told, Told::Required(Some(_))), "{mode}: {arguments}: {told:?}");
            let legacy = Call { capabilities: None, ..Call::new("", DEAL.0, arguments) };
            let told = desk.call(&legacy).await;
            assert!(matches!(told, Told::Required(Some(_))), "{mode}, legacy: {arguments}: {told:?}");
        }
        assert_eq!(desk.reached().len(), 0, "{mode}");
    }
}

#[tokio::test]
async fn a_word_of_approval_is_the_one_word_true() {
    let desk = Desk::with("  approval: {mode: argument}\n").await;
    for word in ["false", "null", "1", "\"true\"", "\"yes\"", "[true]", "{\"approve\":true}"] {
        let arguments = format!(r#"{{"name":"Renewal","user_approved":{word}}}"#);
        assert_ne!(desk.call(&Call::new("", DEAL.0, &arguments)).await, Told::Done, "{word}");
    }
    for name in ["User_Approved", "user-approved", "userApproved", "user_approved "] {
        let arguments = format!(r#"{{"name":"Renewal","{name}":true}}"#);
        assert_ne!(desk.call(&Call::new("", DEAL.0, &arguments)).await, Told::Done, "{name}");
    }
    let twice = r#"{"name":"Renewal","user_approved":false,"user_approved":true}"#;
    assert_eq!(desk.call(&Call::new("", DEAL.0, twice)).await, Told::Invalid(-32600));
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&Call::new("", DEAL.0, BY_WORD)).await, Told::Done);
}

#[tokio::test]
async fn the_backend_is_told_of_approval_only_where_there_was_one() {
    let desk = Desk::open("human").await;
    let read = Call::new("agent", SEARCH.0, r#"{"query":"ada","user_approved":true}"#);
    assert_eq!(desk.call(&read).await, Told::Done);
    assert_eq!(desk.reached()[0].body.get("user_approved"), None, "a read that nobody approved");
    desk.approved(&Call::deal()).await;
    assert_eq!(desk.call(&Call::deal()).await, Told::Done);
    assert_eq!(desk.reached()[0].body["user_approved"], true);
}

#[tokio::test]
async fn a_refusal_tells_no_way_around() {
    for mode in ["confirm", "human"] {
        let desk = Desk::open(mode).await;
        let message = desk.reply(&Call::deal()).await.tool_error()["message"].to_string();
        for hint in ["user_approved", "/approvals", "approver", "token", "config", "elicitation", "mode"] {
            assert!(!message.contains(hint), "{mode}: {hint}: {message}");
        }
    }
}
