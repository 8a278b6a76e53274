//! The outbox hands every event out until it is settled; the audit trail keeps them all.

use std::time::{Duration, SystemTime};

use dev_backend::Clock;
use serde_json::{Value as Json, json};

use crate::backend::{Answer, Backend, assert_refused, assert_sound, each};

async fn pull(backend: &Backend, limit: u32) -> Json {
    backend.ok("/mcp/crm/events_pull", json!({"limit": limit})).await
}

#[tokio::test]
async fn events_come_back_until_they_are_settled() {
    let clock = Clock::standing_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let backend = Backend::start_by(clock.clone()).await;
    assert_eq!(pull(&backend, 5).await, json!({"items": [], "total": 0, "next_offset": null}));
    for number in 0..3 {
        let contact = json!({"email": format!("c{number}@x.example")});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    backend.ok("/mcp/memory/write", json!({"content": "no news of the CRM"})).await;

    let first = pull(&backend, 2).await;
    assert_eq!(
        (each(&first, "kind"), first["total"].clone()),
        (vec!["contact.created".to_owned(); 2], json!(3))
    );
    assert_eq!(first["items"][0]["at"], "2027-01-15T08:00:00.000Z");
    assert_eq!(first["items"][0]["leased_until"], "2027-01-15T08:01:00.000Z");
    assert_eq!(
        (first["items"][0]["delivery"].clone(), first["items"][0]["actor"].clone()),
        (json!(1), json!("ada"))
    );
    let second = pull(&backend, 2).await;
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert!(!each(&first, "id").contains(&each(&second, "id")[0]));
    assert_eq!(pull(&backend, 2).await["items"], json!([]));

    // Whoever settles an event is heard after a restart too; a lease outlives it as well.
    let settled = backend.ok("/mcp/crm/events_ack", json!({"event_id": first["items"][0]["id"]})).await;
    for (field, expected) in
        [("status", json!("processed")), ("deliveries", json!(1)), ("settled_by", json!("ada"))]
    {
        assert_eq!(settled[field], expected, "{field}");
    }
    clock.advance(Duration::from_secs(59));
    let backend = backend.restart().await;
    assert_eq!(pull(&backend, 5).await["items"], json!([]));
    clock.advance(Duration::from_secs(1));
    let back = pull(&backend, 5).await;
    let expected = [each(&first, "id")[1].clone(), each(&second, "id")[0].clone()];
    assert_eq!((each(&back, "id"), back["total"].clone()), (expected.to_vec(), json!(2)));
    assert_eq!(back["items"][0]["delivery"], 2);

    // Every outcome settles; a second word on the same event counts, and brings nothing back.
    for (id, status) in [(&expected[0], "failed"), (&expected[1], "skipped"), (&expected[0], "processed")] {
        let settled = backend.ok("/mcp/crm/events_ack", json!({"event_id": id, "status": status})).await;
        assert_eq!(settled["status"], status);
    }
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(pull(&backend, 5).await["total"], 0);
    let audit = backend.ok("/mcp/crm/audit_query", json!({})).await;
    assert_eq!(
        each(&audit, "action"),
        ["memory.written", "contact.created", "contact.created", "contact.created"]
    );
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn only_events_that_are_there_can_be_settled() {
    let backend = Backend::start().await;
    backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    backend.ok("/mcp/memory/write", json!({"content": "x"})).await;
    let audit = backend.ok("/mcp/crm/audit_query", json!({})).await;
    let [memory, contact] = [0, 1].map(|item: usize| audit["items"][item]["id"].clone());
    let cases = [
        ("events_ack", json!({"event_id": "evt_0"}), 404, "evt_0"),
        ("events_ack", json!({"event_id": memory}), 404, "outbox"),
        (
            "events_ack",
            json!({"event_id": contact, "status": "procesed"}),
            422,
            "did you mean \"processed\"?; the valid ones are processed, failed, skipped",
        ),
        ("events_ack", json!({}), 400, "event_id"),
        ("events_pull", json!({"limit": 0}), 422, "limit"),
    ];
    assert_refused(&backend, &cases).await;
    assert_eq!(pull(&backend, 5).await["total"], 1);
}

#[tokio::test]
async fn parallel_pulls_never_share_an_event() {
    let backend = std::sync::Arc::new(Backend::start().await);
    for number in 0..40 {
        backend.ok("/mcp/crm/upsert_contact", json!({"email": format!("c{number}@x.example")})).await;
    }
    let mut pulls = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let backend = std::sync::Arc::clone(&backend);
        pulls.spawn(async move { each(&pull(&backend, 5).await, "id") });
    }
    let mut pulled = pulls.join_all().await.concat();
    assert_eq!(pulled.len(), 40);
    pulled.sort();
    pulled.dedup();
    assert_eq!(pulled.len(), 40);
}

#[tokio::test]
async fn the_audit_trail_says_who_did_what() {
    let backend = Backend::start().await;
    let contact = backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    let note = backend.client.post(backend.url("/mcp/crm/create_note")).json(&json!({
        "customer_id": contact["id"], "text": "hello", "tenant_id": "acme", "actor": "bob", "actor_role": "Agent",
        "correlation_id": "c-7"
    }));
    assert_eq!(Answer::of(note).await.status, 200);
    let deal = json!({"name": "Ovens", "primary_contact_id": contact["id"]});
    let deal = backend.ok("/mcp/crm/create_deal", deal).await;
    let cases: [(Json, &[&str]); 8] = [
        (json!({}), &["deal.created", "pipeline.created", "note.created", "contact.created"]),
        (json!({"entity_type": "contact"}), &["deal.created", "note.created", "contact.created"]),
        (json!({"entity_id": deal["id"]}), &["deal.created"]),
        (json!({"entity_type": "deal", "entity_id": contact["id"]}), &[]),
        (
            json!({"entity_type": "contact", "entity_id": contact["id"], "action": "note.created"}),
            &["note.created"],
        ),
        (json!({"action": "pipeline.created"}), &["pipeline.created"]),
        (json!({"action": "deal.deleted"}), &[]),
        (json!({"limit": 1}), &["deal.created"]),
    ];
    for (filters, expected) in cases {
        let audit = backend.ok("/mcp/crm/audit_query", filters.clone()).await;
        assert_eq!(each(&audit, "action"), expected, "{filters}");
    }
    let page = backend.ok("/mcp/crm/audit_query", json!({"limit": 1})).await;
    assert_eq!((page["total"].clone(), page["next_offset"].clone()), (json!(4), json!(1)));
    let noted =
        backend.ok("/mcp/crm/audit_query", json!({"action": "note.created"})).await["items"][0].clone();
    for (field, expected) in
        [("actor", "bob"), ("actor_role", "Agent"), ("correlation_id", "c-7"), ("entity_type", "note")]
    {
        assert_eq!(noted[field], expected, "{field}");
    }
    assert_eq!(noted["details"]["text"], "hello");
    assert_refused(&backend, &[("audit_query", json!({"actor_id": "ada"}), 400, "actor_id")]).await;
}
