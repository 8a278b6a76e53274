//! Onboarding: its steps, and that no site is read which nobody permitted.

use std::time::Duration;

use dev_backend::{FetchedPage, Hooks};
use serde_json::{Value as Json, json};

use crate::backend::{Answer, Backend, assert_sound, each, search};
use crate::workflow_visits::Visits;
use crate::workflows::{all, noon};

const ROUTE: &str = "/onboarding/workflow";

/// What is said turn by turn, each with its permission.
type Turns<'t> = &'t [(&'t str, Option<bool>)];

async fn backend(visits: &Visits) -> Backend {
    Backend::start_with(Hooks { clock: noon(), fetch: Some(visits.fetch()) }).await
}

async fn say(backend: &Backend, message: &str, confirm_fetch: Option<bool>) -> Answer {
    let turn = json!({"session_id": "s-1", "message": message, "confirm_fetch": confirm_fetch});
    backend.post(ROUTE, turn).await
}

/// Says these things one after the other; the last answer.
async fn talk(backend: &Backend, turns: Turns<'_>) -> Json {
    let mut last = Json::Null;
    for (message, confirm_fetch) in turns {
        let answer = say(backend, message, *confirm_fetch).await;
        assert_eq!(answer.status, 200, "{message}: {}", answer.body);
        last = answer.body;
    }
    last
}

#[tokio::test]
async fn a_company_is_taken_in_step_by_step() {
    let visits = Visits::to_a_site();
    let backend = backend(&visits).await;
    let steps = [
        ("We sell bicycle parts in three countries, mostly online", None, "company", "called?"),
        ("Velo Parts GmbH.", None, "website", "website?"),
        ("www.Velo.example", None, "confirm", "May https://www.velo.example/ be read"),
        ("yes, go on", Some(true), "contact", "first contact"),
        ("Anna Berg <Anna@velo.example>", None, "done", ""),
    ];
    let mut last = Json::Null;
    for (number, (message, confirm_fetch, step, question)) in steps.into_iter().enumerate() {
        last = say(&backend, message, confirm_fetch).await.body;
        assert_eq!((&last["step"], &last["turn"]), (&json!(step), &json!(number + 1)), "{message}: {last}");
        assert!(last["question"].as_str().unwrap_or_default().contains(question), "{message}: {last}");
        let asks = step == "confirm";
        assert_eq!(last["needs_confirmation"], asks, "{message}");
        let url = if asks { json!("https://www.velo.example/") } else { Json::Null };
        assert_eq!(last["fetch_url"], url, "{message}");
    }
    assert_eq!(
        (visits.urls(), visits.tenants()),
        (vec!["https://www.velo.example/".to_owned()], vec!["acme".to_owned()])
    );
    assert_eq!(
        last["known"],
        json!({
            "company": "Velo Parts GmbH",
            "introduction": "We sell bicycle parts in three countries, mostly online",
            "website": "https://www.velo.example/",
            "website_reading": "read",
            "website_title": "Velo Parts",
            "website_problem": null,
            "email": "Anna@velo.example",
        })
    );
    assert_eq!(
        all(&last, "actions", "type"),
        ["company_created", "contact_created", "memory_written", "memory_written"]
    );
    let ids = all(&last, "actions", "id");
    let contact = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": ids[1]})).await;
    assert_eq!(
        (&contact["name"], &contact["email"], &contact["company"]["id"], &contact["company"]["domain"]),
        (&json!("Anna Berg"), &json!("Anna@velo.example"), &json!(ids[0]), &json!("velo.example"))
    );
    let memories = backend.ok("/mcp/memory/search", search("velo")).await;
    let mut kinds = each(&memories, "kind");
    kinds.sort_unstable();
    assert_eq!(kinds, ["company_profile", "website"]);
    assert!(memories.to_string().contains("DROP TABLE memory; --"), "{memories}");
    assert!(memories.to_string().contains("nobody has checked"), "{memories}");

    let over = say(&backend, "hello?", Some(true)).await.body;
    assert_eq!((&over["step"], &over["actions"], &over["turn"]), (&json!("done"), &json!([]), &json!(6)));
    assert_eq!(visits.urls().len(), 1);
    let (database, _folder) = backend.stopped_database().await;
    let messages: i64 =
        database.query_row("SELECT count(*) FROM conversation_message", [], |row| row.get(0)).unwrap();
    assert_eq!(messages, 12);
    assert_sound(&database);
}

#[tokio::test]
async fn no_site_is_read_without_permission_to_that_very_question() {
    let start = [("Velo", None), ("velo.example", None)];
    let cases: [(Turns, &str, &str, &[&str]); 9] = [
        (&[("yes", None)], "confirm", "none", &[]),
        (&[("yes, confirm_fetch: true", None)], "confirm", "none", &[]),
        (&[("no", None)], "contact", "declined", &[]),
        (&[("yes", Some(false))], "contact", "declined", &[]),
        (&[("read other.example", Some(true))], "confirm", "none", &[]),
        (
            &[("read other.example", Some(true)), ("yes", Some(true))],
            "contact",
            "read",
            &["https://other.example/"],
        ),
        (&[("yes", Some(false)), ("yes", Some(true))], "contact", "declined", &[]),
        (&[("yes", None), ("yes", Some(true))], "contact", "read", &["https://velo.example/"]),
        (&[("start over", Some(true)), ("yes", Some(true))], "website", "none", &[]),
    ];
    for (turns, step, reading, urls) in cases {
        let visits = Visits::to_a_site();
        let backend = backend(&visits).await;
        talk(&backend, &start).await;
        let last = talk(&backend, turns).await;
        assert_eq!(
            (&last["step"], &last["known"]["website_reading"]),
            (&json!(step), &json!(reading)),
            "{turns:?}: {last}"
        );
        assert_eq!(visits.urls(), urls, "{turns:?}");
    }
    // Permission that comes before its question is for nothing.
    let visits = Visits::to_a_site();
    let backend = backend(&visits).await;
    let last = talk(&backend, &[("velo.example", Some(true)), ("velo.example", Some(true))]).await;
    assert_eq!((&last["step"], visits.urls().len()), (&json!("confirm"), 0));
}

#[tokio::test]
async fn a_site_that_cannot_be_read_is_told_and_the_conversation_goes_on() {
    let page = FetchedPage { status: 404, title: String::new(), text: "gone".to_owned() };
    let refused = "the host's address is not a public one";
    let cases = [
        (Some(Visits::that_answer(Err(refused.to_owned()))), "failed", refused),
        (Some(Visits::that_answer(Ok(page))), "failed", "status 404"),
        (None, "unavailable", "without the means to read websites"),
    ];
    for (visits, reading, said) in cases {
        let fetch = visits.as_ref().map(Visits::fetch);
        let backend = Backend::start_with(Hooks { fetch, ..Hooks::default() }).await;
        let last = talk(&backend, &[("Velo", None), ("http://10.0.0.1/", None), ("yes", Some(true))]).await;
        assert_eq!((&last["step"], &last["known"]["website_reading"]), (&json!("contact"), &json!(reading)));
        assert!(last["reply"].as_str().unwrap().contains(said), "{last}");
        let last = talk(&backend, &[("skip", None)]).await;
        assert_eq!(all(&last, "actions", "type"), ["company_created", "memory_written"], "{last}");
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_forgets_nothing() {
    let visits = Visits::to_a_site();
    let mut backend = backend(&visits).await;
    let turns = [
        ("hello", None),
        ("Velo", None),
        ("velo.example", None),
        ("ok", Some(true)),
        ("a@velo.example", None),
    ];
    let mut steps = Vec::new();
    for (message, confirm_fetch) in turns {
        steps.push(talk(&backend, &[(message, confirm_fetch)]).await["step"].clone());
        backend = backend.restart().await;
    }
    assert_eq!(steps, ["company", "website", "confirm", "contact", "done"]);
    assert_eq!(visits.urls().len(), 1);
    let memories = backend.ok("/mcp/memory/search", search("bicycle")).await;
    assert_eq!(memories["total"], 1, "what was read before the restart is written down after it");
}

#[tokio::test]
async fn two_turns_at_once_do_not_fork_a_session() {
    let visits = Visits::to_a_site().that_wait();
    let backend = backend(&visits).await;
    talk(&backend, &[("Velo", None), ("velo.example", None)]).await;
    let first = say(&backend, "yes", Some(true));
    let others = async {
        while visits.urls().is_empty() {
            tokio::task::yield_now().await;
        }
        for (message, confirm_fetch) in [("yes", Some(true)), ("no", Some(false)), ("start over", None)] {
            let refused = say(&backend, message, confirm_fetch).await;
            assert_eq!((refused.status, refused.code()), (409, "conflict"), "{message}: {}", refused.body);
        }
        visits.let_one_through();
    };
    let (first, ()) = tokio::join!(first, others);
    assert_eq!((first.status, &first.body["step"], &first.body["turn"]), (200, &json!("contact"), &json!(3)));
    assert_eq!(visits.urls().len(), 1);
    let answers = tokio::join!(say(&backend, "a@velo.example", None), say(&backend, "b@velo.example", None));
    assert_eq!(
        (answers.0.body["step"].as_str(), answers.1.body["step"].as_str()),
        (Some("done"), Some("done"))
    );
    let found = backend.ok("/mcp/crm/search_customers", search("velo.example")).await;
    assert_eq!(found["items"].as_array().unwrap().iter().filter(|item| item["type"] == "contact").count(), 1);
}

#[tokio::test]
async fn a_reading_that_nobody_came_back_to_is_asked_for_again() {
    let visits = Visits::to_a_site().that_wait();
    let clock = noon();
    let backend = Backend::start_with(Hooks { clock: clock.clone(), fetch: Some(visits.fetch()) }).await;
    talk(&backend, &[("Velo", None), ("velo.example", None)]).await;
    tokio::select! {
        answer = say(&backend, "yes", Some(true)) => panic!("answered: {}", answer.body),
        () = async { while visits.urls().is_empty() { tokio::task::yield_now().await } } => {}
    }
    // The service dies with the reading under way.
    let backend = backend.restart().await;
    assert_eq!(say(&backend, "yes", Some(true)).await.status, 409);
    clock.advance(Duration::from_secs(31));
    let last = talk(&backend, &[("and?", None)]).await;
    assert_eq!((&last["step"], &last["needs_confirmation"]), (&json!("confirm"), &json!(true)));
    visits.let_one_through();
    let last = talk(&backend, &[("yes", Some(true))]).await;
    assert_eq!((&last["step"], visits.urls().len()), (&json!("contact"), 2));
}

#[tokio::test]
async fn what_makes_no_sense_is_asked_for_again() {
    let visits = Visits::to_a_site();
    let backend = backend(&visits).await;
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "blocked@velo.example"})).await;
    for (message, step) in [
        ("Hello!", "company"),
        ("...", "company"),
        ("The company is called Velo & Söhne", "website"),
        ("we have a nice one", "website"),
        ("file:///etc/passwd", "website"),
        ("https://me:secret@velo.example", "website"),
        ("none", "contact"),
        ("Anna", "contact"),
    ] {
        let last = talk(&backend, &[(message, None)]).await;
        assert_eq!(last["step"], step, "{message}: {last}");
        assert_eq!(last["actions"], json!([]), "{message}");
    }
    let refused = say(&backend, "BLOCKED@velo.example", None).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(backend.ok("/mcp/crm/search_customers", search("velo")).await["total"], 0);
    let last = talk(&backend, &[("anna@velo.example", None)]).await;
    assert_eq!((&last["step"], &last["known"]["company"]), (&json!("done"), &json!("Velo & Söhne")));
    for (arguments, status) in [
        (json!({"session_id": " ", "message": "x"}), 422),
        (json!({"session_id": "x".repeat(129), "message": "x"}), 422),
        (json!({"message": "x"}), 400),
        (json!({"session_id": "s", "message": "x", "confirm_fetch": "true"}), 400),
    ] {
        assert_eq!(backend.post(ROUTE, arguments.clone()).await.status, status, "{arguments}");
    }
    let other = json!({"session_id": "s-1", "message": "Other"});
    let other = backend.ok_as("other", ROUTE, other).await;
    assert_eq!(
        (&other["step"], &other["turn"]),
        (&json!("website"), &json!(1)),
        "sessions are a tenant's own"
    );
}
