//! Every byte of a log counts: each change of each is found.

use std::fs;

use serde_json::json;
use tests::recorder::Recorder;

use super::ledger::Ledger;
use super::{CONTACT, contact};

#[tokio::test]
async fn every_change_of_every_byte_is_found() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    gateway.client().call("memory_search", json!({"query": "noon"})).await.content();
    gateway.client().call(CONTACT, contact()).await.content();
    assert!(gateway.stop().await);
    let (path, sample) = (ledger.path(), fs::read(ledger.path()).unwrap());
    assert!(ledger.report().faults.is_empty());
    let mut silent = Vec::new();
    let mut check = |what: String, changed: &[u8]| {
        fs::write(&path, changed).unwrap();
        if runtime::verify_audit(&path).unwrap().faults.is_empty() {
            silent.push(what);
        }
    };
    for at in 0..sample.len() {
        // Another bit, and by turns another case, a line break or another character set.
        let turn = [sample[at] ^ 0x20, b'\n', sample[at] | 0x80][at % 3];
        for byte in [sample[at] ^ 1, turn].into_iter().filter(|byte| *byte != sample[at]) {
            let mut changed = sample.clone();
            changed[at] = byte;
            check(format!("byte {at} made {byte}"), &changed);
        }
        let mut shorter = sample.clone();
        shorter.remove(at);
        check(format!("byte {at} removed"), &shorter);
        check(format!("cut after {at} bytes"), sample.get(..at).unwrap());
    }
    assert!(silent.is_empty(), "not found: {silent:?}");
}
