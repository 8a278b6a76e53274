//! A tenant's own types and their records.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, each};

#[tokio::test]
async fn a_type_is_known_by_its_key() {
    let backend = Backend::start().await;
    let vehicle = |label: &str, archived: bool| json!({"object_type": "vehicle", "label": label, "plural_label": "Vehicles", "archived": archived});
    let made = backend.ok("/mcp/crm/define_object_type", vehicle("Vehicle", false)).await;
    let again = backend.ok("/mcp/crm/define_object_type", vehicle("Vehicle", false)).await;
    assert_eq!(
        (again["id"].clone(), again["updated_at"].clone()),
        (made["id"].clone(), made["updated_at"].clone())
    );
    assert_eq!((made["created"].clone(), again["created"].clone()), (json!(true), json!(false)));
    let changed = backend.ok("/mcp/crm/define_object_type", vehicle("Car", true)).await;
    assert_eq!((changed["label"].clone(), changed["archived"].clone()), (json!("Car"), json!(true)));
    assert_refused(
        &backend,
        &[
            ("create_object_record", json!({"object_type": "vehicle", "properties": {}}), 409, "archived"),
            ("create_object_record", json!({"object_type": "vehicel", "properties": {}}), 422, "object type"),
            (
                "define_object_type",
                json!({"object_type": "contact", "label": "x", "plural_label": "x"}),
                409,
                "contact",
            ),
            (
                "define_object_type",
                json!({"object_type": "Vehicle", "label": "x", "plural_label": "x"}),
                422,
                "a-z",
            ),
            (
                "define_object_type",
                json!({"object_type": "v", "label": " ", "plural_label": "x"}),
                422,
                "label",
            ),
            ("get_object_record", json!({"record_id": "rec_0"}), 404, "rec_0"),
            ("update_object_record", json!({"record_id": "rec_0", "patch": {}}), 404, "rec_0"),
        ],
    )
    .await;
}

#[tokio::test]
async fn records_hold_what_their_type_defines() {
    let backend = Backend::start().await;
    for object_type in ["vehicle", "paper"] {
        let given = json!({"object_type": object_type, "label": object_type, "plural_label": object_type});
        backend.ok("/mcp/crm/define_object_type", given).await;
    }
    let property = |name: &str, more: Json| {
        let mut given = json!({"object_type": "vehicle", "name": name});
        given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        given
    };
    for given in [
        property("plate", json!({"required": true, "unique_property": true})),
        property("seats", json!({"data_type": "number"})),
        property("fuel", json!({"data_type": "enum", "options": [{"value": "gas"}, {"value": "sun"}]})),
    ] {
        backend.ok("/mcp/crm/define_property", given).await;
    }
    let create = |properties: Json| json!({"object_type": "vehicle", "properties": properties});
    let made =
        backend.ok("/mcp/crm/create_object_record", create(json!({"plate": "AB-1", "seats": 5}))).await;
    assert_eq!(made["properties"], json!({"plate": "AB-1", "seats": 5}));
    let update = |patch: Json| json!({"record_id": made["id"], "patch": patch});
    let changed = backend
        .ok("/mcp/crm/update_object_record", update(json!({"seats": 7, "fuel": "sun", "plate": "AB-1"})))
        .await;
    assert_eq!(changed["properties"], json!({"plate": "AB-1", "seats": 7, "fuel": "sun"}));
    assert_eq!(changed["changed"], json!(["seats", "fuel"]));
    let cleared = backend.ok("/mcp/crm/update_object_record", update(json!({"seats": null}))).await;
    assert_eq!(cleared["properties"], json!({"plate": "AB-1", "fuel": "sun"}));
    assert_refused(
        &backend,
        &[
            ("create_object_record", create(json!({"seats": 5})), 422, "plate"),
            ("create_object_record", create(json!({"plate": "AB-1"})), 409, "unique"),
            ("create_object_record", create(json!({"plate": "AB-2", "seats": "five"})), 422, "a number"),
            (
                "create_object_record",
                create(json!({"plate": "AB-2", "seat": 5})),
                422,
                "did you mean \"seats\"?",
            ),
            ("create_object_record", create(json!([])), 400, ""),
            ("update_object_record", update(json!({"fuel": "sin"})), 422, "did you mean \"sun\"?"),
            ("update_object_record", update(json!({"plate": null})), 422, "plate"),
        ],
    )
    .await;
    let found = json!({"object_type": "vehicle", "filters": [{"field": "fuel", "op": "eq", "value": "sun"}]});
    assert_eq!(
        each(&backend.ok("/mcp/crm/search_advanced", found).await, "id"),
        [made["id"].as_str().unwrap()]
    );
    let all = backend.ok("/mcp/crm/search_advanced", json!({"object_type": "vehicle", "filters": []})).await;
    assert_eq!(all["total"], 1, "nothing that was refused is there");
    let get = json!({"object_type": "vehicle", "record_id": made["id"], "property_name": "fuel"});
    assert_eq!(backend.ok("/mcp/crm/get_property", get).await["value"], "sun");
    let get = json!({"record_id": made["id"]});
    assert_eq!(backend.ok("/mcp/crm/get_object_record", get).await["properties"], cleared["properties"]);
    let owner = json!({"entity_type": "vehicle", "entity_id": made["id"], "visibility": "private"});
    assert_eq!(backend.ok("/mcp/crm/admin/assign_owner", owner).await["entity_type"], "vehicle");
}

#[tokio::test]
async fn records_without_definitions_hold_anything_and_keep_it() {
    let backend = Backend::start().await;
    let given = json!({"object_type": "paper", "label": "Paper", "plural_label": "Papers"});
    backend.ok("/mcp/crm/define_object_type", given).await;
    let free = json!({"Any key": {"deep": [1, null, "'; DROP TABLE contact; --"]}, "n": 1.5, "gone": true});
    let made = backend
        .ok("/mcp/crm/create_object_record", json!({"object_type": "paper", "properties": free}))
        .await;
    assert_eq!(made["properties"], free);
    let update = |patch: Json| json!({"record_id": made["id"], "patch": patch});
    let changed = backend.ok("/mcp/crm/update_object_record", update(json!({"gone": null, "n": 2}))).await;
    assert_eq!(
        (changed["properties"]["n"].clone(), changed["changed"].clone()),
        (json!(2), json!(["gone", "n"]))
    );
    let same = backend.ok("/mcp/crm/update_object_record", update(json!({"n": 2}))).await;
    assert_eq!(
        (same["changed"].clone(), same["updated_at"].clone()),
        (json!([]), changed["updated_at"].clone())
    );
    let huge = update(json!({"n": "x".repeat(100_001)}));
    assert_eq!(backend.post("/mcp/crm/update_object_record", huge).await.status, 422);
    backend
        .ok("/mcp/crm/define_property", json!({"object_type": "paper", "name": "n", "data_type": "number"}))
        .await;
    let kept = backend.ok("/mcp/crm/get_object_record", json!({"record_id": made["id"]})).await;
    assert_eq!(kept["properties"], changed["properties"]);
    let defined = backend.ok("/mcp/crm/update_object_record", update(json!({"n": 3, "Any key": null}))).await;
    assert_eq!(defined["properties"], json!({"n": 3}));
    assert_eq!(
        backend.post("/mcp/crm/update_object_record", update(json!({"Any key": 1}))).await.status,
        422
    );
}
