//! Roles and scopes against tools: what is listed is what may be called, by whatever name, in every mode.

use std::collections::BTreeSet;

use runtime::{Effect, Roles, Spec, Target};
use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::Gateway;
use tests::issuer::{Issuer, Key};
use tests::recorder::Recorder;

use super::{Fixed, calls, code, config, names, serve, token_section};

/// The tools that the seed's README calls admin-only.
const ADMIN_ONLY: [&str; 8] = [
    "crm_add_team_member",
    "crm_create_api_key",
    "crm_create_team",
    "crm_gdpr_blocklist_email",
    "crm_gdpr_delete_contact",
    "crm_gdpr_export_contact_data",
    "crm_merge_contacts",
    "crm_upsert_user",
];
/// The tools that it restricts to roles, and those roles; of the services that it names without their tools, the
/// roles that these had in its history.
const RESTRICTED: [(&str, &[&str]); 14] = [
    ("crm_audit_query", &["Orchestrator", "CRM-Supervisor"]),
    ("crm_events_pull", &["Orchestrator", "Automation-Supervisor", "CRM-Supervisor"]),
    ("crm_events_ack", &["Orchestrator", "Automation-Supervisor", "CRM-Supervisor"]),
    ("automation_list_workflows", &["Orchestrator", "Automation-Supervisor"]),
    ("automation_run_flow", &["Orchestrator", "Automation-Supervisor"]),
    ("automation_trigger", &["Orchestrator", "Automation-Supervisor"]),
    ("automation_validate", &["Orchestrator", "Automation-Supervisor"]),
    ("file_metadata", &["Orchestrator", "User-Agent"]),
    ("file_preview", &["Orchestrator", "User-Agent"]),
    ("file_search_local", &["Orchestrator", "User-Agent"]),
    ("inbox_get_thread", &["Orchestrator", "Inbox-Supervisor", "User-Agent"]),
    ("inbox_list", &["Orchestrator", "Inbox-Supervisor", "User-Agent"]),
    ("inbox_reply", &["Orchestrator", "Inbox-Supervisor", "User-Agent"]),
    ("inbox_send_message", &["Orchestrator", "Inbox-Supervisor", "User-Agent"]),
];
/// The roles that may call all others.
pub(super) const DEFAULT: [&str; 4] = ["Admin", "Orchestrator", "CRM-Supervisor", "Agent"];
/// Roles by which a caller may come. No name is another's in other letters, and yet it is nearly.
const ROLES: [&str; 9] = [
    "Admin",
    "Orchestrator",
    "CRM-Supervisor",
    "Agent",
    "Automation-Supervisor",
    "Inbox-Supervisor",
    "User-Agent",
    "admin",
    "Nobody-Knows-It",
];

/// The roles that the seed's README restricts a tool to.
fn restricted(tool: &str) -> Option<&'static [&'static str]> {
    if ADMIN_ONLY.contains(&tool) {
        return Some(&["Admin"]);
    }
    RESTRICTED.iter().find(|(restricted, _)| *restricted == tool).map(|(_, roles)| *roles)
}

/// Whether a role may call a tool: by the README, and where that says nothing, as of a tool that is newer, by the
/// tool's own manifest.
fn may(role: &str, spec: &Spec) -> bool {
    match (restricted(spec.name), spec.roles) {
        (Some(roles), _) | (None, Roles::Only(roles)) => roles.contains(&role),
        (None, Roles::Default) => DEFAULT.contains(&role),
    }
}

/// How many names all tools together answer to.
fn names_of_all() -> usize {
    simple_gpt_mcp::TOOLS.iter().map(|tool| names(tool.spec()).count()).sum()
}

/// What a list of tools names.
fn listed(tools: &Value) -> BTreeSet<String> {
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// Holds every cell of one caller against what is expected, and counts them.
async fn check(
    caller: &str,
    client: &Client,
    backend: &Recorder,
    argument: Option<&str>,
    expected: impl Fn(&'static Spec) -> bool,
) -> usize {
    let list = client.modern("tools/list", json!({}), &[]).await;
    assert_eq!(list.result()["cacheScope"], "private", "{caller}");
    let lists = [
        listed(&list.result()["tools"]),
        listed(&client.legacy("tools/list", json!({})).await.result()["tools"]),
        listed(&client.get("/mcp/discovery").await.body["tools"]),
    ];
    let mut cells = 0;
    for (spec, mut arguments) in calls() {
        let allowed = expected(spec);
        if let Some(role) = argument {
            arguments["actor_role"] = json!(role);
        }
        for name in names(spec) {
            // A role that only the call itself names is not known to a list.
            if argument.is_none() {
                let shown = lists.each_ref().map(|list| list.contains(name));
                assert_eq!(shown, [allowed; 3], "{caller} sees {name} in tools/list, legacy, discovery");
                cells += shown.len();
            }
            let reply = client.call(name, arguments.clone()).await;
            let code = code(&reply);
            let reached = backend.take().len();
            let native = matches!(spec.target, Target::Native { .. });
            assert_eq!(
                code.as_deref() != Some("PERMISSION_DENIED"),
                allowed,
                "{caller} calls {name}: {}",
                reply.text
            );
            assert!(native || code.is_none() == allowed, "{caller} calls {name}: {}", reply.text);
            assert_eq!(
                reached,
                usize::from(allowed && !native),
                "{caller} calls {name}: requests at the backend"
            );
            cells += 1;
        }
    }
    cells
}

#[test]
fn the_manifests_say_what_the_readme_says() {
    let set = |roles: &[&'static str]| roles.iter().copied().collect::<BTreeSet<_>>();
    for name in ADMIN_ONLY.iter().chain(RESTRICTED.iter().map(|(tool, _)| tool)) {
        let tool = simple_gpt_mcp::TOOLS.iter().find(|tool| tool.spec().name == *name);
        let Some(Roles::Only(roles)) = tool.map(|tool| tool.spec().roles) else {
            panic!("{name} is not kept for certain roles")
        };
        assert_eq!(set(roles), set(restricted(name).unwrap()), "{name}");
    }
}

#[tokio::test]
async fn fixed_tokens_list_what_they_may_call() {
    let backend = Recorder::start().await;
    let roles = ROLES.map(|role| [role]);
    let mut tokens: Vec<Fixed<'_>> = roles
        .iter()
        .map(|role| Fixed { token: role[0], tenant: "default", actor: "ann", roles: role })
        .collect();
    tokens.push(Fixed { token: "no role", tenant: "default", actor: "ann", roles: &[] });
    let two = ["Automation-Supervisor", "Agent"];
    tokens.push(Fixed { token: "two roles", tenant: "default", actor: "ann", roles: &two });
    let text = config(&[("default", backend.address())], "  list_aliases: true\n", &token_section(&tokens));
    let gateway = serve(&text).await;
    let mut cells = 0;
    for Fixed { token, roles, .. } in &tokens {
        let client = gateway.client().with_token(*token);
        let expected = |spec: &'static Spec| roles.iter().any(|role| may(role, spec));
        cells += check(token, &client, &backend, None, expected).await;
    }
    assert_eq!(cells, (ROLES.len() + 2) * names_of_all() * 4, "cells");
}

#[tokio::test]
async fn signed_tokens_list_what_they_may_call() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let text = config(&[("default", backend.address())], "  list_aliases: true\n", &issuer.auth_section());
    let gateway = serve(&text).await;
    let mut cells = 0;
    for roles in
        ROLES.iter().map(std::slice::from_ref).chain([&[] as &[&str], &["Automation-Supervisor", "Agent"]])
    {
        let client = gateway.client().with_token(key.token(&issuer.claims("default", "ann", roles)));
        let expected = |spec: &'static Spec| roles.iter().any(|role| may(role, spec));
        cells += check(&roles.join(" "), &client, &backend, None, expected).await;
    }
    assert_eq!(cells, (ROLES.len() + 2) * names_of_all() * 4, "cells");
}

#[tokio::test]
async fn without_credentials_all_is_listed_and_a_role_that_is_named_holds() {
    let backend = Recorder::start().await;
    let open = async |more: &str| -> Gateway {
        serve(&config(&[("default", backend.address())], &format!("  list_aliases: true\n{more}"), "")).await
    };
    let gateway = open("").await;
    let mut cells = check("no role", &gateway.client(), &backend, None, |_| true).await;
    for role in ROLES {
        cells += check(role, &gateway.client(), &backend, Some(role), |spec| may(role, spec)).await;
        let gateway = open(&format!("  default_actor_role: {role}\n")).await;
        cells += check(role, &gateway.client(), &backend, None, |spec| may(role, spec)).await;
    }
    assert_eq!(cells, names_of_all() * (4 + ROLES.len() * (1 + 4)), "cells");
}

#[tokio::test]
async fn scopes_that_a_token_lacks_are_named_and_their_tools_are_not_listed() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let section = issuer.auth_section() + "    claims: {scopes: scope}\n";
    let gateway = serve(&config(&[("default", backend.address())], "", &section)).await;
    let needed = |spec: &Spec| {
        let service = match spec.target {
            Target::Backend { service, .. } => service,
            Target::Native { .. } => spec.name.split('_').next().unwrap(),
        };
        format!("{service}:{}", if spec.effect == Effect::Read { "read" } else { "write" })
    };
    let mut refused = 0;
    for scopes in [
        json!("crm:read"),
        json!("memory:write  crm:write"),
        json!(["memory:read", "website:read"]),
        json!("*"),
        json!(7),
    ] {
        let words = scopes.to_string();
        let has = |scope: &str| words.split(['"', ' ', ',']).any(|word| word == scope);
        let covered = |spec: &Spec| has(&needed(spec)) || has(&needed(spec).replace(":read", ":write"));
        let mut claims = issuer.claims("default", "ann", &["Admin", "Orchestrator"]);
        claims["scope"] = scopes.clone();
        let client = gateway.client().with_token(key.token(&claims));
        let list = listed(&client.modern("tools/list", json!({}), &[]).await.result()["tools"]);
        for (spec, arguments) in calls() {
            assert_eq!(list.contains(spec.name), covered(spec), "{scopes}: {}", spec.name);
            let reply = client.call(spec.name, arguments).await;
            if covered(spec) {
                assert_eq!(reply.status, 200, "{scopes}: {} {}", spec.name, reply.text);
                continue;
            }
            refused += 1;
            assert_eq!(reply.status, 403, "{scopes}: {}", spec.name);
            let challenge = reply.headers["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Bearer error=\"insufficient_scope\", "), "{challenge}");
            assert!(challenge.contains(&format!("scope=\"{}\"", needed(spec))), "{}: {challenge}", spec.name);
            assert!(challenge.contains("resource_metadata=\"http"), "{challenge}");
        }
        let reached = backend.take().len();
        let native = |spec: &Spec| matches!(spec.target, Target::Native { .. });
        assert_eq!(reached, calls().filter(|(spec, _)| covered(spec) && !native(spec)).count(), "{scopes}");
    }
    assert!(refused > 150, "{refused}");
}
