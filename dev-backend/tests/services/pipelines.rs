//! Pipelines of a tenant's own, and what a redefinition may change.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, assert_sound, each};

fn partner(stages: Json) -> Json {
    json!({"object_type": "deal", "name": "Partner sales", "stages": stages})
}

fn shape(pipeline: &Json) -> Vec<(String, Json, Json)> {
    let stages = pipeline["stages"].as_array().unwrap().iter();
    stages
        .map(|stage| {
            (
                stage["key"].as_str().unwrap().to_owned(),
                stage["probability"].clone(),
                stage["outcome"].clone(),
            )
        })
        .collect()
}

#[tokio::test]
async fn what_is_left_out_of_a_stage_is_derived() {
    let backend = Backend::start().await;
    let stages = json!([
        {"name": "First talk"}, {"name": "Über-Angebot!", "probability": 0.6}, {"name": "Signed", "probability": 1},
        {"name": "Won"}, {"name": "Gone", "key": "gone", "outcome": "lost"}
    ]);
    let made = backend.ok("/mcp/crm/define_pipeline", partner(stages)).await;
    assert_eq!((made["key"].clone(), made["created"].clone()), (json!("partner_sales"), json!(true)));
    assert_eq!(made["is_default"], false);
    let expected = [
        ("first_talk", json!(1.0 / 6.0), "open"),
        ("über_angebot", json!(0.6), "open"),
        ("signed", json!(1), "won"),
        ("won", json!(1), "won"),
        ("gone", json!(0), "lost"),
    ];
    assert_eq!(shape(&made), expected.map(|(key, chance, outcome)| (key.to_owned(), chance, json!(outcome))));
    let listed = backend.ok("/mcp/crm/list_pipelines", json!({})).await;
    assert_eq!(each(&listed, "key"), ["sales", "partner_sales"]);
    let deal = json!({"name": "x", "pipeline": "Partner Sales"});
    assert_eq!(backend.ok("/mcp/crm/create_deal", deal).await["stage"], "first_talk");
}

#[tokio::test]
async fn a_redefinition_keeps_what_deals_are_in() {
    let backend = Backend::start().await;
    let first = json!([{"name": "A"}, {"name": "B"}, {"name": "C"}, {"name": "Won"}]);
    let made = backend.ok("/mcp/crm/define_pipeline", partner(first.clone())).await;
    let again = backend.ok("/mcp/crm/define_pipeline", partner(first.clone())).await;
    assert_eq!(
        (again["created"].clone(), again["updated_at"].clone()),
        (json!(false), made["updated_at"].clone())
    );
    let deal = json!({"name": "x", "pipeline": "partner_sales", "stage": "b"});
    let deal = backend.ok("/mcp/crm/create_deal", deal).await;
    let refused = |stages: Json, named| ("define_pipeline", partner(stages), 409, named);
    let cases = [
        refused(json!([{"name": "A"}, {"name": "C"}]), "the stage b cannot go: 1 deals are in it"),
        refused(json!([{"name": "A"}, {"name": "B", "outcome": "won"}]), "the stage b cannot become won"),
    ];
    assert_refused(&backend, &cases).await;
    let listed = backend.ok("/mcp/crm/list_pipelines", json!({})).await;
    assert_eq!(shape(&listed["items"][1]), shape(&made));

    // Stages without deals go, others come, the order changes, and those that stay keep their ids.
    let second = json!([{"name": "New"}, {"name": "Bee", "key": "b", "probability": 0.9}, {"name": "A"}, {"name": "Won"}]);
    let mut changed = partner(second);
    changed["name"] = json!("partner SALES");
    let changed = backend.ok("/mcp/crm/define_pipeline", changed).await;
    assert_eq!(
        (changed["id"].clone(), changed["name"].clone()),
        (made["id"].clone(), json!("partner SALES"))
    );
    let keys = shape(&changed).into_iter().map(|(key, ..)| key).collect::<Vec<_>>();
    assert_eq!(keys, ["new", "b", "a", "won"]);
    assert_eq!(changed["stages"][1]["id"], made["stages"][1]["id"]);
    let moved = json!({"opportunity_id": deal["id"], "stage": "a"});
    let moved = backend.ok("/mcp/crm/update_pipeline", moved).await;
    assert_eq!(moved["stage_history"][1]["from"], "b");

    // A stage that deals have left may go too; their histories still name it, and it can come back.
    backend.ok("/mcp/crm/define_pipeline", partner(json!([{"name": "A"}]))).await;
    let same = json!({"opportunity_id": deal["id"], "stage": "a"});
    assert_eq!(backend.ok("/mcp/crm/update_pipeline", same).await["stage_history"][1]["from"], "b");
    let gone = json!({"opportunity_id": deal["id"], "stage": "b"});
    assert_eq!(backend.post("/mcp/crm/update_pipeline", gone.clone()).await.status, 422);
    let back = backend.ok("/mcp/crm/define_pipeline", partner(first)).await;
    assert_eq!(back["stages"][1]["id"], made["stages"][1]["id"]);
    backend.ok("/mcp/crm/update_pipeline", gone).await;
    let timeline = json!({"entity_type": "pipeline", "entity_id": made["id"]});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(
        each(&timeline, "kind"),
        ["pipeline.updated", "pipeline.updated", "pipeline.updated", "pipeline.created"]
    );
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn there_is_always_one_default_per_object_type() {
    let backend = Backend::start().await;
    let define = |object_type: &str, name: &str, is_default: bool| json!({"object_type": object_type, "name": name, "stages": [{"name": "A"}], "is_default": is_default});
    for (object_type, name, is_default, expected) in [
        ("deal", "One", true, json!(true)),
        ("deal", "Two", false, json!(false)),
        // The default cannot be given up, only handed on.
        ("deal", "One", false, json!(true)),
        ("contact", "Leads", false, json!(true)),
        ("deal", "Two", true, json!(true)),
    ] {
        let made = backend.ok("/mcp/crm/define_pipeline", define(object_type, name, is_default)).await;
        assert_eq!(made["is_default"], expected, "{name}");
    }
    let listed = backend.ok("/mcp/crm/list_pipelines", json!({})).await;
    let defaults =
        listed["items"].as_array().unwrap().iter().filter(|pipeline| pipeline["is_default"] == true);
    assert_eq!(
        defaults.map(|pipeline| pipeline["key"].as_str().unwrap()).collect::<Vec<_>>(),
        ["two", "leads"]
    );
    assert_eq!(backend.ok("/mcp/crm/create_deal", json!({"name": "x"})).await["pipeline"], "two");
}

#[tokio::test]
async fn pipelines_that_make_no_sense_are_refused() {
    let backend = Backend::start().await;
    let refused = |stages: Json, named| ("define_pipeline", partner(stages), 422, named);
    let many: Vec<Json> = (0..51).map(|number| json!({"name": format!("s{number}")})).collect();
    let mut cases = vec![
        refused(json!([]), "1 to 50"),
        refused(json!(many), "51"),
        refused(json!([{"name": "?!"}]), "letter or digit"),
        refused(json!([{"name": "A"}, {"name": "a "}]), "\"a\""),
        refused(json!([{"name": "Won"}]), "open"),
        refused(json!([{"name": "A", "probability": 1.5}]), "1.5"),
        refused(json!([{"name": "A"}, {"name": "Won", "probability": 0.5}]), "its probability is 1"),
        refused(json!([{"name": "A"}, {"name": "B", "outcome": "gone"}]), "open, won, lost"),
    ];
    cases.push((
        "define_pipeline",
        json!({"object_type": "deals", "name": "x", "stages": [{"name": "A"}]}),
        422,
        "did you mean \"deal\"?",
    ));
    cases.push((
        "define_pipeline",
        json!({"object_type": "deal", "name": "...", "stages": [{"name": "A"}]}),
        422,
        "name",
    ));
    cases.push(("define_pipeline", partner(json!([{"name": "A", "chance": 1}])), 400, "chance"));
    assert_refused(&backend, &cases).await;
    assert_eq!(backend.ok("/mcp/crm/list_pipelines", json!({})).await["total"], 1);
}
