//! Webhooks: whoever subscribes is told of every event, signed, at least once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dev_backend::Clock;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

use crate::backend::{Backend, assert_refused, assert_sound, each, id};

const SECRET: &str = "correct-horse-battery";

/// A receiver on this machine that answers with a status a test sets.
struct Receiver {
    url: String,
    status: Arc<Mutex<u16>>,
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

// === impl Receiver ===

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (status, got) = (Arc::new(Mutex::new(200)), Arc::new(Mutex::new(Vec::new())));
        let (answer, keep) = (Arc::clone(&status), Arc::clone(&got));
        let router = Router::new().route(
            "/hook",
            post(move |headers: HeaderMap, body: String| async move {
                keep.lock().unwrap().push((headers, body));
                let status = StatusCode::from_u16(*answer.lock().unwrap()).unwrap();
                (status, [("location", "/elsewhere")])
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, status, got }
    }

    fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    /// What has come in since the last look, each with a signature that is right.
    fn take(&self) -> Vec<Json> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        let check = |(headers, body): (HeaderMap, String)| {
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
            mac.update(signed.as_bytes());
            let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
            assert_eq!(header("webhook-signature"), expected);
            assert_eq!(header("content-type"), "application/json");
            let event: Json = serde_json::from_str(&body).unwrap();
            assert_eq!(event["id"].as_str(), Some(&*header("webhook-id")));
            event
        };
        got.into_iter().map(check).collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.take().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }
}

async fn subscribe(backend: &Backend, name: &str, url: &str, event_types: Json) -> Json {
    let given = json!({"name": name, "endpoint_url": url, "secret": SECRET, "event_types": event_types});
    backend.ok("/mcp/crm/webhook_create", given).await
}

async fn dispatch(backend: &Backend) -> Json {
    backend.ok("/mcp/crm/webhook_dispatch", json!({})).await
}

async fn contact(backend: &Backend, number: usize) {
    backend.ok("/mcp/crm/upsert_contact", json!({"email": format!("c{number}@x.example")})).await;
}

#[tokio::test]
async fn a_receiver_is_told_in_order_of_what_its_filter_lets_through() {
    let backend = Backend::start().await;
    contact(&backend, 0).await;
    let (all, deals) = (Receiver::start().await, Receiver::start().await);
    subscribe(&backend, "all", &all.url, json!(null)).await;
    subscribe(&backend, "deals", &deals.url, json!(["deal.*", "contact.merged"])).await;
    contact(&backend, 1).await;
    let deal = backend.ok("/mcp/crm/create_deal", json!({"name": "x"})).await;
    backend.ok("/mcp/crm/update_pipeline", json!({"opportunity_id": deal["id"], "stage": "won"})).await;
    backend.ok("/mcp/memory/write", json!({"content": "no news of the CRM"})).await;
    let report = dispatch(&backend).await;
    assert_eq!((report["delivered"].clone(), report["failed"].clone()), (json!(7), json!(0)), "{report}");
    assert_eq!(
        all.kinds(),
        ["webhook.created", "contact.created", "pipeline.created", "deal.created", "deal.stage_moved"]
    );
    let told = deals.take();
    assert_eq!(
        told.iter().map(|event| event["kind"].clone()).collect::<Vec<_>>(),
        ["deal.created", "deal.stage_moved"]
    );
    assert_eq!(
        (told[1]["entity_id"].clone(), told[1]["tenant_id"].clone()),
        (deal["id"].clone(), json!("acme"))
    );
    assert_eq!(told[1]["details"]["to"], "won");
    let idle = dispatch(&backend).await;
    assert_eq!((each(&idle, "outcome"), idle["delivered"].clone()), (vec!["idle".to_owned(); 2], json!(0)));
    for number in 2..7 {
        contact(&backend, number).await;
    }
    let part = backend.ok("/mcp/crm/webhook_dispatch", json!({"limit": 3})).await;
    assert_eq!((part["delivered"].clone(), all.take().len()), (json!(3), 3));
    assert_eq!(backend.ok("/mcp/crm/webhook_list", json!({})).await["items"][0]["pending"], 2);
    assert_eq!(dispatch(&backend).await["delivered"], 2);
    // Large events come in several goes, and none is left out.
    let note = json!({"customer_id": id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "l@x.example"})).await), "text": "x".repeat(700_000)});
    for _ in 0..3 {
        backend.ok("/mcp/crm/create_note", note.clone()).await;
    }
    for delivered in [2, 1, 1, 0] {
        assert_eq!(dispatch(&backend).await["delivered"], delivered);
    }
    // Another tenant's events are nobody's here.
    backend.ok_as("other", "/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    assert_eq!(dispatch(&backend).await["delivered"], 0);
    assert_eq!(backend.ok_as("other", "/mcp/crm/webhook_dispatch", json!({})).await["total"], 0);
}

#[tokio::test]
async fn nothing_is_lost_while_a_receiver_or_the_service_is_away() {
    let clock = Clock::standing_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let backend = Backend::start_by(clock.clone()).await;
    let receiver = Receiver::start().await;
    let hook = subscribe(&backend, "all", &receiver.url, json!(["contact.created"])).await;
    for number in 0..10 {
        contact(&backend, number).await;
    }
    receiver.answer(503);
    let report = dispatch(&backend).await;
    let item = &report["items"][0];
    assert_eq!((report["failed"].clone(), item["problem"].clone()), (json!(1), json!("status 503")));
    assert_eq!(item["next_attempt_at"], "2027-01-15T08:00:30.000Z");
    assert_eq!(receiver.take().len(), 1, "the others wait behind the one that failed");
    assert_eq!(each(&dispatch(&backend).await, "outcome"), ["waiting"]);
    assert!(receiver.take().is_empty());

    let backend = backend.restart().await;
    assert_eq!(each(&dispatch(&backend).await, "outcome"), ["waiting"], "the pause outlives a restart");
    clock.advance(Duration::from_secs(30));
    // A redirect leads nowhere and is a failure like any other.
    receiver.answer(302);
    let report = dispatch(&backend).await;
    assert_eq!(
        (report["items"][0]["problem"].clone(), report["items"][0]["failures"].clone()),
        (json!("status 302"), json!(2))
    );
    clock.advance(Duration::from_secs(60));
    receiver.answer(200);
    receiver.take();
    contact(&backend, 10).await;
    assert_eq!(dispatch(&backend).await["delivered"], 11);
    let told: Vec<Json> = receiver.take().iter().map(|event| event["details"]["email"].clone()).collect();
    let expected: Vec<Json> = (0..11).map(|number| json!(format!("c{number}@x.example"))).collect();
    assert_eq!(told, expected);
    let listed = backend.ok("/mcp/crm/webhook_list", json!({})).await;
    let listed = &listed["items"][0];
    assert_eq!(
        (listed["failures"].clone(), listed["last_outcome"].clone(), listed["id"].clone()),
        (json!(0), json!("delivered"), hook["id"].clone())
    );
}

#[tokio::test]
async fn a_copy_of_the_files_taken_during_deliveries_tells_every_event_again_or_has_told_it() {
    let backend = Backend::start().await;
    let receiver = Receiver::start().await;
    subscribe(&backend, "all", &receiver.url, json!(["contact.created"])).await;
    let mut told = BTreeSet::new();
    for number in 0..20 {
        contact(&backend, number).await;
    }
    backend.ok("/mcp/crm/webhook_dispatch", json!({"limit": 7})).await;
    told.extend(receiver.take().iter().map(id));
    // What a killed process leaves on the disk is just these two files.
    let copies = tempfile::TempDir::new().unwrap();
    let copy = copies.path().join("copy.sqlite");
    let log = |path: &std::path::Path| path.with_extension("sqlite-wal");
    std::fs::copy(backend.file(), &copy).unwrap();
    std::fs::copy(log(&backend.file()), log(&copy)).unwrap();
    drop(backend);
    let running = dev_backend::start(crate::backend::settings(&copy)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("http://{}/mcp/crm/webhook_dispatch", running.address()))
        .json(&json!({"tenant_id": "acme", "actor": "ada"}));
    let report = crate::backend::Answer::of(request).await;
    assert_eq!(report.body["delivered"], 13);
    told.extend(receiver.take().iter().map(id));
    assert_eq!(told.len(), 20);
    running.stop().await;
    assert_sound(&rusqlite::Connection::open(&copy).unwrap());
}

#[tokio::test]
async fn a_receiver_that_keeps_failing_is_disabled_and_can_come_back() {
    let clock = Clock::standing_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let backend = Backend::start_by(clock.clone()).await;
    let receiver = Receiver::start().await;
    let hook = subscribe(&backend, "one", &receiver.url, json!(["contact.created"])).await;
    contact(&backend, 0).await;
    receiver.answer(500);
    for failures in 1..=10 {
        let report = dispatch(&backend).await;
        let status = if failures < 10 { "active" } else { "disabled" };
        assert_eq!(
            (report["items"][0]["failures"].clone(), report["items"][0]["status"].clone()),
            (json!(failures), json!(status))
        );
        clock.advance(Duration::from_secs(3_600));
    }
    assert_eq!(receiver.take().len(), 10);
    assert_eq!(dispatch(&backend).await["total"], 0);
    let listed = backend.ok("/mcp/crm/webhook_list", json!({})).await;
    let reason = listed["items"][0]["disabled_reason"].as_str().unwrap().to_owned();
    assert_eq!(reason, "10 failures in a row, the last one: status 500");
    assert!(!listed.to_string().contains(SECRET));
    let trail =
        backend.ok("/mcp/crm/audit_query", json!({"entity_type": "webhook", "entity_id": hook["id"]})).await;
    assert_eq!(each(&trail, "action"), ["webhook.disabled", "webhook.created"]);
    assert!(!trail.to_string().contains(SECRET));

    // The same name goes on where it stopped, with the secret and the filter it had.
    receiver.answer(200);
    let given = json!({"name": "one", "endpoint_url": receiver.url});
    let again = backend.ok("/mcp/crm/webhook_create", given).await;
    assert_eq!(
        (again["id"].clone(), again["created"].clone(), again["signed"].clone()),
        (hook["id"].clone(), json!(false), json!(true))
    );
    assert_eq!((again["pending"].clone(), again["disabled_reason"].clone()), (json!(1), json!(null)));
    assert_eq!(dispatch(&backend).await["delivered"], 1);
    assert_eq!(receiver.kinds(), ["contact.created"]);
    contact(&backend, 1).await;
    receiver.answer(410);
    assert_eq!(dispatch(&backend).await["items"][0]["status"], "disabled", "gone is gone at once");
    let disabled = backend.ok("/mcp/crm/webhook_disable", json!({"subscription_id": hook["id"]})).await;
    assert_eq!(disabled["disabled_reason"], "the receiver is gone (status 410)");
}

#[tokio::test]
async fn a_subscription_says_where_to_and_what() {
    let backend = Backend::start().await;
    let receiver = Receiver::start().await;
    let hook = subscribe(&backend, "one", &receiver.url, json!(["deal.*", "deal.*", "*"])).await;
    assert_eq!(hook["event_types"], json!(["deal.*", "*"]));
    let disabled = backend.ok("/mcp/crm/webhook_disable", json!({"subscription_id": hook["id"]})).await;
    assert_eq!(
        (disabled["status"].clone(), disabled["disabled_reason"].clone()),
        (json!("disabled"), json!("by request"))
    );
    contact(&backend, 0).await;
    assert_eq!(dispatch(&backend).await["total"], 0);
    assert!(receiver.take().is_empty());
    let with = |url: &str| json!({"name": "x", "endpoint_url": url});
    let types = |event_type: &str| json!({"name": "x", "endpoint_url": "http://x.example", "event_types": [event_type]});
    assert_refused(
        &backend,
        &[
            ("webhook_create", with("ftp://x.example"), 422, "http"),
            ("webhook_create", with("x.example/hook"), 422, "no URL"),
            ("webhook_create", with("http://user:pass@x.example"), 422, "user name"),
            ("webhook_create", with("http://169.254.169.254/latest"), 422, "link-local"),
            ("webhook_create", with("http://[::ffff:169.254.169.254]/"), 422, "link-local"),
            ("webhook_create", with("http://2852039166/"), 422, "link-local"),
            ("webhook_create", with(&format!("http://x.example/{}", "x".repeat(2_048))), 422, "too long"),
            ("webhook_create", types("deal"), 422, "deal.created"),
            ("webhook_create", types("deal.[a-z]"), 422, "deal.created"),
            (
                "webhook_create",
                json!({"name": "x", "endpoint_url": "http://x.example", "secret": "short"}),
                422,
                "16",
            ),
            ("webhook_disable", json!({"subscription_id": "hook_0"}), 404, "hook_0"),
            ("webhook_dispatch", json!({"limit": 0}), 422, "limit"),
        ],
    )
    .await;
    let foreign = json!({"subscription_id": hook["id"]});
    assert_eq!(backend.post_as("other", "/mcp/crm/webhook_disable", foreign).await.status, 404);
    assert_eq!(backend.ok_as("other", "/mcp/crm/webhook_list", json!({})).await["total"], 0);
}
