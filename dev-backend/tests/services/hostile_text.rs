//! Whatever stands in a text field is text: stored as written and found as text.

use serde_json::json;

use crate::backend::{Backend, assert_sound, each};

/// Texts that mean something to SQL, to FTS5, to JSON or to a terminal; each has the word `marker`.
pub(crate) const TEXTS: [&str; 16] = [
    "marker'; DROP TABLE contact; --",
    "marker\" OR \"1\"=\"1",
    "' UNION SELECT tenant, id FROM memory -- marker",
    "marker AND OR NOT NEAR(a b, 2)",
    "scope:marker* ^marker + {content} : (marker",
    "marker\\\" \\u0000 %00 %s {} $1 ?1 :name @x",
    "Robert'); DELETE FROM event WHERE ('1'='1 marker",
    "<script>alert('marker')</script>",
    "=cmd|' /C calc'!A0 marker",
    "marker\nsecond line\r\n\tthird",
    "marker \u{202e}reversed\u{202c} \u{200b}zero",
    "marker \u{1f469}\u{200d}\u{1f680} \u{1f389}",
    "márker Ünïcödé Straße İstanbul",
    "marker 中文字符 日本語 한국어 العربية हिन्दी",
    "marker\u{0} after nul",
    "marker \u{1b}[31mred\u{1b}[0m \u{7f}",
];

#[tokio::test]
async fn hostile_text_is_stored_and_found_in_every_field() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let line = text.trim();
        let tenant = format!("tenant-{number}");
        let ok = async |path: &str, arguments| backend.ok_as(&tenant, path, arguments).await;

        let memory = ok("/mcp/memory/write", json!({"content": text, "kind": text, "tags": [text]})).await;
        assert_eq!((memory["content"].as_str(), memory["kind"].as_str()), (Some(*text), Some(line)));
        for query in [*text, "marker", &text.replace(' ', "\" ")] {
            let found = ok("/mcp/memory/search", json!({"query": query})).await;
            assert_eq!(each(&found, "content"), [*text], "{query:?}");
            assert_eq!(found["items"][0]["tags"], json!([line]));
        }

        let company = json!({"name": text, "industry": text, "company_size": text, "lifecycle_stage": text});
        let company = ok("/mcp/crm/upsert_company", company).await;
        for field in ["name", "industry", "company_size", "lifecycle_stage"] {
            assert_eq!(company[field].as_str(), Some(line), "{field}");
        }
        // Of an address white space and control characters are refused; the rest is kept.
        let address: String =
            text.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
        let email = format!("{address}@x.example");
        let contact = json!({"email": email, "first_name": text, "last_name": text, "phone": text, "company_name": text});
        let contact = ok("/mcp/crm/upsert_contact", contact).await;
        assert_eq!(contact["email"].as_str(), Some(&*email));
        assert_eq!(contact["company_id"], company["id"], "{text:?}");
        for field in ["first_name", "last_name", "phone"] {
            assert_eq!(contact[field].as_str(), Some(line), "{field}");
        }
        for query in [*text, "marker", &email] {
            let found = ok("/mcp/crm/search_customers", json!({"query": query})).await;
            assert!(each(&found, "id").contains(&contact["id"].as_str().unwrap().to_owned()), "{query:?}");
        }

        let deal = json!({"name": text, "primary_contact_id": contact["id"]});
        let deal = ok("/mcp/crm/create_deal", deal).await;
        assert_eq!(deal["name"].as_str(), Some(line));
        let note = ok("/mcp/crm/create_note", json!({"customer_id": contact["id"], "text": text})).await;
        let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
        let timeline = ok("/mcp/crm/timeline", timeline).await;
        assert_eq!(timeline["items"][0]["details"], json!({"note_id": note["id"], "text": text}));

        // As an id or a name to look for it is nothing that exists.
        for (path, arguments, status) in [
            ("/mcp/crm/lookup_customer", json!({"customer_id": text}), 404),
            ("/mcp/crm/timeline", json!({"entity_type": "contact", "entity_id": text}), 404),
            ("/mcp/crm/timeline", json!({"entity_type": text, "entity_id": "x"}), 422),
            ("/mcp/crm/create_deal", json!({"name": "x", "pipeline": text}), 422),
            ("/mcp/crm/create_deal", json!({"name": "x", "stage": text}), 422),
            ("/mcp/crm/create_deal", json!({"name": "x", "status": text}), 422),
            ("/mcp/crm/create_deal", json!({"name": "x", "currency": text}), 422),
            ("/mcp/crm/create_deal", json!({"name": "x", "company_id": text}), 404),
            ("/mcp/crm/update_pipeline", json!({"opportunity_id": text, "stage": "won"}), 404),
            ("/mcp/crm/update_pipeline", json!({"opportunity_id": deal["id"], "stage": text}), 422),
            ("/mcp/memory/archive", json!({"memory_id": text}), 404),
        ] {
            let answer = backend.post_as(&tenant, path, arguments.clone()).await;
            assert_eq!(answer.status, status, "{path} {arguments}: {}", answer.body);
        }
        assert_eq!(ok("/mcp/crm/list_pipelines", json!({"object_type": text})).await["total"], 0);
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}
