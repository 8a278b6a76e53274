//! Typed links, seen from both ends.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, each};

#[tokio::test]
async fn a_link_is_seen_from_both_ends_and_told_on_both_timelines() {
    let backend = Backend::start().await;
    let contact = json!({"email": "anna@brot.example", "first_name": "Anna"});
    let contact = backend.ok("/mcp/crm/upsert_contact", contact).await;
    let deal = backend.ok("/mcp/crm/create_deal", json!({"name": "Ovens"})).await;
    let memory = backend.ok("/mcp/memory/write", json!({"content": "Prefers mornings"})).await;
    let link = json!({
        "from_type": "contact", "from_id": contact["id"], "to_type": "deal", "to_id": deal["id"],
        "association_type": "decision_maker"
    });
    let made = backend.ok("/mcp/crm/link_entities", link.clone()).await;
    assert_eq!(
        (made["created"].clone(), made["association_type"].clone()),
        (json!(true), json!("decision_maker"))
    );
    let again = backend.ok("/mcp/crm/link_entities", link).await;
    assert_eq!((again["created"].clone(), again["id"].clone()), (json!(false), made["id"].clone()));
    for (from, to, kind) in [(&deal, &contact, json!("decision_maker")), (&contact, &deal, json!(null))] {
        // The other direction and another type are other links.
        let link = json!({
            "from_type": from["type"], "from_id": from["id"], "to_type": to["type"], "to_id": to["id"],
            "association_type": kind
        });
        assert_eq!(backend.ok("/mcp/crm/link_entities", link).await["created"], true);
    }
    let link =
        json!({"from_type": "memory", "from_id": memory["id"], "to_type": "contact", "to_id": contact["id"]});
    assert_eq!(backend.ok("/mcp/crm/link_entities", link).await["association_type"], "related");

    let ends = async |kind: &str, of: &Json| {
        let listed = json!({"entity_type": kind, "entity_id": of["id"]});
        let listed = backend.ok("/mcp/crm/list_associations", listed).await;
        let items = listed["items"].as_array().unwrap().clone();
        assert_eq!(listed["total"], items.len());
        let text = |item: &Json, field: &str| item[field].as_str().unwrap().to_owned();
        let ends =
            items.iter().map(|item| ["direction", "association_type", "name"].map(|field| text(item, field)));
        ends.collect::<Vec<_>>()
    };
    let both = [["outgoing", "decision_maker"], ["incoming", "decision_maker"], ["outgoing", "related"]];
    let with = |name: &str| both.map(|[direction, kind]| [direction, kind, name].map(str::to_owned)).to_vec();
    let mut of_contact = with("Ovens");
    of_contact.push(["incoming", "related", "Prefers mornings"].map(str::to_owned));
    assert_eq!(ends("contact", &contact).await, of_contact);
    let flipped = with("Anna").into_iter().map(|[direction, kind, name]| {
        let direction = if direction == "outgoing" { "incoming" } else { "outgoing" };
        [direction.to_owned(), kind, name]
    });
    assert_eq!(ends("deal", &deal).await, flipped.collect::<Vec<_>>());
    assert_eq!(ends("memory", &memory).await, [["outgoing", "related", "Anna"].map(str::to_owned)]);

    let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    let linked = "association.created";
    assert_eq!(each(&timeline, "kind"), [linked, linked, linked, linked, "contact.created"]);
    assert_eq!(timeline["items"][0]["memory"]["content"], "Prefers mornings");
    assert_eq!(timeline["items"][3]["summary"], "Anna linked to Ovens as decision_maker");
    let page = json!({"entity_type": "contact", "entity_id": contact["id"], "limit": 3});
    assert_eq!(backend.ok("/mcp/crm/list_associations", page).await["next_offset"], 3);

    // An erased memory leaves its link, and no word of what it said.
    backend.ok("/mcp/memory/delete", json!({"memory_id": memory["id"], "soft_delete": false})).await;
    let listed = json!({"entity_type": "contact", "entity_id": contact["id"]});
    let listed = backend.ok("/mcp/crm/list_associations", listed).await;
    assert_eq!((listed["items"][3]["name"].clone(), listed["total"].clone()), (json!(null), json!(4)));
    let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert!(!timeline.to_string().contains("mornings"), "{timeline}");
}

#[tokio::test]
async fn links_that_lead_nowhere_are_refused() {
    let backend = Backend::start().await;
    let contact = backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    let link = |to_type: &str, to_id: &Json, kind: &str| json!({"from_type": "contact", "from_id": contact["id"], "to_type": to_type, "to_id": to_id, "association_type": kind});
    let cases = [
        ("link_entities", link("contact", &contact["id"], "x"), 422, "itself"),
        ("link_entities", link("contact", &json!("con_0"), "x"), 404, "con_0"),
        ("link_entities", link("deal", &contact["id"], "x"), 404, "deal"),
        ("link_entities", link("memory", &json!("mem_0"), "x"), 404, "mem_0"),
        (
            "link_entities",
            link("compny", &json!("x"), "x"),
            422,
            "did you mean \"company\"?; the valid ones are contact, company, deal, memory",
        ),
        ("link_entities", link("contact", &contact["id"], " "), 422, "association_type"),
        ("list_associations", json!({"entity_type": "contact", "entity_id": "con_0"}), 404, "con_0"),
        ("list_associations", json!({"entity_type": "x", "entity_id": "con_0"}), 422, "entity_type"),
    ];
    assert_refused(&backend, &cases).await;
    let listed = json!({"entity_type": "contact", "entity_id": contact["id"]});
    assert_eq!(backend.ok("/mcp/crm/list_associations", listed).await["total"], 0);
}
