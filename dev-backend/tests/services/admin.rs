//! Users, teams, owners and keys.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each};

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let backend = Backend::start().await;
    let given = json!({"name": "Reporting", "scopes": ["contacts:read", "deals:read", "contacts:read"]});
    let one = backend.ok("/mcp/crm/admin/create_api_key", given.clone()).await;
    let other = backend.ok("/mcp/crm/admin/create_api_key", given).await;
    assert_eq!(one["scopes"], json!(["contacts:read", "deals:read"]));
    assert_ne!(one["key"], other["key"]);
    let key = one["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("crm_") && key.len() == 68, "{key}");
    let trail = backend.ok("/mcp/crm/audit_query", json!({"action": "api_key.created"})).await;
    assert_eq!(trail["total"], 2);
    assert!(!trail.to_string().contains(&key));
    for (given, status) in
        [(json!({"name": " "}), 422), (json!({"name": "x", "scopes": [""]}), 422), (json!({}), 400)]
    {
        assert_eq!(
            backend.post("/mcp/crm/admin/create_api_key", given.clone()).await.status,
            status,
            "{given}"
        );
    }
    let (database, folder) = backend.stopped_database().await;
    let hash: String =
        database.query_row("SELECT sha256 FROM api_key ORDER BY seq", [], |row| row.get(0)).unwrap();
    assert_eq!(hash.len(), 64);
    let bytes = std::fs::read(folder.path().join("data/dev.sqlite")).unwrap();
    assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
}

#[tokio::test]
async fn a_user_is_known_by_the_id_of_the_identity_provider() {
    let backend = Backend::start().await;
    let route = "/mcp/crm/admin/upsert_user";
    let made =
        backend.ok(route, json!({"external_id": "idp-1", "email": "grace@x.example", "role": "admin"})).await;
    assert_eq!((made["created"].clone(), made["is_active"].clone()), (json!(true), json!(true)));
    let changed =
        backend.ok(route, json!({"external_id": "idp-1", "display_name": "Grace", "is_active": false})).await;
    assert_eq!(changed["id"], made["id"]);
    assert_eq!(changed["changed"], json!(["display_name", "is_active"]));
    assert_eq!(
        (changed["role"].clone(), changed["email"].clone()),
        (json!("admin"), json!("grace@x.example"))
    );
    let same = backend.ok(route, json!({"external_id": "idp-1", "is_active": false})).await;
    assert_eq!(same["updated_at"], changed["updated_at"]);
    let refused = backend.post(route, json!({"external_id": "idp-2", "email": "nobody"})).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn teams_stand_below_each_other_and_never_in_a_circle() {
    let backend = Backend::start().await;
    let team = async |name: &str, parent: Json| {
        backend.post("/mcp/crm/admin/create_team", json!({"name": name, "parent_team_id": parent})).await
    };
    let sales = team("Sales", json!(null)).await.body;
    let emea = team("EMEA", sales["id"].clone()).await.body;
    let dach = team("DACH", emea["id"].clone()).await.body;
    assert_eq!(dach["parent_team_id"], emea["id"]);
    let again = team("dach", json!(null)).await.body;
    assert_eq!((again["id"].clone(), again["created"].clone()), (dach["id"].clone(), json!(false)));
    assert_eq!(again["parent_team_id"], emea["id"]);
    let moved = team("DACH", sales["id"].clone()).await.body;
    assert_eq!(
        (moved["id"].clone(), moved["parent_team_id"].clone()),
        (dach["id"].clone(), sales["id"].clone())
    );
    for (name, parent, status) in [
        ("Sales", &sales["id"], 409),
        ("Sales", &emea["id"], 409),
        ("Sales", &dach["id"], 409),
        ("New", &json!("team_0"), 404),
    ] {
        assert_eq!(team(name, parent.clone()).await.status, status, "{name} {parent}");
    }
    let user = backend.ok("/mcp/crm/admin/upsert_user", json!({"external_id": "1"})).await;
    let member = |role: &str| json!({"team_id": emea["id"], "user_id": user["id"], "role": role});
    let added = backend.ok("/mcp/crm/admin/add_team_member", member("member")).await;
    let led = backend.ok("/mcp/crm/admin/add_team_member", member("lead")).await;
    assert_eq!((added["created"].clone(), led["created"].clone()), (json!(true), json!(false)));
    assert_eq!((led["role"].clone(), led["added_at"].clone()), (json!("lead"), added["added_at"].clone()));
    backend.ok("/mcp/crm/admin/add_team_member", member("lead")).await;
    let trail = json!({"entity_type": "team", "entity_id": emea["id"]});
    let trail = backend.ok("/mcp/crm/audit_query", trail).await;
    assert_eq!(each(&trail, "action"), ["team.member_updated", "team.member_added", "team.created"]);
    for (team_id, user_id) in [(&json!("team_0"), &user["id"]), (&emea["id"], &json!("user_0"))] {
        let given = json!({"team_id": team_id, "user_id": user_id});
        assert_eq!(backend.post("/mcp/crm/admin/add_team_member", given).await.status, 404);
    }
}

#[tokio::test]
async fn an_owner_is_somebody_who_is_there() {
    let backend = Backend::start().await;
    let contact = backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    let deal = backend.ok("/mcp/crm/create_deal", json!({"name": "x"})).await;
    let user = backend.ok("/mcp/crm/admin/upsert_user", json!({"external_id": "1"})).await;
    let gone =
        backend.ok("/mcp/crm/admin/upsert_user", json!({"external_id": "2", "is_active": false})).await;
    let team = backend.ok("/mcp/crm/admin/create_team", json!({"name": "Sales"})).await;
    let route = "/mcp/crm/admin/assign_owner";
    let of = |more: Json| {
        let mut given = json!({"entity_type": "deal", "entity_id": deal["id"]});
        given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        given
    };
    let owned = backend.ok(route, of(json!({"owner_user_id": user["id"], "visibility": "team"}))).await;
    assert_eq!((owned["owner_team_id"].clone(), owned["visibility"].clone()), (json!(null), json!("team")));
    let owned = backend.ok(route, of(json!({"owner_team_id": team["id"]}))).await;
    assert_eq!(
        (owned["owner_user_id"].clone(), owned["owner_team_id"].clone(), owned["visibility"].clone()),
        (user["id"].clone(), team["id"].clone(), json!("team"))
    );
    backend.ok(route, of(json!({"owner_team_id": team["id"]}))).await;
    let timeline = json!({"entity_type": "deal", "entity_id": deal["id"]});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(each(&timeline, "kind"), ["owner.assigned", "owner.assigned", "deal.created"]);
    let contact = json!({"entity_type": "contact", "entity_id": contact["id"], "visibility": "private"});
    assert_eq!(backend.ok(route, contact).await["visibility"], "private");
    for (given, status) in [
        (of(json!({})), 422),
        (of(json!({"visibility": "all"})), 422),
        (of(json!({"owner_user_id": "user_0"})), 404),
        (of(json!({"owner_user_id": gone["id"]})), 409),
        (of(json!({"owner_team_id": user["id"]})), 404),
        (json!({"entity_type": "deal", "entity_id": "deal_0", "visibility": "team"}), 404),
        (json!({"entity_type": "dael", "entity_id": deal["id"], "visibility": "team"}), 422),
    ] {
        assert_eq!(backend.post(route, given.clone()).await.status, status, "{given}");
    }
}
