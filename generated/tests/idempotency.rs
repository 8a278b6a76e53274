//! Calls with a key, made again by clients of a server that was killed: none has its effect twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up should fail where it stands"
)]

#[path = "support/counting.rs"]
mod counting;
#[path = "support/serving.rs"]
mod serving;
#[path = "support/settings.rs"]
mod settings;
#[path = "support/wire.rs"]
mod wire;

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use counting::{Counting, HELD};
use serving::{Serving, folder};
use wire::Wire;

const ROUNDS: usize = 5;
const CLIENTS: usize = 8;
/// Answers that are given before the server is killed.
const ANSWERS: usize = 100;

/// A folder whose memory service is at `backend`, and keeps to idempotency keys or not.
fn folder_before(backend: &Counting, honours: bool) -> TempDir {
    let folder = folder();
    settings::without_limits(folder.path());
    let path = folder.path().join("config/server.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let memory = text.lines().find(|line| line.trim_start().starts_with("memory:")).unwrap();
    let counting =
        format!("      memory: {{url: 'http://{}', honours_idempotency_key: {honours}}}", backend.address());
    settings::change_config(folder.path(), &[(memory, &counting)]);
    folder
}

fn make(wire: &mut Wire, key: &str) -> std::io::Result<Value> {
    let meta = json!({"idempotencyKey": key});
    let params = json!({"name": "memory_write", "arguments": {"content": key}, "_meta": meta});
    Ok(wire.call(key, &params)?["result"].clone())
}

/// What a client did: the key of each call it made, and the content of the answer if it got one.
type Made = (String, Option<Value>);

/// Calls until the server is gone; one that is held meets that in the middle of a call.
fn call_until_the_end(url: &str, client: &str, is_held: bool, made: &mpsc::Sender<Made>) {
    let mut wire = Wire::connect(url).unwrap();
    for number in 0.. {
        let key =
            if is_held && number == 5 { format!("{client}-{HELD}") } else { format!("{client}-{number}") };
        let answer = make(&mut wire, &key).ok().map(|result| {
            assert_eq!(result["isError"], false, "{result}");
            result["structuredContent"].clone()
        });
        let ended = answer.is_none();
        made.send((key, answer)).unwrap();
        if ended {
            return;
        }
    }
}

/// Lets clients call a server until it is killed in the middle of it.
fn kill_under_load(backend: &Counting, folder: &Path, round: usize) -> Vec<Made> {
    backend.hold(true);
    let serving = Serving::start(folder);
    let (sender, receiver) = mpsc::channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (url, sender) = (serving.url.clone(), sender.clone());
            let name = format!("round{round}-client{client}");
            thread::spawn(move || call_until_the_end(&url, &name, client % 2 == 0, &sender))
        })
        .collect();
    drop(sender);
    let mut made: Vec<Made> = receiver.iter().take(ANSWERS).collect();
    // Dropping it kills it, in the middle of whatever it does.
    drop(serving);
    clients.into_iter().for_each(|client| client.join().unwrap());
    made.extend(receiver);
    backend.hold(false);
    made
}

#[test]
fn no_call_with_a_key_has_its_effect_twice_however_often_the_server_is_killed() {
    let backend = Counting::start();
    let folder = folder_before(&backend, false);
    let (mut made, mut refused, mut repeated) = (HashMap::new(), 0, 0);
    for round in 0..ROUNDS {
        made.extend(kill_under_load(&backend, folder.path(), round));
        // Everything that was ever called is called again, whatever came of it.
        let serving = Serving::start(folder.path());
        let mut wire = Wire::connect(&serving.url).unwrap();
        for (key, answer) in &mut made {
            let result = make(&mut wire, key).unwrap();
            match answer {
                Some(answer) => assert_eq!(result["structuredContent"], *answer, "{key}"),
                None if result["isError"] == false => {
                    repeated += 1;
                    *answer = Some(result["structuredContent"].clone());
                }
                None => {
                    refused += 1;
                    let text = result["content"][0]["text"].as_str().unwrap();
                    assert!(
                        text.contains("INTERNAL_ERROR") && text.contains("may have taken effect"),
                        "{text}"
                    );
                }
            }
        }
        assert_eq!(serving.stop(), Some(0));
    }
    let effects = backend.effects();
    assert!(made.len() >= ROUNDS * ANSWERS);
    for key in made.keys() {
        assert!(
            effects.get(key).copied().unwrap_or_default() <= 1,
            "{key} had its effect {:?} times",
            effects[key]
        );
    }
    assert!(refused >= ROUNDS * CLIENTS / 2, "no call was cut off: {refused}");
    println!("{} keys, {refused} refusals of unknown outcomes, {repeated} that had not begun", made.len());
}

#[test]
fn a_service_that_keeps_to_keys_gets_the_calls_again_that_were_cut_off() {
    let backend = Counting::start();
    let folder = folder_before(&backend, true);
    let made = kill_under_load(&backend, folder.path(), 0);
    let serving = Serving::start(folder.path());
    let mut wire = Wire::connect(&serving.url).unwrap();
    for (key, answer) in &made {
        let result = make(&mut wire, key).unwrap();
        assert_eq!(result["isError"], false, "{result}");
        if let Some(answer) = answer {
            assert_eq!(result["structuredContent"], *answer, "{key}");
        }
    }
    for (key, requests) in backend.effects() {
        let answered = made.iter().any(|(made, answer)| *made == key && answer.is_some());
        assert!(requests <= if answered { 1 } else { 2 }, "{key} was asked {requests} times");
    }
}
