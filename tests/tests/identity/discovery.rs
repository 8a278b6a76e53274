//! How clients learn what credential they need, and what everybody may see without one.

use serde_json::{Value, json};
use tests::issuer::{AUDIENCE, Issuer, Key};
use tests::recorder::Recorder;

use super::{Fixed, config, serve, token_section};

const PATHS: [&str; 2] =
    ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"];

#[tokio::test]
async fn the_metadata_stands_at_both_places_and_leads_to_the_issuer() {
    let backend = Recorder::start().await.address();
    let issuer = Issuer::start(&[&Key::es256("k")]).await;
    let scopes = json!([
        "automation:read",
        "automation:write",
        "backoffice:write",
        "crm:read",
        "crm:write",
        "files:read",
        "inbox:read",
        "inbox:write",
        "marketing:write",
        "memory:read",
        "memory:write",
        "observability:read",
        "onboarding:write",
        "support:write",
        "website:read",
        "website:write",
    ]);
    for (claims, public_url) in
        [("", ""), ("    claims: {scopes: scp}\n", "  public_url: https://gateway.example/mcp\n")]
    {
        let section = issuer.auth_section() + claims;
        let gateway = serve(&config(&[("default", backend)], public_url, &section)).await;
        let mut expected = json!({
            "resource": AUDIENCE, "authorization_servers": [issuer.url()], "bearer_methods_supported": ["header"],
        });
        if !claims.is_empty() {
            expected["scopes_supported"] = scopes.clone();
        }
        for path in PATHS {
            let reply = gateway.client().get(path).await;
            assert_eq!(
                (reply.status, &reply.headers["content-type"]),
                (200, &"application/json".parse().unwrap())
            );
            assert_eq!(reply.body, expected, "{path}");
        }
        let origin = match public_url {
            "" => format!("http://{}", gateway.address()),
            _ => "https://gateway.example".to_owned(),
        };
        for reply in
            [gateway.client().get("/mcp/discovery").await, gateway.client().legacy("ping", json!({})).await]
        {
            assert_eq!(reply.status, 401);
            let challenge = reply.headers["www-authenticate"].to_str().unwrap();
            // A client begins with what reading takes; a refusal names what else a tool needs.
            let reading: Vec<&str> = scopes.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let reading: Vec<&str> = reading.into_iter().filter(|scope| scope.ends_with(":read")).collect();
            let scope =
                if claims.is_empty() { String::new() } else { format!("scope=\"{}\", ", reading.join(" ")) };
            assert_eq!(challenge, format!("Bearer {scope}resource_metadata=\"{origin}{}\"", PATHS[1]));
        }
    }
}

#[tokio::test]
async fn without_an_issuer_there_is_no_metadata() {
    let backend = Recorder::start().await.address();
    let token = Fixed { token: "t", tenant: "default", actor: "ann", roles: &["Agent"] };
    for section in [String::new(), token_section(&[token])] {
        let gateway = serve(&config(&[("default", backend)], "", &section)).await;
        for path in PATHS {
            assert_eq!(gateway.client().get(path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn everybody_may_see_that_the_server_is_well_and_nothing_else() {
    let backend = Recorder::start().await.address();
    let token = Fixed { token: "t", tenant: "default", actor: "ann", roles: &["Admin"] };
    let gateway = serve(&config(&[("default", backend)], "", &token_section(&[token]))).await;
    let client = gateway.client();
    for (path, status, body) in [
        ("/health", 200, Some(r#"{"status":"healthy"}"#)),
        ("/ready", 200, Some(r#"{"status":"ready"}"#)),
        ("/mcp/discovery", 401, None),
        ("/approvals", 401, None),
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(body.is_none_or(|body| reply.text == body), "{path}: {}", reply.text);
        for header in ["server", "x-powered-by", "via"] {
            assert!(!reply.headers.contains_key(header), "{path} tells {header}");
        }
        assert!(!reply.text.contains(env!("CARGO_PKG_VERSION")), "{path}: {}", reply.text);
    }
    for method in ["tools/list", "tools/call", "server/discover", "no/such/method"] {
        assert_eq!(client.modern(method, json!({}), &[]).await.status, 401, "{method}");
    }
    assert_eq!(
        client.post("no json at all", &[]).await.status,
        401,
        "the body was read before the credential"
    );
    assert_eq!(client.with_token("t").get("/approvals").await.status, 403, "an Admin is no approver");
}
