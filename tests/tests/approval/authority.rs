//! Who may decide: people with the right to, for their own tenant, and never the one that asked.

use serde_json::Value;

use super::call::{Call, Told};
use super::desk::{Desk, bearer, tokens};

/// Both decisions and the list, tried by somebody; the statuses.
async fn tried(desk: &Desk, id: &str, headers: &[(&str, &str)]) -> [u16; 3] {
    let mut statuses = [0; 3];
    for (status, (method, path)) in statuses.iter_mut().zip([
        ("GET", "/approvals".to_owned()),
        ("POST", format!("/approvals/{id}/approve")),
        ("POST", format!("/approvals/{id}/deny")),
    ]) {
        *status = desk.request(method, &path, headers, None).await.0;
    }
    statuses
}

#[tokio::test]
async fn nobody_decides_without_the_right_to() {
    let deal = Call::deal();
    let basic = "Basic Y2hpZWY6Y2hpZWYtdG9rZW4=";
    for (what, headers, expected) in [
        ("no token", vec![], [401; 3]),
        ("an unknown token", vec![("authorization", "Bearer guessed")], [401; 3]),
        ("an empty token", vec![("authorization", "Bearer ")], [401; 3]),
        ("another scheme", vec![("authorization", basic)], [401; 3]),
        ("a token in another header", vec![("x-authorization", &*bearer("chief"))], [401; 3]),
        ("a token in a cookie", vec![("cookie", "authorization=Bearer chief-token")], [401; 3]),
        (
            "two tokens",
            vec![("authorization", &*bearer("agent")), ("authorization", &*bearer("chief"))],
            [401; 3],
        ),
        ("the one that asked", vec![("authorization", &*bearer("agent"))], [403; 3]),
        ("somebody else without the right", vec![("authorization", &*bearer("colleague"))], [403; 3]),
        (
            "an approver of another tenant",
            vec![("authorization", &*bearer("foreign-chief"))],
            [200, 404, 404],
        ),
        (
            "a page of another origin with an approver's token",
            vec![("authorization", &*bearer("chief")), ("origin", "https://evil.example")],
            [403; 3],
        ),
        (
            "a page without an origin of its own",
            vec![("authorization", &*bearer("chief")), ("origin", "null")],
            [403; 3],
        ),
        (
            "a host that was rebound",
            vec![("authorization", &*bearer("chief")), ("host", "evil.example")],
            [403; 3],
        ),
    ] {
        // Each at a gateway of its own, since bad tokens are held against an address.
        let desk = Desk::open("human").await;
        let id = desk.ask(&deal).await;
        assert_eq!(tried(&desk, &id, &headers).await, expected, "{what}");
        assert_eq!(desk.ask(&deal).await, id, "{what}: it still waits");
        assert_eq!(desk.reached().len(), 0, "{what}");
    }
    let desk = Desk::open("human").await;
    let id = desk.ask(&deal).await;
    let in_query = format!("/approvals/{id}/approve?access_token=chief-token&token=chief-token");
    assert_eq!(desk.request("POST", &in_query, &[], None).await.0, 401, "a token in the query");
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.list("foreign-chief", "").await, Vec::<Value>::new());
    assert_eq!(desk.decide("chief", &id, "approve").await, 200);
    assert_eq!(desk.call(&deal).await, Told::Done);
}

#[tokio::test]
async fn a_decision_is_a_post_to_a_request_that_there_is() {
    let desk = Desk::open("human").await;
    let id = desk.ask(&Call::deal()).await;
    let authorization = bearer("chief");
    let headers = [("authorization", authorization.as_str())];
    for (method, path, body, expected) in [
        ("GET", format!("/approvals/{id}/approve"), None, 405),
        ("PUT", format!("/approvals/{id}/approve"), None, 405),
        ("POST", "/approvals".to_owned(), None, 405),
        ("POST", format!("/approvals/{id}"), None, 404),
        ("POST", format!("/approvals/{id}/Approve"), None, 404),
        ("POST", "/approvals/apr_00000000000000000000000000000000/approve".to_owned(), None, 404),
        ("POST", "/approvals/*/approve".to_owned(), None, 404),
        ("POST", "/approvals/%00/approve".to_owned(), None, 404),
        ("POST", format!("/approvals/{}/approve", id.to_uppercase()), None, 404),
        ("POST", format!("/approvals/{}/approve", &id[..id.len() - 1]), None, 404),
        ("POST", format!("/approvals/{id}/approve"), Some(r#"{"approve":false}"#), 400),
        ("POST", format!("/approvals/{id}/approve"), Some(r#"[]"#), 400),
        ("POST", format!("/approvals/{id}/deny"), Some(r#"{"reason":7}"#), 400),
        ("POST", format!("/approvals/{id}/deny"), Some("no"), 400),
    ] {
        assert_eq!(desk.request(method, &path, &headers, body).await.0, expected, "{method} {path} {body:?}");
    }
    assert_eq!(desk.ask(&Call::deal()).await, id, "nothing was decided");
}

#[tokio::test]
async fn nobody_decides_on_a_request_of_their_own() {
    let desk = Desk::open("human").await;
    for by in ["chief", "twin"] {
        let own = Call { by, ..Call::deal() };
        let id = desk.ask(&own).await;
        for decision in ["approve", "deny"] {
            assert_eq!(desk.decide(by, &id, decision).await, 403, "{by}: {decision}");
        }
        let other = if by == "chief" { "twin" } else { "chief" };
        assert_eq!(desk.decide(other, &id, "approve").await, 200, "{other} for {by}");
        assert_eq!(desk.call(&own).await, Told::Done);
        assert_eq!(desk.reached().len(), 1);
    }
}

#[tokio::test]
async fn whoever_joins_a_request_has_asked_as_well() {
    let desk = Desk::open("human").await;
    let (first, joined) = (Call::deal(), Call { by: "twin", ..Call::deal() });
    let id = desk.ask(&first).await;
    assert_eq!(desk.ask(&joined).await, id, "one actor, so one request");
    assert_eq!(desk.decide("twin", &id, "approve").await, 403);
    assert!(matches!(desk.call(&joined).await, Told::Required(_)));
    assert_eq!(desk.reached().len(), 0);
}

#[tokio::test]
async fn nobody_uses_an_approval_that_they_gave() {
    let desk = Desk::open("human").await;
    let (asked, own) = (Call::deal(), Call { by: "twin", ..Call::deal() });
    let id = desk.ask(&asked).await;
    assert_eq!(desk.decide("twin", &id, "approve").await, 200, "another credential than the asker's");
    assert!(matches!(desk.call(&own).await, Told::Required(_)));
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&asked).await, Told::Done, "the one that asked");
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn where_nobody_has_the_right_the_start_token_decides_for_all_tenants() {
    let agents = tokens().replace("approver", "operator");
    for (what, security) in [
        ("mode none", "  approval: {mode: human}\n".to_owned()),
        ("tokens without the right", format!("{agents}  approval: {{mode: human}}\n")),
    ] {
        let desk = Desk::with(&security).await;
        let with_tokens = what != "mode none";
        let call = Call { by: if with_tokens { "stranger" } else { "" }, ..Call::deal() };
        let id = desk.ask(&call).await;
        let path = format!("/approvals/{id}/approve");
        assert_eq!(desk.request("POST", &path, &[], None).await.0, 401, "{what}: no token");
        let guess = [("authorization", "Bearer start token")];
        assert_eq!(desk.request("POST", &path, &guess, None).await.0, 401, "{what}: a guess");
        if with_tokens {
            assert_eq!(desk.decide("chief", &id, "approve").await, 403, "{what}: without the right");
        }
        assert!(matches!(desk.call(&call).await, Told::Required(_)), "{what}");
        let start = format!("Bearer {}", desk.gateway.approver_token().unwrap());
        let start = [("authorization", start.as_str())];
        assert_eq!(desk.request("POST", &path, &start, None).await.0, 200, "{what}: the start token");
        assert_eq!(desk.call(&call).await, Told::Done, "{what}");
        assert_eq!(desk.reached().len(), 1, "{what}");
    }
    assert_eq!(Desk::open("human").await.gateway.approver_token(), None, "chief has the right");
}
