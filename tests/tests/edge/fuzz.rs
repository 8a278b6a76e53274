//! Bodies that no client sends: whatever comes, the server answers, and is none the worse for it.

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use tests::gateway::{Gateway, config_text, product};
use tests::raw::{Raw, RawReply};
use tokio::task::JoinSet;

use super::alone::Alone;

const BODIES: usize = 100_000;
const CONNECTIONS: usize = 20;
/// Requests that are sent before their answers are read.
const AT_A_TIME: usize = 50;
/// Memory that the second half of the bodies may add to what the first half needed.
const GROWTH: usize = 4 * 1024 * 1024;

/// Good messages, from which bad ones are made.
const SEEDS: [&str; 9] = [
    r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"memory_search","arguments":{"query":"x","limit":5,"tags":["a","b"]}}}"#,
    r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm_upsert_contact","arguments":{"email":"a@example.com","properties":{"a":{"b":[1,2.5e3,null,true]}},"user_approved":true}}}"#,
    r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"crm_define_pipeline","arguments":{"object_type":"deal","name":"n","stages":[{"name":"s","probability":0.5}],"tenant_id":"default","actor_role":"Admin","user_approved":true}}}"#,
    r#"{"jsonrpc":"2.0","id":4,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
    r#"{"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"\ud83d\ude00"}}"#,
    r#"{"jsonrpc":"2.0","id":6,"method":"prompts/list","params":{"cursor":"x"}}"#,
    r#"{"jsonrpc":"2.0","id":8,"result":{"content":[]}}"#,
];

/// Pieces that readers of JSON stumble over.
const PIECES: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "null",
    "1e999",
    "-",
    "0",
    "\0",
    "\u{feff}",
    "[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\"__proto__\":",
    "\"id\":null,",
];

struct Source(TestRng);

impl Source {
    fn new(seed: u8) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    /// A random body, or a good message with a few random changes.
    fn body(&mut self) -> Vec<u8> {
        if self.below(10) == 0 {
            let mut body = vec![0; self.below(300)];
            self.0.fill_bytes(&mut body);
            return body;
        }
        let mut body = SEEDS[self.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            self.change(&mut body);
        }
        body
    }

    fn change(&mut self, body: &mut Vec<u8>) {
        let at = self.below(body.len());
        let end = at + self.below(body.len() - at + 1).min(40);
        match self.below(7) {
            0 => body.truncate(at),
            1 => drop(body.drain(at..end)),
            2 => {
                let copy = body[at..end].to_vec();
                body.splice(at..at, copy);
            }
            3 => drop(body.splice(at..at, PIECES[self.below(PIECES.len())].bytes())),
            4 => drop(body.splice(at..end, PIECES[self.below(PIECES.len())].bytes())),
            5 => {
                let other = SEEDS[self.below(SEEDS.len())].as_bytes();
                let from = self.below(other.len());
                body.splice(at..end, other[from..].iter().copied());
            }
            _ => {
                if let Some(byte) = body.get_mut(at) {
                    *byte = self.below(256) as u8;
                }
            }
        }
    }
}

/// Whether an answer is a message of the protocol, or a plain refusal.
fn is_sound(reply: &RawReply) -> bool {
    let json = reply.header("content-type") == "application/json";
    match reply.status {
        202 => reply.body.is_empty(),
        200..=499 if json => {
            let message: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            message["jsonrpc"] == "2.0" && (message["result"].is_object() != message["error"].is_object())
        }
        400..=499 => reply.header("content-type").starts_with("text/plain"),
        _ => false,
    }
}

/// Sends `count` bodies on one connection, as either kind of client.
async fn send(address: std::net::SocketAddr, seed: u8, count: usize) {
    let mut source = Source::new(seed);
    let mut raw = Raw::connect(address).await;
    let mut sent = 0;
    while sent < count {
        let bodies: Vec<_> = (0..AT_A_TIME).map(|_| source.body()).collect();
        let mut requests = Vec::new();
        for body in &bodies {
            let version = [
                "",
                "MCP-Protocol-Version: 2025-11-25\r\n",
                "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: server/discover\r\n",
            ];
            requests.extend(tests::raw::post(version[source.below(3)], body));
        }
        assert!(raw.send(requests).await, "the server closed");
        for body in bodies {
            let shown = String::from_utf8_lossy(&body);
            let reply = raw.answer().await.unwrap_or_else(|| panic!("no answer to {shown}"));
            assert!(is_sound(&reply), "{shown}: {} {}", reply.head, String::from_utf8_lossy(&reply.body));
            sent += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_bad_bodies_get_sound_answers_and_take_no_memory() {
    let name = "edge::fuzz::a_hundred_thousand_bad_bodies_get_sound_answers_and_take_no_memory";
    let Some(process) = Alone::with(name, 1024) else { return };
    // What is still a good call after all finds no backend, which is an answer too.
    let gateway = Gateway::with_config(&product(), &config_text(([127, 0, 0, 1], 9).into(), "")).await;
    let start = std::time::Instant::now();
    let mut memory = Vec::new();
    for half in 0..2 {
        let mut connections = JoinSet::new();
        for number in 0..CONNECTIONS {
            let seed = (half * CONNECTIONS + number) as u8;
            connections.spawn(send(gateway.address(), seed, BODIES / 2 / CONNECTIONS));
        }
        connections.join_all().await;
        memory.push(process.memory());
    }
    println!("{BODIES} bodies in {:?}; memory after each half: {memory:?}", start.elapsed());
    assert!(memory[1] < memory[0] + GROWTH, "{memory:?}");
}
