//! Whatever stands in a text field of administration, exchange, governance and a tenant's own types is text.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, id};
use crate::hostile_text::TEXTS;

#[tokio::test]
async fn hostile_text_is_text_in_every_field_of_administration() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let line = Some(text.trim());
        let tenant = format!("tenant-{number}");
        let ok = async |route: &str, arguments: Json| {
            backend.ok_as(&tenant, &format!("/mcp/crm/{route}"), arguments).await
        };
        let key = ok("admin/create_api_key", json!({"name": text, "scopes": [text]})).await;
        assert_eq!((key["name"].as_str(), key["scopes"][0].as_str()), (line, line));
        let user = json!({"external_id": text, "display_name": text, "role": text});
        let user = ok("admin/upsert_user", user).await;
        for field in ["external_id", "display_name", "role"] {
            assert_eq!(user[field].as_str(), line, "{field}");
        }
        assert_eq!(ok("admin/upsert_user", json!({"external_id": text})).await["id"], user["id"]);
        let team = ok("admin/create_team", json!({"name": text})).await;
        assert_eq!(ok("admin/create_team", json!({"name": text})).await["id"], team["id"]);
        let member = json!({"team_id": team["id"], "user_id": user["id"], "role": text});
        assert_eq!(ok("admin/add_team_member", member).await["role"].as_str(), line);

        let contact = id(&ok("upsert_contact", json!({"email": "a@x.example", "first_name": text})).await);
        let email = json!({"entity_type": "contact", "entity_id": contact, "subject": text, "body": text});
        let email = ok("engagements/log_email", email).await;
        assert_eq!((email["subject"].as_str(), email["body"].as_str()), (line, Some(*text)));
        let blocked = ok("gdpr/blocklist_email", json!({"email": "b@x.example", "reason": text})).await;
        assert_eq!(blocked["reason"].as_str(), line);
        let exported = ok("gdpr/export_contact_data", json!({"contact_id": contact})).await;
        assert_eq!(exported["contact"]["first_name"].as_str(), line);
        assert_eq!(exported["emails"][0]["body"].as_str(), Some(*text));

        let csv = ok("export/contacts_csv", json!({})).await;
        let given = json!({"csv_text": csv["csv_text"], "workspace_id": text});
        let copied = backend.ok_as(&format!("{tenant}-copy"), "/mcp/crm/import/contacts_csv", given).await;
        assert_eq!((copied["created"].clone(), copied["workspace_id"].as_str()), (json!(1), line));
        let again = backend.ok_as(&format!("{tenant}-copy"), "/mcp/crm/export/contacts_csv", json!({})).await;
        assert_eq!(again, csv);

        let hook = json!({"name": text, "endpoint_url": "http://x.example", "secret": format!("{text:16}")});
        let hook = ok("webhook_create", hook).await;
        assert_eq!(each(&ok("webhook_list", json!({})).await, "name"), [text.trim()]);
        assert_eq!(
            ok("webhook_disable", json!({"subscription_id": hook["id"]})).await["name"].as_str(),
            line
        );
        let own = json!({"object_type": "thing", "label": text, "plural_label": text, "description": text});
        let own = ok("define_object_type", own).await;
        assert_eq!((own["label"].as_str(), own["description"].as_str()), (line, Some(*text)));
        let record = json!({"object_type": "thing", "properties": {*text: text, "name": text}});
        let record = ok("create_object_record", record).await;
        assert_eq!(record["properties"], json!({*text: text, "name": text}));
        let patch = json!({"record_id": record["id"], "patch": {*text: [text]}});
        assert_eq!(ok("update_object_record", patch).await["properties"][*text], json!([text]));

        // As an id or a name to look for it is nothing that exists.
        for (route, arguments, status) in [
            ("admin/create_team", json!({"name": "x", "parent_team_id": text}), 404),
            ("admin/add_team_member", json!({"team_id": text, "user_id": user["id"]}), 404),
            ("admin/assign_owner", json!({"entity_type": text, "entity_id": "x", "visibility": "team"}), 422),
            (
                "admin/assign_owner",
                json!({"entity_type": "contact", "entity_id": contact, "owner_user_id": text}),
                404,
            ),
            (
                "engagements/log_email",
                json!({"entity_type": "contact", "entity_id": text, "subject": "x", "body": "x"}),
                404,
            ),
            ("reports/pipeline", json!({"pipeline": text}), 422),
            ("forecast/pipeline", json!({"pipeline": text}), 422),
            ("gdpr/delete_contact", json!({"contact_id": text}), 404),
            ("gdpr/export_contact_data", json!({"contact_id": text}), 404),
            ("import/contacts_csv", json!({"csv_text": text}), 422),
            ("webhook_disable", json!({"subscription_id": text}), 404),
            (
                "webhook_create",
                json!({"name": "x", "endpoint_url": "http://x.example", "event_types": [text]}),
                422,
            ),
            ("define_object_type", json!({"object_type": text, "label": "x", "plural_label": "x"}), 422),
            ("create_object_record", json!({"object_type": text, "properties": {}}), 422),
            ("get_object_record", json!({"record_id": text}), 404),
        ] {
            let answer = backend.post_as(&tenant, &format!("/mcp/crm/{route}"), arguments.clone()).await;
            assert_eq!(answer.status, status, "{route} {arguments}: {}", answer.body);
        }
        let erased = ok("gdpr/delete_contact", json!({"contact_id": contact})).await;
        assert_eq!(erased["erased"]["emails"], 1);
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}
