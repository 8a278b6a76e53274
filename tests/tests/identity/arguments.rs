//! What a call says about its own caller: with a credential it changes nothing, whatever it says.

use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::Gateway;
use tests::issuer::{Issuer, Key};
use tests::recorder::{Recorded, Recorder};

use super::{Fixed, calls, code, config, names, serve, token_section};

/// Values of one argument, and whether a caller `ann` of tenant `default` with the role `Agent` may give each.
/// An argument that is absent is written as nothing.
type Values = [(Option<&'static str>, bool)];

const TENANTS: &Values = &[
    (None, true),
    (Some(r#""default""#), true),
    (Some(r#""other""#), false),
    (Some(r#""Default""#), false),
    (Some(r#"" default""#), false),
    (Some(r#""""#), false),
    (Some("7"), false),
    (Some(r#"["default"]"#), false),
    (Some(r#"{"default":1}"#), false),
];
const ACTORS: &Values =
    &[(None, true), (Some(r#""ann""#), true), (Some(r#""bob""#), false), (Some("true"), false)];
const ROLES: &Values = &[
    (None, true),
    (Some(r#""Agent""#), true),
    (Some(r#""Admin""#), false),
    (Some(r#""agent""#), false),
    (Some(r#""Agent Admin""#), false),
    (Some(r#"["Agent","Admin"]"#), false),
];
const APPROVED: &Values =
    &[(None, true), (Some("true"), true), (Some("false"), true), (Some(r#""yes""#), true), (Some("1"), true)];

/// All combinations of the context arguments as JSON members, and whether each tells nothing but the truth.
fn combinations() -> Vec<(String, bool)> {
    let mut all = vec![(String::new(), true)];
    for (name, values) in
        [("tenant_id", TENANTS), ("actor", ACTORS), ("actor_role", ROLES), ("user_approved", APPROVED)]
    {
        all = all
            .iter()
            .flat_map(|(text, honest)| {
                values.iter().map(move |(value, is_own)| {
                    let member = value.map(|value| format!("\"{name}\":{value},")).unwrap_or_default();
                    (format!("{text}{member}"), *honest && *is_own)
                })
            })
            .collect();
    }
    all
}

/// Calls with arguments in the very spelling that is given.
async fn call(client: &Client, tool: &str, members: &str, own: &Value) -> tests::client::Reply {
    let arguments = own.to_string().replacen('{', &format!("{{{members}"), 1).replace(",}", "}");
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    );
    client.post(&message, &[]).await
}

/// Names of tools, and arguments of their own for each.
type Tools = Vec<(&'static str, Value)>;

/// Tools with their own arguments alone: those only an Admin may call, and those an Agent may.
fn tools() -> (Tools, Tools) {
    let own = calls().map(|(spec, mut arguments)| {
        arguments.as_object_mut().unwrap().shift_remove("user_approved");
        (spec, arguments)
    });
    let all = own.flat_map(|(spec, arguments)| names(spec).map(move |name| (spec, name, arguments.clone())));
    let admin = [runtime::Roles::Only(&["Admin"])];
    let (admin, others): (Vec<_>, Vec<_>) = all.partition(|(spec, ..)| admin.contains(&spec.roles));
    let agent =
        others.into_iter().filter(|(spec, ..)| spec.roles == runtime::Roles::Default && !spec.approval);
    let agent = agent.filter(|(spec, ..)| !matches!(spec.target, runtime::Target::Native { .. }));
    let strip = |(_, name, arguments)| (name, arguments);
    (admin.into_iter().map(strip).collect(), agent.map(strip).collect())
}

async fn agents(backend: &Recorder) -> (Gateway, Gateway, [Client; 2]) {
    let token = Fixed { token: "agent", tenant: "default", actor: "ann", roles: &["Agent"] };
    let tenants = [("default", backend.address()), ("other", backend.address())];
    let fixed = serve(&config(&tenants, "", &token_section(&[token]))).await;
    let key = Key::eddsa("k");
    let issuer = Issuer::start(&[&key]).await;
    let signed = serve(&config(&tenants, "", &issuer.auth_section())).await;
    let clients = [
        fixed.client().with_token("agent"),
        signed.client().with_token(key.token(&issuer.claims("default", "ann", &["Agent"]))),
    ];
    // The keys are fetched once, so that the issuer need not live on.
    clients[1].call("memory_telemetry", json!({})).await.content();
    assert_eq!(backend.take().len(), 1);
    (fixed, signed, clients)
}

#[tokio::test]
async fn no_argument_opens_a_tool_of_the_admins() {
    let backend = Recorder::start().await;
    let (_fixed, _signed, clients) = agents(&backend).await;
    let (admin, _) = tools();
    assert_eq!(admin.len(), 16, "eight tools by two names");
    let combinations = combinations();
    assert_eq!(combinations.len(), 9 * 4 * 6 * 5);
    let plain = [
        r#""actor_role":"Admin","#,
        r#""actor_role":"Admin","user_approved":true,"#,
        r#""actor_role":"Admin","actor":"admin","tenant_id":"default","user_approved":true,"#,
        r#""actor_role":null,"tenant_id":null,"actor":null,"user_approved":null,"#,
        r#""actor\u005frole":"Admin","#,
        r#""actor_role":"\u0041dmin","#,
    ];
    for client in &clients {
        for (tool, own) in &admin {
            for members in plain {
                let reply = call(client, tool, members, own).await;
                assert_eq!(
                    code(&reply).as_deref(),
                    Some("PERMISSION_DENIED"),
                    "{tool} {members}: {}",
                    reply.text
                );
            }
        }
        // All combinations, going round the tools.
        for ((members, _), (tool, own)) in combinations.iter().zip(admin.iter().cycle()) {
            let reply = call(client, tool, members, own).await;
            assert_eq!(
                code(&reply).as_deref(),
                Some("PERMISSION_DENIED"),
                "{tool} {members}: {}",
                reply.text
            );
        }
        let twice =
            call(client, "crm_create_team", r#""actor_role":"Agent","actor_role":"Admin","#, &json!({}))
                .await;
        assert!(twice.body["error"].is_object(), "{}", twice.text);
    }
    assert!(backend.take().is_empty(), "a tool of the admins was reached");
}

#[tokio::test]
async fn what_a_call_may_say_of_itself_is_what_its_credential_says() {
    let backend = Recorder::start().await;
    let (_fixed, _signed, clients) = agents(&backend).await;
    let (_, agent) = tools();
    assert!(agent.len() > 30, "{}", agent.len());
    for client in &clients {
        for ((members, honest), (tool, own)) in combinations().iter().zip(agent.iter().cycle()) {
            let reply = call(client, tool, members, own).await;
            let reached = backend.take();
            if !honest {
                assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{tool} {members}");
                assert!(reached.is_empty(), "{tool} {members}");
                continue;
            }
            assert_eq!(code(&reply), None, "{tool} {members}: {}", reply.text);
            let [request] = &reached[..] else { panic!("{tool} {members}: {} requests", reached.len()) };
            is_of_ann(request);
        }
    }
}

/// The backend is told what the credential says, and of no approval.
fn is_of_ann(request: &Recorded) {
    let told = ["x-tenant-id", "x-actor", "x-actor-role"].map(|name| request.header(name));
    assert_eq!(told, ["default", "ann", "Agent"]);
    if request.body != Value::Null {
        let told =
            ["tenant_id", "actor", "actor_role", "user_approved"].map(|name| request.body[name].clone());
        assert_eq!(told, [json!("default"), json!("ann"), json!("Agent"), Value::Null], "{}", request.body);
    }
}

#[tokio::test]
async fn headers_and_metadata_say_nothing_about_the_caller() {
    let backend = Recorder::start().await;
    let (_fixed, _signed, clients) = agents(&backend).await;
    let headers = [
        ("x-tenant-id", "other"),
        ("x-actor", "bob"),
        ("x-actor-role", "Admin"),
        ("x-user-approved", "true"),
    ];
    let meta = json!({"tenant_id": "other", "actor": "bob", "actor_role": "Admin", "user_approved": true});
    for client in &clients {
        let params = json!({"name": "memory_search", "arguments": {"query": "x"}, "_meta": meta, "actor_role": "Admin"});
        client.modern("tools/call", params, &headers).await.content();
        let [request] = &backend.take()[..] else { panic!("one request expected") };
        is_of_ann(request);
        let params = json!({"name": "crm_create_team", "arguments": {"name": "x"}, "_meta": meta});
        let reply = client.modern("tools/call", params, &headers).await;
        assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{}", reply.text);
        assert!(backend.take().is_empty());
    }
}

#[tokio::test]
async fn the_callers_word_on_approval_counts_only_where_the_mode_takes_it() {
    let backend = Recorder::start().await;
    let token = Fixed { token: "agent", tenant: "default", actor: "ann", roles: &["Agent"] };
    let text = config(&[("default", backend.address())], "", &token_section(&[token]));
    for mode in ["human", "confirm"] {
        let gateway = serve(&text.replace("mode: argument", &format!("mode: {mode}"))).await;
        let client = gateway.client().with_token("agent");
        let mut asked = 0;
        for (spec, arguments) in
            calls().filter(|(spec, _)| spec.approval && spec.roles == runtime::Roles::Default)
        {
            for name in names(spec) {
                let reply = client.call(name, arguments.clone()).await;
                assert_eq!(
                    code(&reply).as_deref(),
                    Some("APPROVAL_REQUIRED"),
                    "{mode} {name}: {}",
                    reply.text
                );
                asked += 1;
            }
        }
        assert!(asked > 40, "{asked}");
    }
    assert!(backend.take().is_empty());
}
