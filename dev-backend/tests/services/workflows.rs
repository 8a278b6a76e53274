//! Support, marketing, website and back office: what they reply, and what is there afterwards.

use std::time::{Duration, UNIX_EPOCH};

use dev_backend::Clock;
use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, id};

pub(crate) const SUPPORT: &str = "/support/workflow";
const MARKETING: &str = "/marketing/workflow";
const WEBSITE: &str = "/website/workflow";
const BACKOFFICE: &str = "/backoffice/workflow";

/// Noon of 2026-12-01 in UTC.
pub(crate) fn noon() -> Clock {
    Clock::standing_at(UNIX_EPOCH + Duration::from_secs(1_796_126_400))
}

/// One field of everything in a list of an answer.
pub(crate) fn all(answer: &Json, list: &str, field: &str) -> Vec<String> {
    let items = answer[list].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

fn reply(answer: &Json) -> &str {
    answer["reply"].as_str().unwrap()
}

async fn contact(backend: &Backend, email: &str, first_name: &str, last_name: &str) -> String {
    let contact = json!({"email": email, "first_name": first_name, "last_name": last_name});
    id(&backend.ok("/mcp/crm/upsert_contact", contact).await)
}

async fn remember(backend: &Backend, content: &str) {
    backend.ok("/mcp/memory/write", json!({"content": content})).await;
}

async fn timeline(backend: &Backend, contact: &str) -> Json {
    backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": contact})).await
}

#[tokio::test]
async fn support_answers_from_what_is_written_down_and_notes_it_on_the_customer() {
    let backend = Backend::start().await;
    let ada = contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    let deal = json!({"name": "Engine", "amount": 5, "primary_contact_id": ada});
    backend.ok("/mcp/crm/create_deal", deal).await;
    remember(&backend, "To reset a password, use the link on the login page").await;
    remember(&backend, "Ada Lovelace prefers calls before noon").await;
    remember(&backend, "The office is closed in August").await;
    let message = "ada@x.example asks: how do I get a password reset?";
    let answer = backend.ok(SUPPORT, json!({"message": message})).await;
    for part in ["Ada Lovelace (ada@x.example)", "use the link", "before noon", "deal Engine"] {
        assert!(reply(&answer).contains(part), "{part}: {answer}");
    }
    assert!(!reply(&answer).contains("August"), "{answer}");
    assert_eq!(all(&answer, "sources", "type"), ["contact", "memory", "deal", "memory"]);
    assert_eq!(all(&answer, "actions", "type"), ["note_added"]);
    assert_eq!((&answer["turn"], &answer["made_by"]), (&json!(1), &json!("rules")));
    assert!(answer["notice"].as_str().unwrap().contains("no language model"), "{answer}");
    let timeline = timeline(&backend, &ada).await;
    assert_eq!(
        each(&timeline, "kind"),
        ["conversation.started", "note.created", "deal.created", "contact.created"]
    );
    let note = timeline["items"][1]["details"].clone();
    assert_eq!(note["note_id"], answer["actions"][0]["id"]);
    assert!(note["text"].as_str().unwrap().contains(message), "{note}");
}

#[tokio::test]
async fn support_leaves_to_a_person_what_it_cannot_answer() {
    let backend = Backend::start_by(noon()).await;
    let ada = contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    let question = json!({"message": "Ada Lovelace says the engine makes a strange noise"});
    let answer = backend.ok(SUPPORT, question.clone()).await;
    assert_eq!(all(&answer, "actions", "type"), ["task_created", "note_added"]);
    let task = answer["actions"][0]["id"].clone();
    // Asked again, the open task is enough.
    let again = backend.ok(SUPPORT, question.clone()).await;
    assert_eq!(all(&again, "actions", "type"), ["note_added"]);
    assert!(all(&again, "sources", "id").contains(&task.as_str().unwrap().to_owned()), "{again}");
    let done = backend.ok("/mcp/crm/complete_task", json!({"task_id": task})).await;
    assert_eq!(
        (&done["entity_id"], &done["status"], &done["due_at"]),
        (&json!(ada), &json!("done"), &json!("2026-12-02T17:00:00.000Z"))
    );
    assert_eq!(all(&backend.ok(SUPPORT, question).await, "actions", "type"), ["task_created", "note_added"]);

    remember(&backend, "A strange noise of the engine means that it wants oil").await;
    let answered = json!({"message": "What about the strange noise of the engine?"});
    assert_eq!(backend.ok(SUPPORT, answered).await["actions"], json!([]));
    for wish in ["I want to talk to someone", "please CALL-ME", "is there a human?"] {
        let message = format!("What about the strange noise of the engine? {wish}");
        let answer = backend.ok(SUPPORT, json!({"message": message})).await;
        assert!(reply(&answer).contains("wants oil"), "{answer}");
        assert_eq!(all(&answer, "actions", "type"), ["task_created"], "{wish}");
    }
}

#[tokio::test]
async fn a_task_of_a_thread_about_nobody_can_be_done_and_the_customer_named_later() {
    let backend = Backend::start().await;
    let first = backend.ok(SUPPORT, json!({"message": "The engine makes a strange noise"})).await;
    assert_eq!(all(&first, "actions", "type"), ["task_created"]);
    assert!(reply(&first).contains("e-mail address"), "{first}");
    let done = backend.ok("/mcp/crm/complete_task", json!({"task_id": first["actions"][0]["id"]})).await;
    assert_eq!((&done["entity_type"], &done["entity_id"]), (&json!("conversation"), &first["thread_id"]));
    let ada = contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    for (number, message) in ["it is ada@x.example", "still the same noise"].into_iter().enumerate() {
        let next = json!({"message": message, "thread_id": first["thread_id"]});
        let next = backend.ok(SUPPORT, next).await;
        assert_eq!((&next["turn"], &next["thread_id"]), (&json!(number + 2), &first["thread_id"]));
        assert!(all(&next, "actions", "type").contains(&"note_added".to_owned()), "{next}");
    }
    assert_eq!(each(&timeline(&backend, &ada).await, "kind")[0], "conversation.continued");
}

#[tokio::test]
async fn only_an_address_or_a_whole_name_makes_a_customer_known() {
    let backend = Backend::start().await;
    contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    contact(&backend, "bo1@x.example", "Bo", "Li").await;
    contact(&backend, "bo2@x.example", "Bo", "Li").await;
    contact(&backend, "mark@x.example", "Mark", "Done").await;
    let cases = [
        ("ADA@x.example is angry", "about Ada Lovelace (ada@x.example)", true),
        ("ada, lovelace is angry", "about Ada Lovelace (ada@x.example)", true),
        ("Ada is angry", "If this is about Ada Lovelace (ada@x.example)", false),
        ("Please mark this angry thing", "If this is about Mark Done", false),
        ("Bo Li is angry", "Several contacts have this name", false),
        ("cy@x.example is angry", "no contact with the address cy@x.example", false),
        ("Adamant Lovelaces are angry", "With the customer's e-mail address", false),
    ];
    for (message, said, is_noted) in cases {
        let answer = backend.ok(SUPPORT, json!({"message": message})).await;
        assert!(reply(&answer).contains(said), "{message}: {answer}");
        let noted = all(&answer, "actions", "type").contains(&"note_added".to_owned());
        assert_eq!(noted, is_noted, "{message}: {answer}");
    }
    let found = backend.ok("/mcp/crm/search_customers", json!({"query": "cy@x.example"})).await;
    assert_eq!(found["total"], 0, "no contact is made of an unknown address");
}

#[tokio::test]
async fn a_thread_belongs_to_its_service_and_its_turns_follow_one_another() {
    let backend = Backend::start().await;
    for service in [SUPPORT, MARKETING, WEBSITE, BACKOFFICE] {
        let thread = backend.ok(service, json!({"message": "hello there"})).await["thread_id"].clone();
        let next = json!({"message": "hello again", "thread_id": thread});
        assert_eq!(backend.ok(service, next.clone()).await["turn"], 2, "{service}");
        for other in [SUPPORT, MARKETING, WEBSITE, BACKOFFICE].iter().filter(|other| **other != service) {
            let refused = backend.post(other, next.clone()).await;
            assert_eq!((refused.status, refused.code()), (404, "not_found"), "{other}");
        }
        assert_eq!(backend.post_as("other", service, next).await.status, 404, "{service}");
    }
    for (arguments, status) in [
        (json!({"message": "x", "thread_id": "thr_none"}), 404),
        (json!({"message": "x", "thread_id": "' OR 1=1 --"}), 404),
        (json!({"message": " "}), 422),
        (json!({"message": "x".repeat(20_001)}), 422),
        (json!({}), 400),
        (json!({"message": "x", "thread": "y"}), 400),
    ] {
        let refused = backend.post(SUPPORT, arguments.clone()).await;
        assert_eq!(refused.status, status, "{}: {}", refused.body, refused.message());
    }
    let thread = backend.ok(SUPPORT, json!({"message": "first"})).await["thread_id"].clone();
    let backend = backend.restart().await;
    let next = |number: usize| json!({"message": format!("turn {number}"), "thread_id": thread});
    let answers: Vec<_> = (0..20).map(|number| backend.post(SUPPORT, next(number))).collect();
    let mut turns = Vec::new();
    for answer in futures_of(answers).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
        turns.push(answer.body["turn"].as_i64().unwrap());
    }
    turns.sort_unstable();
    assert_eq!(turns, (2..=21).collect::<Vec<i64>>());
    let (database, _folder) = backend.stopped_database().await;
    let stored = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(stored("SELECT count(*) FROM conversation"), 5, "a refused turn begins no thread");
    assert_eq!(stored("SELECT count(*) FROM conversation_message"), (4 * 2 + 21) * 2);
    assert_sound(&database);
}

/// All at once.
async fn futures_of<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = pinned.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in pinned.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn the_same_question_on_the_same_data_has_the_same_answer() {
    let clock = noon();
    let mut replies: Vec<Vec<String>> = Vec::new();
    for _ in 0..2 {
        let backend = Backend::start_by(clock.clone()).await;
        contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
        for number in 0..5 {
            remember(&backend, &format!("Fact {number} on the spring renewal price")).await;
        }
        let mut own = Vec::new();
        for service in [SUPPORT, MARKETING, WEBSITE, BACKOFFICE] {
            let message = json!({"message": "ada@x.example: what is the spring renewal price?"});
            own.push(reply(&backend.ok(service, message).await).to_owned());
        }
        replies.push(own);
    }
    assert_eq!(replies[0], replies[1]);
}

#[tokio::test]
async fn marketing_counts_its_audience_and_leaves_a_draft_for_review() {
    let backend = Backend::start_by(noon()).await;
    for (name, company) in [("a", "Bread"), ("b", "Bread"), ("c", "Books")] {
        let contact = json!({"email": format!("{name}@x.example"), "company_name": company});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    let filters = json!({"filters": [{"field": "company_name", "op": "eq", "value": "Bread"}]});
    let segment = json!({"object_type": "contact", "name": "Bakers", "definition": filters});
    backend.ok("/mcp/crm/create_segment", segment).await;
    remember(&backend, "The spring renewal costs 10 percent less until May").await;
    let meeting = json!({"entity_type": "contact", "entity_id": contact(&backend, "d@x.example", "D", "E").await, "subject": "Spring renewal", "summary": "spring renewal is too dear for them"});
    backend.ok("/mcp/crm/log_meeting", meeting).await;

    let message = "Draft three subject lines for the spring renewal campaign.";
    let answer = backend.ok(MARKETING, json!({"message": message})).await;
    for part in [
        "all contacts, 4 people",
        "Bakers, 2 people",
        "Subject 1: Spring renewal: what is new",
        "10 percent less",
    ] {
        assert!(reply(&answer).contains(part), "{part}: {answer}");
    }
    assert!(!reply(&answer).contains("too dear"), "what a customer said went into a draft: {answer}");
    assert_eq!(all(&answer, "actions", "summary"), ["Review the campaign draft: Spring renewal"]);
    let task = backend.ok("/mcp/crm/complete_task", json!({"task_id": answer["actions"][0]["id"]})).await;
    assert!(task["description"].as_str().unwrap().contains("Hello {first_name}"), "{task}");
    assert_eq!(task["due_at"], "2026-12-03T17:00:00.000Z");

    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "A@x.example"})).await;
    let answer = backend.ok(MARKETING, json!({"message": "A spring renewal mail for bakers"})).await;
    let said = "the segment Bakers, 1 person (1 more on the blocklist left out)";
    assert!(reply(&answer).contains(said), "{answer}");
    assert!(reply(&answer).contains("Spring renewal for Bakers"), "{answer}");
    let idea = backend.ok(MARKETING, json!({"message": "Write a campaign"})).await;
    assert_eq!(idea["actions"], json!([]), "there is nothing to draft about: {idea}");
}

#[tokio::test]
async fn the_website_gets_suggestions_and_a_task() {
    let backend = Backend::start().await;
    remember(&backend, "Our pricing starts at 9 EUR a month for small shops").await;
    let text = "We are the best. ".to_owned() + &"Our offer is long ".repeat(8);
    let message = format!("Shorten the pricing page for shops, see https://x.example/: {text}");
    let answer = backend.ok(WEBSITE, json!({"message": message})).await;
    for part in
        ["The pricing page should have", "9 EUR", "36 words in 2 sentences", "(32 words)", "not opened"]
    {
        assert!(reply(&answer).contains(part), "{part}: {answer}");
    }
    assert_eq!(
        (all(&answer, "actions", "type"), all(&answer, "sources", "type")),
        (vec!["task_created".to_owned()], vec!["memory".to_owned()])
    );
    let task = backend.ok("/mcp/crm/complete_task", json!({"task_id": answer["actions"][0]["id"]})).await;
    assert!(task["subject"].as_str().unwrap().starts_with("Update the pricing page: Shorten"), "{task}");
    assert!(task["description"].as_str().unwrap().contains("9 EUR"), "{task}");
}

#[tokio::test]
async fn the_back_office_tells_what_is_due_and_what_the_pipelines_hold() {
    let backend = Backend::start_by(noon()).await;
    let ada = contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    for (subject, due_at) in [
        ("Pay the rent", json!("2026-11-30")),
        ("Send the offer", json!("2026-12-04")),
        ("File papers", json!("2027-06-01")),
        ("Some day", Json::Null),
    ] {
        let task = json!({"entity_type": "contact", "entity_id": ada, "subject": subject, "due_at": due_at});
        backend.ok("/mcp/crm/create_task", task).await;
    }
    for (name, amount, day) in [("One", 1_000, "2026-12-15"), ("Two", 500, "2026-11-01")] {
        let deal = json!({"name": name, "amount": amount, "expected_close_date": day});
        backend.ok("/mcp/crm/create_deal", deal).await;
    }
    let overview = [
        "Overdue: 1.\n- Pay the rent, due 2026-11-30",
        "Due within a week: 1.\n- Send the offer",
        "Open in the pipelines: 2 deals, EUR 1500",
        "Expected within 90 days: 1 deal, EUR 1000",
        "2026-12: 1 deal",
        "past its day: 1 deal, EUR 500",
    ];
    for (message, parts) in [
        ("What is overdue?", &overview[..2]),
        ("How does the pipeline look?", &overview[2..3]),
        ("Give me the forecast", &overview[3..]),
        ("Good morning", &overview[..]),
    ] {
        let answer = backend.ok(BACKOFFICE, json!({"message": message})).await;
        for part in &overview {
            assert_eq!(reply(&answer).contains(part), parts.contains(part), "{message}, {part}: {answer}");
        }
        assert_eq!(answer["actions"], json!([]), "{message}");
    }
}

#[tokio::test]
async fn the_back_office_keeps_reminders() {
    let backend = Backend::start_by(noon()).await;
    let ada = contact(&backend, "ada@x.example", "Ada", "Lovelace").await;
    let cases = [
        (
            "Remind me to call Ada Lovelace on 2027-01-05",
            "call Ada Lovelace",
            json!("2027-01-05T09:00:00.000Z"),
            "contact",
        ),
        (
            "remind me to pay the rent tomorrow",
            "pay the rent",
            json!("2026-12-02T09:00:00.000Z"),
            "conversation",
        ),
        ("Todo: order paper", "order paper", Json::Null, "conversation"),
        (
            "remind me to '; DROP TABLE task; -- on 2027-01-05",
            "'; DROP TABLE task; --",
            json!("2027-01-05T09:00:00.000Z"),
            "conversation",
        ),
    ];
    for (message, subject, due_at, entity_type) in cases {
        let answer = backend.ok(BACKOFFICE, json!({"message": message})).await;
        assert_eq!(all(&answer, "actions", "type"), ["task_created"], "{message}: {answer}");
        let task = backend.ok("/mcp/crm/complete_task", json!({"task_id": answer["actions"][0]["id"]})).await;
        assert_eq!(
            (task["subject"].as_str(), &task["due_at"], task["entity_type"].as_str()),
            (Some(subject), &due_at, Some(entity_type)),
            "{message}"
        );
        assert_eq!(task["description"], message);
    }
    assert!(each(&timeline(&backend, &ada).await, "kind").contains(&"task.created".to_owned()));
    for (message, said) in [
        ("remind me to pay on 2027-02-30", "no day 2027-02-30"),
        ("remind me to pay on 2026-11-30", "2026-11-30 is over"),
        ("remind me", "Say what of"),
    ] {
        let answer = backend.ok(BACKOFFICE, json!({"message": message})).await;
        assert!(reply(&answer).contains(said) && answer["actions"] == json!([]), "{message}: {answer}");
    }
}
