//! Whatever stands in a text field of activities, links, pipelines, properties and segments is text.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, id};
use crate::hostile_text::TEXTS;

#[tokio::test]
async fn hostile_text_is_text_in_every_field_around_records() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let line = text.trim();
        let tenant = format!("tenant-{number}");
        let ok = async |route: &str, arguments: Json| {
            backend.ok_as(&tenant, &format!("/mcp/crm/{route}"), arguments).await
        };
        let contact = id(&ok("upsert_contact", json!({"email": "a@x.example", "first_name": text})).await);
        let on = |more: Json| {
            let mut arguments = json!({"entity_type": "contact", "entity_id": contact, "subject": text});
            arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            arguments
        };
        let task = ok("create_task", on(json!({"description": text}))).await;
        assert_eq!((task["subject"].as_str(), task["description"].as_str()), (Some(line), Some(*text)));
        for route in ["log_call", "log_meeting"] {
            let logged = ok(route, on(json!({"summary": text}))).await;
            assert_eq!((logged["subject"].as_str(), logged["summary"].as_str()), (Some(line), Some(*text)));
            let found = json!({"query": text});
            let found = backend.ok_as(&tenant, "/mcp/memory/search", found).await;
            assert!(
                each(&found, "id").contains(&logged["memory_id"].as_str().unwrap().to_owned()),
                "{text:?}"
            );
        }
        let other = id(&ok("upsert_contact", json!({"email": "b@x.example"})).await);
        let link = json!({"from_type": "contact", "from_id": contact, "to_type": "contact", "to_id": other, "association_type": text});
        assert_eq!(ok("link_entities", link).await["association_type"].as_str(), Some(line));
        let links = ok("list_associations", json!({"entity_type": "contact", "entity_id": other})).await;
        assert_eq!(
            (each(&links, "name"), each(&links, "association_type")),
            (vec![line.to_owned()], vec![line.to_owned()])
        );

        let pipeline = json!({"object_type": "deal", "name": text, "stages": [{"name": text}]});
        let pipeline = ok("define_pipeline", pipeline).await;
        assert_eq!(
            (pipeline["name"].as_str(), pipeline["stages"][0]["name"].as_str()),
            (Some(line), Some(line))
        );
        let deal = json!({"name": "x", "pipeline": pipeline["key"], "stage": text});
        assert_eq!(ok("create_deal", deal).await["stage_name"].as_str(), Some(line));

        for (name, more) in [
            ("motto", json!({})),
            ("choice", json!({"data_type": "enum", "options": [{"value": text, "label": text}]})),
        ] {
            let mut definition = json!({"object_type": "contact", "name": name, "label": text, "description": text, "field_type": text});
            definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let defined = ok("define_property", definition).await;
            assert_eq!(
                (defined["label"].as_str(), defined["description"].as_str()),
                (Some(line), Some(*text))
            );
            // An option is one line, a text is kept as written.
            let value = if name == "choice" { line } else { text };
            let set = json!({"object_type": "contact", "record_id": contact, "property_name": name, "value": value});
            assert_eq!(ok("set_property", set).await["value"].as_str(), Some(value));
            for (op, given) in [
                ("eq", json!(value)),
                ("contains", json!(value)),
                ("in", json!([value])),
                ("between", json!([value, value])),
            ] {
                let search =
                    json!({"object_type": "contact", "filters": [{"field": name, "op": op, "value": given}]});
                assert_eq!(
                    each(&ok("search_advanced", search).await, "id"),
                    [&*contact],
                    "{text:?} {name} {op}"
                );
            }
        }
        let filters = json!([{"field": "first_name", "op": "contains", "value": line}]);
        let segment = json!({"object_type": "contact", "name": text, "definition": {"filters": filters}});
        let segment = ok("create_segment", segment).await;
        assert_eq!((segment["name"].as_str(), segment["size"].clone()), (Some(line), json!(1)));
        let merge = json!({"source_contact_id": other, "target_contact_id": contact, "reason": text});
        ok("merge_contacts", merge).await;
        let trace = ok("audit_query", json!({"action": "contact.merged"})).await;
        assert_eq!(trace["items"][0]["details"]["reason"].as_str(), Some(*text));

        // As an id or a name to look for it is nothing that exists.
        let filter = |field: &str, op: &str| json!({"object_type": "contact", "filters": [{"field": field, "op": op, "value": "x"}]});
        let sort = |by: &str, direction: &str| json!({"object_type": "contact", "filters": [], "sort_by": by, "sort_dir": direction});
        for (route, arguments, status) in [
            ("complete_task", json!({"task_id": text}), 404),
            ("create_task", json!({"entity_type": text, "entity_id": contact, "subject": "x"}), 422),
            ("create_task", json!({"entity_type": "contact", "entity_id": text, "subject": "x"}), 404),
            ("create_task", on(json!({"due_at": text})), 422),
            ("list_associations", json!({"entity_type": text, "entity_id": contact}), 422),
            ("define_pipeline", json!({"object_type": text, "name": "x", "stages": [{"name": "x"}]}), 422),
            ("define_property", json!({"object_type": "contact", "name": text}), 422),
            ("define_property", json!({"object_type": "contact", "name": "x", "data_type": text}), 422),
            (
                "set_property",
                json!({"object_type": "contact", "record_id": contact, "property_name": text, "value": 1}),
                422,
            ),
            (
                "get_property",
                json!({"object_type": "contact", "record_id": text, "property_name": "motto"}),
                404,
            ),
            ("search_advanced", filter(text, "eq"), 422),
            ("search_advanced", filter("email", text), 422),
            ("search_advanced", sort(text, "ASC"), 422),
            ("search_advanced", sort("email", text), 422),
            ("segment_members", json!({"segment_id": text}), 404),
            ("merge_contacts", json!({"source_contact_id": text, "target_contact_id": contact}), 404),
            ("events_ack", json!({"event_id": text}), 404),
            ("events_ack", json!({"event_id": "x", "status": text}), 422),
        ] {
            let answer = backend.post_as(&tenant, &format!("/mcp/crm/{route}"), arguments.clone()).await;
            assert_eq!(answer.status, status, "{route} {arguments}: {}", answer.body);
        }
        for filters in [json!({"entity_type": text}), json!({"entity_id": text}), json!({"action": text})] {
            assert_eq!(ok("audit_query", filters).await["total"], 0);
        }
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}
