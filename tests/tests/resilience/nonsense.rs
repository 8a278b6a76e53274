//! Services that talk without end, or nonsense: it is cut, refused and never shown.

use std::time::Duration;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::faulty::{Act, Faulty, WELL};
use super::tools::{Before, OTHER, READ, WRITE};
use crate::edge::alone::Alone;

/// An answer of this content.
fn of(content: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{content}", content.len())
}

#[tokio::test]
async fn what_is_no_json_is_a_failure_that_shows_nothing_of_it() {
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    let deep = "[".repeat(100_000);
    for content in [
        "",
        " ",
        "<html>canary</html>",
        "{\"canary\": ",
        "{\"canary\": 1} 2",
        "\u{feff}{\"canary\": 1}",
        "{'canary': 1}",
        "{\"canary\": NaN}",
        deep.as_str(),
    ] {
        backend.first([Act::Answer(of(content))]);
        let error = before.call(READ).await.unwrap_err();
        assert_eq!(error["error_code"], "BACKEND_ERROR", "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    for content in ["\"text\"", "1", "null", "[]"] {
        backend.first([Act::Answer(of(content))]);
        let answer = before.call(READ).await.unwrap();
        assert_eq!(answer["result"].to_string(), content);
    }
    assert_eq!(backend.connections(), 1, "an answer that was whole leaves its connection as it was");
}

#[tokio::test]
async fn however_an_answer_is_garbled_the_call_ends_and_so_does_nothing_else() {
    const CASES: usize = 2_000;
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    let mut well = 0;
    for _ in 0..CASES {
        let mut bytes = WELL.as_bytes().to_vec();
        for _ in 0..=rng.next_u32() % 4 {
            let at = rng.next_u32() as usize % bytes.len();
            match rng.next_u32() % 3 {
                0 => bytes[at] = (rng.next_u32() % 128) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b" \r\n:0{\"\\"[rng.next_u32() as usize % 8]),
            }
        }
        before.forget();
        let text = String::from_utf8(bytes).unwrap();
        backend.always(Act::Close(text.clone()));
        // It is not sent again, so that each case is one.
        match before.call(WRITE).await {
            Ok(_) => well += 1,
            Err(error) => assert_eq!(error["error_code"], "BACKEND_ERROR", "{text:?}: {error}"),
        }
    }
    println!("{well} of {CASES} were answers all the same");
    assert!(before.call(OTHER).await.is_ok());
}

#[tokio::test]
async fn an_answer_without_end_is_cut_and_many_of_them_take_little_memory() {
    const CALLS: usize = 50;
    const MIB: usize = 1024 * 1024;
    let name = "resilience::nonsense::an_answer_without_end_is_cut_and_many_of_them_take_little_memory";
    let Some(process) = Alone::with(name, 1_024) else { return };
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\"";
    let part = "x".repeat(64 * 1024);
    let backend = Faulty::start(Act::Repeat(head.to_owned(), part, Duration::ZERO)).await;
    let before = Before::backend(&backend).await;
    let error = before.call(READ).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("longer than 4194304 bytes"), "{error}");
    let quiet = process.memory();
    let mut calls = before.calls(READ, CALLS);
    let mut most = 0;
    while let Some(answer) = calls.join_next().await {
        most = most.max(process.memory());
        assert_eq!(answer.unwrap().unwrap_err()["error_code"], "BACKEND_ERROR");
    }
    println!("{} MiB more for {CALLS} at once", most.saturating_sub(quiet) / MIB);
    assert!(most < quiet + 64 * MIB, "{} MiB", (most - quiet) / MIB);
}
