//! The demo's business: always the same, never in anybody's way, and something to see everywhere.

use std::time::{Duration, SystemTime};

use dev_backend::{Clock, Hooks, Settings};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::backend::{Backend, assert_sound, each, id, search, settings};

const DAY: Duration = Duration::from_secs(86_400);

/// The morning of a day in 2027.
fn clock() -> Clock {
    Clock::standing_at(SystemTime::UNIX_EPOCH + 20_700 * DAY + DAY / 3)
}

fn hooks() -> Hooks {
    Hooks { clock: clock(), ..Hooks::default() }
}

/// A backend whose tenant `default` has the demo's data.
async fn demo(folder: TempDir, clock: Clock) -> Backend {
    Backend::with(folder, Hooks { clock, ..Hooks::default() }, |settings| Settings { demo: true, ..settings })
        .await
}

async fn fresh() -> Backend {
    demo(TempDir::new().unwrap(), clock()).await
}

async fn ok(backend: &Backend, route: &str, arguments: Json) -> Json {
    backend.ok_as("default", &format!("/mcp/{route}"), arguments).await
}

/// Every row of every table, but for the record of calls.
async fn rows(backend: Backend) -> Vec<String> {
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    let list = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%fts5%' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\'
                AND name NOT GLOB 'operation*' AND name NOT GLOB 'sqlite_*' ORDER BY name";
    let mut tables = database.prepare(list).unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let mut all = Vec::new();
    for table in tables {
        let mut rows = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = rows.column_count();
        let texts = rows.query_map([], |row| {
            let cells = (0..width).map(|column| row.get::<_, rusqlite::types::Value>(column));
            Ok(format!("{table} {:?}", cells.collect::<Result<Vec<_>, _>>()?))
        });
        all.extend(texts.unwrap().map(Result::unwrap));
    }
    all
}

#[tokio::test]
async fn the_demo_is_the_same_every_time() {
    let (one, other) = (rows(fresh().await).await, rows(fresh().await).await);
    assert!(one.len() > 1_000, "{}", one.len());
    assert_eq!(one, other);
}

#[tokio::test]
async fn the_demo_follows_the_calendar() {
    let later = clock();
    later.advance(100 * DAY);
    let (now, later) = (fresh().await, demo(TempDir::new().unwrap(), later).await);
    for backend in [&now, &later] {
        let forecast = ok(backend, "crm/forecast/pipeline", json!({})).await;
        assert!(forecast["count"].as_u64().unwrap() >= 8, "{forecast}");
        assert_eq!(forecast["overdue"]["count"], 1);
    }
    let all = json!({"query": "", "limit": 100});
    let (now, later) = (ok(&now, "memory/search", all.clone()).await, ok(&later, "memory/search", all).await);
    assert_eq!(each(&now, "content"), each(&later, "content"));
    assert_eq!(each(&now, "id"), each(&later, "id"));
    assert_ne!(each(&now, "created_at"), each(&later, "created_at"));
}

#[tokio::test]
async fn a_second_start_adds_nothing_and_takes_nothing_back() {
    let backend = fresh().await;
    let customers = ok(&backend, "crm/search_customers", search("")).await["total"].clone();
    let found = ok(&backend, "memory/search", search("porcelain")).await;
    let memories = found["total"].as_u64().unwrap();
    let memory = json!({"memory_id": id(&found["items"][0]), "soft_delete": false});
    ok(&backend, "memory/delete", memory).await;
    backend.running.stop().await;
    let backend = demo(backend.folder, clock()).await;
    assert_eq!(ok(&backend, "crm/search_customers", search("")).await["total"], customers);
    assert_eq!(ok(&backend, "memory/search", search("porcelain")).await["total"], memories - 1);
}

#[tokio::test]
async fn a_tenant_with_data_and_other_tenants_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let plain = Backend::with(folder, hooks(), |settings| settings).await;
    ok(&plain, "memory/write", json!({"content": "mine"})).await;
    plain.running.stop().await;
    let backend = demo(plain.folder, clock()).await;
    assert_eq!(ok(&backend, "memory/search", search("")).await["total"], 1);
    assert_eq!(ok(&backend, "crm/search_customers", search("")).await["total"], 0);
    let backend = fresh().await;
    for path in ["/mcp/memory/search", "/mcp/crm/search_customers"] {
        assert_eq!(backend.ok(path, search("")).await["total"], 0, "{path}");
    }
}

#[tokio::test]
async fn every_view_has_something_to_show() {
    let backend = fresh().await;
    let ok = async |route: &str, arguments: Json| ok(&backend, route, arguments).await;
    let found = ok("crm/search_customers", search("ada lovelace")).await;
    let ada = id(&found["items"][0]);
    let timeline = json!({"entity_type": "contact", "entity_id": ada, "limit": 100});
    let kinds = each(&ok("crm/timeline", timeline).await, "kind");
    for kind in [
        "contact.created",
        "property.set",
        "note.created",
        "call.logged",
        "email.logged",
        "deal.created",
        "deal.stage_moved",
    ] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
    let memories = ok("memory/search", search("Northwind renewal")).await;
    assert!(memories["total"].as_u64().unwrap() >= 2, "{memories}");
    let report = ok("crm/reports/pipeline", json!({})).await;
    let stages = report["items"].as_array().unwrap();
    assert!(stages.iter().all(|stage| stage["count"].as_u64().unwrap() > 0), "{report}");
    for (object_type, at_least) in [("contact", 60), ("company", 12), ("deal", 25), ("machine", 8)] {
        let all = ok("crm/search_advanced", json!({"object_type": object_type, "filters": []})).await;
        assert!(all["total"].as_u64().unwrap() >= at_least, "{object_type}: {}", all["total"]);
    }
    let segments = ok("crm/list_segments", json!({})).await;
    for segment in segments["items"].as_array().unwrap() {
        assert!(segment["size"].as_u64().unwrap() > 0, "{segment}");
    }
    let export = ok("crm/gdpr/export_contact_data", json!({"email": "helen@northwind.example"})).await;
    for list in ["notes", "calls", "emails", "associations", "deals", "memories", "merged_ids"] {
        assert!(!export[list].as_array().unwrap().is_empty(), "{list}");
    }
    let events = ok("crm/events_pull", json!({"limit": 200})).await;
    assert_eq!(events["items"].as_array().unwrap().len(), 200);
}

#[tokio::test]
async fn one_service_alone_has_its_part_of_the_demo() {
    let folder = TempDir::new().unwrap();
    let data = settings(&folder.path().join("x.sqlite"));
    let settings = Settings { demo: true, service: Some("memory".to_owned()), ..data };
    let backend = Backend::with(folder, hooks(), |_| settings).await;
    assert_eq!(ok(&backend, "memory/search", search("grinder blocked")).await["total"], 1);
}
