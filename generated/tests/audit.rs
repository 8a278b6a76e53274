//! The audit log of a server that is killed, started twice, or has no place to write, as its operator meets it.
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
#[path = "support/wire.rs"]
mod wire;

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use client::run;
use serving::{Serving, binary, folder};
use wire::Wire;

const ROUNDS: usize = 5;
const CLIENTS: usize = 8;
/// Answers that are given before the server is killed.
const ANSWERS: usize = 200;

/// Calls until the server is gone; the id of each call that was answered goes to `answered`.
fn call_until_the_end(url: &str, client: String, answered: &mpsc::Sender<String>) -> std::io::Result<()> {
    let mut wire = Wire::connect(url)?;
    for number in 0.. {
        let changes = number % 2 == 0;
        let id = format!("{client}-{}-{number}", if changes { "change" } else { "read" });
        let (tool, arguments) = if changes {
            ("memory_write", json!({"content": id}))
        } else {
            ("memory_search", json!({"query": client}))
        };
        let answer = wire.call(&id, &json!({"name": tool, "arguments": arguments}))?;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        // Nobody counts any more once the server is killed.
        let _late = answered.send(id);
    }
    Ok(())
}

#[test]
fn every_answer_of_a_server_that_was_killed_under_load_has_its_outcome() {
    let folder = folder();
    settings::without_limits(folder.path());
    let log = folder.path().join("logs/audit.log");
    let mut answered = HashSet::new();
    for round in 0..ROUNDS {
        let serving = Serving::start(folder.path());
        let (sender, answers) = mpsc::channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (url, sender) = (serving.url.clone(), sender.clone());
                thread::spawn(move || {
                    // The end of the connection is what it waits for.
                    let _ended = call_until_the_end(&url, format!("round{round}-client{client}"), &sender);
                })
            })
            .collect();
        drop(sender);
        answered.extend(answers.iter().take(ANSWERS));
        // Dropping it kills it, in the middle of whatever it does.
        drop(serving);
        clients.into_iter().for_each(|client| client.join().unwrap());
        answered.extend(answers.iter());
        // What is torn is at most the last line, which is what is not there yet.
        let text = std::fs::read(&log).unwrap();
        let whole = text.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for line in text[..whole].split_inclusive(|byte| *byte == b'\n') {
            serde_json::from_slice::<Value>(line)
                .unwrap_or_else(|_| panic!("round {round}: a torn line inside"));
        }
    }
    assert_eq!(Serving::start(folder.path()).stop(), Some(0));
    assert!(answered.len() >= ROUNDS * ANSWERS);

    let (mut intents, mut outcomes) = (HashMap::new(), HashMap::new());
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let id = record["correlation_id"].as_str().unwrap_or_default().to_owned();
        match record["kind"].as_str().unwrap() {
            "intent" => *intents.entry(id).or_insert(0) += 1,
            "outcome" => *outcomes.entry(id).or_insert(0) += 1,
            _ => {}
        }
    }
    for id in &answered {
        assert_eq!(outcomes.get(id), Some(&1), "outcomes of {id}");
        assert_eq!(intents.get(id), id.contains("change").then_some(&1), "intents of {id}");
    }
    let verified = audit(folder.path(), &["verify", "--json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(
        (verified.status.code(), &report["ok"], &report["tail_proven"]),
        (Some(0), &json!(true), &json!(true)),
        "{report:#}"
    );
    println!("{} answers, notes: {:#}", answered.len(), report["notes"]);
}

#[test]
fn a_server_that_is_told_twice_to_stop_ends_at_once_and_says_what_it_cut_off() {
    let folder = folder();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = folder.path().join("config/server.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    let memory = text.lines().find(|line| line.trim_start().starts_with("memory:")).unwrap();
    let to_silent = format!("      memory: http://{}", silent.local_addr().unwrap());
    std::fs::write(&config, text.replace(memory, &to_silent)).unwrap();
    let serving = Serving::start(folder.path());
    let address = serving.url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    let client = {
        let (url, answered) = (serving.url.clone(), mpsc::channel().0);
        thread::spawn(move || call_until_the_end(&url, "cut-off".to_owned(), &answered).is_ok())
    };
    let _under_way = silent.accept().unwrap();
    serving.ask_to_stop();
    // A server that is not ready any more has heard the first word.
    while is_ready(&address) {
        thread::yield_now();
    }
    let asked = Instant::now();
    assert_eq!(serving.stop(), Some(1));
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    // Whether it was still told of its fate is chance.
    let _told = client.join();
    let shown = text_of(&audit(folder.path(), &["tail", "--no-follow"]).stdout);
    assert!(shown.contains("#3 outcome  memory_write  aborted"), "{shown}");
    assert_eq!(audit(folder.path(), &["verify"]).status.code(), Some(0));
}

fn is_ready(address: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        std::io::read_to_string(stream)
    };
    // One that takes no connection any more is not ready either.
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn audit(folder: &Path, arguments: &[&str]) -> Output {
    binary(folder).arg("audit").args(arguments).output().unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_log_is_kept_without_being_asked_for_verified_and_shown() {
    let folder = folder();
    let serving = Serving::start(folder.path());
    assert!(run(&serving, &["call", "memory_write", r#"{"content": "noon"}"#]).status.success());
    // While the server runs its log can be verified and shown.
    let verified = audit(folder.path(), &["verify"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let shown = text_of(&audit(folder.path(), &["tail", "--no-follow"]).stdout);
    assert_eq!(shown.lines().count(), 3, "{shown}");
    assert!(shown.contains("#1 start") && shown.contains("#2 intent  memory_write"), "{shown}");
    assert!(shown.contains("#3 outcome  memory_write  ok  default/anonymous"), "{shown}");
    assert_eq!(serving.stop(), Some(0));

    let log = folder.path().join("logs/audit.log");
    let changed = std::fs::read_to_string(&log).unwrap().replace("noon", "none");
    std::fs::write(&log, changed).unwrap();
    let verified = audit(folder.path(), &[]);
    assert_eq!(verified.status.code(), Some(1));
    let said = text_of(&verified.stdout);
    assert!(said.contains("fault: logs/audit.log:2: line 2 was changed"), "{said}");
    assert!(said.contains("not as the server wrote it: 2 faults"), "{said}");
    let missing = audit(folder.path(), &["verify", "nowhere.log"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text_of(&missing.stderr).contains("cannot read the audit log nowhere.log"), "{missing:?}");
}

#[test]
fn a_server_that_cannot_keep_its_log_does_not_start_and_says_what_to_do() {
    let taken = folder();
    std::fs::write(taken.path().join("logs"), "no folder").unwrap();
    let output = binary(taken.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text_of(&output.stderr);
    assert!(
        said.contains("cannot write the audit log logs/audit.log") && said.contains("audit.path"),
        "{said}"
    );

    let folder = folder();
    let _first = Serving::start(folder.path());
    let config = folder.path().join("config/server.yaml");
    let without_backend =
        std::fs::read_to_string(&config).unwrap().replace("enabled: true", "enabled: false");
    std::fs::write(&config, without_backend).unwrap();
    let second = binary(folder.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        text_of(&second.stderr).contains("another server writes to it; stop the other server"),
        "{second:?}"
    );
}
