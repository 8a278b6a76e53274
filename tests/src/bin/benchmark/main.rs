//! What a request costs the server in processor time, as a ratio to a floor: a server that reads the same
//! requests, forwards the same calls by the same libraries, and does nothing else. The two take turns in one
//! run, so that a busy machine slows both; each is a process of its own, so that only its own work is counted.
//! The run fails where a ratio is above its bound.
//!
//! `cargo run --profile bench --package tests --bin benchmark` takes half a minute once it is built; `-- --rounds N`
//! says how often the two take turns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot be set up should fail where it stands, and it prints what it measures"
)]

mod backend;
mod case;
mod floor;
mod subject;

use std::process::ExitCode;

use case::{CASES, Case};
use subject::Subject;

/// How often the two take turns.
const ROUNDS: usize = 8;
/// How many requests of a case each gets in its turn.
const REQUESTS: usize = 512;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    block_on(async {
        match texts.as_slice() {
            [subject::GATEWAY, backend, folder] => subject::serve_gateway(backend, folder).await,
            [floor::FLOOR, backend, list] => floor::serve(backend, list).await,
            ["--rounds", rounds] => return measure(rounds.parse().expect("a number of rounds")).await,
            [] => return measure(ROUNDS).await,
            other => panic!("unknown arguments {other:?}; known is --rounds N"),
        }
        ExitCode::SUCCESS
    })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

async fn measure(rounds: usize) -> ExitCode {
    let folder = tempfile::tempdir().expect("a place for files");
    let backend = backend::start().await;
    let gateway = Subject::gateway(backend, folder.path()).await;
    let list = gateway.send(&case::list()).await;
    let stored = folder.path().join("list.json");
    std::fs::write(&stored, &list).expect("the list is kept");
    let floor = Subject::floor(backend, &stored).await;
    println!(
        "{:44} {:>9} {:>9} {:>7} {:>7}",
        "processor time of a request", "server", "floor", "ratio", "bound"
    );
    let mut slow = 0;
    for case in CASES {
        let Case { name, bound, .. } = case;
        let request = case.request();
        case.check(&gateway.send(&request).await);
        // Both are warm before anything counts.
        gateway.take_turn(&request, REQUESTS).await;
        floor.take_turn(&request, REQUESTS).await;
        let (mut ours, mut theirs) = (0.0, 0.0);
        for _ in 0..rounds {
            ours += gateway.take_turn(&request, REQUESTS).await;
            theirs += floor.take_turn(&request, REQUESTS).await;
        }
        let micros = |total: f64| total * 1_000_000.0 / (rounds * REQUESTS) as f64;
        let ratio = ours / theirs;
        let verdict = if ratio > *bound { "too slow" } else { "" };
        slow += usize::from(ratio > *bound);
        println!(
            "{name:44} {:>6.0} µs {:>6.0} µs {ratio:>7.2} {bound:>7.2} {verdict}",
            micros(ours),
            micros(theirs)
        );
    }
    println!("benchmark: {} passed, {slow} failed", CASES.len() - slow);
    ExitCode::from(u8::from(slow > 0))
}
