//! Every acknowledged write is there, whatever happens beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use crate::backend::{Backend, assert_sound, each};

/// How many callers write at once.
const PARALLEL: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn parallel_writes_are_all_there_and_failures_take_nobody_along() {
    let backend = Arc::new(Backend::start().await);
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..PARALLEL {
        let backend = Arc::clone(&backend);
        writes.spawn(async move {
            let memory = json!({"content": format!("parallel number{number}")});
            let id = backend.ok("/mcp/memory/write", memory).await["id"].as_str().unwrap().to_owned();
            // Two callers each write the same contact, and every third write of a deal is refused.
            let contact = json!({"email": format!("c{}@x.example", number / 2), "company_name": "Together"});
            backend.ok("/mcp/crm/upsert_contact", contact).await;
            let (stage, status) = if number % 3 == 0 { ("nowhere", 422) } else { ("new", 200) };
            let deal = json!({"name": format!("deal {number}"), "stage": stage});
            assert_eq!(backend.post("/mcp/crm/create_deal", deal).await.status, status);
            id
        });
    }
    let acknowledged: BTreeSet<String> = writes.join_all().await.into_iter().collect();
    assert_eq!(acknowledged.len(), PARALLEL);
    let backend = Arc::into_inner(backend).unwrap().restart().await;
    let found = backend.ok("/mcp/memory/search", json!({"query": "parallel", "limit": 1000})).await;
    assert_eq!(each(&found, "id").into_iter().collect::<BTreeSet<_>>(), acknowledged);
    let customers = backend.ok("/mcp/crm/search_customers", json!({"query": ""})).await;
    assert_eq!(customers["total"], PARALLEL / 2 + 1);
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, isize>(0)).unwrap().unsigned_abs();
    assert_eq!(count("SELECT count(*) FROM deal"), PARALLEL - PARALLEL.div_ceil(3));
    assert_eq!(count("SELECT count(*) FROM pipeline"), 1);
    // No event tells of a change that was undone, and no change lacks its event.
    for (events, rows) in [
        ("SELECT count(*) FROM event WHERE kind = 'deal.created'", "SELECT count(*) FROM deal"),
        ("SELECT count(*) FROM event WHERE kind = 'contact.created'", "SELECT count(*) FROM contact"),
        ("SELECT count(*) FROM event WHERE kind = 'memory.written'", "SELECT count(*) FROM memory"),
    ] {
        assert_eq!(count(events), count(rows), "{events}");
    }
}

#[tokio::test]
async fn a_copy_of_the_files_taken_at_any_moment_has_every_acknowledged_write() {
    let backend = Backend::start().await;
    let copies = tempfile::TempDir::new().unwrap();
    for number in 0..20 {
        backend.ok("/mcp/memory/write", json!({"content": format!("entry {number}")})).await;
        // What a killed process leaves on the disk is just these two files.
        let copy = copies.path().join(format!("{number}.sqlite"));
        std::fs::copy(backend.file(), &copy).unwrap();
        let log = |path: &std::path::Path| path.with_extension("sqlite-wal");
        std::fs::copy(log(&backend.file()), log(&copy)).unwrap();
        let database = rusqlite::Connection::open(&copy).unwrap();
        let found: i64 = database.query_row("SELECT count(*) FROM memory", [], |row| row.get(0)).unwrap();
        assert_eq!(found, number + 1);
        assert_sound(&database);
    }
}
