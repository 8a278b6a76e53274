//! The bound that a tenant sets on a service: it shortens the tools' own timeouts and lengthens none.

use std::time::Duration;

use runtime::{Product, Spec, Tool};
use serde_json::json;
use tests::gateway::Gateway;
use tests::notes::{self, Nothing};
use tokio::net::TcpListener;

const SLOW: Spec =
    Spec { name: "notes_slow", aliases: &["notes.slow"], timeout: Duration::from_secs(100), ..notes::READ };
const QUICK: Spec =
    Spec { name: "notes_quick", aliases: &["notes.quick"], timeout: Duration::from_millis(150), ..SLOW };

static TOOLS: &[&Tool] = &[&Tool::new::<Nothing>(&QUICK), &Tool::new::<Nothing>(&SLOW)];

#[tokio::test]
async fn a_tenants_bound_on_a_service_shortens_timeouts_and_lengthens_none() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            held.push(stream);
        }
    });
    let product = Product { tools: TOOLS, services: &["notes"], dev_backend: None };
    let text = format!(
        "server: {{port: 0}}\ntenants:\n  \
         default: {{services: {{notes: {{url: '{url}'}}}}}}\n  \
         hasty: {{services: {{notes: {{url: '{url}', timeout: 90ms}}}}}}\n  \
         patient: {{services: {{notes: {{url: '{url}', timeout: 120s}}}}}}\n"
    );
    let gateway = Gateway::with_config(&product, &text).await;
    for (tenant, tool, waited) in [
        ("hasty", "notes_slow", "90 ms"),
        ("hasty", "notes_quick", "90 ms"),
        ("default", "notes_quick", "150 ms"),
        ("patient", "notes_quick", "150 ms"),
    ] {
        let error = gateway.client().call(tool, json!({"tenant_id": tenant})).await.tool_error();
        assert_eq!(error["error_code"], "BACKEND_TIMEOUT", "{tenant} {tool}");
        assert!(error["message"].as_str().unwrap().ends_with(&format!("within {waited}")), "{error}");
    }
}
