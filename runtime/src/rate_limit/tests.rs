use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

const TENANT: &str = "default";

fn limits(settings: RateLimitSettings) -> RateLimits {
    RateLimits::new(settings, [&TENANT.to_owned(), &"other".to_owned()])
}

fn settings(per_tenant: u32, per_actor: u32, window_ms: u64) -> RateLimitSettings {
    RateLimitSettings {
        window: Duration::from_millis(window_ms),
        per_tenant,
        per_actor,
        ..Default::default()
    }
}

fn call<'a>(actor: &'a str, tool: &'static str) -> Request<'a> {
    Request { tenant: TENANT, actor, tool, role: None, tool_limit: None }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn the_next_call_is_admitted_the_moment_the_oldest_leaves() {
    let limits = limits(settings(2, 2, 1_000));
    assert_eq!(limits.admit(call("a", "t"), || ms(0)).unwrap().remaining, 1);
    assert_eq!(limits.admit(call("a", "t"), || ms(400)).unwrap().remaining, 0);
    let refused = limits.admit(call("a", "t"), || ms(999)).unwrap_err();
    assert_eq!((refused.limit, refused.remaining, refused.retry_after), (2, 0, ms(1)));
    assert!(limits.admit(call("a", "t"), || ms(1_000)).is_ok());
    assert_eq!(limits.admit(call("a", "t"), || ms(1_000)).unwrap_err().retry_after, ms(400));
}

#[test]
fn a_refused_call_costs_nothing_in_any_window() {
    let limits = limits(settings(10, 1, 1_000));
    assert!(limits.admit(call("a", "t"), || ms(0)).is_ok());
    for _ in 0..100 {
        assert!(limits.admit(call("a", "t"), || ms(1)).is_err());
    }
    for actor in 0..9 {
        let actor = format!("b{actor}");
        assert!(limits.admit(call(&actor, "t"), || ms(2)).is_ok(), "{actor}");
    }
    assert_eq!(limits.admit(call("c", "t"), || ms(3)).unwrap_err().limit, 10);
}

#[test]
fn tenants_tools_and_roles_have_windows_of_their_own() {
    let mut settings = settings(1_000, 1_000, 1_000);
    settings.tenants.insert("other".to_owned(), 1);
    let roles = BTreeMap::from([("Agent".to_owned(), 1)]);
    settings.tools.insert("t".to_owned(), ToolLimits { limit: Some(2), roles });
    let limits = limits(settings);
    let by = |tenant, role, tool| Request { tenant, actor: "a", tool, role, tool_limit: Some(3) };
    assert!(limits.admit(by(TENANT, Some("Agent"), "t"), || ms(0)).is_ok());
    assert_eq!(
        limits.admit(by(TENANT, Some("Agent"), "t"), || ms(0)).unwrap_err().limit,
        1,
        "the role is used up"
    );
    assert!(limits.admit(by(TENANT, Some("Admin"), "t"), || ms(0)).is_ok());
    assert_eq!(
        limits.admit(by(TENANT, Some("Admin"), "t"), || ms(0)).unwrap_err().limit,
        2,
        "the tool is used up"
    );
    for _ in 0..3 {
        assert!(limits.admit(by(TENANT, None, "u"), || ms(0)).is_ok());
    }
    assert_eq!(limits.admit(by(TENANT, None, "u"), || ms(0)).unwrap_err().limit, 3, "the manifest's limit");
    assert!(limits.admit(by("other", None, "t"), || ms(0)).is_ok());
    assert_eq!(
        limits.admit(by("other", None, "t"), || ms(0)).unwrap_err().limit,
        1,
        "the tenant's own limit"
    );
    assert!(limits.admit(by("nobody", None, "t"), || ms(0)).is_err());
}

#[test]
fn actors_who_no_longer_call_take_no_memory() {
    let limits = limits(settings(1_000_000, 10, 1_000));
    for actor in 0..5_000 {
        limits.admit(call(&format!("actor {actor}"), "t"), || ms(0)).unwrap();
    }
    let known = || limits.tenants[TENANT].lock().unwrap().actors.len();
    assert_eq!(known(), 5_000);
    for at in 0..5_000 {
        limits.admit(call("steady", "t"), || ms(2_000 + at)).ok();
    }
    assert_eq!(known(), 1);
}

proptest! {
    /// Against the plain definition: a call is admitted exactly when fewer than N were admitted in the span before.
    #[test]
    fn never_more_than_the_limit_and_never_fewer(
        limit in 1u32..20,
        window in 1u64..500,
        steps in prop::collection::vec((0u64..60, 0usize..3), 1..400),
    ) {
        let actors = ["a", "b", "c"];
        let per_actor = limit.div_ceil(2);
        let limits = limits(settings(limit, per_actor, window));
        let mut admitted: Vec<(u64, usize)> = Vec::new();
        let mut now = 0;
        for (pause, actor) in steps {
            now += pause;
            let recent = |wanted: Option<usize>| {
                admitted.iter().filter(|(at, by)| at + window > now && wanted.is_none_or(|wanted| wanted == *by)).count()
            };
            let expected = recent(None) < limit as usize && recent(Some(actor)) < per_actor as usize;
            let decision = limits.admit(call(actors[actor], "t"), || ms(now));
            prop_assert_eq!(decision.is_ok(), expected, "at {} of {}", now, actors[actor]);
            match decision {
                Ok(_) => admitted.push((now, actor)),
                Err(quota) => prop_assert!(quota.retry_after > Duration::ZERO && quota.retry_after <= ms(window)),
            }
        }
    }
}

#[test]
fn sixteen_threads_never_admit_more_than_the_limit_in_any_window() {
    const THREADS: usize = 16;
    const CALLS: usize = 1_000_000 / THREADS;
    let window = ms(7);
    let limits = limits(settings(50, 50, 7));
    let start = std::time::Instant::now();
    let barrier = Barrier::new(THREADS);
    let admitted = Mutex::new(Vec::new());
    let refused = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (limits, barrier, admitted, refused) = (&limits, &barrier, &admitted, &refused);
            scope.spawn(move || {
                barrier.wait();
                let mut own = Vec::new();
                let actor = if thread % 2 == 0 { "even" } else { "odd" };
                for _ in 0..CALLS {
                    let mut at = Duration::ZERO;
                    let clock = || {
                        at = start.elapsed();
                        at
                    };
                    match limits.admit(call(actor, "t"), clock) {
                        Ok(_) => own.push(at),
                        Err(_) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
                admitted.lock().unwrap().extend(own);
            });
        }
    });
    let mut admitted = admitted.into_inner().unwrap();
    admitted.sort();
    for (first, after) in admitted.iter().zip(admitted.iter().skip(50)) {
        assert!(*after >= *first + window, "51 calls within one window: {first:?} to {after:?}");
    }
    assert_eq!(admitted.len() + refused.into_inner(), THREADS * CALLS);
    assert!(admitted.len() >= 50);
}

/// `cargo test --release -p runtime --lib figures -- --ignored --nocapture`
#[test]
#[ignore = "figures: takes seconds and says nothing of right or wrong"]
fn figures_of_a_check() {
    const KEYS: usize = 100_000;
    const CHECKS: usize = 1_000_000;
    let mut settings = settings(1_000_000_000, 60, 60_000);
    let roles = BTreeMap::from([("Agent".to_owned(), 1_000_000_000)]);
    settings.tools.insert("t".to_owned(), ToolLimits { limit: Some(1_000_000_000), roles });
    let limits = limits(settings);
    let actors: Vec<String> = (0..KEYS).map(|number| format!("agent-{number}@example.com")).collect();
    // A check every 150 microseconds: each caller has four calls in its window, and all of them four hundred thousand.
    let checks = std::cell::Cell::new(0);
    let check = |actor: &str, tool| {
        let request = Request { role: Some("Agent"), ..call(actor, tool) };
        checks.set(checks.get() + 1);
        limits.admit(request, || Duration::from_micros(150 * checks.get())).is_ok()
    };
    assert!(actors.iter().all(|actor| check(actor, "u")));
    for (what, tool) in [("two windows", "u"), ("four windows", "t")] {
        let mut number = 0;
        let mut times: Vec<Duration> = (0..2 * CHECKS)
            .map(|_| {
                // Far from the one before, as calls of many callers are.
                number = (number + 61_803) % KEYS;
                // The name was just read from a request.
                let actor = actors[number].clone();
                let asked = std::time::Instant::now();
                std::hint::black_box(check(&actor, tool));
                asked.elapsed()
            })
            // The windows fill first.
            .skip(CHECKS)
            .collect();
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 1000];
        println!(
            "{what}, {KEYS} keys: p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}",
            at(500),
            at(990),
            at(999),
            at(1000)
        );
    }
}
