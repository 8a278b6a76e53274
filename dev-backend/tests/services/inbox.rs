//! The inbox: what is written is there, goes to nobody else than it should, and is told where it belongs.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::backend::{Backend, assert_sound, each, id};
use crate::hostile_text::TEXTS;

const SEND: &str = "/inbox/send";
const REPLY: &str = "/inbox/reply";
const LIST: &str = "/inbox/list";
const THREAD: &str = "/inbox/thread";

fn message(to: &str, subject: &str) -> Json {
    json!({"to": to, "subject": subject, "body": "Hello"})
}

async fn thread(backend: &Backend, id: &Json) -> Json {
    backend.got(THREAD, &[("thread_id", id.as_str().unwrap())]).await
}

async fn folder(backend: &Backend, folder: &str) -> Json {
    backend.got(LIST, &[("folder", folder)]).await
}

/// A contact who has written to us about a quote; contact and thread.
async fn written_to_by(backend: &Backend, email: &str) -> (String, Json) {
    // The first look, which puts the welcome there.
    folder(backend, "inbox").await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": email})).await);
    let given = json!({"entity_type": "contact", "entity_id": contact, "subject": "Your quote", "body": "Too dear", "direction": "inbound", "occurred_at": "2027-01-02T03:04:05Z"});
    backend.ok("/mcp/crm/engagements/log_email", given).await;
    let inbox = folder(backend, "inbox").await;
    (contact, inbox["items"][0]["id"].clone())
}

#[tokio::test]
async fn what_is_sent_is_in_sent_and_in_the_contacts_timeline() {
    let backend = Backend::start().await;
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "Anna@x.example"})).await);
    let copied = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "bo@x.example"})).await);
    let given = json!({"to": "anna@X.example", "subject": " Renewal ", "body": "Shall we?", "cc": ["bo@x.example", "BO@x.example"], "bcc": ["boss@y.example", "anna@x.example"]});
    let sent = backend.ok(SEND, given).await;
    assert_eq!(
        (&sent["folder"], &sent["direction"], &sent["from"]),
        (&json!("sent"), &json!("outbound"), &json!("ada"))
    );
    assert_eq!(
        (&sent["to"], &sent["cc"], &sent["bcc"]),
        (&json!(["anna@X.example"]), &json!(["bo@x.example"]), &json!(["boss@y.example"]))
    );
    assert_eq!(sent["subject"], "Renewal");
    let listed = folder(&backend, "sent").await;
    assert_eq!(
        (&listed["total"], &listed["unread"], &listed["next_offset"]),
        (&json!(1), &json!(0), &Json::Null)
    );
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["snippet"]),
        (&sent["thread_id"], &json!("Shall we?"))
    );
    for contact in [&contact, &copied] {
        let timeline = json!({"entity_type": "contact", "entity_id": contact});
        let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
        assert_eq!(each(&timeline, "kind"), ["message.sent", "contact.created"]);
        assert_eq!(timeline["items"][0]["details"]["message_id"], sent["id"]);
        assert_eq!(timeline["items"][0]["summary"], "Message to anna@X.example: Renewal");
    }
    let backend = backend.restart().await;
    let thread = thread(&backend, &sent["thread_id"]).await;
    assert_eq!(thread["messages"], json!([sent]));
    assert_eq!(thread["participants"], json!(["anna@X.example", "bo@x.example"]));
    assert_eq!(thread["contact_ids"], json!([contact, copied]));
}

#[tokio::test]
async fn blind_copies_are_told_to_the_author_alone() {
    let backend = Backend::start().await;
    let hidden = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "hidden@x.example"})).await);
    let given = json!({"to": "anna@x.example", "subject": "x", "body": "x", "bcc": ["hidden@x.example"]});
    let sent = backend.ok(SEND, given).await;
    let thread_id = sent["thread_id"].as_str().unwrap();
    let url = reqwest::Url::parse_with_params(&backend.url(THREAD), [("thread_id", thread_id)]).unwrap();
    let seen_by = async |actor: &str| {
        let request = backend.client.get(url.clone()).header("X-Tenant-Id", "acme").header("X-Actor", actor);
        crate::backend::Answer::of(request).await.body
    };
    assert_eq!(seen_by("ada").await["messages"][0]["bcc"], json!(["hidden@x.example"]));
    let by_another = seen_by("bob").await;
    assert_eq!(by_another["messages"][0]["bcc"], json!([]));
    assert!(!by_another.to_string().contains("hidden") && !by_another.to_string().contains(&hidden));
    let reply = backend.ok(REPLY, json!({"thread_id": thread_id, "body": "And?"})).await;
    assert_eq!(
        (&reply["to"], &reply["cc"], &reply["bcc"]),
        (&json!(["anna@x.example"]), &json!([]), &json!([]))
    );
    for list in [
        folder(&backend, "sent").await,
        backend.ok("/mcp/crm/audit_query", json!({"action": "message.sent"})).await,
    ] {
        assert!(list["total"].as_i64() > Some(0) && !list.to_string().contains("hidden"), "{list}");
    }
    // The one who got the copy has it in the timeline all the same.
    let timeline =
        backend.ok("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": hidden})).await;
    assert_eq!(each(&timeline, "kind"), ["message.sent", "contact.created"]);
}

#[tokio::test]
async fn a_received_message_waits_until_it_is_answered() {
    let backend = Backend::start().await;
    let (contact, thread_id) = written_to_by(&backend, "anna@x.example").await;
    let inbox = folder(&backend, "inbox").await;
    assert_eq!((&inbox["total"], &inbox["unread"]), (&json!(2), &json!(2)), "with the welcome: {inbox}");
    assert_eq!(
        (&inbox["items"][0]["unread"], &inbox["items"][0]["last_from"]),
        (&json!(1), &json!("anna@x.example"))
    );
    let opened = thread(&backend, &thread_id).await;
    assert_eq!(
        (&opened["messages"][0]["is_read"], &opened["messages"][0]["sent_at"]),
        (&json!(false), &json!("2027-01-02T03:04:05.000Z"))
    );
    assert_eq!(thread(&backend, &thread_id).await["messages"][0]["is_read"], true);
    assert_eq!(folder(&backend, "inbox").await["unread"], 1);

    let draft = backend.ok(REPLY, json!({"thread_id": thread_id, "body": "Well", "draft": true})).await;
    assert_eq!(
        (&draft["folder"], &draft["sent_at"], &draft["to"]),
        (&json!("drafts"), &Json::Null, &json!(["anna@x.example"]))
    );
    assert_eq!(folder(&backend, "drafts").await["items"][0]["id"], thread_id);
    assert_eq!(
        (folder(&backend, "sent").await["total"].clone(), folder(&backend, "inbox").await["total"].clone()),
        (json!(0), json!(2))
    );
    let timeline = json!({"entity_type": "contact", "entity_id": contact});
    assert_eq!(
        each(&backend.ok("/mcp/crm/timeline", timeline.clone()).await, "kind"),
        ["email.logged", "contact.created"]
    );

    let reply = backend.ok(REPLY, json!({"thread_id": thread_id, "body": "Ten less"})).await;
    assert_eq!(
        (&reply["subject"], &reply["to"], &reply["thread_id"]),
        (&json!("Re: Your quote"), &json!(["anna@x.example"]), &thread_id)
    );
    assert_eq!(
        each(&backend.ok("/mcp/crm/timeline", timeline).await, "kind"),
        ["message.sent", "email.logged", "contact.created"]
    );
    for (name, total) in [("inbox", 1), ("sent", 1), ("drafts", 1), ("archive", 1)] {
        assert_eq!(folder(&backend, name).await["total"], total, "{name}");
    }
    // An answer comes into the same thread, and the thread into the inbox again.
    let again = json!({"entity_type": "contact", "entity_id": contact, "subject": "RE: your QUOTE", "body": "Fine", "direction": "inbound"});
    backend.ok("/mcp/crm/engagements/log_email", again).await;
    let thread = thread(&backend, &thread_id).await;
    assert_eq!(thread["folders"], json!(["archive", "drafts", "inbox", "sent"]));
    let bodies: Vec<&str> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, ["Too dear", "Well", "Ten less", "Fine"]);
    assert_eq!(thread["contact_ids"], json!([contact]));
}

#[tokio::test]
async fn every_inbox_begins_with_a_message_that_can_be_answered() {
    let backend = Backend::start().await;
    for tenant in ["acme", "other"] {
        let reply =
            backend.ok_as(tenant, REPLY, json!({"thread_id": "mthr_welcome", "body": "Thanks"})).await;
        assert_eq!(reply["to"], json!(["welcome@dev-backend.example"]));
        let list = backend.get_as(tenant, LIST, &[]).await.body;
        assert_eq!((&list["total"], &list["folder"]), (&json!(0), &json!("inbox")));
        let list = backend.get_as(tenant, LIST, &[("folder", "archive"), ("limit", "1")]).await.body;
        assert_eq!(each(&list, "id"), ["mthr_welcome"]);
    }
}

#[tokio::test]
async fn lists_have_pages_with_the_newest_first() {
    let backend = Backend::start().await;
    for number in 0..5 {
        backend.ok(SEND, message("anna@x.example", &format!("Number {number}"))).await;
    }
    let page = async |offset: &'static str| {
        backend.got(LIST, &[("folder", "sent"), ("limit", "2"), ("offset", offset)]).await
    };
    assert_eq!(each(&page("0").await, "subject"), ["Number 4", "Number 3"]);
    let last = page("4").await;
    assert_eq!((each(&last, "subject"), &last["next_offset"]), (vec!["Number 0".to_owned()], &Json::Null));
    assert_eq!(page("0").await["next_offset"], 2);
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_leaves_nothing() {
    let backend = Backend::start().await;
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "gone@x.example"})).await;
    let to = |to: &str| message(to, "x");
    let with = |field: &str, addresses: Json| json!({"to": "a@x.example", "subject": "x", "body": "x", field: addresses});
    let many: Vec<String> = (0..100).map(|number| format!("n{number}@x.example")).collect();
    let cases = [
        (SEND, to("Gone@X.example"), 409, "to: this e-mail address is on the blocklist"),
        (SEND, with("cc", json!(["b@x.example", "gone@x.example"])), 409, "cc: "),
        (SEND, with("bcc", json!(["GONE@x.example"])), 409, "bcc: "),
        (SEND, with("cc", json!(many)), 422, "at most 100 recipients, not 101"),
        (SEND, to("nobody"), 422, "to \"nobody\" is not one e-mail address"),
        (SEND, to(""), 422, "to "),
        (SEND, to("a@x.example, b@x.example"), 422, "not one"),
        (SEND, to("a@x.example,b@x.example"), 422, "not one"),
        (SEND, to("Anna <a@x.example>"), 422, "not one"),
        (SEND, to("a@x.example\r\nBcc: b@x.example"), 422, "not one"),
        (SEND, with("bcc", json!(["a@b@c"])), 422, "bcc "),
        (SEND, with("cc", json!("a@x.example")), 400, "sequence"),
        (SEND, message("a@x.example", " "), 422, "subject"),
        (SEND, json!({"to": "a@x.example", "subject": "x", "body": " \n"}), 422, "body"),
        (SEND, json!({"to": "a@x.example", "subject": "x"}), 400, "body"),
        (REPLY, json!({"thread_id": "mthr_0", "body": "x"}), 404, "mthr_0"),
        (REPLY, json!({"thread_id": "mthr_welcome", "body": ""}), 422, "body"),
    ];
    for (path, given, status, named) in cases {
        let answer = backend.post(path, given.clone()).await;
        assert_eq!(answer.status, status, "{given}: {}", answer.body);
        assert!(answer.message().contains(named), "{given}: {}", answer.message());
    }
    for (arguments, status, named) in [
        (
            &[("folder", "inbx")],
            422,
            "did you mean \"inbox\"?; the valid ones are inbox, sent, drafts, archive",
        ),
        (&[("limit", "0")], 422, "limit must be 1 to 1000"),
        (&[("limit", "many")], 400, "whole number"),
        (&[("unknown", "x")], 400, "unknown"),
    ] {
        let answer = backend.get_as("acme", LIST, arguments).await;
        assert_eq!(answer.status, status, "{arguments:?}");
        assert!(answer.message().contains(named), "{}", answer.message());
    }
    assert_eq!(backend.get_as("acme", THREAD, &[("thread_id", "mthr_0")]).await.status, 404);
    assert_eq!(folder(&backend, "sent").await["total"], 0);
}

#[tokio::test]
async fn a_thread_with_somebody_who_was_blocked_since_is_answered_no_more() {
    let backend = Backend::start().await;
    let (_, thread_id) = written_to_by(&backend, "anna@x.example").await;
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "anna@x.example"})).await;
    for draft in [true, false] {
        let refused = backend.post(REPLY, json!({"thread_id": thread_id, "body": "x", "draft": draft})).await;
        assert_eq!((refused.status, refused.message()), (409, "to: this e-mail address is on the blocklist"));
    }
    assert_eq!(thread(&backend, &thread_id).await["total"], 1);
}

#[tokio::test]
async fn tenants_never_see_each_others_mail() {
    let backend = Backend::start().await;
    for tenant in ["acme", "other"] {
        backend.ok_as(tenant, "/mcp/crm/upsert_contact", json!({"email": "same@x.example"})).await;
    }
    let sent = backend.ok(SEND, message("same@x.example", "Same")).await;
    let thread_id = sent["thread_id"].as_str().unwrap();
    assert_eq!(backend.get_as("other", THREAD, &[("thread_id", thread_id)]).await.status, 404);
    let reply = json!({"thread_id": thread_id, "body": "x"});
    assert_eq!(backend.post_as("other", REPLY, reply).await.status, 404);
    assert_eq!(backend.get_as("other", LIST, &[("folder", "sent")]).await.body["total"], 0);
    backend.ok("/mcp/crm/gdpr/blocklist_email", json!({"email": "same@x.example"})).await;
    backend.ok_as("other", SEND, message("same@x.example", "Same")).await;
}

#[tokio::test]
async fn merged_contacts_have_one_correspondence() {
    let backend = Backend::start().await;
    let (old, thread_id) = written_to_by(&backend, "old@x.example").await;
    backend.ok(SEND, message("old@x.example", "Other")).await;
    let new = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "new@x.example"})).await);
    let merge = json!({"source_contact_id": old, "target_contact_id": new});
    let merged = backend.ok("/mcp/crm/merge_contacts", merge).await;
    assert_eq!((&merged["moved"]["messages_from"], &merged["moved"]["messages_to"]), (&json!(1), &json!(1)));
    assert_eq!(thread(&backend, &thread_id).await["contact_ids"], json!([new]));
    let again = json!({"entity_type": "contact", "entity_id": new, "subject": "Re: Your quote", "body": "x", "direction": "inbound"});
    backend.ok("/mcp/crm/engagements/log_email", again).await;
    assert_eq!(thread(&backend, &thread_id).await["total"], 2);
}

#[tokio::test]
async fn concurrent_replies_are_all_there_once() {
    const PARALLEL: usize = 40;
    let backend = Arc::new(Backend::start().await);
    let (_, thread_id) = written_to_by(&backend, "anna@x.example").await;
    let mut replies = tokio::task::JoinSet::new();
    for number in 0..PARALLEL {
        let (backend, given) = (
            Arc::clone(&backend),
            json!({"thread_id": thread_id, "body": format!("Reply {number}"), "draft": number % 4 == 0}),
        );
        replies.spawn(async move { id(&backend.ok(REPLY, given).await) });
    }
    let acknowledged: BTreeSet<String> = replies.join_all().await.into_iter().collect();
    let thread = thread(&backend, &thread_id).await;
    let messages = thread["messages"].as_array().unwrap();
    let stored: BTreeSet<String> = messages.iter().skip(1).map(id).collect();
    assert_eq!((stored.len(), &stored), (PARALLEL, &acknowledged));
    let drafts = messages.iter().filter(|message| message["folder"] == "drafts").count();
    assert_eq!((drafts, &messages[0]["folder"]), (PARALLEL / 4, &json!("archive")));
    assert!(
        messages
            .iter()
            .all(|message| message["to"] == json!(["anna@x.example"]) || message["direction"] == "inbound")
    );
}

#[tokio::test]
async fn whatever_stands_in_a_message_is_text() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let tenant = format!("tenant-{number}");
        let given = json!({"to": "a@x.example", "subject": text, "body": text});
        let sent = backend.ok_as(&tenant, SEND, given).await;
        assert_eq!((sent["subject"].as_str(), sent["body"].as_str()), (Some(text.trim()), Some(*text)));
        let reply =
            backend.ok_as(&tenant, REPLY, json!({"thread_id": sent["thread_id"], "body": text})).await;
        assert_eq!(
            (reply["subject"].as_str(), reply["body"].as_str()),
            (Some(&*format!("Re: {}", text.trim())), Some(*text))
        );
        assert_eq!(backend.get_as(&tenant, THREAD, &[("thread_id", text)]).await.status, 404);
        assert_eq!(backend.get_as(&tenant, LIST, &[("folder", text)]).await.status, 422);
        assert_eq!(backend.post_as(&tenant, SEND, message(text, "x")).await.status, 422);
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn erasure_and_export_cover_mail_and_runs() {
    const HERS: [&str; 5] = ["zaphodine", "quirrenbach", "zq@new.example", "privatemail", "privatereply"];
    let backend = Backend::start().await;
    let bo = id(&backend.ok("/mcp/crm/upsert_contact", json!({"email": "bo@x.example"})).await);
    let contact = json!({"email": "zq@new.example", "first_name": "Zaphodine", "last_name": "Quirrenbach"});
    let contact = id(&backend.ok("/mcp/crm/upsert_contact", contact).await);
    let alone = json!({"to": "ZQ@new.example", "subject": "privatemail", "body": "Dear Zaphodine"});
    let alone = backend.ok(SEND, alone).await["thread_id"].clone();
    backend.ok(REPLY, json!({"thread_id": alone, "body": "privatereply", "draft": true})).await;
    let received = json!({"entity_type": "contact", "entity_id": contact, "subject": "privatemail again", "body": "From Zaphodine", "direction": "inbound"});
    backend.ok("/mcp/crm/engagements/log_email", received).await;
    let shared = json!({"to": "bo@x.example", "subject": "Meet Zaphodine", "body": "Bo, this is Zaphodine Quirrenbach", "cc": ["zq@new.example"]});
    let shared = backend.ok(SEND, shared).await["thread_id"].clone();
    let lead = json!({"email": "zq@new.example", "first_name": "Zaphodine", "last_name": "Quirrenbach"});
    for workflow in ["wf_new_lead", "wf_welcome_customer"] {
        let mut input = lead.clone();
        if workflow == "wf_welcome_customer" {
            input.as_object_mut().unwrap().remove("last_name");
        }
        let run = backend.ok("/automation/trigger", json!({"workflow_id": workflow, "input": input})).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
    backend
        .ok(
            "/automation/trigger",
            json!({"workflow_id": "wf_follow_up", "input": {"customer_id": bo, "topic": "x"}}),
        )
        .await;

    let given = json!({"contact_id": contact});
    let export = backend.ok("/mcp/crm/gdpr/export_contact_data", given.clone()).await;
    assert_eq!(export["messages"].as_array().unwrap().len(), 5, "{}", export["messages"]);
    let mentions = export["mentions"].to_string();
    assert!(mentions.contains("automation_run.input") && !mentions.contains("mail_recipient"), "{mentions}");

    let erased = backend.ok("/mcp/crm/gdpr/delete_contact", given).await["erased"].clone();
    assert_eq!((&erased["messages"], &erased["runs"]), (&json!(4), &json!(2)), "{erased}");
    let bytes = |name: &str| {
        std::fs::read(backend.file().with_extension(name)).unwrap_or_default().to_ascii_lowercase()
    };
    for text in HERS {
        for name in ["sqlite", "sqlite-wal"] {
            let found = bytes(name).windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text} in {name}");
        }
    }
    assert_eq!(backend.get_as("acme", THREAD, &[("thread_id", alone.as_str().unwrap())]).await.status, 404);
    let kept = thread(&backend, &shared).await;
    assert_eq!(
        (&kept["subject"], &kept["participants"]),
        (&json!("Meet [erased]"), &json!(["bo@x.example"]))
    );
    assert_eq!(kept["messages"][0]["body"], "Bo, this is [erased]");
    let runs = backend.got("/automation/workflows", &[("query", "follow_up")]).await;
    assert_eq!(runs["items"][0]["last_run"]["state"], "succeeded");
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}
