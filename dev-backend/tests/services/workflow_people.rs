//! People in conversations: erased, exported, merged, kept apart by tenant; and hostile texts, which are texts.

use dev_backend::Hooks;
use serde_json::json;

use crate::backend::{Backend, assert_sound, each, id};
use crate::hostile_text::TEXTS;
use crate::workflow_visits::Visits;
use crate::workflows::{SUPPORT, all};

const SERVICES: [&str; 4] =
    ["/support/workflow", "/marketing/workflow", "/website/workflow", "/backoffice/workflow"];
const ONBOARDING: &str = "/onboarding/workflow";

async fn zaphodine(backend: &Backend) -> String {
    let contact = json!({"email": "zq@x.example", "first_name": "Zaphodine", "last_name": "Quirrenbach"});
    id(&backend.ok("/mcp/crm/upsert_contact", contact).await)
}

#[tokio::test]
async fn an_erased_person_is_in_no_conversation() {
    let backend = Backend::start().await;
    let contact = zaphodine(&backend).await;
    // Before anybody was recognised, about her, and mentioning her where it is about nothing of the kind.
    let unknown = backend.ok(SUPPORT, json!({"message": "privatenoise in the engine"})).await;
    let about = json!({"message": "zaphodine quirrenbach says so", "thread_id": unknown["thread_id"]});
    backend.ok(SUPPORT, about).await;
    for service in SERVICES.iter().skip(1) {
        backend
            .ok(
                service,
                json!({"message": "remind me to tell Zaphodine Quirrenbach, ZQ@x.example, by tomorrow"}),
            )
            .await;
    }
    for message in ["Zaphodine Quirrenbach & Co", "none", "zq@X.example"] {
        backend.ok(ONBOARDING, json!({"session_id": "zq@x.example", "message": message})).await;
    }
    let exported = backend.ok("/mcp/crm/gdpr/export_contact_data", json!({"contact_id": contact})).await;
    let turns = exported["conversations"].as_array().unwrap();
    assert!(turns.iter().any(|turn| turn["text"] == "privatenoise in the engine"), "{turns:?}");
    assert!(exported["mentions"].to_string().contains("tell Zaphodine"), "{}", exported["mentions"]);

    let erased = backend.ok("/mcp/crm/gdpr/delete_contact", json!({"contact_id": contact})).await;
    assert_eq!(
        (&erased["erased"]["conversations"], &erased["erased"]["conversation_tasks"]),
        (&json!(3), &json!(1)),
        "{erased}"
    );
    let next = json!({"message": "and?", "thread_id": unknown["thread_id"]});
    assert_eq!(backend.post(SUPPORT, next).await.status, 404);
    let folder = backend.folder.path().join("data");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap().to_ascii_lowercase();
        for text in ["zaphodine", "quirrenbach", "zq@x.example", "privatenoise"] {
            assert!(
                !bytes.windows(text.len()).any(|window| window == text.as_bytes()),
                "{text} is still there"
            );
        }
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn a_conversation_follows_its_contact_through_a_merge() {
    let backend = Backend::start().await;
    let source = zaphodine(&backend).await;
    let thread = backend.ok(SUPPORT, json!({"message": "zq@x.example is here"})).await["thread_id"].clone();
    let target = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "new@x.example"})).await);
    let merge = json!({"source_contact_id": source, "target_contact_id": target});
    assert_eq!(backend.ok("/mcp/crm/merge_contacts", merge).await["moved"]["conversations"], 1);
    let next = backend.ok(SUPPORT, json!({"message": "still here", "thread_id": thread})).await;
    assert_eq!(
        (all(&next, "sources", "id")[0].as_str(), all(&next, "actions", "type")[1].as_str()),
        (target.as_str(), "note_added")
    );
    let timeline = json!({"entity_type": "contact", "entity_id": target});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(each(&timeline, "kind")[0], "conversation.continued");
}

#[tokio::test]
async fn a_blocked_address_is_turned_away_everywhere() {
    let backend = Backend::start().await;
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "gone@x.example"})).await;
    for service in SERVICES.iter().chain([&ONBOARDING]) {
        let mut said = json!({"message": "remind me to write to <GONE@x.example>"});
        if *service == ONBOARDING {
            said["session_id"] = json!("s");
        }
        let refused = backend.post(service, said).await;
        assert_eq!((refused.status, refused.code()), (409, "conflict"), "{service}: {}", refused.body);
    }
    let (database, _folder) = backend.stopped_database().await;
    let begun: i64 = database.query_row("SELECT count(*) FROM conversation", [], |row| row.get(0)).unwrap();
    assert_eq!(begun, 0);
}

#[tokio::test]
async fn tenants_with_the_same_people_stay_apart() {
    let backend = Backend::start().await;
    let tenants = ["acme", "ACME", "acme' OR '1'='1"];
    for tenant in tenants {
        let contact = json!({"email": "ada@x.example", "first_name": "Ada", "last_name": "Lovelace", "company_name": format!("Firm of {tenant}")});
        backend.ok_as(tenant, "/mcp/crm/upsert_contact", contact).await;
        let memory = json!({"content": format!("The engine of {tenant} wants oil")});
        backend.ok_as(tenant, "/mcp/memory/write", memory).await;
    }
    for tenant in tenants {
        for service in SERVICES {
            let message = json!({"message": "ada@x.example: which oil does the engine want? all contacts"});
            let answer = backend.ok_as(tenant, service, message).await;
            let reply = answer["reply"].as_str().unwrap();
            for other in tenants.iter().filter(|other| **other != tenant) {
                let foreign = [format!("of {other} "), format!("of {other}\""), format!("of {other}.")];
                assert!(!foreign.iter().any(|text| reply.contains(text)), "{tenant} {service}: {reply}");
            }
            assert!(reply.contains(&format!("engine of {tenant} wants oil")), "{tenant} {service}: {reply}");
        }
        let audience = backend.ok_as(tenant, SERVICES[1], json!({"message": "engine oil"})).await;
        assert!(audience["reply"].as_str().unwrap().contains("all contacts, 1 person"), "{audience}");
    }
}

#[tokio::test]
async fn hostile_text_is_text_in_every_message() {
    let visits = Visits::to_a_site();
    let backend = Backend::start_with(Hooks { fetch: Some(visits.fetch()), ..Hooks::default() }).await;
    let mut said: Vec<&str> = Vec::new();
    for (number, text) in TEXTS.iter().enumerate() {
        let tenant = format!("tenant-{number}");
        backend.ok_as(&tenant, "/mcp/memory/write", json!({"content": text})).await;
        for service in SERVICES {
            let answer = backend.ok_as(&tenant, service, json!({"message": text})).await;
            let next = json!({"message": text, "thread_id": answer["thread_id"]});
            assert_eq!(backend.ok_as(&tenant, service, next).await["turn"], 2, "{service} {text:?}");
            said.extend([*text, *text]);
        }
        let say = async |message: &str| {
            let turn = json!({"session_id": text, "message": message, "confirm_fetch": true});
            backend.ok_as(&tenant, ONBOARDING, turn).await
        };
        for message in ["hello", text, "none", "a@x.example"] {
            let last = say(message).await;
            assert_eq!(last["session_id"].as_str(), Some(text.trim()));
            said.push(message);
        }
        let last = say(text).await;
        said.push(text);
        assert_eq!(last["step"], "done", "{text:?}: {last}");
    }
    assert_eq!(visits.urls(), Vec::<String>::new());
    let (database, _folder) = backend.stopped_database().await;
    let mut statement =
        database.prepare("SELECT text FROM conversation_message WHERE role = 'caller'").unwrap();
    let mut stored: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    stored.sort_unstable();
    said.sort_unstable();
    assert_eq!(stored, said);
    drop(statement);
    assert_sound(&database);
}

#[tokio::test]
async fn the_longest_message_is_taken() {
    let backend = Backend::start().await;
    let message: String = (0..4_000).map(|number| format!("{number:04} ")).collect();
    assert_eq!(message.chars().count(), 20_000);
    for service in SERVICES {
        assert_eq!(backend.ok(service, json!({"message": message})).await["turn"], 1, "{service}");
    }
}
