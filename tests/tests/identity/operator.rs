//! The server's own figures: of all tenants, and so for those alone who have the right to them.

use serde_json::json;
use tests::client::{Client, Reply};
use tests::issuer::{Issuer, Key};
use tests::recorder::Recorder;

use super::{config, serve, sha256};

const RIGHTS: [(&str, &str, u16); 4] = [
    ("none", "", 403),
    ("approver", "approver", 403),
    ("operator", "operator", 200),
    ("both", "approver, operator", 200),
];

async fn metrics(client: &Client) -> Reply {
    let reply = client.get("/metrics").await;
    assert_eq!(reply.text.contains("mcp_tool_calls"), reply.status == 200, "{}", reply.text);
    reply
}

#[tokio::test]
async fn figures_of_all_tenants_are_for_operators() {
    let backend = Recorder::start().await;
    let tokens: String = RIGHTS
        .iter()
        .map(|(name, rights, _)| {
            let sha256 = sha256(name);
            format!("      - {{name: {name}, sha256: {sha256}, tenant: default, actor: a, roles: [Admin], rights: [{rights}]}}\n")
        })
        .collect();
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let sections = [format!("  auth:\n    mode: token\n    tokens:\n{tokens}"), issuer.auth_section()];
    for (mode, section) in sections.iter().enumerate() {
        let gateway = serve(&config(&[("default", backend.address())], "", section)).await;
        for (name, rights, status) in RIGHTS {
            let mut claims = issuer.claims("default", "ann", &["Admin", "operator"]);
            claims["rights"] = json!(rights.split(", ").collect::<Vec<_>>());
            let shown = if mode == 0 { name.to_owned() } else { key.token(&claims) };
            let reply = metrics(&gateway.client().with_token(shown)).await;
            assert_eq!(reply.status, status, "mode {mode}: {name}");
        }
        let nobody = metrics(&gateway.client()).await;
        assert_eq!(nobody.status, 401);
        assert!(nobody.headers.contains_key("www-authenticate"));
        let wrong = metrics(&gateway.client().with_token("wrong")).await;
        assert_eq!(wrong.status, 401);
        for (path, body) in
            [("/health", json!({"status": "healthy"})), ("/ready", json!({"status": "ready"}))]
        {
            assert_eq!(gateway.client().get(path).await.body, body, "open, and without detail");
        }
    }
    let open = serve(&config(&[("default", backend.address())], "", "")).await;
    assert_eq!(metrics(&open.client()).await.status, 200);
}
