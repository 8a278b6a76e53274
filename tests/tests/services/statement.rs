//! What the gateway states to a service of each request, read by a service that believes nothing else. It reads the
//! bytes by itself, as docs/backends.md describes them, without the library or the code that wrote them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::gateway::{Gateway, NO_LIMITS, product};

const RED: &str = "key-of-red-that-is-long-enough-for-it";
const BLUE: &str = "key-of-blue-that-is-long-enough-for-it";

/// A request as it came.
#[derive(Clone, Debug, Default)]
struct Came {
    statement: String,
    method: String,
    target: String,
    body: Vec<u8>,
}

/// What a service of one tenant knows.
struct Service {
    key: &'static str,
    tenant: &'static str,
    name: &'static str,
}

const CRM_OF_RED: Service = Service { key: RED, tenant: "red", name: "crm" };

impl Service {
    /// The claims of a request that may be believed at this time, in Unix seconds.
    fn believes(&self, came: &Came, now: u64) -> Result<Value, &'static str> {
        let (text, tag) = came.statement.rsplit_once('.').ok_or("unsigned")?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| "no base64");
        let key = Key::new(HMAC_SHA256, self.key.as_bytes());
        hmac::verify(&key, text.as_bytes(), &decode(tag)?).map_err(|_| "forged")?;
        let (header, claims) = text.split_once('.').ok_or("no header")?;
        let read = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).map_err(|_| "no JSON");
        let (header, claims) = (read(header)?, read(claims)?);
        let body: String =
            digest(&SHA256, &came.body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        for (holds, otherwise) in [
            (header == json!({"alg": "HS256", "typ": "JWT"}), "another algorithm"),
            (claims["exp"].as_u64().is_some_and(|exp| now < exp && exp <= now + 60), "expired"),
            (claims["aud"] == self.name, "for another service"),
            (claims["tenant_id"] == self.tenant, "of another tenant"),
            (claims["method"] == came.method && claims["path"] == came.target, "for another request"),
            (claims["body_sha256"] == body, "for another body"),
        ] {
            if !holds {
                return Err(otherwise);
            }
        }
        Ok(claims)
    }
}

type Kept = Arc<Mutex<Vec<Came>>>;

/// A backend that keeps what comes.
async fn backend() -> (SocketAddr, Kept) {
    let kept = Kept::default();
    let router = Router::new().fallback(keep).with_state(Arc::clone(&kept));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, kept)
}

async fn keep(State(kept): State<Kept>, request: Request) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    let header = parts.headers.get("x-gateway-statement");
    let came = Came {
        statement: header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default(),
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().unwrap().to_string(),
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    };
    kept.lock().unwrap().push(came);
    (StatusCode::OK, "{}")
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// A gateway before one backend, whose services share a key for each tenant; and what a call of each tenant brought.
async fn calls(tool: &str, arguments: Value) -> [Came; 3] {
    let (address, kept) = backend().await;
    let service = |name: &str, key: &str| {
        let key = if key.is_empty() { String::new() } else { format!(", signing_key: '${{{key}}}'") };
        format!("{name}: {{url: 'http://{address}/api/{name}'{key}}}")
    };
    let tenant = |id: &str, key: &str| {
        format!("  {id}: {{services: {{{}, {}}}}}\n", service("crm", key), service("memory", key))
    };
    let tenants = tenant("red", "RED") + &tenant("blue", "BLUE") + &tenant("plain", "");
    let text = format!("server: {{port: 0}}\n{NO_LIMITS}tenants:\n{tenants}");
    let variables = [("RED", RED), ("BLUE", BLUE)];
    let gateway = Gateway::in_environment(&product(), &text, runtime::Setup::default(), &variables).await;
    let mut came = Vec::new();
    for tenant in ["red", "blue", "plain"] {
        let mut arguments = arguments.clone();
        let more = json!({"tenant_id": tenant, "actor": "ann", "actor_role": "Admin", "user_approved": true});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        gateway.client().call(tool, arguments).await.content();
        came.extend(kept.lock().unwrap().drain(..));
    }
    came.try_into().unwrap()
}

fn note() -> Value {
    json!({"entity_type": "deal", "entity_id": "d1", "subject": "Grüße"})
}

#[tokio::test]
async fn a_service_can_verify_for_whom_each_request_is() {
    let [red, _, plain] = calls("crm_create_task", note()).await;
    let claims = CRM_OF_RED.believes(&red, now()).unwrap();
    let body: Value = serde_json::from_slice(&red.body).unwrap();
    for name in ["tenant_id", "actor", "actor_role", "correlation_id", "user_approved"] {
        assert_eq!(claims[name], body[name], "{name}");
    }
    assert_eq!((&claims["tool"], &claims["roles"]), (&json!("crm_create_task"), &json!(["Admin"])));
    assert_eq!((&*red.method, &claims["path"]), ("POST", &json!("/api/crm/create_task")));
    assert!(claims["exp"].as_u64().unwrap() <= claims["iat"].as_u64().unwrap() + 60);
    assert_eq!(plain.statement, "", "a service without a key is told nothing");
}

#[tokio::test]
async fn a_request_without_a_body_is_stated_by_its_query() {
    let [red, ..] = calls("memory_telemetry", json!({})).await;
    let claims = Service { name: "memory", ..CRM_OF_RED }.believes(&red, now()).unwrap();
    assert_eq!((&claims["method"], &claims["path"]), (&json!("GET"), &json!(red.target)));
    assert!(red.body.is_empty());
}

#[tokio::test]
async fn a_service_refuses_what_is_unsigned_late_foreign_or_changed() {
    let [red, blue, plain] = calls("crm_create_task", note()).await;
    let now = now();
    let judged = |came: &Came| CRM_OF_RED.believes(came, now).map(|_| ());
    assert_eq!(judged(&red), Ok(()));
    assert_eq!(judged(&plain), Err("unsigned"));
    assert_eq!(judged(&blue), Err("forged"), "another tenant's key");
    assert_eq!(CRM_OF_RED.believes(&red, now + 61).map(|_| ()), Err("expired"));
    let memory = Service { name: "memory", ..CRM_OF_RED };
    assert_eq!(memory.believes(&red, now).map(|_| ()), Err("for another service"));
    let one_key = Service { key: BLUE, ..CRM_OF_RED };
    assert_eq!(one_key.believes(&blue, now).map(|_| ()), Err("of another tenant"), "tenants with one key");
    let changed = |change: fn(&mut Came)| {
        let mut came = red.clone();
        change(&mut came);
        judged(&came)
    };
    assert_eq!(changed(|came| came.body.push(b' ')), Err("for another body"));
    assert_eq!(changed(|came| came.target.push_str("?all")), Err("for another request"));
    assert_eq!(changed(|came| came.method = "PUT".to_owned()), Err("for another request"));
    // Each character of the statement counts, but for the bits of the last that stand for nothing.
    for at in 0..red.statement.len() - 1 {
        let mut came = red.clone();
        let other = if came.statement.as_bytes()[at] == b'A' { "B" } else { "A" };
        came.statement.replace_range(at..=at, other);
        assert!(judged(&came).is_err(), "character {at}");
    }
}
