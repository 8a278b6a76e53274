//! Tenants: nothing of one reaches another's backend, whoever calls whatever.

use runtime::{Setup, Target};
use serde_json::json;
use tests::client::Client;
use tests::gateway::{Gateway, product};
use tests::issuer::{Issuer, Key};
use tests::recorder::{Recorded, Recorder};

use super::{Fixed, calls, code, config, names, serve, token_section};

/// Actors of both tenants, some with names that the other has too.
const ACTORS: [(&str, &str, &[&str]); 6] = [
    ("red", "ann", &["Admin"]),
    ("red", "bob", &["Agent"]),
    ("red", "blue", &["Orchestrator", "Admin"]),
    ("blue", "ann", &["Admin"]),
    ("blue", "red", &["Automation-Supervisor", "CRM-Supervisor"]),
    ("blue", "eve", &["Agent", "Admin", "Orchestrator"]),
];

/// Everything a backend was sent, in one text.
fn everything(request: &Recorded) -> String {
    format!("{} {:?} {}", request.target, request.headers, request.body)
}

/// Has one caller call all tools by all names, as itself and as if of the other tenant; how many calls reached
/// its own backend, which must be all that got through.
async fn call_all(client: &Client, own: (&str, &Recorder), other: (&str, &Recorder), secret: &str) -> usize {
    let mut through = 0;
    for (spec, arguments) in calls() {
        for name in names(spec) {
            let reply = client.call(name, arguments.clone()).await;
            let reached = own.1.take();
            let succeeded = code(&reply).is_none();
            assert!(!reply.text.contains("credential-") && !reply.text.contains(secret), "{}", reply.text);
            let forwarded = succeeded && !matches!(spec.target, Target::Native { .. });
            assert_eq!(reached.len(), usize::from(forwarded), "{name}: {}", reply.text);
            through += reached.len();
            for request in &reached {
                assert_eq!(request.header("x-tenant-id"), own.0);
                assert_eq!(request.header("authorization"), format!("Bearer credential-{}", own.0));
                let all = everything(request);
                assert!(
                    !all.contains(&format!("credential-{}", other.0)) && !all.contains(secret),
                    "{name}: {all}"
                );
            }
            let mut arguments = arguments.clone();
            arguments["tenant_id"] = json!(other.0);
            let reply = client.call(name, arguments).await;
            assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{name}: {}", reply.text);
            assert!(own.1.take().is_empty() && other.1.take().is_empty(), "{name} went to a backend");
        }
    }
    through
}

#[tokio::test]
async fn no_call_crosses_from_one_tenant_to_another() {
    let (red, blue) = (Recorder::start().await, Recorder::start().await);
    let tokens = ACTORS.map(|(tenant, actor, _)| format!("canary-of-{tenant}-{actor}"));
    let fixed: Vec<Fixed<'_>> = ACTORS
        .iter()
        .zip(&tokens)
        .map(|((tenant, actor, roles), token)| Fixed { token, tenant, actor, roles })
        .collect();
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let mut through = [0, 0];
    for (mode, section) in [token_section(&fixed), issuer.auth_section()].into_iter().enumerate() {
        let mut text = config(&[("red", red.address()), ("blue", blue.address())], "", &section);
        for tenant in ["red", "blue"] {
            let (literal, variable) = (
                format!("backend-credential-of-{tenant}"),
                format!("${{{}_CREDENTIAL}}", tenant.to_uppercase()),
            );
            text = text.replace(&literal, &variable);
        }
        let variables = [("RED_CREDENTIAL", "credential-red"), ("BLUE_CREDENTIAL", "credential-blue")];
        let gateway = Gateway::in_environment(&product(), &text, Setup::default(), &variables).await;
        for ((tenant, actor, roles), token) in ACTORS.iter().zip(&tokens) {
            let shown = match mode {
                0 => token.clone(),
                _ => key.token(&issuer.claims(tenant, actor, roles)),
            };
            let client = gateway.client().with_token(&shown);
            let (own, other) = if *tenant == "red" {
                (("red", &red), ("blue", &blue))
            } else {
                (("blue", &blue), ("red", &red))
            };
            through[mode] += call_all(&client, own, other, &shown).await;
        }
    }
    assert_eq!(through[0], through[1], "the modes differ");
    assert!(through[0] > 500, "{through:?}");
    assert!(red.take().is_empty() && blue.take().is_empty());
}

#[tokio::test]
async fn a_credential_of_an_unknown_tenant_opens_nothing() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let unknown = ["nowhere", "Default", "default "];
    let roles: &[&str] = &["Admin", "Orchestrator"];
    let names: Vec<String> = unknown.iter().map(|tenant| format!("{tenant:?}")).collect();
    let fixed: Vec<Fixed<'_>> =
        names.iter().map(|tenant| Fixed { token: tenant, tenant, actor: "ann", roles }).collect();
    let sections = [token_section(&fixed), issuer.auth_section()];
    for (mode, section) in sections.iter().enumerate() {
        let gateway = serve(&config(&[("default", backend.address())], "", section)).await;
        for (tenant, token) in unknown.iter().zip(&names) {
            let shown =
                if mode == 0 { token.clone() } else { key.token(&issuer.claims(tenant, "ann", roles)) };
            let client = gateway.client().with_token(shown);
            let list = client.modern("tools/list", json!({}), &[]).await;
            assert_eq!(list.result()["tools"], json!([]), "{tenant}");
            for (spec, arguments) in calls() {
                let reply = client.call(spec.name, arguments).await;
                assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{tenant} {}", spec.name);
            }
        }
    }
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn a_service_that_only_another_tenant_has_is_not_lent() {
    let (red, blue) = (Recorder::start().await, Recorder::start().await);
    let both = ["red", "blue"].map(|tenant| Fixed { token: tenant, tenant, actor: "ann", roles: &["Admin"] });
    let text = config(&[("blue", blue.address())], "", &token_section(&both));
    let text = text + &format!("  red: {{services: {{memory: 'http://{}'}}}}\n", red.address());
    let gateway = serve(&text).await;
    let client = gateway.client().with_token("red");
    let list = client.modern("tools/list", json!({}), &[]).await.text;
    let (mut unavailable, mut own) = (0, 0);
    for (spec, arguments) in calls() {
        let code = code(&client.call(spec.name, arguments).await);
        if matches!(spec.target, Target::Backend { service, .. } if service != "memory") {
            assert!(
                matches!(code.as_deref(), Some("BACKEND_UNAVAILABLE" | "PERMISSION_DENIED")),
                "{}",
                spec.name
            );
            assert!(!list.contains(&format!("\"name\":\"{}\"", spec.name)), "{} is listed", spec.name);
            unavailable += 1;
        } else if matches!(spec.target, Target::Backend { .. }) {
            own += usize::from(code.is_none());
        }
    }
    assert!(unavailable >= 65, "{unavailable}");
    assert!(own >= 5, "{own}");
    assert_eq!(red.take().len(), own, "memory is its own");
    assert!(blue.take().is_empty());
}
