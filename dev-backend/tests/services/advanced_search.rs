//! Search by field conditions, and the segments made of them.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_refused, each, id};

/// Three contacts with properties, and a deal of each.
async fn filled() -> Backend {
    let backend = Backend::start().await;
    for (name, data_type) in [("score", "number"), ("vip", "boolean"), ("since", "date"), ("motto", "string")]
    {
        let definition = json!({"object_type": "contact", "name": name, "data_type": data_type});
        backend.ok("/mcp/crm/define_property", definition).await;
    }
    let people = [
        (
            "Änna",
            Some("+49 30 1"),
            json!({"score": 10, "vip": true, "since": "2020-01-31", "motto": "Ganz Groß"}),
        ),
        ("Bo", None, json!({"score": 2.5, "vip": false, "since": "2024-12-01"})),
        ("cy", Some("+49 40 2"), json!({})),
    ];
    for (number, (name, phone, values)) in people.into_iter().enumerate() {
        let contact = json!({"email": format!("{name}@X.example"), "first_name": name, "phone": phone, "company_name": "Brot"});
        let contact = backend.ok("/mcp/crm/upsert_contact", contact).await;
        for (property, value) in values.as_object().unwrap() {
            let value = json!({"object_type": "contact", "record_id": contact["id"], "property_name": property, "value": value});
            backend.ok("/mcp/crm/set_property", value).await;
        }
        let deal = json!({
            "name": format!("Deal {name}"), "amount": 1000 * number, "primary_contact_id": contact["id"],
            "expected_close_date": format!("2027-0{}-01", number + 1), "status": if number == 2 { "won" } else { "open" }
        });
        backend.ok("/mcp/crm/create_deal", deal).await;
    }
    backend
}

#[tokio::test]
async fn every_operator_works_on_fields_and_properties() {
    let backend = filled().await;
    let all = ["Bo", "cy", "Änna"];
    let cases: [(Json, &[&str]); 31] = [
        (json!([]), &all),
        (json!([["first_name", "eq", "ÄNNA"]]), &["Änna"]),
        (json!([["email", "eq", "bo@x.example"]]), &["Bo"]),
        (json!([["first_name", "ne", "bo"]]), &["cy", "Änna"]),
        (json!([["phone", "ne", "+49 30 1"]]), &["Bo", "cy"]),
        (json!([["first_name", "gt", "bo"]]), &["cy", "Änna"]),
        (json!([["first_name", "lte", "BO"]]), &["Bo"]),
        (json!([["first_name", "contains", "NN"]]), &["Änna"]),
        (json!([["phone", "contains", "%"]]), &[]),
        (json!([["first_name", "in", ["bo", "CY", "x"]]]), &["Bo", "cy"]),
        (json!([["first_name", "in", []]]), &[]),
        (json!([["first_name", "between", ["b", "czz"]]]), &["Bo", "cy"]),
        (json!([["phone", "is_set", true]]), &["cy", "Änna"]),
        (json!([["phone", "is_set", null]]), &["cy", "Änna"]),
        (json!([["phone", "is_set", false]]), &["Bo"]),
        (json!([["company_name", "eq", "brot"]]), &all),
        (json!([["created_at", "gte", "2020-01-01"]]), &all),
        (json!([["created_at", "lt", "2020-01-01T00:00:00+02:00"]]), &[]),
        (json!([["score", "eq", 10.0]]), &["Änna"]),
        (json!([["score", "ne", 10]]), &["Bo", "cy"]),
        (json!([["score", "gte", 2.5]]), &["Bo", "Änna"]),
        (json!([["score", "in", [2.5, 7]]]), &["Bo"]),
        (json!([["score", "between", [3, 10]]]), &["Änna"]),
        (json!([["vip", "eq", true]]), &["Änna"]),
        (json!([["vip", "ne", true]]), &["Bo", "cy"]),
        (json!([["vip", "in", [true, false]]]), &["Bo", "Änna"]),
        (json!([["vip", "is_set", false]]), &["cy"]),
        (json!([["since", "lt", "2024-01-01"]]), &["Änna"]),
        (json!([["motto", "contains", "ganz gro"]]), &["Änna"]),
        (json!([["motto", "eq", "GANZ groß"]]), &["Änna"]),
        (json!([["score", "gt", 0], ["vip", "eq", false], ["phone", "is_set", false]]), &["Bo"]),
    ];
    for (filters, expected) in cases {
        let written: Vec<Json> = filters
            .as_array()
            .unwrap()
            .iter()
            .map(|filter| json!({"field": filter[0], "op": filter[1], "value": filter[2]}))
            .collect();
        let found = json!({"object_type": "contact", "filters": written});
        let found = backend.ok("/mcp/crm/search_advanced", found).await;
        let mut names = each(&found, "first_name");
        names.sort();
        assert_eq!(names, expected, "{filters}");
        assert_eq!(found["total"], expected.len(), "{filters}");
    }
}

#[tokio::test]
async fn records_are_sorted_and_paged() {
    let backend = filled().await;
    let cases = [
        (json!({"object_type": "contact", "filters": []}), ["cy", "Bo", "Änna"]),
        (
            json!({"object_type": "contact", "filters": [], "sort_by": "first_name", "sort_dir": "ASC"}),
            ["Bo", "cy", "Änna"],
        ),
        // What has no value comes last, whichever way the others go.
        (
            json!({"object_type": "contact", "filters": [], "sort_by": "score", "sort_dir": "ASC"}),
            ["Bo", "Änna", "cy"],
        ),
        (
            json!({"object_type": "contact", "filters": [], "sort_by": "score", "sort_dir": "desc"}),
            ["Änna", "Bo", "cy"],
        ),
        (
            json!({"object_type": "deal", "filters": [], "sort_by": "amount"}),
            ["Deal cy", "Deal Bo", "Deal Änna"],
        ),
    ];
    for (search, expected) in cases {
        let field = if search["object_type"] == "deal" { "name" } else { "first_name" };
        let found = backend.ok("/mcp/crm/search_advanced", search.clone()).await;
        assert_eq!(each(&found, field), expected, "{search}");
        let mut page = search.clone();
        page.as_object_mut()
            .unwrap()
            .extend([("limit".to_owned(), json!(2)), ("offset".to_owned(), json!(1))]);
        let page = backend.ok("/mcp/crm/search_advanced", page).await;
        assert_eq!(
            (each(&page, field), page["next_offset"].clone()),
            (expected[1..].iter().map(|name| (*name).to_owned()).collect(), json!(null))
        );
    }
    let found = json!({"object_type": "contact", "filters": [{"field": "vip", "op": "eq", "value": true}]});
    let found = backend.ok("/mcp/crm/search_advanced", found).await;
    assert_eq!(
        found["items"][0]["properties"],
        json!({"score": 10, "vip": true, "since": "2020-01-31", "motto": "Ganz Groß"})
    );
    let deals = json!({"object_type": "deal", "filters": [
        {"field": "status", "op": "eq", "value": "open"}, {"field": "probability", "op": "lte", "value": 0.1},
        {"field": "expected_close_date", "op": "between", "value": ["2027-02-01", "2027-12-31"]}, {"field": "stage", "op": "eq", "value": "new"}
    ]});
    assert_eq!(each(&backend.ok("/mcp/crm/search_advanced", deals).await, "name"), ["Deal Bo"]);
    let companies =
        json!({"object_type": "company", "filters": [{"field": "name", "op": "contains", "value": "BRO"}]});
    assert_eq!(each(&backend.ok("/mcp/crm/search_advanced", companies).await, "type"), ["company"]);
}

#[tokio::test]
async fn what_a_filter_cannot_mean_is_said() {
    let backend = filled().await;
    let refused = |field: &str, op: &str, value: Json, named| {
        let filter = json!({"field": field, "op": op, "value": value});
        ("search_advanced", json!({"object_type": "contact", "filters": [filter]}), 422, named)
    };
    let mut cases = vec![
        refused(
            "emial",
            "eq",
            json!("x"),
            "did you mean \"email\"?; the valid ones are id, email, first_name",
        ),
        refused("scor", "eq", json!(1), "created_at, updated_at, score, vip, since, motto"),
        refused("amount", "eq", json!(1), "field of contact"),
        refused("email; DROP TABLE contact", "eq", json!("x"), "there is no field"),
        refused(
            "email",
            "equals",
            json!("x"),
            "the valid ones are eq, ne, gt, gte, lt, lte, contains, in, between, is_set",
        ),
        refused("email", "gtt", json!("x"), "did you mean \"gt\"?"),
        refused("score", "contains", json!("1"), "holds numbers and does not take contains; it takes eq, ne"),
        refused("vip", "gt", json!(true), "does not take gt"),
        refused("score", "eq", json!("10"), "holds numbers and cannot be compared with \"10\""),
        refused("score", "eq", json!(null), "with null"),
        refused("email", "eq", json!(["x"]), "[\"x\"]"),
        refused("vip", "eq", json!(1), "true or false"),
        refused("since", "eq", json!("2020"), "since"),
        refused("created_at", "gt", json!("last week"), "created_at"),
        refused("email", "in", json!("x"), "a list of up to 1000"),
        refused("email", "in", json!([1]), "with 1"),
        refused("score", "between", json!([1]), "low and the high"),
        refused("score", "between", json!({"low": 1, "high": 2}), "low and the high"),
        refused("phone", "is_set", json!("yes"), "true or false"),
    ];
    let sorted = |more: Json| {
        let mut search = json!({"object_type": "contact", "filters": []});
        search.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        search
    };
    let many: Vec<Json> = (0..51).map(|_| json!({"field": "email", "op": "is_set"})).collect();
    cases.extend([
        ("search_advanced", sorted(json!({"sort_by": "emal"})), 422, "did you mean \"email\"?"),
        ("search_advanced", sorted(json!({"sort_dir": "UP"})), 422, "ASC, DESC"),
        ("search_advanced", sorted(json!({"filters": many})), 422, "51"),
        ("search_advanced", sorted(json!({"object_type": "person"})), 422, "contact, company, deal"),
        (
            "search_advanced",
            sorted(json!({"filters": [{"field": "email", "op": "eq", "vlaue": 1}]})),
            400,
            "vlaue",
        ),
        ("search_advanced", sorted(json!({"limit": 0})), 422, "limit"),
    ]);
    assert_refused(&backend, &cases).await;
}

#[tokio::test]
async fn a_dynamic_segment_follows_the_data_and_a_static_one_does_not() {
    let backend = filled().await;
    let found = async |name: &str| {
        let filter = json!([{"field": "first_name", "op": "eq", "value": name}]);
        let found = json!({"object_type": "contact", "filters": filter});
        each(&backend.ok("/mcp/crm/search_advanced", found).await, "id")[0].clone()
    };
    let (anna, bo, cy) = (found("Änna").await, found("Bo").await, found("cy").await);
    let dynamic = json!({"object_type": "contact", "name": "Scorers", "definition": {"filters": [{"field": "score", "op": "gt", "value": 5}]}});
    let dynamic = backend.ok("/mcp/crm/create_segment", dynamic).await;
    let fixed = json!({"object_type": "contact", "name": "Picked", "is_dynamic": false, "definition": {"record_ids": [cy, anna, cy]}});
    let fixed = backend.ok("/mcp/crm/create_segment", fixed).await;
    let members = async |segment: &Json| {
        each(&backend.ok("/mcp/crm/segment_members", json!({"segment_id": segment["id"]})).await, "name")
    };
    assert_eq!(
        (dynamic["size"].clone(), fixed["size"].clone(), fixed["created"].clone()),
        (json!(1), json!(2), json!(true))
    );
    assert_eq!(
        (members(&dynamic).await, members(&fixed).await),
        (vec!["Änna".to_owned()], vec!["cy".to_owned(), "Änna".to_owned()])
    );

    for (record, score) in [(&bo, json!(50)), (&anna, json!(null))] {
        let value =
            json!({"object_type": "contact", "record_id": record, "property_name": "score", "value": score});
        backend.ok("/mcp/crm/set_property", value).await;
    }
    assert_eq!(
        (members(&dynamic).await, members(&fixed).await),
        (vec!["Bo".to_owned()], vec!["cy".to_owned(), "Änna".to_owned()])
    );

    // The same name, however written, is the same segment; it may even change its kind.
    let again = json!({"object_type": "contact", "name": "SCORERS", "is_dynamic": false, "definition": {"record_ids": [bo, cy]}});
    let again = backend.ok("/mcp/crm/create_segment", again).await;
    assert_eq!(
        (again["id"].clone(), again["created"].clone(), again["name"].clone()),
        (dynamic["id"].clone(), json!(false), json!("SCORERS"))
    );
    assert_eq!(members(&dynamic).await, ["Bo", "cy"]);
    let back = json!({"object_type": "contact", "name": "Scorers", "definition": {"filters": []}});
    backend.ok("/mcp/crm/create_segment", back).await;
    let page = backend.ok("/mcp/crm/segment_members", json!({"segment_id": dynamic["id"], "limit": 2})).await;
    assert_eq!(
        (each(&page, "name"), page["total"].clone(), page["next_offset"].clone()),
        (vec!["cy".to_owned(), "Bo".to_owned()], json!(3), json!(2))
    );
    let listed = backend.ok("/mcp/crm/list_segments", json!({})).await;
    assert_eq!(each(&listed, "name"), ["Scorers", "Picked"]);
    assert_eq!(
        (listed["items"][0]["size"].clone(), listed["items"][1]["size"].clone()),
        (json!(3), json!(2))
    );
    assert_eq!(backend.ok("/mcp/crm/list_segments", json!({"object_type": "deal"})).await["total"], 0);
}

#[tokio::test]
async fn segments_that_make_no_sense_are_refused() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await);
    let refused = |is_dynamic: bool, definition: Json, status, named| {
        let segment = json!({"object_type": "contact", "name": "x", "definition": definition, "is_dynamic": is_dynamic});
        ("create_segment", segment, status, named)
    };
    let cases = [
        refused(true, json!({}), 422, "needs filters"),
        refused(true, json!({"record_ids": []}), 422, "needs filters"),
        refused(true, json!({"filters": [], "limit": 1}), 422, "limit"),
        refused(true, json!({"filters": "all"}), 422, "definition.filters"),
        refused(
            true,
            json!({"filters": [{"field": "emial", "op": "eq", "value": "x"}]}),
            422,
            "did you mean \"email\"?",
        ),
        refused(false, json!({"filters": []}), 422, "needs record_ids"),
        refused(false, json!({"record_ids": [1]}), 422, "definition.record_ids"),
        refused(
            false,
            json!({"record_ids": [contact, "con_0", "con_1"]}),
            404,
            "2 of the 3 record_ids are no contact: con_0, con_1",
        ),
        ("segment_members", json!({"segment_id": "seg_0"}), 404, "seg_0"),
        ("list_segments", json!({"object_type": "contacts"}), 422, "did you mean \"contact\"?"),
    ];
    assert_refused(&backend, &cases).await;
    assert_eq!(backend.ok("/mcp/crm/list_segments", json!({})).await["total"], 0);
}

#[tokio::test]
async fn records_of_own_types_take_part_in_everything() {
    let backend = Backend::start().await;
    let ok = async |route: &str, arguments: Json| backend.ok(&format!("/mcp/crm/{route}"), arguments).await;
    ok(
        "define_object_type",
        json!({"object_type": "vehicle", "label": "Vehicle", "plural_label": "Vehicles"}),
    )
    .await;
    for (name, data_type) in [("name", "string"), ("seats", "number")] {
        ok("define_property", json!({"object_type": "vehicle", "name": name, "data_type": data_type})).await;
    }
    let mut vehicles = Vec::new();
    for (name, seats) in [("Van", 5), ("Bus", 50)] {
        let vehicle = json!({"object_type": "vehicle", "properties": {"name": name, "seats": seats}});
        vehicles.push(id(&ok("create_object_record", vehicle).await));
    }
    let large = json!([{"field": "seats", "op": "gt", "value": 9}]);
    let found = ok("search_advanced", json!({"object_type": "vehicle", "filters": large})).await;
    assert_eq!((each(&found, "id"), found["total"].clone()), (vec![vehicles[1].clone()], json!(1)));
    let shown = ok("get_object_record", json!({"record_id": vehicles[1]})).await;
    assert_eq!(found["items"][0], shown);
    let sorted = json!({"object_type": "vehicle", "filters": [], "sort_by": "seats", "sort_dir": "ASC"});
    assert_eq!(each(&ok("search_advanced", sorted).await, "id"), vehicles);
    let segment = json!({"object_type": "vehicle", "name": "Large", "definition": {"filters": large}});
    let segment = ok("create_segment", segment).await;
    let van =
        json!({"object_type": "vehicle", "record_id": vehicles[0], "property_name": "seats", "value": 12});
    ok("set_property", van).await;
    let members = ok("segment_members", json!({"segment_id": segment["id"]})).await;
    assert_eq!(each(&members, "name"), ["Bus", "Van"]);
    let contact = ok("upsert_contact", json!({"email": "a@b.example"})).await;
    let link = json!({"from_type": "contact", "from_id": contact["id"], "to_type": "vehicle", "to_id": vehicles[0], "association_type": "drives"});
    ok("link_entities", link).await;
    let links = ok("list_associations", json!({"entity_type": "contact", "entity_id": contact["id"]})).await;
    assert_eq!(
        (each(&links, "entity_type"), each(&links, "name")),
        (vec!["vehicle".to_owned()], vec!["Van".to_owned()])
    );
    let task = json!({"entity_type": "vehicle", "entity_id": vehicles[0], "subject": "Wash"});
    ok("complete_task", json!({"task_id": ok("create_task", task).await["id"]})).await;
    let pipeline = json!({"object_type": "vehicle", "name": "Repairs", "stages": [{"name": "In"}]});
    assert_eq!(ok("define_pipeline", pipeline).await["is_default"], true);
    // Another tenant has no such type.
    for (route, arguments) in [
        ("search_advanced", json!({"object_type": "vehicle", "filters": []})),
        ("list_properties", json!({"object_type": "vehicle"})),
        ("create_task", json!({"entity_type": "vehicle", "entity_id": vehicles[0], "subject": "x"})),
    ] {
        let answer = backend.post_as("other", &format!("/mcp/crm/{route}"), arguments).await;
        assert_eq!(answer.status, 422, "{route}: {}", answer.body);
        assert!(answer.message().ends_with("contact, company, deal"), "{}", answer.message());
    }
}
