//! Two tenants with the same data never see each other.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, search};

#[tokio::test]
async fn tenants_with_the_same_data_stay_apart() {
    let backend = Backend::start().await;
    // Names that could be mistaken for each other, or for SQL, or for words of a query.
    let tenants = ["acme", "ACME", "acme' OR '1'='1", "active", "ü", "acme OR scope"];
    let mut made: Vec<[Json; 5]> = Vec::new();
    for (number, tenant) in tenants.iter().enumerate() {
        let contact =
            json!({"email": "same@x.example", "first_name": format!("Same{number}"), "company_name": "Same"});
        let contact = backend.ok_as(tenant, "/mcp/crm/upsert_contact", contact).await;
        assert_eq!(contact["created"], true, "{tenant}");
        let deal =
            json!({"name": "Same", "company_id": contact["company_id"], "primary_contact_id": contact["id"]});
        let deal = backend.ok_as(tenant, "/mcp/crm/create_deal", deal).await;
        let memory = json!({"content": format!("same words {number}"), "tags": ["acme", "active"]});
        let memory = backend.ok_as(tenant, "/mcp/memory/write", memory).await;
        let note = json!({"customer_id": contact["id"], "text": "same"});
        backend.ok_as(tenant, "/mcp/crm/create_note", note).await;
        let pipelines = backend.ok_as(tenant, "/mcp/crm/list_pipelines", json!({})).await;
        assert_eq!(pipelines["total"], 1, "{tenant}");
        let ids = [
            &contact["id"],
            &contact["company_id"],
            &deal["id"],
            &memory["id"],
            &pipelines["items"][0]["id"],
        ];
        made.push(ids.map(Json::clone));
    }
    for (number, tenant) in tenants.iter().enumerate() {
        for query in ["same", "", "acme", "active", "scope"] {
            let found = backend.ok_as(tenant, "/mcp/memory/search", search(query)).await;
            let expected = if query == "scope" { vec![] } else { vec![format!("same words {number}")] };
            assert_eq!(each(&found, "content"), expected, "{tenant} {query:?}");
        }
        for query in ["same", ""] {
            let found = backend.ok_as(tenant, "/mcp/crm/search_customers", search(query)).await;
            let mut ids = each(&found, "id");
            ids.sort();
            let mut own = [&made[number][0], &made[number][1]].map(|id| id.as_str().unwrap().to_owned());
            own.sort();
            assert_eq!(ids, own, "{tenant} {query:?}");
        }
        // Whatever another tenant has is not there, for reading and for changing.
        let [contact, company, deal, memory, pipeline] = &made[(number + 1) % tenants.len()];
        let foreign = [
            ("/mcp/crm/lookup_customer", json!({"customer_id": contact})),
            ("/mcp/crm/lookup_customer", json!({"customer_id": company})),
            ("/mcp/crm/create_note", json!({"customer_id": contact, "text": "x"})),
            ("/mcp/crm/create_deal", json!({"name": "x", "company_id": company})),
            ("/mcp/crm/create_deal", json!({"name": "x", "primary_contact_id": contact})),
            ("/mcp/crm/update_pipeline", json!({"opportunity_id": deal, "stage": "won"})),
            ("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": contact})),
            ("/mcp/crm/timeline", json!({"entity_type": "deal", "entity_id": deal})),
            ("/mcp/crm/timeline", json!({"entity_type": "pipeline", "entity_id": pipeline})),
            ("/mcp/memory/archive", json!({"memory_id": memory})),
            ("/mcp/memory/delete", json!({"memory_id": memory, "soft_delete": false})),
        ];
        for (route, arguments) in foreign {
            let answer = backend.post_as(tenant, route, arguments.clone()).await;
            assert_eq!(answer.status, 404, "{tenant} {route} {arguments}: {}", answer.body);
        }
        let pipeline = json!({"name": "x", "pipeline": pipeline});
        assert_eq!(backend.post_as(tenant, "/mcp/crm/create_deal", pipeline).await.status, 422, "{tenant}");
    }
}
