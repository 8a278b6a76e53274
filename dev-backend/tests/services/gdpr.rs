//! The rights of the people in the data.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, assert_sound, each, id, search};

/// What only Zaphodine is known by; each is looked for in every byte.
const HERS: [&str; 9] = [
    "zaphodine",
    "quirrenbach",
    "zq@old.example",
    "zq@new.example",
    "555-0199-773",
    "5550199773",
    "privatenote",
    "privatemail",
    "privatecall",
];

const ERASE: &str = "/mcp/crm/gdpr/delete_contact";
const EXPORT: &str = "/mcp/crm/gdpr/export_contact_data";

/// Fills the tenant with a person who is everywhere; returns her id and that of a deal with her.
async fn person(backend: &Backend) -> (String, String) {
    let ok = async |path: &str, arguments: Json| backend.ok(&format!("/mcp/crm/{path}"), arguments).await;
    let old = ok(
        "upsert_contact",
        json!({"email": "ZQ@old.example", "first_name": "Zaphodine", "last_name": "Quirrenbach"}),
    )
    .await;
    let contact = json!({"email": "zq@new.example", "first_name": "Zaphodine", "last_name": "Quirrenbach", "phone": "555-0199-773", "company_name": "Heart AG"});
    let contact = id(&ok("upsert_contact", contact).await);
    let about = |more: Json| {
        let mut given = json!({"entity_type": "contact", "entity_id": contact});
        given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        given
    };
    ok("merge_contacts", json!({"source_contact_id": old["id"], "target_contact_id": contact})).await;
    ok("create_note", json!({"customer_id": contact, "text": "privatenote"})).await;
    ok("create_task", about(json!({"subject": "Call Zaphodine", "description": "privatenote"}))).await;
    ok("log_call", about(json!({"subject": "Hello", "summary": "privatecall"}))).await;
    ok("log_meeting", about(json!({"subject": "Hello", "summary": "privatecall"}))).await;
    ok("engagements/log_email", about(json!({"subject": "privatemail", "body": "Dear Zaphodine"}))).await;
    ok("define_property", json!({"object_type": "contact", "name": "nickname"})).await;
    ok("set_property", json!({"object_type": "contact", "record_id": contact, "property_name": "nickname", "value": "Zaphodine Z"})).await;
    let deal = json!({"name": "Ship for Quirrenbach", "amount": 42, "primary_contact_id": contact});
    let deal = id(&ok("create_deal", deal).await);
    ok("update_pipeline", json!({"opportunity_id": deal, "stage": "won"})).await;
    ok("create_task", json!({"entity_type": "deal", "entity_id": deal, "subject": "Ask Zaphodine"})).await;
    let company = ok("upsert_company", json!({"name": "Heart AG"})).await;
    ok("create_note", json!({"customer_id": company["id"], "text": "Speaks for them: zaphodine quirrenbach <ZQ@new.example>"})).await;
    ok("link_entities", json!({"from_type": "contact", "from_id": contact, "to_type": "company", "to_id": company["id"], "association_type": "advisor"})).await;
    ok("create_segment", json!({"object_type": "contact", "name": "Zaphodine Quirrenbach and friends", "is_dynamic": true, "definition": {"filters": [{"field": "email", "op": "eq", "value": "zq@new.example"}]}})).await;
    ok("admin/upsert_user", json!({"external_id": "zq@new.example", "email": "zq@old.example", "display_name": "Quirrenbach, Zaphodine"})).await;
    ok("admin/assign_owner", about(json!({"visibility": "private"}))).await;
    ok("gdpr/blocklist_email", json!({"email": "zq@old.example", "reason": "wish of zq@old.example"})).await;
    ok("import/contacts_csv", json!({"csv_text": "email,phone\nzq@new.example,555-0199-773\n"})).await;
    for content in [
        "Zaphodine Quirrenbach likes towels",
        "write to zq@NEW.example",
        "call 5550199773 at noon",
        "about others",
    ] {
        backend.ok("/mcp/memory/write", json!({"content": content, "tags": ["people"]})).await;
    }
    (contact, deal)
}

/// Where in the files of the database one of the texts stands, whatever its case.
fn traces(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        let is_in = |text: &&&str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        found.extend(HERS.iter().filter(is_in).map(|text| format!("{text} in {}", path.display())));
    }
    found
}

#[tokio::test]
async fn an_erased_person_leaves_no_byte_while_the_service_runs() {
    let backend = Backend::start().await;
    // Neighbours, so that pages split and rows move.
    for number in 0..300 {
        let contact = json!({"email": format!("n{number}@x.example"), "first_name": "Neighbour", "company_name": format!("Firm {number}")});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    let (contact, deal) = person(&backend).await;
    for number in 300..600 {
        let contact = json!({"email": format!("n{number}@x.example"), "first_name": "Neighbour"});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
        backend.ok("/mcp/memory/write", json!({"content": format!("number {number}")})).await;
    }
    let folder = backend.folder.path().join("data");
    assert!(traces(&folder).len() >= HERS.len());
    let given = json!({"contact_id": contact});
    let erased = backend.ok(ERASE, given.clone()).await;
    assert_eq!(traces(&folder), Vec::<String>::new());
    assert_eq!(std::fs::metadata(folder.join("dev.sqlite-wal")).unwrap().len(), 0);
    assert_eq!((erased["status"].clone(), erased["contact_id"].clone()), (json!("erased"), json!(contact)));
    let counts = &erased["erased"];
    for (kind, count) in [
        ("notes", 1),
        ("tasks", 1),
        ("calls", 1),
        ("meetings", 1),
        ("emails", 1),
        ("memories", 5),
        ("associations", 1),
        ("properties", 1),
        ("ownerships", 1),
        ("merges", 1),
    ] {
        assert_eq!(counts[kind], count, "{kind}: {counts}");
    }
    let again = backend.ok(ERASE, given.clone()).await;
    assert_eq!(
        (again["status"].clone(), again["erased_at"].clone()),
        (json!("already_erased"), erased["erased_at"].clone())
    );
    let absent = backend.ok(ERASE, json!({"email": "zq@new.example"})).await;
    assert_eq!(absent["status"], "absent");

    // What is others' is still there, without her.
    let timeline = backend.ok("/mcp/crm/timeline", json!({"entity_type": "deal", "entity_id": deal})).await;
    assert_eq!(each(&timeline, "kind"), ["task.created", "deal.stage_moved", "deal.created"]);
    for query in HERS {
        assert_eq!(backend.ok("/mcp/crm/search_customers", search(query)).await["total"], 0, "{query}");
        assert_eq!(backend.ok("/mcp/memory/search", search(query)).await["total"], 0, "{query}");
    }
    assert_eq!(backend.ok("/mcp/memory/search", search("others")).await["total"], 1);
    assert_eq!(backend.ok("/mcp/crm/search_customers", search("neighbour")).await["total"], 600);
    assert_refused(
        &backend,
        &[
            ("lookup_customer", json!({"customer_id": contact}), 404, &contact),
            ("gdpr/export_contact_data", given, 404, &contact),
            ("gdpr/export_contact_data", json!({"email": "zq@new.example"}), 404, ""),
        ],
    )
    .await;
    let exported = backend.ok("/mcp/crm/export/contacts_csv", json!({"limit": 5000})).await;
    let pulled = backend.ok("/mcp/crm/events_pull", json!({"limit": 1000})).await;
    let trail = backend.ok("/mcp/crm/audit_query", json!({"limit": 1000})).await;
    let all = format!("{exported}{pulled}{trail}").to_lowercase();
    assert!(HERS.iter().all(|text| !all.contains(text)));
    let last = &trail["items"][0];
    assert_eq!(
        (last["action"].clone(), last["entity_id"].clone()),
        (json!("contact.erased"), json!(contact))
    );
    // Nothing comes back when the files are closed and opened again.
    let backend = backend.restart().await;
    assert_eq!(traces(&folder), Vec::<String>::new());
    assert_eq!(backend.ok("/mcp/memory/search", search("others")).await["total"], 1);
    let (database, _folder) = backend.stopped_database().await;
    assert_eq!(traces(&folder), Vec::<String>::new());
    assert_sound(&database);
    let note: String = database
        .query_row("SELECT text FROM note WHERE entity_type = 'company'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(note, "Speaks for them: [erased] <[erased]>");
    let name: String = database.query_row("SELECT name FROM deal", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "Ship for [erased]");
}

#[tokio::test]
async fn erasing_one_of_two_namesakes_leaves_the_other_whole() {
    let backend = Backend::start().await;
    let named = |email: &str| json!({"email": email, "first_name": "Anna", "last_name": "Berg", "phone": "+49 30 1234567"});
    let one = backend.ok("/mcp/crm/upsert_contact", named("one@x.example")).await;
    let other = backend.ok("/mcp/crm/upsert_contact", named("other@x.example")).await;
    backend.ok("/mcp/memory/write", json!({"content": "Anna Berg, +49 30 1234567, likes tea"})).await;
    backend.ok_as("elsewhere", "/mcp/crm/upsert_contact", named("one@x.example")).await;
    backend.ok_as("elsewhere", "/mcp/memory/write", json!({"content": "one@x.example is here"})).await;
    let before =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": other["id"]})).await;
    backend.ok(ERASE, json!({"email": "ONE@x.example", "contact_id": one["id"]})).await;
    let after =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": other["id"]})).await;
    assert_eq!(before, after);
    assert_eq!(backend.ok("/mcp/memory/search", search("berg")).await["total"], 1);
    let elsewhere = backend.ok_as("elsewhere", "/mcp/crm/search_customers", search("berg")).await;
    assert_eq!(each(&elsewhere, "email"), ["one@x.example"]);
    assert_eq!(backend.ok_as("elsewhere", "/mcp/memory/search", search("here")).await["total"], 1);
    assert_refused(
        &backend,
        &[
            ("gdpr/delete_contact", json!({}), 422, "contact_id or email"),
            ("gdpr/delete_contact", json!({"contact_id": "con_0"}), 404, "con_0"),
            (
                "gdpr/delete_contact",
                json!({"contact_id": other["id"], "email": "one@x.example"}),
                422,
                "different",
            ),
            ("gdpr/delete_contact", json!({"email": "nobody"}), 422, "nobody"),
        ],
    )
    .await;
    let foreign = json!({"contact_id": other["id"]});
    assert_eq!(backend.post_as("elsewhere", ERASE, foreign.clone()).await.status, 404);
    assert_eq!(backend.post_as("elsewhere", EXPORT, foreign).await.status, 404);
}

#[tokio::test]
async fn an_export_has_everything_about_the_person() {
    let backend = Backend::start().await;
    let (contact, deal) = person(&backend).await;
    let export = backend.ok(EXPORT, json!({"email": "ZQ@new.example"})).await;
    assert_eq!((export["contact"]["id"].clone(), export["incomplete"].clone()), (json!(contact), json!([])));
    for (list, count) in [
        ("notes", 1),
        ("tasks", 1),
        ("calls", 1),
        ("meetings", 1),
        ("emails", 1),
        ("associations", 1),
        ("deals", 1),
        ("memories", 5),
        ("merged_ids", 1),
    ] {
        assert_eq!(export[list].as_array().unwrap().len(), count, "{list}: {}", export[list]);
    }
    assert_eq!(export["deals"][0]["id"], json!(deal));
    assert_eq!(export["properties"], json!({"nickname": "Zaphodine Z"}));
    assert_eq!(export["ownership"]["visibility"], "private");
    let mentions: Vec<&str> = export["mentions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mention| mention["in"].as_str().unwrap())
        .collect();
    for place in ["note.text", "user.email", "user.external_id", "user.display_name", "segment.name"] {
        assert!(mentions.contains(&place), "{place}: {mentions:?}");
    }
    let timeline = json!({"entity_type": "contact", "entity_id": contact});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(export["events"].as_array().unwrap().len() as u64, timeline["total"].as_u64().unwrap());
    assert_eq!(backend.ok(EXPORT, json!({"contact_id": contact})).await["events"], export["events"]);
}

#[tokio::test]
async fn a_blocked_address_is_refused_everywhere_and_kept_nowhere() {
    let backend = Backend::start().await;
    let contact = backend
        .ok("/mcp/crm/upsert_contact", json!({"email": "Gone.Person@x.example", "phone": "+1 555 1234567"}))
        .await;
    let blocked = backend
        .ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "gone.person@X.example", "reason": "Objected"}))
        .await;
    let again = backend
        .ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "GONE.person@x.example", "reason": "Other"}))
        .await;
    assert_eq!(
        (again["id"].clone(), again["reason"].clone(), again["created"].clone()),
        (blocked["id"].clone(), json!("Objected"), json!(false))
    );
    let email = json!({"entity_type": "contact", "entity_id": contact["id"], "subject": "x", "body": "x"});
    assert_refused(
        &backend,
        &[
            ("upsert_contact", json!({"email": "gone.person@x.example"}), 409, "blocklist"),
            (
                "upsert_contact",
                json!({"email": "GONE.PERSON@X.EXAMPLE", "first_name": "x"}),
                409,
                "blocklist",
            ),
            (
                "admin/upsert_user",
                json!({"external_id": "1", "email": "gone.Person@x.example"}),
                409,
                "blocklist",
            ),
            ("engagements/log_email", email, 409, "blocklist"),
            ("gdpr/blocklist_email", json!({"email": "x"}), 422, "address"),
        ],
    )
    .await;
    let rows = "email,first_name,phone\nok@x.example,Ok,\nGone.Person@x.example,No,\n,No,+1 555 1234567\n";
    let report = backend.ok("/mcp/crm/import/contacts_csv", json!({"csv_text": rows})).await;
    assert_eq!(each(&report, "outcome"), ["created", "rejected", "rejected"], "{report}");
    backend.ok_as("other", "/mcp/crm/upsert_contact", json!({"email": "gone.person@x.example"})).await;
    backend.ok(ERASE, json!({"contact_id": contact["id"]})).await;
    let refused = backend.post("/mcp/crm/upsert_contact", json!({"email": "gone.person@x.example"})).await;
    assert_eq!(refused.status, 409, "the list outlives the person");
    let (database, _folder) = backend.stopped_database().await;
    let kept: String = database
        .query_row("SELECT group_concat(sha256 || reason || id) FROM blocklist_entry", [], |row| row.get(0))
        .unwrap();
    assert!(!kept.to_lowercase().contains("gone"), "{kept}");
}
