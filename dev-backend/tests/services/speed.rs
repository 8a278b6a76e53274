//! How quick searches are on much data. It prints figures and takes a while, so it runs only when asked for:
//! `cargo test --release -p dev-backend --test services speed -- --ignored --nocapture`

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::backend::{Backend, id};

/// How many contacts there are, and how many memories.
const ROWS: usize = 100_000;
/// How often each kind of search is made.
const ROUNDS: usize = 300;
/// How many callers search at once, without a pause between their searches: one, and as many as processors.
const CALLERS: [usize; 2] = [1, 2];
/// What a search may use of a processor, in milliseconds. How long it takes depends on who else is there, so
/// that is shown and not judged.
const BOUND: f64 = 20.0;

/// Whole words, the common ones first; the word at `n` is in about one text of `n`.
const WORDS: [&str; 6] = ["coffee", "meeting", "contract", "warehouse", "porcelain", "lighthouse"];
const FREQUENCIES: [usize; 6] = [1, 3, 33, 300, 3_000, 30_000];
const TIERS: [&str; 3] = ["Bronze", "Gold", "Silver"];
const FIRST: [&str; 16] = [
    "Anna", "Bert", "Carla", "Dmitri", "Elif", "Frank", "Gita", "Hanna", "Ivan", "Jana", "Karl", "Lucia",
    "Mike", "Nadia", "Owen", "Petra",
];

/// Fills the tenant by SQL of the test's own, since a hundred thousand calls would take minutes. The ids of
/// the properties of contacts, one of numbers and one of texts, come from the service itself.
fn fill(path: &std::path::Path, score: &str, tier: &str) {
    let mut database = rusqlite::Connection::open(path).unwrap();
    let transaction = database.transaction().unwrap();
    for number in 0..ROWS {
        let moment = format!(
            "2026-01-01T{:02}:{:02}:{:02}.{:03}Z",
            number / 3_600 % 24,
            number / 60 % 60,
            number % 60,
            number % 1_000
        );
        let mut text = format!("number{number} note{}", number % 977);
        for (word, every) in WORDS.iter().zip(FREQUENCIES) {
            if number % every == 0 {
                text = format!("{text} {word}");
            }
        }
        let memory = "INSERT INTO memory (tenant, id, kind, content, tags, status, created_at, updated_at)
                      VALUES ('acme', ?1, 'note', ?2, '[\"tag\"]', 'active', ?3, ?3)";
        transaction
            .prepare_cached(memory)
            .unwrap()
            .execute((format!("mem_{number:032}"), text, &moment))
            .unwrap();
        let first = FIRST[number % FIRST.len()];
        let last = format!("{}{}", ["Berg", "Kovalenko", "Maier", "Ödegaard"][number % 4], number / 8);
        let email = format!("{}.{number}@firm{}.example", first.to_lowercase(), number % 5_000);
        let contact =
            "INSERT INTO contact (tenant, id, email, email_key, first_name, first_name_key, last_name,
                           last_name_key, phone, phone_key, phone_digits, company_id, created_at, updated_at)
                       VALUES ('acme', ?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, NULL, ?9, ?9)";
        let contact_id = format!("con_{number:032}");
        let (phone, digits) = (format!("+49 30 {number:07}"), format!("4930{number:07}"));
        transaction
            .prepare_cached(contact)
            .unwrap()
            .execute((
                &contact_id,
                email,
                first,
                first.to_lowercase(),
                &last,
                last.to_lowercase(),
                phone,
                digits,
                &moment,
            ))
            .unwrap();
        if number % 10 != 0 {
            let value =
                "INSERT INTO property_value (tenant, property_id, record_id, value, value_key, updated_at)
                         VALUES ('acme', ?1, ?2, ?3, ?4, ?5)";
            let mut insert = transaction.prepare_cached(value).unwrap();
            let held = (number * 7_919 % ROWS) as f64;
            insert.execute((score, &contact_id, held, held, &moment)).unwrap();
            let held = TIERS[number % TIERS.len()];
            insert.execute((tier, &contact_id, held, held.to_lowercase(), &moment)).unwrap();
        }
    }
    transaction.commit().unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

/// A kind of searches: name, route, arguments of the search with this number.
type Kind = (&'static str, &'static str, fn(usize) -> Json);

fn kinds() -> Vec<Kind> {
    fn memory(query: String) -> Json {
        json!({"query": query, "limit": 20})
    }
    fn contacts(filters: Json, sort: &str) -> Json {
        json!({"object_type": "contact", "filters": filters, "sort_by": sort, "limit": 20})
    }
    vec![
        ("memory: a word of one text", "memory/search", |n| memory(format!("number{}", n * 331 % ROWS))),
        ("memory: a word of a few texts", "memory/search", |n| memory(format!("note{}", n * 31 % 977))),
        ("memory: a word of 3 %", "memory/search", |_| memory("contract".to_owned())),
        ("memory: a word of all", "memory/search", |_| memory("coffee".to_owned())),
        ("memory: two words", "memory/search", |n| memory(format!("contract note{}", n % 977))),
        ("memory: two common words", "memory/search", |_| memory("coffee contract".to_owned())),
        ("memory: five words", "memory/search", |n| {
            memory(format!("coffee meeting contract warehouse note{}", n % 977))
        }),
        ("memory: five words, any of them", "memory/search", |n| {
            memory(format!("coffee contract porcelain lighthouse note{}", n % 977))
        }),
        ("memory: a sentence", "memory/search", |n| {
            memory(format!(
                "which note{} says what the contract with the warehouse and the meeting is about",
                n % 977
            ))
        }),
        ("memory: newest", "memory/search", |_| memory(String::new())),
        ("customers: a name", "crm/search_customers", |n| memory(format!("Maier{}", n * 41 % 12_500))),
        ("customers: a first name", "crm/search_customers", |n| memory(FIRST[n % 16].to_owned())),
        ("customers: an address", "crm/search_customers", |n| {
            memory(format!("anna.{}@firm{}.example", n * 16, n * 16 % 5_000))
        }),
        ("customers: newest", "crm/search_customers", |_| memory(String::new())),
        ("advanced: all, newest first", "crm/search_advanced", |_| contacts(json!([]), "updated_at")),
        ("advanced: address equals", "crm/search_advanced", |n| {
            let email = format!("anna.{}@firm{}.example", n * 16, n * 16 % 5_000);
            contacts(json!([{"field": "email", "op": "eq", "value": email}]), "updated_at")
        }),
        ("advanced: contains, few", "crm/search_advanced", |n| {
            contacts(
                json!([{"field": "last_name", "op": "contains", "value": format!("aier{}", n * 41 % 12_500)}]),
                "updated_at",
            )
        }),
        ("advanced: contains, 25 %", "crm/search_advanced", |_| {
            contacts(json!([{"field": "last_name", "op": "contains", "value": "koval"}]), "updated_at")
        }),
        ("advanced: contains, all", "crm/search_advanced", |_| {
            contacts(json!([{"field": "email", "op": "contains", "value": "EXAMPLE"}]), "updated_at")
        }),
        ("advanced: contains, none, not ASCII", "crm/search_advanced", |_| {
            contacts(json!([{"field": "last_name", "op": "contains", "value": "ödegård"}]), "updated_at")
        }),
        ("advanced: property between", "crm/search_advanced", |n| {
            contacts(
                json!([{"field": "score", "op": "between", "value": [n * 300, n * 300 + 50]}]),
                "updated_at",
            )
        }),
        ("advanced: sorted by a property", "crm/search_advanced", |_| contacts(json!([]), "score")),
        ("advanced: 6 %, sorted by a property", "crm/search_advanced", |n| {
            contacts(json!([{"field": "first_name", "op": "eq", "value": FIRST[n % 16]}]), "score")
        }),
        ("advanced: 30 %, sorted by a text", "crm/search_advanced", |n| {
            contacts(json!([{"field": "tier", "op": "eq", "value": TIERS[n % 3]}]), "tier")
        }),
        ("advanced: two parts, 25 % and 6 %", "crm/search_advanced", |n| {
            let first = FIRST[n % 16].to_lowercase();
            contacts(
                json!([{"field": "last_name", "op": "contains", "value": "koval"},
                       {"field": "email", "op": "contains", "value": first}]),
                "updated_at",
            )
        }),
        ("advanced: one number, newest first", "crm/search_advanced", |n| {
            let phone = format!("+49 30 {:07}", n * 331 % ROWS);
            contacts(json!([{"field": "phone", "op": "eq", "value": phone}]), "updated_at")
        }),
        ("advanced: sorted by last name", "crm/search_advanced", |_| contacts(json!([]), "last_name")),
        ("advanced: sorted by first name", "crm/search_advanced", |_| contacts(json!([]), "first_name")),
        ("advanced: sorted by address", "crm/search_advanced", |_| contacts(json!([]), "email")),
        ("advanced: sorted by creation", "crm/search_advanced", |_| contacts(json!([]), "created_at")),
    ]
}

/// What the process has used of the processors so far.
fn processor_time() -> Duration {
    let fields = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = fields.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().map(|field| fields[*field].parse::<u64>().unwrap()).sum();
    // Linux tells it in hundredths of a second everywhere.
    Duration::from_millis(ticks * 10)
}

fn resident_kilobytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How long each search took, made by so many callers at once.
async fn searches(
    backend: &Arc<Backend>,
    callers: usize,
    route: &'static str,
    arguments: fn(usize) -> Json,
) -> Vec<Duration> {
    let mut running = tokio::task::JoinSet::new();
    for caller in 0..callers {
        let backend = Arc::clone(backend);
        running.spawn(async move {
            let mut taken = Vec::new();
            for round in 0..ROUNDS / callers {
                let arguments = arguments(round * callers + caller);
                let started = Instant::now();
                backend.ok(&format!("/mcp/{route}"), arguments).await;
                taken.push(started.elapsed());
            }
            taken
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute and means nothing unless optimized"]
async fn searches_of_much_data_are_quick() {
    let backend = Backend::start().await;
    let score = json!({"object_type": "contact", "name": "score", "data_type": "number"});
    let score = id(&backend.ok("/mcp/crm/define_property", score).await);
    let tier = json!({"object_type": "contact", "name": "tier", "data_type": "string"});
    let tier = id(&backend.ok("/mcp/crm/define_property", tier).await);
    fill(&backend.file(), &score, &tier);
    println!("filled; {}; times in milliseconds", resident_kilobytes());
    let backend = Arc::new(backend);
    let mut slow = Vec::new();
    for (name, route, arguments) in kinds() {
        print!("{name:38}");
        for callers in CALLERS {
            let before = processor_time();
            let mut taken = searches(&backend, callers, route, arguments).await;
            taken.sort();
            let processor = (processor_time() - before).as_secs_f64() * 1_000.0 / taken.len() as f64;
            let [half, most] =
                [50, 99].map(|percent| taken[taken.len() * percent / 100].as_secs_f64() * 1_000.0);
            print!("  {callers}: p50 {half:>5.1} p99 {most:>5.1} processor {processor:>5.1}");
            if processor > BOUND {
                slow.push(name);
            }
        }
        println!();
    }
    println!("done; {}", resident_kilobytes());
    assert!(slow.is_empty(), "more than {BOUND} ms: {slow:?}");
}
