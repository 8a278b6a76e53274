//! Two thousand manifests are checked and generated quickly, and the time grows no faster than their number.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, and what it measured is read"
)]

#[path = "support/many.rs"]
mod many;

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use codegen::{Style, Tree, check_tree, generate};

/// What checking and generating so many manifests takes of a processor.
fn cost(count: usize) -> Duration {
    let tree = Tree::Files(many::manifests(count));
    let start = spent();
    let checked = check_tree(&tree, "manifests")
        .unwrap_or_else(|rejected| panic!("{}", rejected.report.render(Style::default())));
    let check = spent() - start;
    let files = generate(&checked);
    let cost = spent() - start;
    assert_eq!(files.len(), count + 2);
    println!("{count} manifests: {check:?} to check, {:?} to generate", cost - check);
    cost
}

/// How long this thread has had a processor, which a busy machine does not make longer; where the system does not
/// say, the time of the clock.
fn spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let nanoseconds = fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

#[test]
fn eight_times_as_many_manifests_cost_eight_times_as_much() {
    let few = cost(40);
    let many = cost(320);
    // What grows with the square of the number would cost 64 times as much.
    assert!(many < few * 16, "eight times as many cost {many:?} instead of {few:?}");
}

#[test]
#[ignore = "takes seconds: cargo test -p codegen --test growth -- --ignored --nocapture"]
fn two_thousand_manifests_are_generated_in_seconds() {
    let few = cost(200);
    let many = cost(2_000);
    let limit = if cfg!(debug_assertions) { 6 } else { 2 };
    assert!(many < Duration::from_secs(limit), "{many:?}");
    assert!(many < few * 15, "ten times as many cost {many:?} instead of {few:?}");
}
