//! Tasks, calls and meetings, and how timeline and memory tell of them.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, assert_sound, each, id, search};

#[tokio::test]
async fn a_task_is_open_until_it_is_done() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let task = json!({
        "entity_type": "contact", "entity_id": contact, "subject": "Send the offer", "description": "with ovens",
        "due_at": "2027-03-01T10:00:00+01:00"
    });
    let task = backend.ok("/mcp/crm/create_task", task).await;
    for (field, expected) in [
        ("type", json!("task")),
        ("entity_id", json!(contact)),
        ("due_at", json!("2027-03-01T09:00:00.000Z")),
        ("status", json!("open")),
        ("created_by", json!("ada")),
        ("completed_at", json!(null)),
    ] {
        assert_eq!(task[field], expected, "{field}");
    }
    let backend = backend.restart().await;
    let done = backend.ok("/mcp/crm/complete_task", json!({"task_id": task["id"]})).await;
    assert_eq!((done["status"].as_str(), done["completed_by"].as_str()), (Some("done"), Some("ada")));
    assert_eq!(done["description"], "with ovens");
    assert_eq!(backend.ok("/mcp/crm/complete_task", json!({"task_id": task["id"]})).await, done);
    let timeline = json!({"entity_type": "contact", "entity_id": contact});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(each(&timeline, "kind"), ["task.completed", "task.created", "contact.created"]);
    assert_eq!(timeline["items"][1]["details"]["due_at"], task["due_at"]);
}

#[tokio::test]
async fn a_call_and_a_meeting_are_found_in_memory_and_on_the_timeline() {
    let backend = Backend::start().await;
    let contact = json!({"email": "anna@brot.example", "first_name": "Anna", "company_name": "Brot"});
    let contact = backend.ok("/mcp/crm/upsert_contact", contact).await;
    let call = json!({
        "entity_type": "contact", "entity_id": contact["id"], "subject": "Pricing",
        "summary": "Wants a rebate on flour", "duration_seconds": 900, "occurred_at": "2027-02-01"
    });
    let call = backend.ok("/mcp/crm/log_call", call).await;
    assert_eq!(call["occurred_at"], "2027-02-01T00:00:00.000Z");
    let meeting = json!({
        "entity_type": "company", "entity_id": contact["company_id"], "subject": "Demo", "summary": "Saw the ovens",
        "start_at": "2027-02-10T13:00:00Z", "end_at": "2027-02-10T14:00:00Z"
    });
    let meeting = backend.ok("/mcp/crm/log_meeting", meeting).await;
    for (query, kind, memory, words) in [
        ("anna rebate", "call", &call, "Call with Anna: Pricing\nWants a rebate on flour"),
        ("brot ovens", "meeting", &meeting, "Meeting with Brot: Demo\nSaw the ovens"),
    ] {
        let found = backend.ok("/mcp/memory/search", search(query)).await;
        assert_eq!(each(&found, "id"), [memory["memory_id"].as_str().unwrap()], "{query}");
        assert_eq!(
            (found["items"][0]["kind"].as_str(), found["items"][0]["content"].as_str()),
            (Some(kind), Some(words))
        );
    }
    let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
    let told = backend.ok("/mcp/crm/timeline", timeline.clone()).await;
    assert_eq!(each(&told, "kind"), ["call.logged", "contact.created"]);
    let item = &told["items"][0];
    assert_eq!(
        (item["details"]["duration_seconds"].clone(), item["memory"]["id"].clone()),
        (json!(900), call["memory_id"].clone())
    );
    assert_eq!(item["memory"]["content"], "Call with Anna: Pricing\nWants a rebate on flour");

    // The timeline leads to the memory for as long as it is there; the call stays.
    backend.ok("/mcp/memory/delete", json!({"memory_id": call["memory_id"]})).await;
    let told = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!((told["items"][0]["memory"].clone(), told["total"].clone()), (json!(null), json!(2)));
    assert_eq!(told["items"][0]["details"]["summary"], "Wants a rebate on flour");
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn activities_that_make_no_sense_leave_nothing_behind() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let on = |mut more: Json| {
        let fields = more.as_object_mut().unwrap();
        for (field, value) in
            [("entity_type", "contact"), ("entity_id", &contact), ("subject", "s"), ("summary", "t")]
        {
            fields.entry(field).or_insert(json!(value));
        }
        more
    };
    let task = |more: Json| {
        let mut more = on(more);
        more.as_object_mut().unwrap().remove("summary");
        more
    };
    let cases = [
        ("create_task", task(json!({"subject": " "})), 422, "subject"),
        ("create_task", task(json!({"due_at": "soon"})), 422, "due_at"),
        ("create_task", task(json!({"due_at": "2027-02-30"})), 422, "due_at"),
        ("create_task", task(json!({"due_at": "2027-03-01T09:00:00"})), 422, "offset"),
        (
            "create_task",
            task(json!({"entity_type": "contcat"})),
            422,
            "did you mean \"contact\"?; the valid ones are contact, company, deal",
        ),
        ("create_task", task(json!({"entity_id": "con_0"})), 404, "con_0"),
        ("create_task", task(json!({"entity_type": "deal"})), 404, &contact),
        ("complete_task", json!({"task_id": "task_0"}), 404, "task_0"),
        ("log_call", on(json!({"summary": " "})), 422, "summary"),
        ("log_call", on(json!({"duration_seconds": -1})), 422, "-1"),
        ("log_call", on(json!({"duration_seconds": 86_401})), 422, "86401"),
        ("log_call", on(json!({"duration_seconds": 1.5})), 400, "1.5"),
        ("log_call", on(json!({"occurred_at": "yesterday"})), 422, "occurred_at"),
        ("log_call", on(json!({"entity_id": "con_0"})), 404, "con_0"),
        (
            "log_meeting",
            on(json!({"start_at": "2027-02-10T13:00:00Z", "end_at": "2027-02-10T12:00:00Z"})),
            422,
            "before",
        ),
        ("log_meeting", on(json!({"start_at": "13 o'clock"})), 422, "start_at"),
    ];
    assert_refused(&backend, &cases).await;
    let timeline = json!({"entity_type": "contact", "entity_id": contact});
    assert_eq!(backend.ok("/mcp/crm/timeline", timeline).await["total"], 1);
    assert_eq!(backend.ok("/mcp/memory/search", search("")).await["total"], 0);
}
