//! Two tenants with the same users, teams, types and hooks never see each other's.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, id};

/// What a tenant has: contact, user, team, hook, record.
async fn filled(backend: &Backend, tenant: &str) -> [Json; 5] {
    let ok = async |route: &str, arguments: Json| {
        json!(id(&backend.ok_as(tenant, &format!("/mcp/crm/{route}"), arguments).await))
    };
    let contact = json!({"email": "same@x.example", "first_name": "Same", "last_name": tenant, "phone": "+49 30 1234567"});
    let contact = ok("upsert_contact", contact).await;
    let user = ok("admin/upsert_user", json!({"external_id": "same", "email": "same@x.example"})).await;
    let team = ok("admin/create_team", json!({"name": "Same"})).await;
    let hook = json!({"name": "Same", "endpoint_url": "http://127.0.0.1:9", "event_types": ["none.such"]});
    let hook = ok("webhook_create", hook).await;
    let own = json!({"object_type": "thing", "label": "Same", "plural_label": "Same"});
    backend.ok_as(tenant, "/mcp/crm/define_object_type", own).await;
    let record =
        ok("create_object_record", json!({"object_type": "thing", "properties": {"of": tenant}})).await;
    [contact, user, team, hook, record]
}

#[tokio::test]
async fn tenants_with_the_same_administration_stay_apart() {
    let backend = Backend::start().await;
    let tenants = ["acme", "ACME", "acme' OR '1'='1"];
    let mut made = Vec::new();
    for tenant in tenants {
        made.push(filled(&backend, tenant).await);
    }
    for (number, tenant) in tenants.into_iter().enumerate() {
        let [contact, user, team, hook, record] = &made[(number + 1) % tenants.len()];
        let [own_contact, own_user, own_team, own_hook, own_record] = &made[number];
        let foreign = [
            ("admin/create_team", json!({"name": "x", "parent_team_id": team})),
            ("admin/add_team_member", json!({"team_id": team, "user_id": own_user})),
            ("admin/add_team_member", json!({"team_id": own_team, "user_id": user})),
            (
                "admin/assign_owner",
                json!({"entity_type": "contact", "entity_id": contact, "visibility": "team"}),
            ),
            (
                "admin/assign_owner",
                json!({"entity_type": "contact", "entity_id": own_contact, "owner_user_id": user}),
            ),
            (
                "admin/assign_owner",
                json!({"entity_type": "contact", "entity_id": own_contact, "owner_team_id": team}),
            ),
            (
                "engagements/log_email",
                json!({"entity_type": "contact", "entity_id": contact, "subject": "x", "body": "x"}),
            ),
            ("gdpr/export_contact_data", json!({"contact_id": contact})),
            ("gdpr/delete_contact", json!({"contact_id": contact})),
            ("webhook_disable", json!({"subscription_id": hook})),
            ("get_object_record", json!({"record_id": record})),
            ("update_object_record", json!({"record_id": record, "patch": {"of": "x"}})),
        ];
        for (route, arguments) in foreign {
            let answer = backend.post_as(tenant, &format!("/mcp/crm/{route}"), arguments.clone()).await;
            assert_eq!(answer.status, 404, "{tenant} {route} {arguments}: {}", answer.body);
        }
        let ok = async |route: &str, arguments: Json| {
            backend.ok_as(tenant, &format!("/mcp/crm/{route}"), arguments).await
        };
        assert_eq!(json!(each(&ok("webhook_list", json!({})).await, "id")), json!([own_hook]));
        let shown = ok("get_object_record", json!({"record_id": own_record})).await;
        assert_eq!(shown["properties"], json!({"of": tenant}));
        let csv = ok("export/contacts_csv", json!({})).await["csv_text"].as_str().unwrap().to_owned();
        assert_eq!(csv.lines().count(), 2, "{csv}");
        // The address and the phone mean this tenant's contact.
        let rows = "email,phone,company\nSAME@x.example,,A\n,+49 30 1234567,A\n";
        let report = ok("import/contacts_csv", json!({"csv_text": rows})).await;
        let ids = [own_contact.as_str().unwrap(); 2];
        assert_eq!(each(&report, "contact_id"), ids);
        let exported = ok("gdpr/export_contact_data", json!({"email": "same@x.example"})).await;
        assert_eq!(
            (&exported["contact"]["id"], &exported["contact"]["last_name"]),
            (own_contact, &json!(tenant))
        );
    }
    // One tenant's blocklist and erasure touch nobody else.
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "same@x.example"})).await;
    backend.ok("/mcp/crm/gdpr/delete_contact", json!({"contact_id": made[0][0]})).await;
    for (number, tenant) in tenants.into_iter().enumerate().skip(1) {
        let exported = backend
            .ok_as(tenant, "/mcp/crm/gdpr/export_contact_data", json!({"email": "same@x.example"}))
            .await;
        assert_eq!(exported["contact"]["id"], made[number][0], "{tenant}");
        assert!(exported["mentions"].to_string().contains("user.email"), "{exported}");
        backend
            .ok_as(tenant, "/mcp/crm/upsert_contact", json!({"email": "same@x.example", "first_name": "x"}))
            .await;
    }
}
