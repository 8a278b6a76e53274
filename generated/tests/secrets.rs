//! Secrets, planted wherever a client, an operator or a backend can put one, and looked for in all that a server and
//! its commands write.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up should fail where it stands"
)]

#[path = "support/client.rs"]
mod client;
#[path = "support/serving.rs"]
mod serving;
#[path = "support/settings.rs"]
mod settings;

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::thread;

use serde_json::{Value, json};

use client::run;
use serving::{Serving, binary, folder};

/// What all planted secrets begin with; the rest says where it was planted.
const CANARY: &str = "canary7f3a9c";
/// SHA-256 of `canary7f3a9c-token`.
const TOKEN_SHA256: &str = "fa8ed2095d3aa038e4fe86465985b79559513d8ab093509869debf49ff10fdf1";

fn canary(place: &str) -> String {
    format!("{CANARY}-{place}")
}

/// A backend that tells its secrets whenever it fails, which it does in turns.
fn leaking_backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (body, location) = (canary("backend-body"), canary("backend-location"));
        let heads = [
            "500 Internal Server Error".to_owned(),
            format!("302 Found\r\nlocation: http://127.0.0.1:1/?key={location}"),
            format!("200 OK\r\nset-cookie: {location}"),
            format!("401 {body}"),
        ];
        for (stream, head) in listener.incoming().map_while(Result::ok).zip(heads.iter().cycle()) {
            let _gone = answer(stream, head, &body);
        }
    });
    address
}

/// Answers one request with something that is no JSON.
fn answer(stream: TcpStream, head: &str, body: &str) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    let length = body.len();
    write!(stream.get_mut(), "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// Sends a request of its own, and gives all that comes back.
fn ask(url: &str, target: &str, token: &str, body: &str) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches("/mcp");
    let mut stream = TcpStream::connect(address).unwrap();
    let method = if body.is_empty() { "GET" } else { "POST" };
    let planted = canary("header");
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncookie: session={planted}\r\n\
         x-api-key: {planted}\r\nx-forwarded-for: {planted}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn call(url: &str, token: &str, tool: &str, arguments: &Value) -> String {
    let meta = json!({"secret": canary("meta"), "idempotencyKey": format!("{tool}-1")});
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    ask(url, &format!("/mcp?access_token={}", canary("query")), token, &body)
}

/// Settings with a secret wherever there can be one, for a backend that gets all calls.
fn set_up(folder: &Path, backend: SocketAddr) {
    let path = folder.join("config/server.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let crm = text.lines().find(|line| line.trim_start().starts_with("crm:")).unwrap().to_owned();
    let memory = text.lines().find(|line| line.trim_start().starts_with("memory:")).unwrap().to_owned();
    let leaking = |name: &str| {
        format!(
            "      {name}: {{url: 'http://{backend}/{name}', headers: {{authorization: 'Bearer {}'}}}}",
            canary("config")
        )
    };
    let security = format!(
        "security:\n  auth: {{mode: token, tokens: [{{name: agent, sha256: {TOKEN_SHA256}, tenant: default, actor: anna, \
         roles: [Agent, Admin], rights: [operator]}}]}}\n  \
         approval: {{mode: argument, webhook: {{url: 'http://127.0.0.1:1/hook', secret: '{}'}}}}",
        canary("webhook")
    );
    settings::without_limits(folder);
    settings::change_config(
        folder,
        &[
            (&crm, &leaking("crm")),
            (&memory, &leaking("memory")),
            ("security:", &security),
            ("  port: 0", "  port: 0\n  log_level: trace"),
        ],
    );
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

#[test]
fn planted_secrets_appear_in_nothing_that_is_written_or_answered() {
    let folder = folder();
    set_up(folder.path(), leaking_backend());
    let serving = Serving::start(folder.path());
    let (url, token) = (serving.url.clone(), canary("token"));
    let mut seen: Vec<(String, String)> = Vec::new();

    // Wrong and right tokens, and secrets in every kind of argument.
    for wrong in ["wrong-token", "wrong token with spaces"] {
        seen.push(("a refused login".to_owned(), call(&url, &canary(wrong), "memory_search", &json!({}))));
    }
    let planted = canary("argument");
    let with_user = format!("https://user:{planted}@hooks.example.com/in");
    let with_query = format!("https://hooks.example.com/in?key={planted}");
    for (tool, arguments) in [
        ("memory_search", json!({"query": "x"})),
        (
            "memory_search",
            json!({"query": "x", "filters": {"api_key": planted, "nested": [{"password": planted}]}}),
        ),
        ("memory_write", json!({"content": "x"})),
        ("memory_write", json!({"content": "x", "token": planted})),
        // Too short, so that it is refused; what it was is nobody's business either way.
        (
            "crm_webhook_create",
            json!({"name": "n", "endpoint_url": "https://h.example.com/in", "secret": CANARY}),
        ),
        (
            "crm_webhook_create",
            json!({"name": "n", "endpoint_url": "https://hooks.example.com/in", "secret": planted, "user_approved": true}),
        ),
        ("crm_webhook_create", json!({"name": "n", "endpoint_url": with_user, "user_approved": true})),
        ("crm_webhook_create", json!({"name": "n", "endpoint_url": with_query, "user_approved": true})),
        ("crm_list_contacts", json!({})),
        ("website_fetch", json!({"url": format!("https://h.invalid/?token={planted}")})),
    ] {
        for _ in 0..4 {
            seen.push((format!("the answer of {tool} {arguments}"), call(&url, &token, tool, &arguments)));
        }
    }
    for target in ["/metrics", "/mcp/discovery", "/approvals", "/ready", "/nothing"] {
        let target = format!("{target}?access_token={}", canary("query"));
        seen.push((target.clone(), ask(&url, &target, &token, "")));
    }
    let metrics = &seen.last().unwrap().1;
    assert!(metrics.starts_with("HTTP/1.1 404"), "{metrics}");

    // The commands.
    for arguments in [
        vec!["tools"],
        vec!["discover", "memory"],
        vec!["call", "memory_search", r#"{"query": "x"}"#],
        vec!["approvals"],
        vec!["health"],
    ] {
        let output = run(&serving, &[&arguments[..], &["--token", &token]].concat());
        assert!(!said(&output).is_empty(), "{arguments:?} says nothing");
        seen.push((format!("the command {arguments:?}"), said(&output)));
    }
    for arguments in [&["audit", "verify"][..], &["audit", "tail", "--no-follow"], &["check-config"]] {
        let output = binary(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        seen.push((format!("the command {arguments:?}"), said(&output)));
    }
    assert_eq!(serving.stop(), Some(0));

    // What is kept: the log of the server at its most talkative, the audit log, the journal.
    for (name, least) in [("server.log", 20), ("logs/audit.log", 30), ("logs/audit.idempotency", 1)] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.lines().count() >= least, "{name} has {} lines", text.lines().count());
        seen.extend(text.lines().map(|line| (name.to_owned(), line.to_owned())));
    }
    let leaks: Vec<_> = seen.iter().filter(|(_, text)| text.contains(CANARY)).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
