//! Custom properties: defined, enforced on every write, and read back.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, assert_sound, each, id};

fn property(name: &str, data_type: &str, more: Json) -> Json {
    let mut definition = json!({"object_type": "contact", "name": name, "data_type": data_type});
    definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    definition
}

fn set(record: &str, name: &str, value: Json) -> Json {
    json!({"object_type": "contact", "record_id": record, "property_name": name, "value": value})
}

#[tokio::test]
async fn values_of_every_type_are_kept_and_cleared() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let options = json!({"options": [{"value": "junior"}, {"value": "senior", "label": "Senior or above"}], "label": "Level"});
    for definition in [
        property("nickname", "string", json!({})),
        property("score", "number", json!({})),
        property("vip", "boolean", json!({})),
        property("birthday", "date", json!({"description": "For the card"})),
        property("level", "enum", options),
    ] {
        let defined = backend.ok("/mcp/crm/define_property", definition.clone()).await;
        assert_eq!(defined["created"], true, "{definition}");
    }
    let listed = backend.ok("/mcp/crm/list_properties", json!({"object_type": "contact"})).await;
    assert_eq!(each(&listed, "name"), ["nickname", "score", "vip", "birthday", "level"]);
    assert_eq!(each(&listed, "label"), ["nickname", "score", "vip", "birthday", "Level"]);
    assert_eq!(listed["items"][4]["options"][1], json!({"value": "senior", "label": "Senior or above"}));

    let values = [
        ("nickname", json!(" Annie \n"), json!("Bo")),
        ("score", json!(12), json!(0.5)),
        ("vip", json!(true), json!(false)),
        ("birthday", json!("1990-05-17"), json!("2000-02-29")),
        ("level", json!("junior"), json!("senior")),
    ];
    let get = async |name: &str| {
        let arguments = json!({"object_type": "contact", "record_id": contact, "property_name": name});
        backend.ok("/mcp/crm/get_property", arguments).await["value"].clone()
    };
    for (name, first, second) in &values {
        assert_eq!(get(name).await, json!(null), "{name}");
        for value in [first, second] {
            let kept = backend.ok("/mcp/crm/set_property", set(&contact, name, value.clone())).await;
            assert_eq!(
                (kept["value"].clone(), kept["changed"].clone()),
                (value.clone(), json!(true)),
                "{name}"
            );
            assert_eq!(get(name).await, *value, "{name}");
            let again = backend.ok("/mcp/crm/set_property", set(&contact, name, value.clone())).await;
            assert_eq!(again["changed"], false, "{name}");
        }
    }
    let looked_up = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": contact})).await;
    let expected: serde_json::Map<String, Json> =
        values.iter().map(|(name, _, second)| ((*name).to_owned(), second.clone())).collect();
    assert_eq!(looked_up["properties"], Json::Object(expected));
    let cleared = backend.ok("/mcp/crm/set_property", set(&contact, "vip", json!(null))).await;
    assert_eq!((cleared["value"].clone(), cleared["updated_at"].clone()), (json!(null), json!(null)));
    let timeline = json!({"entity_type": "contact", "entity_id": contact});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(timeline["total"], 12);
    assert_eq!(timeline["items"][0]["details"]["changes"], json!({"vip": {"from": false, "to": null}}));
    assert_eq!(timeline["items"][1]["summary"], "Level of a@b.example set");
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn what_a_definition_says_is_enforced_on_every_write() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let other = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "c@d.example"})).await);
    for definition in [
        property("number", "string", json!({"unique_property": true, "required": true})),
        property("score", "number", json!({})),
        property("vip", "boolean", json!({})),
        property("birthday", "date", json!({})),
        property("level", "enum", json!({"options": [{"value": "junior"}, {"value": "senior"}]})),
        property("old", "string", json!({"archived": true})),
    ] {
        backend.ok("/mcp/crm/define_property", definition).await;
    }
    backend.ok("/mcp/crm/set_property", set(&contact, "number", json!("C-1"))).await;
    let refused = |name, value, status, named| ("set_property", set(&other, name, value), status, named);
    let cases = [
        refused("number", json!("C-1"), 409, contact.as_str()),
        refused("number", json!(null), 422, "required"),
        refused("number", json!(7), 422, "a text, not 7"),
        refused("number", json!(" "), 422, "blank"),
        refused("number", json!("x".repeat(10_001)), 422, "10001"),
        refused("score", json!("7"), 422, "a number, not \"7\""),
        refused("vip", json!("yes"), 422, "true or false"),
        refused("birthday", json!("17.5.1990"), 422, "2027-03-31"),
        refused("birthday", json!("1990-02-30"), 422, "birthday"),
        refused("level", json!("senor"), 422, "did you mean \"senior\"?; the valid ones are junior, senior"),
        refused("level", json!("Senior"), 422, "junior, senior"),
        refused("old", json!("x"), 409, "archived"),
        refused("old", json!(null), 409, "archived"),
        refused("levle", json!("senior"), 422, "did you mean \"level\"?"),
        ("set_property", set("con_0", "vip", json!(true)), 404, "con_0"),
        (
            "get_property",
            json!({"object_type": "contact", "record_id": "con_0", "property_name": "vip"}),
            404,
            "con_0",
        ),
        (
            "get_property",
            json!({"object_type": "deal", "record_id": "deal_0", "property_name": "vip"}),
            422,
            "define_property",
        ),
        ("list_properties", json!({"object_type": "contacts"}), 422, "did you mean \"contact\"?"),
    ];
    assert_refused(&backend, &cases).await;
    // The holder itself may write its unique value again, and hand it on.
    backend.ok("/mcp/crm/set_property", set(&contact, "number", json!("C-1"))).await;
    backend.ok("/mcp/crm/set_property", set(&contact, "number", json!("C-2"))).await;
    backend.ok("/mcp/crm/set_property", set(&other, "number", json!("C-1"))).await;
}

#[tokio::test]
async fn a_definition_changes_as_far_as_stored_values_allow() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let other = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "c@d.example"})).await);
    let level = |values: &[&str], more: Json| {
        let options: Vec<Json> = values.iter().map(|value| json!({"value": value})).collect();
        let mut definition = property("level", "enum", json!({"options": options}));
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        definition
    };
    let made = backend.ok("/mcp/crm/define_property", level(&["a", "b"], json!({}))).await;
    let same = backend.ok("/mcp/crm/define_property", level(&["a", "b"], json!({}))).await;
    assert_eq!(
        (same["created"].clone(), same["updated_at"].clone()),
        (json!(false), made["updated_at"].clone())
    );
    // Nobody has a value yet, so even the type may change.
    backend.ok("/mcp/crm/define_property", property("level", "number", json!({}))).await;
    backend.ok("/mcp/crm/define_property", level(&["a", "b"], json!({}))).await;
    for record in [&contact, &other] {
        backend.ok("/mcp/crm/set_property", set(record, "level", json!("a"))).await;
    }
    let cases = [
        ("define_property", property("level", "string", json!({})), 409, "type cannot change"),
        ("define_property", level(&["b", "c"], json!({})), 409, "\"a\""),
        ("define_property", level(&["a", "b"], json!({"unique_property": true})), 409, "2 records"),
        ("define_property", property("level", "enum", json!({})), 422, "options"),
        ("define_property", level(&["a", "a"], json!({})), 422, "twice"),
        ("define_property", property("email", "string", json!({})), 409, "email"),
        ("define_property", property("Level", "string", json!({})), 422, "Level"),
        ("define_property", property("x", "text", json!({})), 422, "the valid ones are string, number"),
        ("define_property", property("x", "string", json!({"options": [{"value": "a"}]})), 422, "enum"),
    ];
    assert_refused(&backend, &cases).await;
    let changed = backend.ok("/mcp/crm/define_property", level(&["a", "c"], json!({"label": "Grade"}))).await;
    assert_eq!((changed["id"].clone(), changed["label"].clone()), (made["id"].clone(), json!("Grade")));
    backend.ok("/mcp/crm/define_property", level(&["a", "c"], json!({"archived": true}))).await;
    let arguments = json!({"object_type": "contact", "record_id": contact, "property_name": "level"});
    assert_eq!(backend.ok("/mcp/crm/get_property", arguments).await["value"], "a");
}
