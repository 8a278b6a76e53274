//! Contacts, companies, deals, notes: one consistent story.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, search};

#[tokio::test]
async fn a_sale_tells_one_story() {
    let backend = Backend::start().await;
    let company = backend
        .ok(
            "/mcp/crm/upsert_company",
            json!({"name": "Brot & Butter", "domain": "https://www.Brot.example/shop"}),
        )
        .await;
    assert_eq!((company["created"].clone(), company["domain"].clone()), (json!(true), json!("brot.example")));
    let contact = backend
        .ok("/mcp/crm/upsert_contact", json!({
            "email": "Anna@Brot.example", "first_name": "Anna", "last_name": "Berg", "company_name": "brot & butter"
        }))
        .await;
    assert_eq!(contact["company_id"], company["id"]);
    assert_eq!(contact["name"], "Anna Berg");
    let deal = backend
        .ok("/mcp/crm/create_deal", json!({
            "name": "Ovens 2027", "amount": 12000, "company_id": company["id"], "primary_contact_id": contact["id"],
            "expected_close_date": "2027-03-31"
        }))
        .await;
    for (field, expected) in [
        ("pipeline", json!("sales")),
        ("stage", json!("new")),
        ("probability", json!(0.1)),
        ("status", json!("open")),
        ("amount", json!(12000)),
        ("currency", json!("EUR")),
        ("closed_at", json!(null)),
    ] {
        assert_eq!(deal[field], expected, "{field}");
    }
    backend
        .ok("/mcp/crm/create_note", json!({"customer_id": contact["id"], "text": "Wants two ovens"}))
        .await;
    let moved = backend
        .ok(
            "/mcp/crm/update_pipeline",
            json!({"opportunity_id": deal["id"], "stage": "Proposal", "value": 15000.5}),
        )
        .await;
    assert_eq!((moved["stage"].clone(), moved["amount"].clone()), (json!("proposal"), json!(15000.5)));
    let same = backend
        .ok("/mcp/crm/update_pipeline", json!({"opportunity_id": deal["id"], "stage": "proposal"}))
        .await;
    assert_eq!(
        (same["moved"].clone(), same["updated_at"].clone()),
        (json!(false), moved["updated_at"].clone())
    );
    backend
        .ok(
            "/mcp/crm/update_pipeline",
            json!({"opportunity_id": deal["id"], "stage": "proposal", "value": 16000}),
        )
        .await;
    let won =
        backend.ok("/mcp/crm/update_pipeline", json!({"opportunity_id": deal["id"], "stage": "WON"})).await;
    assert_eq!((won["status"].clone(), won["closed_at"].clone()), (json!("won"), won["updated_at"].clone()));
    let history: Vec<_> = won["stage_history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["from"].clone(), step["to"].clone()))
        .collect();
    let expected =
        [(json!(null), json!("new")), (json!("new"), json!("proposal")), (json!("proposal"), json!("won"))];
    assert_eq!(history, expected);

    let backend = backend.restart().await;
    let looked_up = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": contact["id"]})).await;
    assert_eq!(looked_up["company"]["id"], company["id"]);
    assert_eq!((looked_up["deals_count"].clone(), looked_up["notes_count"].clone()), (json!(1), json!(1)));
    assert_eq!(looked_up["deals"][0]["status"], "won");
    let looked_up = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": company["id"]})).await;
    assert_eq!(
        (looked_up["contacts_count"].clone(), looked_up["deals"][0]["id"].clone()),
        (json!(1), deal["id"].clone())
    );

    let deal_story = ["deal.stage_moved", "deal.updated", "deal.stage_moved", "deal.created"];
    let timelines = [
        ("deal", &deal["id"], deal_story.to_vec()),
        (
            "contact",
            &contact["id"],
            [&deal_story[..3], &["note.created", "deal.created", "contact.created"]].concat(),
        ),
        ("company", &company["id"], [&deal_story[..], &["contact.created", "company.created"]].concat()),
    ];
    for (entity_type, id, expected) in timelines {
        let timeline =
            backend.ok("/mcp/crm/timeline", json!({"entity_type": entity_type, "entity_id": id})).await;
        assert_eq!(each(&timeline, "kind"), expected, "{entity_type}");
        assert!(each(&timeline, "actor").iter().all(|actor| actor == "ada"));
        let at = each(&timeline, "at");
        assert!(at.windows(2).all(|pair| pair[0] >= pair[1]), "{at:?}");
    }
    let timeline = json!({"entity_type": "contact", "entity_id": contact["id"], "limit": 4});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!((timeline["total"].clone(), timeline["next_offset"].clone()), (json!(6), json!(4)));
    assert_eq!(timeline["items"][3]["details"]["text"], "Wants two ovens");
    assert_eq!(timeline["items"][0]["details"]["from"], "proposal");
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn upserting_a_contact_changes_only_what_is_given() {
    let backend = Backend::start().await;
    let steps: [(Json, Json); 6] = [
        (
            json!({"email": "Bo@X.example", "first_name": "Bo", "phone": "+49 30 1"}),
            json!({"created": true, "name": "Bo", "email": "Bo@X.example", "changed": []}),
        ),
        (
            json!({"email": "bo@x.EXAMPLE", "last_name": "Li"}),
            json!({"created": false, "name": "Bo Li", "phone": "+49 30 1", "email": "Bo@X.example", "changed": ["last_name"]}),
        ),
        (
            json!({"email": "bo@x.example", "last_name": null, "first_name": "Bo"}),
            json!({"name": "Bo Li", "changed": []}),
        ),
        (
            json!({"email": "bo@x.example", "company_name": "X"}),
            json!({"company_name": "X", "changed": ["company_id"]}),
        ),
        (
            json!({"email": "bo@x.example", "company_name": " x "}),
            json!({"company_name": "X", "changed": []}),
        ),
        (
            json!({"email": "bo@x.example", "company_name": "", "phone": ""}),
            json!({"company_name": null, "company_id": null, "phone": null, "changed": ["phone", "company_id"]}),
        ),
    ];
    let mut ids = Vec::new();
    for (given, expected) in steps {
        let contact = backend.ok("/mcp/crm/upsert_contact", given.clone()).await;
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&contact[field], value, "{given}: {field}");
        }
        ids.push(contact["id"].as_str().unwrap().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let timeline =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": ids[0]})).await;
    assert_eq!(
        each(&timeline, "kind"),
        ["contact.updated", "contact.updated", "contact.updated", "contact.created"]
    );
    let last_name = json!({"last_name": {"from": null, "to": "Li"}});
    assert_eq!(timeline["items"][2]["details"]["changes"], last_name);
}

#[tokio::test]
async fn a_company_is_known_by_its_domain_and_else_by_its_name() {
    let backend = Backend::start().await;
    let steps = [
        (json!({"name": "Acme", "industry": "Tools"}), true, "Acme", json!(null)),
        // The first mention of a domain completes the company that had none.
        (json!({"name": "ACME", "domain": "acme.example"}), false, "ACME", json!("acme.example")),
        (
            json!({"name": "Acme Renamed", "domain": "ACME.example"}),
            false,
            "Acme Renamed",
            json!("acme.example"),
        ),
        (
            json!({"name": "acme  renamed", "company_size": "10"}),
            false,
            "acme  renamed",
            json!("acme.example"),
        ),
        (
            json!({"name": "Acme Renamed", "domain": "other.example"}),
            true,
            "Acme Renamed",
            json!("other.example"),
        ),
    ];
    for (given, created, name, domain) in steps {
        let company = backend.ok("/mcp/crm/upsert_company", given.clone()).await;
        let shown = (company["created"].clone(), company["name"].clone(), company["domain"].clone());
        assert_eq!(shown, (json!(created), json!(name), domain), "{given}");
    }
    let kept = backend
        .ok("/mcp/crm/upsert_company", json!({"name": "Acme Renamed", "domain": "acme.example"}))
        .await;
    assert_eq!((kept["industry"].clone(), kept["company_size"].clone()), (json!("Tools"), json!("10")));
    for (route, given) in [
        ("/mcp/crm/upsert_company", json!({"name": "Acme Renamed"})),
        ("/mcp/crm/upsert_contact", json!({"email": "a@b.example", "company_name": "acme renamed"})),
    ] {
        let answer = backend.post(route, given).await;
        assert_eq!((answer.status, answer.code()), (409, "conflict"), "{route}");
    }
}

#[tokio::test]
async fn deals_are_refused_where_they_make_no_sense() {
    let backend = Backend::start().await;
    let contact = backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    let cases = [
        (
            json!({"name": "x", "stage": "propsal"}),
            422,
            "did you mean \"proposal\"?; the valid ones are new, qualified, proposal, negotiation, won, lost",
        ),
        (json!({"name": "x", "pipeline": "salse"}), 422, "did you mean \"sales\"?; the valid ones are sales"),
        (json!({"name": "x", "status": "closed"}), 422, "open, won, lost"),
        (json!({"name": "x", "status": "lost", "stage": "won"}), 422, "stage won"),
        (json!({"name": " "}), 422, "name"),
        (json!({"name": "x", "amount": -1}), 422, "amount"),
        (json!({"name": "x", "amount": 1e13}), 422, "amount"),
        (json!({"name": "x", "currency": "EURO"}), 422, "currency"),
        (json!({"name": "x", "expected_close_date": "2027-02-30"}), 422, "expected_close_date"),
        (json!({"name": "x", "expected_close_date": "soon"}), 422, "expected_close_date"),
        (json!({"name": "x", "company_id": "cmp_0"}), 404, "company_id"),
        (json!({"name": "x", "company_id": contact["id"]}), 404, "company_id"),
        (json!({"name": "x", "primary_contact_id": "con_0"}), 404, "primary_contact_id"),
        (json!({"amount": 1}), 400, "name"),
        (json!({"name": "x", "amont": 1}), 400, "amont"),
    ];
    for (given, status, named) in cases {
        let answer = backend.post("/mcp/crm/create_deal", given.clone()).await;
        assert_eq!(answer.status, status, "{given}: {}", answer.body);
        assert!(answer.message().contains(named), "{given}: {}", answer.message());
    }
    let deal = backend.ok("/mcp/crm/create_deal", json!({"name": "x"})).await;
    for (given, status) in [
        (json!({"opportunity_id": deal["id"], "stage": "later"}), 422),
        (json!({"opportunity_id": deal["id"], "stage": "won", "value": -5}), 422),
        (json!({"opportunity_id": "deal_0", "stage": "won"}), 404),
    ] {
        assert_eq!(backend.post("/mcp/crm/update_pipeline", given.clone()).await.status, status, "{given}");
    }
    let timeline = json!({"entity_type": "deal", "entity_id": deal["id"]});
    assert_eq!(backend.ok("/mcp/crm/timeline", timeline).await["total"], 1);
}

#[tokio::test]
async fn stages_and_status_agree() {
    let backend = Backend::start().await;
    let cases = [
        (json!({"name": "a", "status": "won"}), "won", "won"),
        (json!({"name": "b", "status": "open", "stage": "Lost"}), "lost", "lost"),
        (
            json!({"name": "c", "status": "open", "stage": "QUALIFIED", "pipeline": "Sales", "currency": "usd"}),
            "qualified",
            "open",
        ),
    ];
    for (given, stage, status) in cases {
        let deal = backend.ok("/mcp/crm/create_deal", given.clone()).await;
        assert_eq!((deal["stage"].clone(), deal["status"].clone()), (json!(stage), json!(status)), "{given}");
        assert_eq!(deal["closed_at"].is_null(), status == "open", "{given}");
        let reopened = json!({"opportunity_id": deal["id"], "stage": "negotiation"});
        let reopened = backend.ok("/mcp/crm/update_pipeline", reopened).await;
        assert_eq!(
            (reopened["status"].clone(), reopened["closed_at"].clone()),
            (json!("open"), json!(null)),
            "{given}"
        );
    }
}

#[tokio::test]
async fn a_tenant_starts_with_one_sales_pipeline() {
    let backend = Backend::start().await;
    let listed = backend.ok("/mcp/crm/list_pipelines", json!({"object_type": null})).await;
    assert_eq!((listed["total"].clone(), listed["next_offset"].clone()), (json!(1), json!(null)));
    let pipeline = &listed["items"][0];
    assert_eq!((pipeline["key"].clone(), pipeline["object_type"].clone()), (json!("sales"), json!("deal")));
    let stages: Vec<_> = pipeline["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["key"].clone(), stage["probability"].clone()))
        .collect();
    let expected = [
        ("new", json!(0.1)),
        ("qualified", json!(0.25)),
        ("proposal", json!(0.5)),
        ("negotiation", json!(0.75)),
        ("won", json!(1)),
        ("lost", json!(0)),
    ];
    assert_eq!(stages, expected.map(|(key, probability)| (json!(key), probability)));
    assert_eq!(backend.ok("/mcp/crm/list_pipelines", json!({"object_type": "deal"})).await, listed);
    assert_eq!(backend.ok("/mcp/crm/list_pipelines", json!({"object_type": "ticket"})).await["total"], 0);
}

#[tokio::test]
async fn customers_are_found_by_name_address_phone_and_domain() {
    let backend = Backend::start().await;
    for contact in [
        json!({"email": "anna.berg@brot.example", "first_name": "Änna", "last_name": "Berg", "phone": "+49 (30) 1234-567"}),
        json!({"email": "bo@x.example", "first_name": "Bo", "last_name": "Bergmann"}),
    ] {
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    backend.ok("/mcp/crm/upsert_company", json!({"name": "Berg AG", "domain": "berg-ag.example"})).await;
    let cases: [(&str, &[&str]); 11] = [
        ("anna", &["Änna Berg"]),
        ("BERG änna", &["Änna Berg"]),
        ("bergm", &["Bo Bergmann"]),
        ("anna.berg@brot.example", &["Änna Berg"]),
        ("brot.exa", &["Änna Berg"]),
        ("+49 30 1234", &["Änna Berg"]),
        ("+49301234567", &["Änna Berg"]),
        ("berg-ag.example", &["Berg AG"]),
        ("berg", &["Berg AG", "Bo Bergmann", "Änna Berg"]),
        ("", &["Berg AG", "Bo Bergmann", "Änna Berg"]),
        ("zebra", &[]),
    ];
    for (query, expected) in cases {
        let found = backend.ok("/mcp/crm/search_customers", search(query)).await;
        let mut names = each(&found, "name");
        names.sort();
        assert_eq!(names, expected, "{query:?}");
    }
    backend.ok("/mcp/crm/upsert_contact", json!({"email": "bo@x.example", "last_name": "Li"})).await;
    assert_eq!(backend.ok("/mcp/crm/search_customers", search("bergmann")).await["total"], 0);
    assert_eq!(each(&backend.ok("/mcp/crm/search_customers", search("li bo")).await, "type"), ["contact"]);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let backend = Backend::start().await;
    let cases = [
        ("lookup_customer", json!({"customer_id": "con_0"}), 404, "con_0"),
        ("create_note", json!({"customer_id": "cmp_0", "text": "x"}), 404, "cmp_0"),
        ("timeline", json!({"entity_type": "deal", "entity_id": "deal_0"}), 404, "deal_0"),
        (
            "timeline",
            json!({"entity_type": "contcat", "entity_id": "con_0"}),
            422,
            "did you mean \"contact\"?",
        ),
        ("upsert_contact", json!({"email": "nobody"}), 422, "nobody"),
        ("upsert_contact", json!({"email": "a b@c.example"}), 422, "e-mail"),
        ("upsert_company", json!({"name": "x", "domain": "two words"}), 422, "two words"),
    ];
    for (route, given, status, named) in cases {
        let answer = backend.post(&format!("/mcp/crm/{route}"), given.clone()).await;
        assert_eq!(answer.status, status, "{route} {given}: {}", answer.body);
        assert!(answer.message().contains(named), "{route} {given}: {}", answer.message());
    }
}
