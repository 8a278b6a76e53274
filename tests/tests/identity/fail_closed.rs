//! What happens when something that decisions rest on is gone: no call is made, and whoever asks is told so.

use runtime::{Config, ConfigError, Setup, StartError};
use serde_json::json;
use tests::gateway::{Gateway, product};
use tests::issuer::{Behaviour, Issuer, Key};
use tests::recorder::Recorder;

use super::{Fixed, code, config, serve, token_section};

const ANN: Fixed<'_> = Fixed { token: "ann", tenant: "default", actor: "ann", roles: &["Agent"] };

fn task(subject: usize) -> serde_json::Value {
    json!({"entity_type": "deal", "entity_id": "d1", "subject": subject.to_string()})
}

#[test]
fn without_a_configuration_there_is_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(&folder.path().join("server.yaml"), &product());
    assert!(matches!(missing, Err(ConfigError::Unreadable { .. })));
    for broken in ["", "tenants: [", "tenants: {}", "security: {auth: {mode: nobody}}"] {
        let found = Config::parse("server.yaml", broken, &product(), &|_| None);
        assert!(matches!(found, Err(ConfigError::Invalid(_))), "{broken:?}");
    }
}

#[tokio::test]
async fn without_an_audit_log_there_is_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "no folder").unwrap();
    let backend = Recorder::start().await;
    let text = config(&[("default", backend.address())], "", "");
    let text = format!("{text}audit: {{path: '{}'}}\n", taken.join("audit.log").display());
    let config = Config::parse("server.yaml", &text, &product(), &|_| None).unwrap();
    let started = runtime::start(&product(), config, Setup::default()).await;
    assert!(matches!(started, Err(StartError::Audit(_))));
}

#[tokio::test]
async fn without_the_issuers_keys_nobody_gets_in() {
    let (backend, key) = (Recorder::start().await, Key::es256("k"));
    let issuer = Issuer::start(&[&key]).await;
    issuer.behave(Behaviour::Status(500));
    let gateway = serve(&config(&[("default", backend.address())], "", &issuer.auth_section())).await;
    let client = gateway.client().with_token(key.token(&issuer.claims("default", "ann", &["Admin"])));
    for arguments in [json!({"query": "x"}), json!({})] {
        let reply = client.call("memory_search", arguments).await;
        assert_eq!((reply.status, reply.headers.contains_key("retry-after")), (503, true), "{}", reply.text);
    }
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn without_room_for_a_request_for_approval_its_call_is_refused() {
    let backend = Recorder::start().await;
    let text = config(&[("default", backend.address())], "", &token_section(&[ANN]));
    let gateway: Gateway = serve(&text.replace("mode: argument", "mode: human")).await;
    let client = gateway.client().with_token(ANN.token);
    for number in 0..103 {
        let error = client.call("crm_create_task", task(number)).await.tool_error();
        assert_eq!(error["error_code"], "APPROVAL_REQUIRED", "{error}");
        assert_eq!(error.get("approval_id").is_some(), number < 100, "{error}");
    }
    assert_eq!(code(&client.call("memory_search", json!({"query": "x"})).await), None);
    assert_eq!(backend.take().len(), 1, "only what needs no approval");
}
