//! Workflows: what they take, what their runs do to the tenant's data, and that no step is done twice.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, id, search};
use crate::hostile_text::TEXTS;

const VALIDATE: &str = "/automation/validate";
const TRIGGER: &str = "/automation/trigger";
const RUN_FLOW: &str = "/automation/run_flow";
const WORKFLOWS: &str = "/automation/workflows";

fn lead(email: &str) -> Json {
    json!({"workflow_id": "wf_new_lead", "input": {"email": email, "first_name": "Nina", "source": "event"}})
}

/// The states of a run's steps.
fn states(run: &Json) -> Vec<&str> {
    run["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

/// How many rows of a kind there are in the file of a stopped backend.
fn count(database: &rusqlite::Connection, of: &str) -> i64 {
    database.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
}

/// The last run of a workflow, once it is over.
async fn last_run(backend: &Backend, workflow: &str) -> Json {
    for _ in 0..5_000 {
        let listed = backend.got(WORKFLOWS, &[("query", workflow)]).await;
        let run = listed["items"][0]["last_run"].clone();
        if !run["finished_at"].is_null() {
            return run;
        }
    }
    panic!("the run of {workflow} does not come to its end")
}

#[tokio::test]
async fn workflows_are_found_by_words_and_tag_with_what_they_take() {
    let backend = Backend::start().await;
    type Asked = &'static [(&'static str, &'static str)];
    let cases: [(Asked, &[&str]); 7] = [
        (&[], &["wf_close_deal", "wf_follow_up", "wf_new_lead", "wf_welcome_customer"]),
        (&[("query", "LEAD call")], &["wf_new_lead"]),
        (&[("tag", "Sales")], &["wf_close_deal", "wf_follow_up", "wf_new_lead"]),
        (&[("query", "task"), ("tag", "sales")], &["wf_follow_up"]),
        (
            &[("query", " "), ("tag", "")],
            &["wf_close_deal", "wf_follow_up", "wf_new_lead", "wf_welcome_customer"],
        ),
        (&[("tag", "sale")], &[]),
        (&[("query", "%' OR 1=1")], &[]),
    ];
    for (arguments, expected) in cases {
        let listed = backend.got(WORKFLOWS, arguments).await;
        assert_eq!(each(&listed, "id"), expected, "{arguments:?}");
        assert_eq!(listed["total"], expected.len(), "{arguments:?}");
    }
    let lead = backend.got(WORKFLOWS, &[("query", "new_lead")]).await["items"][0].clone();
    assert_eq!(lead["input_schema"]["required"], json!(["email"]));
    assert_eq!(lead["input_schema"]["properties"]["source"]["default"], "other");
    assert_eq!(lead["steps"][0], json!({"key": "contact", "service": "crm", "action": "upsert_contact"}));
    assert!(lead["last_run"].is_null());
}

#[tokio::test]
async fn a_trigger_does_every_step_in_the_tenants_data() {
    let backend = Backend::start().await;
    let run = backend.ok(TRIGGER, lead("nina@x.example")).await;
    assert_eq!(
        (&run["state"], &run["mode"], &run["started_by"]),
        (&json!("succeeded"), &json!("sync"), &json!("ada"))
    );
    assert_eq!(states(&run), ["succeeded"; 4]);
    assert_eq!(run["input"], json!({"email": "nina@x.example", "first_name": "Nina", "source": "event"}));
    let contact = run["steps"][0]["result"]["id"].as_str().unwrap();
    assert_eq!(run["steps"][0]["result"]["type"], "contact");
    let timeline =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": contact})).await;
    assert_eq!(each(&timeline, "kind"), ["task.created", "note.created", "contact.created"]);
    assert_eq!(timeline["items"][1]["details"]["text"], "New lead, source: event");
    let memory = backend.ok("/mcp/memory/search", search("nina@x.example")).await;
    assert_eq!(memory["items"][0]["tags"], json!(["lead", "event"]));
    let last = backend.got(WORKFLOWS, &[("query", "new_lead")]).await["items"][0]["last_run"].clone();
    assert_eq!((&last["id"], &last["state"]), (&run["id"], &json!("succeeded")));
    let trail = backend.ok("/mcp/crm/audit_query", json!({"entity_type": "automation_run"})).await;
    assert_eq!(each(&trail, "action"), ["automation_run.succeeded", "automation_run.queued"]);
    // Another tenant has the workflow, and neither the run nor what it made.
    let other = backend.get_as("other", WORKFLOWS, &[("query", "new_lead")]).await.body;
    assert!(other["items"][0]["last_run"].is_null(), "{other}");
    assert_eq!(backend.ok_as("other", "/mcp/crm/search_customers", search("")).await["total"], 0);
}

#[tokio::test]
async fn steps_take_what_is_given_and_are_skipped_without_what_they_need() {
    let backend = Backend::start().await;
    let deal = backend.ok("/mcp/crm/create_deal", json!({"name": "Ship", "amount": 40})).await;
    let input = json!({"deal_id": deal["id"], "amount": 42.5});
    let run = backend.ok(RUN_FLOW, json!({"flow_key": "close_deal", "mode": "sync", "input": input})).await;
    assert_eq!(states(&run), ["succeeded", "succeeded", "skipped"]);
    let timeline =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "deal", "entity_id": deal["id"]})).await;
    assert_eq!(each(&timeline, "kind"), ["task.created", "deal.stage_moved", "deal.created"]);
    let moved = &timeline["items"][1]["details"];
    assert_eq!((&moved["to"], &moved["amount"]), (&json!("won"), &json!(42.5)));
    let again = json!({"deal_id": deal["id"], "stage": "lost", "lesson": "Ask earlier"});
    let again = backend.ok(TRIGGER, json!({"workflow_id": "wf_close_deal", "input": again})).await;
    assert_eq!(states(&again), ["succeeded"; 3]);
    assert_eq!(
        backend.ok("/mcp/memory/search", search("earlier")).await["items"][0]["tags"],
        json!(["deal", "lost"])
    );
}

#[tokio::test]
async fn input_that_will_not_do_is_refused_with_all_that_is_wrong_and_nothing_runs() {
    let backend = Backend::start().await;
    let cases = [
        (json!({}), vec!["email is missing"]),
        (
            json!({"email": "nobody", "first_nam": "x", "source": "wab", "call_by": "soon"}),
            vec![
                "first_nam is not known; did you mean \"first_name\"?",
                "email must be an e-mail address",
                "source must be one of web, event, referral, other, not \"wab\"; did you mean \"web\"?",
                "call_by must be a moment",
            ],
        ),
        (
            json!({"email": 7, "first_name": ["x"]}),
            vec!["email must be a string, not 7", "first_name must be a string"],
        ),
        (
            json!({"email": "a@x.example", "last_name": "x".repeat(101)}),
            vec!["last_name must have at most 100"],
        ),
        (json!({"email": null}), vec!["email is missing"]),
    ];
    for (input, problems) in cases {
        let given = json!({"workflow_id": "wf_new_lead", "input": input});
        let refused = backend.post(TRIGGER, given.clone()).await;
        assert_eq!(refused.status, 422, "{input}: {}", refused.body);
        let verdict = backend.ok(VALIDATE, given).await;
        assert_eq!(verdict["valid"], false, "{input}");
        let told = verdict["problems"].as_array().unwrap();
        assert_eq!(told.len(), problems.len(), "{input}: {verdict}");
        for (problem, told) in problems.into_iter().zip(told) {
            assert!(refused.message().contains(problem), "{problem}: {}", refused.message());
            let sentence =
                format!("{} {}", told["field"].as_str().unwrap(), told["message"].as_str().unwrap());
            assert!(sentence.contains(problem), "{problem}: {sentence}");
        }
    }
    for (path, given, status, named) in [
        (TRIGGER, json!({"workflow_id": "wf_new_laed"}), 404, "did you mean \"wf_new_lead\"?"),
        (VALIDATE, json!({"workflow_id": "new_lead"}), 404, "there is no workflow"),
        (RUN_FLOW, json!({"flow_key": "folow_up"}), 404, "did you mean \"follow_up\"?"),
        (RUN_FLOW, json!({"flow_key": "follow_up", "mode": "asinc"}), 422, "did you mean \"async\"?"),
        (RUN_FLOW, json!({"flow_key": "follow_up", "mode": "sync"}), 422, "topic is missing"),
        (TRIGGER, json!({"workflow_id": "wf_new_lead", "input": [1]}), 400, "map"),
        (TRIGGER, json!({"workflow_id": "wf_new_lead", "inputs": {}}), 400, "inputs"),
    ] {
        let answer = backend.post(path, given.clone()).await;
        assert_eq!(answer.status, status, "{given}: {}", answer.body);
        assert!(answer.message().contains(named), "{given}: {}", answer.message());
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_eq!((count(&database, "automation_run"), count(&database, "event")), (0, 0));
}

#[tokio::test]
async fn a_rehearsal_finds_what_would_fail_and_changes_nothing() {
    let backend = Backend::start().await;
    let missing = json!({"workflow_id": "wf_follow_up", "input": {"customer_id": "con_0", "topic": "x"}});
    let verdict = backend.ok(VALIDATE, missing).await;
    assert_eq!(verdict["valid"], false);
    assert_eq!(verdict["problems"][0]["field"], "steps.note");
    assert!(verdict["problems"][0]["message"].as_str().unwrap().contains("con_0"), "{verdict}");
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "gone@x.example"})).await;
    let blocked = backend.ok(VALIDATE, lead("gone@x.example")).await;
    assert!(blocked["problems"][0]["message"].as_str().unwrap().contains("blocklist"), "{blocked}");
    let good = backend.ok(VALIDATE, lead("nina@x.example")).await;
    assert_eq!((&good["valid"], &good["problems"]), (&json!(true), &json!([])));
    assert_eq!(backend.ok("/mcp/crm/search_customers", search("")).await["total"], 0);
    assert_eq!(backend.ok("/mcp/memory/search", search("")).await["total"], 0);
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    assert_eq!((count(&database, "automation_run"), count(&database, "event")), (0, 1));
}

#[tokio::test]
async fn a_run_ends_at_the_step_that_fails_and_keeps_what_was_done() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@x.example"})).await);
    // The note is for any customer, the task for a company, which this is not.
    let input = json!({"entity_type": "company", "customer_id": contact, "topic": "call back"});
    let run = backend.ok(TRIGGER, json!({"workflow_id": "wf_follow_up", "input": input})).await;
    assert_eq!(run["state"], "failed");
    assert_eq!(states(&run), ["succeeded", "failed"]);
    assert!(run["steps"][1]["problem"].as_str().unwrap().contains("no company"), "{run}");
    let timeline =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": contact})).await;
    assert_eq!(each(&timeline, "kind"), ["note.created", "contact.created"]);
    let first = json!({"customer_id": "con_0", "topic": "x"});
    let first = backend.ok(TRIGGER, json!({"workflow_id": "wf_follow_up", "input": first})).await;
    assert_eq!(states(&first), ["failed", "skipped"]);
}

#[tokio::test]
async fn an_asynchronous_run_is_queued_and_comes_to_its_end() {
    let backend = Backend::start().await;
    let given = json!({"flow_key": "new_lead", "input": {"email": "later@x.example"}});
    let queued = backend.ok(RUN_FLOW, given).await;
    assert_eq!((&queued["state"], &queued["mode"]), (&json!("queued"), &json!("async")));
    assert_eq!(states(&queued), ["pending"; 4]);
    let run = last_run(&backend, "new_lead").await;
    assert_eq!((&run["id"], &run["state"]), (&queued["id"], &json!("succeeded")));
    assert_eq!(backend.ok("/mcp/crm/search_customers", search("later")).await["total"], 1);
}

#[tokio::test]
async fn runs_that_were_under_way_go_on_after_a_restart_where_they_were() {
    let backend = Backend::start().await;
    let done = backend.ok(TRIGGER, lead("nina@x.example")).await;
    let file = backend.file();
    let contact = done["steps"][0]["result"]["id"].as_str().unwrap().to_owned();
    let (database, folder) = backend.stopped_database().await;
    // As a process leaves it that is killed between the second and the third step.
    database
        .execute_batch(
            "DELETE FROM automation_step WHERE key IN ('task', 'memory');
             DELETE FROM task; DELETE FROM memory;
             UPDATE automation_run SET state = 'running', finished_at = NULL;",
        )
        .unwrap();
    drop(database);
    let backend = Backend::on_file_of(folder).await;
    assert_eq!(backend.file(), file);
    let run = last_run(&backend, "new_lead").await;
    assert_eq!((&run["id"], &run["state"]), (&done["id"], &json!("succeeded")));
    let trail = backend.ok("/mcp/crm/audit_query", json!({"action": "task.created"})).await;
    assert_eq!((&trail["total"], &trail["items"][0]["actor"]), (&json!(2), &json!("ada")));
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    for (of, expected) in [("note", 1), ("task", 1), ("memory", 1), ("contact", 1), ("automation_step", 4)] {
        assert_eq!(count(&database, of), expected, "{of}");
    }
    let on: String = database.query_row("SELECT entity_id FROM task", [], |row| row.get(0)).unwrap();
    assert_eq!(on, contact);
}

#[tokio::test]
async fn many_runs_cut_off_by_a_restart_do_every_step_once() {
    const RUNS: usize = 20;
    let backend = Backend::start().await;
    for number in 0..RUNS {
        let input = json!({"email": format!("n{number}@x.example")});
        backend.ok(RUN_FLOW, json!({"flow_key": "new_lead", "input": input})).await;
    }
    let backend = backend.restart().await;
    // The runs are taken up in their order, so the last one is the last to end.
    last_run(&backend, "new_lead").await;
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    assert_eq!(count(&database, "automation_run WHERE state = 'succeeded'"), RUNS as i64);
    for of in ["contact", "note", "task", "memory"] {
        assert_eq!(count(&database, of), RUNS as i64, "{of}");
    }
}

#[tokio::test]
async fn whatever_stands_in_an_input_is_text() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().chain(&["{contact.id} {input.email}", "{"]).enumerate() {
        let tenant = format!("tenant-{number}");
        let contact =
            backend.ok_as(&tenant, "/mcp/crm/upsert_contact", json!({"email": "a@x.example"})).await;
        let input = json!({"customer_id": contact["id"], "topic": text});
        let run =
            backend.ok_as(&tenant, TRIGGER, json!({"workflow_id": "wf_follow_up", "input": input})).await;
        assert_eq!((&run["state"], &run["input"]["topic"]), (&json!("succeeded"), &json!(text)));
        let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
        let timeline = backend.ok_as(&tenant, "/mcp/crm/timeline", timeline).await;
        assert_eq!(timeline["items"][1]["details"]["text"], format!("Agreed: {text}"));
        for (path, given) in [
            (TRIGGER, json!({"workflow_id": text})),
            (VALIDATE, json!({"workflow_id": text})),
            (RUN_FLOW, json!({"flow_key": text})),
        ] {
            assert_eq!(backend.post_as(&tenant, path, given).await.status, 404, "{path} {text:?}");
        }
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}
