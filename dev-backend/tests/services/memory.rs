//! Memory: written, found, archived, deleted, erased, and counted.

use serde_json::json;

use crate::backend::{Backend, assert_sound, each, search};

#[tokio::test]
async fn a_memory_lives_from_writing_to_erasure() {
    let backend = Backend::start().await;
    let written = backend
        .ok(
            "/mcp/memory/write",
            json!({"content": "Anna prefers calls", "kind": "preference", "tags": ["anna", "anna", "vip"]}),
        )
        .await;
    let id = written["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("mem_"), "{id}");
    assert_eq!(written["status"], "active");
    assert_eq!(written["tags"], json!(["anna", "vip"]));
    assert_eq!(written["created_at"], written["updated_at"]);
    let created_at = written["created_at"].as_str().unwrap();
    assert!(
        created_at.ends_with('Z') && created_at.len() == "2027-01-31T12:00:00.000Z".len(),
        "{created_at}"
    );

    let found = backend.ok("/mcp/memory/search", search("anna call")).await;
    assert_eq!((found["total"].clone(), found["next_offset"].clone()), (json!(1), json!(null)));
    assert!(found["items"][0]["score"].as_f64().unwrap() > 0.0);
    for (field, value) in written.as_object().unwrap() {
        assert_eq!(&found["items"][0][field], value, "{field}");
    }

    let backend = backend.restart().await;
    assert_eq!(each(&backend.ok("/mcp/memory/search", search("vip")).await, "id"), [&*id]);

    let archived = backend.ok("/mcp/memory/archive", json!({"memory_id": id})).await;
    assert_eq!(archived["status"], "archived");
    assert_eq!(backend.ok("/mcp/memory/archive", json!({"memory_id": id})).await, archived);
    for query in ["anna", ""] {
        assert_eq!(backend.ok("/mcp/memory/search", search(query)).await["total"], 0, "{query}");
        let all = json!({"query": query, "include_archived": true});
        assert_eq!(each(&backend.ok("/mcp/memory/search", all).await, "id"), [&*id], "{query}");
    }

    let deleted = backend.ok("/mcp/memory/delete", json!({"memory_id": id})).await;
    assert_eq!(deleted, json!({"id": id, "status": "deleted", "soft_delete": true}));
    for query in ["anna", ""] {
        let all = json!({"query": query, "include_archived": true});
        assert_eq!(backend.ok("/mcp/memory/search", all).await["total"], 0, "{query}");
    }
    for route in ["/mcp/memory/archive", "/mcp/memory/delete"] {
        assert_eq!(backend.post(route, json!({"memory_id": id})).await.status, 404, "{route}");
    }

    let erased = backend.ok("/mcp/memory/delete", json!({"memory_id": id, "soft_delete": false})).await;
    assert_eq!(erased["status"], "erased");
    let gone = backend.post("/mcp/memory/delete", json!({"memory_id": id, "soft_delete": false})).await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    let (database, _folder) = backend.stopped_database().await;
    let rows: i64 = database.query_row("SELECT count(*) FROM memory", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
    assert_sound(&database);
}

#[tokio::test]
async fn an_erased_memory_leaves_no_trace_in_the_file() {
    let backend = Backend::start().await;
    let written = backend.ok("/mcp/memory/write", json!({"content": "the secretword is zyzzyva"})).await;
    backend.ok("/mcp/memory/write", json!({"content": "something else"})).await;
    let erase = json!({"memory_id": written["id"], "soft_delete": false});
    backend.ok("/mcp/memory/delete", erase).await;
    let file = backend.file();
    let (database, _folder) = backend.stopped_database().await;
    drop(database);
    let bytes = std::fs::read(file).unwrap();
    for word in ["zyzzyva", "secretword"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} is still there");
    }
}

#[tokio::test]
async fn search_ranks_and_forgives() {
    let backend = Backend::start().await;
    for content in [
        "Renewal talk with the bakery about ovens, flour, delivery times and prices for next year",
        "Renewal renewal renewal",
        "Café Zürich orders every Monday",
        "O'Brien said \"maybe\" about the offer",
        "naïve plan; 50% OFF -- for C++ developers",
        "Übergröße für die Straße",
        "Москва звонит завтра",
    ] {
        backend.ok("/mcp/memory/write", json!({"content": content})).await;
    }
    let cases: [(&str, &[&str]); 16] = [
        ("renewal", &["Renewal renewal", "Renewal talk"]),
        ("RENEW", &["Renewal renewal", "Renewal talk"]),
        ("renewal oven", &["Renewal talk"]),
        ("ovens bakery", &["Renewal talk"]),
        ("cafe zurich", &["Café"]),
        ("CAFÉ mon", &["Café"]),
        ("o'brien", &["O'Brien"]),
        ("brien \"maybe\"", &["O'Brien"]),
        ("naive", &["naïve"]),
        ("50% off", &["naïve"]),
        ("developers c++", &["naïve"]),
        ("ubergro", &["Übergröße"]),
        ("моск", &["Москва"]),
        // No memory has all of these words, one has most.
        ("what does the bakery want about flour", &["Renewal talk", "O'Brien"]),
        ("enewal", &[]),
        ("nothing-like-this", &[]),
    ];
    for (query, expected) in cases {
        let found = each(&backend.ok("/mcp/memory/search", search(query)).await, "content");
        let starts = found.iter().zip(expected.iter()).all(|(content, start)| content.starts_with(start));
        assert!(found.len() == expected.len() && starts, "{query:?} found {found:?}");
    }
}

#[tokio::test]
async fn scores_fall_from_hit_to_hit() {
    let backend = Backend::start().await;
    for copies in 1..=8 {
        let content = format!("{} {}", "alpha ".repeat(copies), "beta ".repeat(10 - copies));
        backend.ok("/mcp/memory/write", json!({"content": content, "tags": ["x"]})).await;
        backend.ok("/mcp/memory/write", json!({"content": "gamma delta"})).await;
    }
    let found = backend.ok("/mcp/memory/search", search("alpha")).await;
    let scores: Vec<f64> =
        found["items"].as_array().unwrap().iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert_eq!(scores.len(), 8);
    assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]) && scores[0] > scores[7], "{scores:?}");
}

#[tokio::test]
async fn a_query_without_words_pages_through_the_newest() {
    let backend = Backend::start().await;
    for number in 0..5 {
        backend.ok("/mcp/memory/write", json!({"content": format!("entry {number}")})).await;
    }
    for query in ["", "  ", "?!", "\"", "* ( ) -"] {
        let first = backend.ok("/mcp/memory/search", json!({"query": query, "limit": 3})).await;
        assert_eq!(each(&first, "content"), ["entry 4", "entry 3", "entry 2"], "{query:?}");
        assert_eq!((first["total"].clone(), first["next_offset"].clone()), (json!(5), json!(3)));
        let rest = json!({"query": query, "limit": 3, "offset": first["next_offset"]});
        let rest = backend.ok("/mcp/memory/search", rest).await;
        assert_eq!(each(&rest, "content"), ["entry 1", "entry 0"], "{query:?}");
        assert_eq!(rest["next_offset"], json!(null));
    }
}

#[tokio::test]
async fn meaningless_arguments_are_refused_with_their_name() {
    let backend = Backend::start().await;
    let cases = [
        ("write", json!({"content": "  "}), 422, "content"),
        ("write", json!({"content": "x", "kind": " "}), 422, "kind"),
        ("write", json!({"content": "x", "tags": ["ok", ""]}), 422, "tag"),
        ("write", json!({"kind": "note"}), 400, "content"),
        ("write", json!({"content": 7}), 400, "string"),
        ("write", json!({"content": "x", "tgas": []}), 400, "tgas"),
        ("search", json!({"query": "x", "limit": 0}), 422, "limit"),
        ("search", json!({"query": "x", "limit": 1001}), 422, "1001"),
        ("search", json!({"query": "x", "offset": -1}), 422, "offset"),
        ("search", json!({}), 400, "query"),
        ("archive", json!({"memory_id": "mem_0"}), 404, "mem_0"),
        ("delete", json!({"memory_id": "mem_0"}), 404, "mem_0"),
    ];
    for (route, arguments, status, named) in cases {
        let answer = backend.post(&format!("/mcp/memory/{route}"), arguments.clone()).await;
        assert_eq!(answer.status, status, "{route} {arguments}: {}", answer.body);
        assert!(answer.message().contains(named), "{route} {arguments}: {}", answer.message());
    }
}

#[tokio::test]
async fn telemetry_counts_what_is_stored_and_what_was_done() {
    let backend = Backend::start().await;
    let mut ids = Vec::new();
    for kind in ["fact", "fact", "note"] {
        let written = backend.ok("/mcp/memory/write", json!({"content": "x", "kind": kind})).await;
        ids.push(written["id"].clone());
    }
    backend.ok("/mcp/memory/archive", json!({"memory_id": ids[0]})).await;
    backend.ok("/mcp/memory/delete", json!({"memory_id": ids[2]})).await;
    backend.ok("/mcp/memory/search", search("x")).await;
    backend.post("/mcp/memory/search", json!({"query": 1})).await;
    let figures = backend.telemetry(60).await;
    assert_eq!(figures["total"], 2);
    assert_eq!(figures["by_status"], json!({"active": 1, "archived": 1, "deleted": 1}));
    assert_eq!(figures["by_kind"], json!([{"kind": "fact", "count": 2}]));
    let operations = figures["operations"].as_array().unwrap();
    let counted: Vec<_> = operations
        .iter()
        .map(|of| (of["operation"].as_str().unwrap(), of["count"].clone(), of["failed"].clone()))
        .collect();
    let expected = [("write", 3, 0), ("search", 2, 1), ("archive", 1, 0), ("delete", 1, 0)];
    assert_eq!(counted, expected.map(|(name, count, failed)| (name, json!(count), json!(failed))));
    for operation in operations {
        let (mean, max) =
            (operation["mean_latency_ms"].as_f64().unwrap(), operation["max_latency_ms"].as_f64().unwrap());
        assert!(0.0 < mean && mean <= max, "{operation}");
    }

    // What happened before the window is not counted; the figures of another tenant never are.
    let file = backend.file();
    let database = rusqlite::Connection::open(file).unwrap();
    database
        .execute("UPDATE operation SET at = '2020-01-01T00:00:00.000Z' WHERE name = 'write'", [])
        .unwrap();
    database.execute("UPDATE operation SET tenant = 'other' WHERE name = 'search'", []).unwrap();
    let names: Vec<String> = backend.telemetry(60).await["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["operation"].to_string())
        .collect();
    assert_eq!(names, ["\"archive\"", "\"delete\"", "\"telemetry\""]);
}

#[tokio::test]
async fn words_that_most_memories_have_do_not_hide_the_telling_ones() {
    let backend = Backend::start().await;
    let bakery = backend.ok("/mcp/memory/write", json!({"content": "the bakery wants flour"})).await;
    let database = rusqlite::Connection::open(backend.file()).unwrap();
    database
        .execute(
            "INSERT INTO memory (tenant, id, kind, content, tags, status, created_at, updated_at)
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 2000)
             SELECT 'acme', 'mem_' || n, 'note', 'the entry ' || n, '[]', 'active', '2027-01-01T00:00:00.000Z',
                    '2027-01-01T00:00:00.000Z' FROM number",
            [],
        )
        .unwrap();
    let cases: [(&str, isize, &str); 4] = [
        // More have it than are ranked and counted, so the newest comes first.
        ("the", 2_000, "mem_2000"),
        // Beside a word that few have it narrows nothing down.
        ("the entry 77", 11, "mem_779"),
        ("the flour", 1, bakery["id"].as_str().unwrap()),
        // Nobody has all of these; what nearly everybody has counts for nothing beside what one has.
        ("what is the flour for", 1, bakery["id"].as_str().unwrap()),
    ];
    for (query, total, first) in cases {
        let found = backend.ok("/mcp/memory/search", search(query)).await;
        assert_eq!(
            (found["total"].clone(), each(&found, "id")[0].as_str()),
            (json!(total), first),
            "{query}"
        );
    }
    let last = backend.ok("/mcp/memory/search", json!({"query": "the", "limit": 9, "offset": 1_995})).await;
    assert_eq!((each(&last, "id").len(), last["next_offset"].clone()), (5, json!(null)));
}
