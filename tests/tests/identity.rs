//! Who may do what: credentials, roles, scopes and tenants, from the outside.

mod arguments;
mod bad_tokens;
mod brute_force;
mod discovery;
mod fail_closed;
mod guarded;
mod key_set;
mod matrix;
mod observability;
mod operator;
mod settings;
mod tenants;
mod two_backends;

use std::net::SocketAddr;

use aws_lc_rs::digest::{SHA256, digest};
use runtime::{Setup, Spec, Target};
use serde_json::{Value, json};
use tests::client::Reply;
use tests::gateway::{Gateway, product};

/// All services of the product at one backend, as `services` of a tenant, each with this header `authorization`.
fn services(backend: SocketAddr, credential: &str) -> String {
    let service = |name: &&str| {
        format!(
            "      {name}: {{url: 'http://{backend}/{name}', headers: {{authorization: '{credential}'}}}}\n"
        )
    };
    simple_gpt_mcp::SERVICES.iter().map(service).collect()
}

/// A configuration of some tenants. `security` is what stands in that section; what needs approval has it as
/// soon as the call says so, and no call is one too many, for neither is what these tests are about.
fn config(tenants: &[(&str, SocketAddr)], server: &str, security: &str) -> String {
    let mut text = format!("server:\n  port: 0\n{server}");
    text.push_str("rate_limits: {default_per_minute: 1000000000, per_actor_per_minute: 1000000000}\n");
    text.push_str(&format!("security:\n  approval: {{mode: argument}}\n{security}tenants:\n"));
    for (tenant, backend) in tenants {
        let services = services(*backend, &format!("Bearer backend-credential-of-{tenant}"));
        text.push_str(&format!("  {tenant}:\n    services:\n{services}"));
    }
    text
}

/// One fixed token.
struct Fixed<'a> {
    token: &'a str,
    tenant: &'a str,
    actor: &'a str,
    roles: &'a [&'a str],
}

/// The section `security.auth` of these tokens.
fn token_section(tokens: &[Fixed<'_>]) -> String {
    let mut text = "  auth:\n    mode: token\n    tokens:\n".to_owned();
    for (number, Fixed { token, tenant, actor, roles }) in tokens.iter().enumerate() {
        let sha256 = sha256(token);
        text.push_str(&format!(
            "      - {{name: n{number}, sha256: {sha256}, tenant: {tenant}, actor: {actor}, roles: {roles:?}}}\n"
        ));
    }
    text
}

fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn serve(config: &str) -> Gateway {
    Gateway::in_environment(&product(), config, Setup::default(), &[]).await
}

/// All tools, with arguments that each of them takes, approved.
fn calls() -> impl Iterator<Item = (&'static Spec, Value)> {
    simple_gpt_mcp::TOOLS.iter().map(|tool| {
        let spec = tool.spec();
        let mut arguments: Value = serde_json::from_str(spec.examples[0]).unwrap();
        if matches!(spec.target, Target::Native { .. }) && arguments.get("url").is_some() {
            // What the runtime fetches itself must not leave this machine.
            arguments = json!({"url": "http://127.0.0.1:9/"});
        }
        arguments["user_approved"] = json!(true);
        (spec, arguments)
    })
}

/// All names that a tool answers to.
fn names(spec: &'static Spec) -> impl Iterator<Item = &'static str> {
    [spec.name].into_iter().chain(spec.aliases.iter().copied())
}

/// The code of a refusal by the tool; nothing where the call succeeded.
fn code(reply: &Reply) -> Option<String> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let is_error = reply.result()["isError"] == json!(true);
    is_error.then(|| reply.tool_error()["error_code"].as_str().unwrap().to_owned())
}
