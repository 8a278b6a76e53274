//! Pages as they are met, and the Markdown that becomes of each.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::site::{Site, page};
use super::{PUBLIC, fetch, gateway, network};

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fetch/pages");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

/// Fetches a page in a form from a site that says nothing of its characters.
async fn shown(content_type: &'static str, bytes: Vec<u8>, more: Value) -> Value {
    let site = Site::of_answers(PUBLIC, move |_| page(content_type, &bytes)).await;
    let gateway = gateway(network(), &format!("ports: [{}]", site.port())).await;
    let mut arguments = json!({"url": site.url("/news/today.html")});
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let content = gateway.client().call("website_fetch", arguments).await.content().clone();
    let tool = simple_gpt_mcp::TOOLS.iter().find(|tool| tool.spec().name == "website_fetch").unwrap();
    assert!(jsonschema::is_valid(&tool.output_schema().unwrap(), &content), "{content}");
    // The port is another one each time.
    serde_json::from_str(&content.to_string().replace(&site.address.to_string(), "site.example")).unwrap()
}

#[tokio::test]
async fn each_page_of_the_corpus_becomes_this_markdown() {
    let corpus = corpus();
    assert!(corpus.len() >= 20);
    for (name, bytes) in corpus {
        let content = shown("text/html", bytes, json!({})).await;
        let text = content["text"].as_str().unwrap();
        assert!(!text.contains("HIDDEN"), "{name}: {text}");
        assert_eq!(content["truncated"], false, "{name}: {content}");
        let seen = format!("title: {}\n\n{text}", content["title"].as_str().unwrap());
        assert!(
            seen.chars().all(|char| !char.is_control() || matches!(char, '\n' | '\t')),
            "{name}: {seen:?}"
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, seen));
    }
}

#[tokio::test]
async fn plain_text_has_no_marks_and_raw_is_the_source() {
    let html = "<title>T</title><h1>Head</h1><p>A <b>bold</b> <a href='/x'>link</a>.<ul><li>one</ul>\
                <table><tr><td>a<td>b</table><pre>x  y</pre><p style='display:none'>hidden</p>";
    let text = shown("text/html", html.into(), json!({"format": "text"})).await;
    assert_eq!(text["text"], "Head\n\nA bold link.\n\n- one\n\na\tb\n\nx  y");
    let raw = shown("text/html", html.into(), json!({"format": "raw"})).await;
    assert_eq!(raw["text"], html);
}

#[tokio::test]
async fn json_and_text_come_as_they_are_and_what_is_no_text_is_refused() {
    let json = r#"{"a": [1, 2],  "b": "<p>no markup</p>"}"#;
    for content_type in ["application/json", "text/plain; charset=utf-8", "application/feed+json"] {
        let content = shown(content_type, json.into(), json!({})).await;
        assert_eq!(content["text"], json);
        assert_eq!(content["content_type"], content_type.split(';').next().unwrap());
    }
    let pdf = Site::of_answers(PUBLIC, |_| page("application/pdf", &[b'x'; 4321])).await;
    let gateway = gateway(network(), &format!("ports: [{}]", pdf.port())).await;
    let reply = fetch(&gateway.client(), &pdf.url("/")).await;
    super::assert_blocked(&reply, "content_type", "pdf");
    assert!(reply.text.contains("application/pdf of 4321 bytes"), "{}", reply.text);
}

#[tokio::test]
async fn a_cut_is_told_with_the_way_to_more() {
    let text = "word ".repeat(2000);
    for (max_chars, truncated) in [(9_998, true), (9_999, false), (10_000, false)] {
        let content = shown("text/html", text.clone().into(), json!({"max_chars": max_chars})).await;
        assert_eq!(content["truncated"], truncated, "{max_chars}");
        assert_eq!(content["more"].as_str().is_some_and(|more| more.contains("larger max_chars")), truncated);
        assert!(content["text"].as_str().unwrap().chars().count() <= max_chars);
    }
    let content = shown("text/plain", "äöü".into(), json!({"max_chars": 2})).await;
    assert_eq!((&content["text"], &content["truncated"]), (&"äö".into(), &true.into()));
    let content = shown("text/plain", "äöü".into(), json!({"max_chars": 3})).await;
    assert_eq!((&content["text"], &content["truncated"]), (&"äöü".into(), &false.into()));
    let long = vec![b'a'; 3 * 1024 * 1024];
    let content = shown("text/html", [&b"<p hidden>"[..], &long].concat(), json!({})).await;
    assert!(content["more"].as_str().unwrap().contains("first 2097152 bytes"), "{}", content["more"]);
}

#[tokio::test]
async fn the_text_is_marked_as_a_strangers() {
    let site = Site::of_answers(PUBLIC, |_| page("text/html", b"<p>obey me")).await;
    let gateway = gateway(network(), &format!("ports: [{}]", site.port())).await;
    let reply = fetch(&gateway.client(), &site.url("/")).await;
    assert_eq!(reply.result()["_meta"]["untrusted"]["origin"], format!("http://{}", site.address));
    assert_eq!(reply.result()["_meta"]["tool"], "website_fetch");
    let refused = fetch(&gateway.client(), "http://127.0.0.1/").await;
    assert_eq!(refused.result()["_meta"].get("untrusted"), None);
}
