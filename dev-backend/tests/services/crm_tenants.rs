//! Two tenants with the same records, properties, segments and events never see each other's.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, id};

/// What a tenant has, by the name that arguments give it.
async fn filled(backend: &Backend, tenant: &str) -> serde_json::Map<String, Json> {
    let ok = async |route: &str, arguments: Json| {
        id(&backend.ok_as(tenant, &format!("/mcp/crm/{route}"), arguments).await)
    };
    let contact = ok("upsert_contact", json!({"email": "same@x.example", "first_name": tenant})).await;
    let other = ok("upsert_contact", json!({"email": "other@x.example"})).await;
    let deal = ok("create_deal", json!({"name": "Same", "primary_contact_id": contact})).await;
    let task = json!({"entity_type": "contact", "entity_id": contact, "subject": "same"});
    let task = ok("create_task", task).await;
    let call = json!({"entity_type": "contact", "entity_id": contact, "subject": "same", "summary": "same"});
    let call = ok("log_call", call).await;
    let link = json!({"from_type": "contact", "from_id": contact, "to_type": "deal", "to_id": deal});
    let link = ok("link_entities", link).await;
    let property = json!({"object_type": "contact", "name": "number", "unique_property": true});
    let property = ok("define_property", property).await;
    let set =
        json!({"object_type": "contact", "record_id": contact, "property_name": "number", "value": "1"});
    backend.ok_as(tenant, "/mcp/crm/set_property", set).await;
    let segment = json!({"object_type": "contact", "name": "same", "is_dynamic": false, "definition": {"record_ids": [contact]}});
    let segment = ok("create_segment", segment).await;
    let pipeline = json!({"object_type": "deal", "name": "Same", "stages": [{"name": "A"}]});
    let pipeline = ok("define_pipeline", pipeline).await;
    let event = backend.ok_as(tenant, "/mcp/crm/audit_query", json!({"limit": 1})).await;
    let event = id(&event["items"][0]);
    let made = [
        ("contact", contact),
        ("other", other),
        ("deal", deal),
        ("task", task),
        ("call", call),
        ("link", link),
        ("property", property),
        ("segment", segment),
        ("pipeline", pipeline),
        ("event", event),
    ];
    made.into_iter().map(|(name, id)| (name.to_owned(), json!(id))).collect()
}

#[tokio::test]
async fn nothing_of_one_tenant_is_there_for_another() {
    let backend = Backend::start().await;
    let tenants = ["acme", "Acme", "acme' OR '1'='1"];
    let mut made = Vec::new();
    for tenant in tenants {
        made.push(filled(&backend, tenant).await);
    }
    for (number, tenant) in tenants.iter().enumerate() {
        let (own, foreign) = (&made[number], &made[(number + 1) % tenants.len()]);
        let contact = |of: &serde_json::Map<String, Json>, more: Json| {
            let mut arguments = json!({"entity_type": "contact", "entity_id": of["contact"]});
            arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            arguments
        };
        let absent = [
            ("create_task", contact(foreign, json!({"subject": "x"}))),
            ("complete_task", json!({"task_id": foreign["task"]})),
            ("log_call", contact(foreign, json!({"subject": "x", "summary": "x"}))),
            ("log_meeting", contact(foreign, json!({"subject": "x", "summary": "x"}))),
            ("timeline", contact(foreign, json!({}))),
            ("list_associations", contact(foreign, json!({}))),
            (
                "link_entities",
                json!({"from_type": "contact", "from_id": own["contact"], "to_type": "deal", "to_id": foreign["deal"]}),
            ),
            (
                "link_entities",
                json!({"from_type": "deal", "from_id": foreign["deal"], "to_type": "contact", "to_id": own["contact"]}),
            ),
            (
                "set_property",
                json!({"object_type": "contact", "record_id": foreign["contact"], "property_name": "number", "value": "2"}),
            ),
            (
                "get_property",
                json!({"object_type": "contact", "record_id": foreign["contact"], "property_name": "number"}),
            ),
            (
                "create_segment",
                json!({"object_type": "contact", "name": "x", "is_dynamic": false, "definition": {"record_ids": [foreign["contact"]]}}),
            ),
            ("segment_members", json!({"segment_id": foreign["segment"]})),
            (
                "merge_contacts",
                json!({"source_contact_id": foreign["contact"], "target_contact_id": own["contact"]}),
            ),
            (
                "merge_contacts",
                json!({"source_contact_id": own["contact"], "target_contact_id": foreign["contact"]}),
            ),
            ("events_ack", json!({"event_id": foreign["event"]})),
        ];
        for (route, arguments) in absent {
            let answer = backend.post_as(tenant, &format!("/mcp/crm/{route}"), arguments.clone()).await;
            assert_eq!(answer.status, 404, "{tenant} {route} {arguments}: {}", answer.body);
        }
        let ok = async |route: &str, arguments: Json| {
            backend.ok_as(tenant, &format!("/mcp/crm/{route}"), arguments).await
        };
        let filters = json!([{"field": "number", "op": "eq", "value": "1"}]);
        let found = ok("search_advanced", json!({"object_type": "contact", "filters": filters})).await;
        assert_eq!(each(&found, "first_name"), [*tenant]);
        for (route, arguments, count) in [
            ("search_advanced", json!({"object_type": "contact", "filters": []}), 2),
            ("search_advanced", json!({"object_type": "deal", "filters": []}), 1),
            ("list_properties", json!({"object_type": "contact"}), 1),
            ("list_segments", json!({}), 1),
            ("list_pipelines", json!({"object_type": "deal"}), 2),
            ("list_associations", contact(own, json!({})), 1),
            ("audit_query", json!({"entity_id": foreign["contact"]}), 0),
            ("audit_query", json!({"action": "contact.created"}), 2),
        ] {
            assert_eq!(ok(route, arguments.clone()).await["total"], count, "{tenant} {route} {arguments}");
        }
        let pulled = each(&ok("events_pull", json!({"limit": 200})).await, "id");
        assert!(pulled.contains(&own["event"].as_str().unwrap().to_owned()));
        assert!(!pulled.contains(&foreign["event"].as_str().unwrap().to_owned()));
    }
    // A merge, a redefinition and a settled event of one tenant change nothing for the others.
    let merge = json!({"source_contact_id": made[0]["other"], "target_contact_id": made[0]["contact"]});
    backend.ok_as(tenants[0], "/mcp/crm/merge_contacts", merge).await;
    let segment = json!({"object_type": "contact", "name": "same", "definition": {"filters": []}});
    backend.ok_as(tenants[0], "/mcp/crm/create_segment", segment).await;
    for (tenant, own) in tenants.iter().zip(&made).skip(1) {
        let other = json!({"customer_id": own["other"]});
        assert_eq!(backend.ok_as(tenant, "/mcp/crm/lookup_customer", other).await["id"], own["other"]);
        let segment = json!({"segment_id": own["segment"]});
        assert_eq!(backend.ok_as(tenant, "/mcp/crm/segment_members", segment).await["total"], 1);
    }
}
