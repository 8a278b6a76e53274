//! What an operator writes about credentials: what holds, and what is a mistake.

use std::net::SocketAddr;

use runtime::{Config, Roles, Setup};
use serde_json::json;
use tests::gateway::{Gateway, product};
use tests::issuer::{Issuer, Key};
use tests::recorder::Recorder;

use super::matrix::DEFAULT;
use super::{Fixed, code, config, serve, sha256, token_section};

const ENVIRONMENT: [(&str, &str); 1] = [("MCP_SERVER_TOKEN", "from-the-environment")];

fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9))
}

/// The problems of a configuration; empty where it is a good one.
fn problems(text: &str, variables: &[(&str, &str)]) -> String {
    let variable =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Config::parse("server.yaml", text, &product(), &variable)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_token_of_the_environment_is_asked_for_whatever_the_file_says() {
    let backend = Recorder::start().await;
    let other = Fixed { token: "fixed", tenant: "default", actor: "ann", roles: &["Agent"] };
    for section in ["", "  auth: {mode: none}\n", "  auth: {mode: token}\n", &token_section(&[other])] {
        let text = config(&[("default", backend.address())], "", section);
        let gateway = Gateway::in_environment(&product(), &text, Setup::default(), &ENVIRONMENT).await;
        let arguments = json!({"query": "x"});
        assert_eq!(gateway.client().call("memory_search", arguments.clone()).await.status, 401, "{section}");
        let client = gateway.client().with_token("from-the-environment");
        client.call("memory_search", arguments.clone()).await.content();
        let [request] = &backend.take()[..] else { panic!("{section}: one request expected") };
        let told = ["x-tenant-id", "x-actor", "x-actor-role"].map(|name| request.header(name).to_owned());
        assert_eq!(told, ["default", "token", "Admin"], "{section}");
        let list = client.modern("tools/list", json!({}), &[]).await;
        let by_default = simple_gpt_mcp::TOOLS.iter().filter(|tool| match tool.spec().roles {
            Roles::Default => true,
            Roles::Only(roles) => roles.iter().any(|role| DEFAULT.contains(role)),
        });
        let listed = list.result()["tools"].as_array().unwrap().len();
        assert_eq!(listed, by_default.count(), "what the default roles may call");
        let fixed = gateway.client().with_token("fixed").call("memory_search", arguments).await.status;
        assert_eq!(fixed, if section.contains("sha256") { 200 } else { 401 });
        backend.take();
    }
}

#[tokio::test]
async fn the_token_of_the_environment_is_none_where_an_issuer_is_believed() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let text = config(&[("default", backend.address())], "", &issuer.auth_section());
    let gateway = Gateway::in_environment(&product(), &text, Setup::default(), &ENVIRONMENT).await;
    let reply = gateway
        .client()
        .with_token("from-the-environment")
        .call("memory_search", json!({"query": "x"}))
        .await;
    assert_eq!(reply.status, 401);
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn claims_are_found_where_the_operator_says() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let paths = "    claims: {tenant: 'https://gateway.example/tenant', actor: user.name, roles: realm_access.roles}\n";
    let text = config(&[("acme", backend.address())], "", &(issuer.auth_section() + paths));
    let gateway = serve(&text).await;
    let mut claims = issuer.claims("other", "someone", &["Admin"]);
    claims["https://gateway.example/tenant"] = json!("acme");
    claims["user"] = json!({"name": "ann"});
    claims["realm_access"] = json!({"roles": ["Agent", 7, null]});
    let client = gateway.client().with_token(key.token(&claims));
    client.call("memory_search", json!({"query": "x"})).await.content();
    let [request] = &backend.take()[..] else { panic!("one request expected") };
    let told = ["x-tenant-id", "x-actor", "x-actor-role"].map(|name| request.header(name));
    assert_eq!(told, ["acme", "ann", "Agent"]);
    let denied = client.call("crm_create_team", json!({"name": "x", "user_approved": true})).await;
    assert_eq!(
        code(&denied).as_deref(),
        Some("PERMISSION_DENIED"),
        "the claim at the usual place counts too"
    );
}

#[tokio::test]
async fn a_role_of_several_words_is_no_role_of_one_word() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let gateway = serve(&config(&[("default", backend.address())], "", &issuer.auth_section())).await;
    for (roles, allowed) in [
        (json!("Agent"), true),
        (json!(["Agent"]), true),
        (json!("Former Agent"), false),
        (json!(["Former Agent"]), false),
        (json!("Agent,Admin"), false),
        (json!({"Agent": true}), false),
        (json!(true), false),
    ] {
        let mut claims = issuer.claims("default", "ann", &[]);
        claims["roles"] = roles.clone();
        let client = gateway.client().with_token(key.token(&claims));
        let reply = client.call("memory_search", json!({"query": "x"})).await;
        assert_eq!(code(&reply).is_none(), allowed, "{roles}: {}", reply.text);
    }
}

#[test]
fn two_tokens_that_are_one_are_a_mistake() {
    let ann = || Fixed { token: "same", tenant: "default", actor: "ann", roles: &["Agent"] };
    let bob = Fixed { token: "same", tenant: "default", actor: "bob", roles: &["Admin"] };
    let text = config(&[("default", nowhere())], "", &token_section(&[ann(), bob]));
    let found = problems(&text, &[]);
    assert!(found.contains("C006") && found.contains("same token"), "{found}");
    assert!(!found.contains(&sha256("same")), "a hash is shown: {found}");
    let text = config(&[("default", nowhere())], "", &token_section(&[ann()]));
    assert_eq!(problems(&text, &[]), "");
    let found = problems(&text, &[("MCP_SERVER_TOKEN", "same")]);
    assert!(found.contains("MCP_SERVER_TOKEN"), "{found}");
}

#[test]
fn settings_for_signed_tokens_without_their_mode_are_a_mistake_and_leave_nothing_open() {
    let jwt = "    issuer: https://login.example\n    audience: https://gateway.example/mcp\n    jwks_url: https://login.example/keys\n";
    for (section, expected) in [
        (format!("  auth:\n    mode: jwt\n{jwt}"), ""),
        (format!("  auth:\n    mode: jwt\n{}", jwt.replace("/keys", "/keys?tenant=acme")), ""),
        (
            format!(
                "  auth:\n    mode: jwt\n{}",
                jwt.replace("https://login.example/k", "http://[::1]:8080/k")
            ),
            "",
        ),
        (
            format!(
                "  auth:\n    mode: jwt\n{}",
                jwt.replace("https://login.example/k", "http://login.example/k")
            ),
            "https",
        ),
        (format!("  auth:\n    mode: jwt\n{}", jwt.replace("/keys", "/keys#1")), "fragment"),
        (format!("  auth:\n{jwt}"), "mode: jwt"),
        ("  auth:\n    jwks_url: https://login.example/keys\n".to_owned(), "mode: jwt"),
        (
            format!(
                "  auth:\n    mode: token\n    tokens: [{{name: n, sha256: {}, tenant: default, actor: a}}]\n{jwt}",
                sha256("t")
            ),
            "mode: jwt",
        ),
        (format!("  auth:\n    mode: jwt\n{}", jwt.replace("    audience", "    #")), "audience"),
        ("  auth: {mode: jwt}\n".to_owned(), "jwks_url"),
        ("  auth: {mode: token}\n".to_owned(), "needs a token"),
        ("  auth: {mode: tokens}\n".to_owned(), "none, token or jwt"),
    ] {
        let found = problems(&config(&[("default", nowhere())], "", &section), &[]);
        assert_eq!(found.is_empty(), expected.is_empty(), "{section}{found}");
        assert!(found.contains(expected), "{section}{found}");
    }
}

#[test]
fn only_who_asks_for_credentials_listens_to_other_machines() {
    let token = || token_section(&[Fixed { token: "t", tenant: "default", actor: "ann", roles: &["Agent"] }]);
    let open = |section: &str, variables: &[(&str, &str)]| {
        let text = config(&[("default", nowhere())], "  host: 0.0.0.0\n", section);
        problems(&text, variables)
    };
    for (section, variables, allowed) in [
        (String::new(), &[] as &[(&str, &str)], false),
        ("  auth: {mode: none}\n".to_owned(), &[], false),
        ("  auth: {mode: none, allow_unauthenticated: true}\n".to_owned(), &[], true),
        (token(), &[], true),
        (String::new(), &ENVIRONMENT, true),
        (String::new(), &[("MCP_SERVER_TOKEN", "")], false),
    ] {
        let found = open(&section, variables);
        assert_eq!(found.is_empty(), allowed, "{section}{found}");
        assert!(allowed || found.contains("C010"), "{found}");
    }
}
