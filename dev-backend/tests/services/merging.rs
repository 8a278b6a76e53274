//! Merging contacts: everything that was on the one is on the other, and the old id still leads there.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, assert_sound, each, id};

async fn contact(backend: &Backend, email: &str, more: Json) -> String {
    let mut contact = json!({"email": email});
    contact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    id(&backend.ok("/mcp/crm/upsert_contact", contact).await)
}

#[tokio::test]
async fn a_merge_moves_everything_and_leaves_a_trace() {
    let backend = Backend::start().await;
    let source = contact(
        &backend,
        "anna@old.example",
        json!({"first_name": "Annie", "phone": "+49 30 1", "company_name": "Brot"}),
    )
    .await;
    let target =
        contact(&backend, "anna@new.example", json!({"first_name": "Anna", "last_name": "Berg"})).await;
    let friend = contact(&backend, "bo@x.example", json!({})).await;
    for (name, more) in
        [("level", json!({})), ("number", json!({"unique_property": true})), ("motto", json!({}))]
    {
        let mut definition = json!({"object_type": "contact", "name": name});
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        backend.ok("/mcp/crm/define_property", definition).await;
    }
    for (record, name, value) in [
        (&source, "level", "gold"),
        (&source, "number", "C-1"),
        (&target, "level", "silver"),
        (&target, "motto", "ja"),
    ] {
        let value =
            json!({"object_type": "contact", "record_id": record, "property_name": name, "value": value});
        backend.ok("/mcp/crm/set_property", value).await;
    }
    let on = |more: Json| {
        let mut arguments = json!({"entity_type": "contact", "entity_id": source, "subject": "s"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let deal =
        backend.ok("/mcp/crm/create_deal", json!({"name": "Ovens", "primary_contact_id": source})).await;
    backend.ok("/mcp/crm/create_note", json!({"customer_id": source, "text": "old note"})).await;
    let task = backend.ok("/mcp/crm/create_task", on(json!({}))).await;
    backend.ok("/mcp/crm/log_call", on(json!({"summary": "said"}))).await;
    backend.ok("/mcp/crm/log_meeting", on(json!({"summary": "met"}))).await;
    for (from, to, kind) in [
        (&source, &friend, "knows"),
        (&friend, &source, "knows"),
        (&target, &friend, "knows"),
        (&source, &target, "same"),
    ] {
        let link = json!({"from_type": "contact", "from_id": from, "to_type": "contact", "to_id": to, "association_type": kind});
        backend.ok("/mcp/crm/link_entities", link).await;
    }
    for (name, ids) in [("both", json!([source, friend, target])), ("source", json!([source]))] {
        let segment = json!({"object_type": "contact", "name": name, "is_dynamic": false, "definition": {"record_ids": ids}});
        backend.ok("/mcp/crm/create_segment", segment).await;
    }

    let merge = json!({"source_contact_id": source, "target_contact_id": target, "reason": "same person"});
    let merged = backend.ok("/mcp/crm/merge_contacts", merge.clone()).await;
    for (field, expected) in [
        ("id", json!(target)),
        ("email", json!("anna@new.example")),
        ("first_name", json!("Anna")),
        ("phone", json!("+49 30 1")),
        ("company_name", json!("Brot")),
        ("merged_ids", json!([source])),
        ("filled", json!(["phone", "company_id"])),
    ] {
        assert_eq!(merged[field], expected, "{field}");
    }
    for (what, count) in [
        ("deals", 1),
        ("notes", 1),
        ("tasks", 1),
        ("calls", 1),
        ("meetings", 1),
        ("associations", 1),
        ("segments", 1),
    ] {
        assert_eq!(merged["moved"][what], count, "{what}");
    }

    // The old id is another name of the contact that stayed.
    let backend = backend.restart().await;
    for customer in [&source, &target] {
        let looked_up = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": customer})).await;
        assert_eq!(looked_up["id"], target);
        assert_eq!(
            (looked_up["deals"][0]["id"].clone(), looked_up["notes_count"].clone()),
            (deal["id"].clone(), json!(1))
        );
        assert_eq!(looked_up["properties"], json!({"level": "silver", "number": "C-1", "motto": "ja"}));
        assert_eq!(looked_up["merged_ids"], json!([source]));
        let timeline = json!({"entity_type": "contact", "entity_id": customer});
        let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
        let told = each(&timeline, "kind");
        assert_eq!(told[0], "contact.merged");
        for kind in ["deal.created", "note.created", "task.created", "call.logged", "meeting.logged"] {
            assert_eq!(told.iter().filter(|told| *told == kind).count(), 1, "{kind}");
        }
        assert_eq!(told.iter().filter(|told| *told == "contact.created").count(), 2);
        let trace = &timeline["items"][0]["details"];
        assert_eq!(
            (trace["source"]["email"].clone(), trace["reason"].clone()),
            (json!("anna@old.example"), json!("same person"))
        );
        assert_eq!(trace["properties"], json!({"level": "gold", "number": "C-1"}));
        let links = json!({"entity_type": "contact", "entity_id": customer});
        let links = backend.ok("/mcp/crm/list_associations", links).await;
        assert_eq!(
            (each(&links, "direction"), each(&links, "entity_id")),
            (vec!["incoming".to_owned(), "outgoing".to_owned()], vec![friend.clone(); 2])
        );
        let audit = json!({"entity_id": customer, "action": "contact.merged"});
        assert_eq!(backend.ok("/mcp/crm/audit_query", audit).await["total"], 1);
    }
    let done = backend.ok("/mcp/crm/complete_task", json!({"task_id": task["id"]})).await;
    assert_eq!(done["entity_id"], target);
    let noted = backend.ok("/mcp/crm/create_note", json!({"customer_id": source, "text": "late"})).await;
    assert_eq!(noted["entity_id"], target);
    let segments = backend.ok("/mcp/crm/list_segments", json!({})).await;
    for (number, members) in [(0, vec![friend.clone(), target.clone()]), (1, vec![target.clone()])] {
        let segment = json!({"segment_id": segments["items"][number]["id"]});
        assert_eq!(each(&backend.ok("/mcp/crm/segment_members", segment).await, "id"), members);
    }
    let gone = json!({"query": "anna@old.example"});
    let found = backend.ok("/mcp/crm/search_customers", gone).await;
    assert!(!each(&found, "id").contains(&source), "{found}");
    assert_refused(&backend, &[("merge_contacts", merge, 422, "same contact")]).await;
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    for (table, column) in [
        ("contact", "id"),
        ("deal", "primary_contact_id"),
        ("note", "entity_id"),
        ("task", "entity_id"),
        ("call", "entity_id"),
        ("meeting", "entity_id"),
        ("association", "from_id"),
        ("association", "to_id"),
        ("event_entity", "entity_id"),
        ("property_value", "record_id"),
        ("segment_member", "record_id"),
    ] {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = ?1");
        let left: i64 = database.query_row(&sql, [&source], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "{table}.{column}");
    }
}

#[tokio::test]
async fn merges_chain_and_refuse_what_they_cannot_mean() {
    let backend = Backend::start().await;
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| format!("{name}@x.example"));
    let mut ids = Vec::new();
    for email in [&a, &b, &c, &d] {
        ids.push(contact(&backend, email, json!({})).await);
    }
    let merge =
        |source: &str, target: &str| json!({"source_contact_id": source, "target_contact_id": target});
    assert_refused(
        &backend,
        &[
            ("merge_contacts", merge(&ids[0], &ids[0]), 422, "same contact"),
            ("merge_contacts", merge("con_0", &ids[0]), 404, "source_contact_id"),
            ("merge_contacts", merge(&ids[0], "con_0"), 404, "target_contact_id"),
        ],
    )
    .await;
    backend.ok("/mcp/crm/merge_contacts", merge(&ids[0], &ids[1])).await;
    let merged = backend.ok("/mcp/crm/merge_contacts", merge(&ids[1], &ids[2])).await;
    assert_eq!(merged["merged_ids"], json!([ids[0], ids[1]]));
    for customer in &ids[..3] {
        let looked_up = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": customer})).await;
        assert_eq!(looked_up["id"], ids[2]);
    }
    assert_refused(
        &backend,
        &[
            ("merge_contacts", merge(&ids[0], &ids[3]), 409, &ids[2]),
            ("merge_contacts", merge(&ids[2], &ids[0]), 422, "same contact"),
        ],
    )
    .await;
    // A merged contact may also be named as the one to merge into.
    let merged = backend.ok("/mcp/crm/merge_contacts", merge(&ids[3], &ids[0])).await;
    assert_eq!(merged["id"], ids[2]);
    let timeline = json!({"entity_type": "contact", "entity_id": ids[0]});
    let told = each(&backend.ok("/mcp/crm/timeline", timeline).await, "kind");
    assert_eq!(told.iter().filter(|kind| *kind == "contact.merged").count(), 3);
    assert_eq!(told.iter().filter(|kind| *kind == "contact.created").count(), 4);
}
