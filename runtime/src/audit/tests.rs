use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::time::{Instant, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::config::Durability;

struct Place {
    folder: TempDir,
    section: AuditSection,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let section = AuditSection { path: folder.path().join("audit.log"), ..AuditSection::default() };
        Self { folder, section }
    }

    fn path(&self) -> &Path {
        &self.section.path
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> Audit {
        Audit::open(&self.section, Clock::system()).unwrap()
    }

    /// A log of one server with these many outcomes.
    async fn written(&self, lines: usize) {
        let audit = self.open();
        for number in 0..lines {
            write(&audit, number).await;
        }
        audit.close().await;
    }

    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn report(&self) -> AuditReport {
        verify_audit(self.path()).unwrap()
    }

    fn faults(&self) -> String {
        self.report().faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

async fn write(audit: &Audit, number: usize) {
    let record = json!({"kind": "outcome", "number": number});
    let seat = audit.seat().await.unwrap();
    audit.send(seat, &record, Manner::Plain).wait().await.unwrap();
}

async fn change(audit: &Audit) -> Intent {
    let seat = audit.seat().await.unwrap();
    let record = json!({"kind": "intent"});
    audit.send(seat, &record, Manner::Intent).wait().await.unwrap().unwrap()
}

async fn end(audit: &Audit, intent: Intent) {
    let record = json!({"kind": "outcome", "intent": intent.seq});
    let seat = audit.seat().await.unwrap();
    audit.send(seat, &record, Manner::OutcomeOf(intent)).wait().await.unwrap();
}

#[tokio::test]
async fn a_log_goes_on_over_restarts_as_one_chain() {
    let place = Place::new();
    for _ in 0..3 {
        place.written(5).await;
    }
    let report = place.report();
    assert_eq!((report.lines, report.first, report.last), (18, Some(1), Some(18)));
    assert!(report.tail_proven && report.faults.is_empty() && report.notes.is_empty(), "{report:?}");
    let kinds: Vec<Value> = place.lines().iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "start").count(), 3);
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut place = Place::new();
    place.section.path = place.beside("deeper/still/audit.log");
    place.written(1).await;
    for name in ["deeper/still/audit.log", "deeper/still/audit.head", "deeper/still/audit.key"] {
        assert_eq!(fs::metadata(place.beside(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(place.beside("deeper")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_second_server_may_not_write_to_the_same_log() {
    let place = Place::new();
    let first = place.open();
    let error = Audit::open(&place.section, Clock::system()).unwrap_err().to_string();
    assert!(error.contains("audit.log: another server writes to it; stop the other"), "{error}");
    first.close().await;
    drop(first);
}

#[tokio::test]
async fn what_is_cut_dropped_swapped_repeated_or_added_is_found_at_its_place() {
    let place = Place::new();
    place.written(6).await;
    let text = fs::read_to_string(place.path()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let of = |positions: &[usize]| join(&positions.iter().map(|at| lines[*at]).collect::<Vec<_>>());
    let rechained = lines[4].replace("\"number\":3", "\"number\":9");
    for (changed, fault) in [
        (of(&[0, 1, 2, 3, 4, 5]), "audit.head: lines 7 to 7 are missing from the end"),
        (of(&[0]), "audit.head: lines 2 to 7 are missing from the end"),
        (String::new(), "audit.head: lines 1 to 7 are missing from the end"),
        (of(&[0, 1, 3, 4, 5, 6]), "audit.log:3: line 3 is missing before this one"),
        (of(&[0, 1, 5, 6]), "audit.log:3: lines 3 to 5 are missing before this one"),
        (of(&[1, 2, 3, 4, 5, 6]), "audit.log:1: lines 1 to 1 were removed"),
        (of(&[0, 1, 3, 2, 4, 5, 6]), "audit.log:3: line 3 is missing before this one"),
        (of(&[0, 1, 2, 3, 4, 6, 5]), "audit.log:6: line 6 is missing before this one"),
        (of(&[0, 1, 1, 2, 3, 4, 5, 6]), "audit.log:3: line 2 stands after line 2"),
        (join(&[lines[0], lines[1], "", lines[2], lines[3]]), "audit.log:3: this is no line"),
        (
            join(&[lines[0], lines[1], lines[2], lines[3], &rechained, lines[5], lines[6]]),
            "audit.log:5: line 5 was changed",
        ),
        (text.trim_end().to_owned(), "audit.log:7: the line is torn"),
    ] {
        fs::write(place.path(), &changed).unwrap();
        let faults = place.faults();
        assert!(faults.contains(fault), "expected {fault}, found {faults}");
    }
    fs::write(place.path(), &text).unwrap();
    assert_eq!(place.faults(), "");
}

#[tokio::test]
async fn a_chain_that_was_computed_anew_does_not_fit_the_head() {
    let place = Place::new();
    place.written(3).await;
    let mut forged = Vec::new();
    let mut link = chain::Link::default();
    for number in 0..4 {
        let record = json!({"kind": "outcome", "number": number, "forged": true});
        link = link.append(&mut forged, "2026-01-01T00:00:00.000Z", 0.0, &escape::json(&record));
    }
    fs::write(place.path(), &forged).unwrap();
    assert!(
        place.faults().contains("audit.head: line 4 is another than the head says"),
        "{}",
        place.faults()
    );
    // Nor can a restart make it good.
    place.written(1).await;
    let faults = place.faults();
    assert!(faults.contains("line 5 does not go on from the line before"), "{faults}");
    assert!(faults.contains("line 4 is another than it says"), "{faults}");
}

#[tokio::test]
async fn a_copy_without_head_or_key_is_verified_but_for_its_end() {
    let place = Place::new();
    place.written(3).await;
    for gone in ["audit.key", "audit.head"] {
        fs::remove_file(place.beside(gone)).unwrap();
        let report = place.report();
        assert!(report.faults.is_empty() && !report.tail_proven, "{report:?}");
        assert!(report.notes[0].starts_with("the tail is not proven"), "{report:?}");
    }
}

#[tokio::test]
async fn every_changed_byte_of_the_head_is_found() {
    let place = Place::new();
    place.written(2).await;
    let head = fs::read(place.beside("audit.head")).unwrap();
    for at in 0..head.len() {
        let mut changed = head.clone();
        changed[at] ^= 1;
        fs::write(place.beside("audit.head"), &changed).unwrap();
        assert!(place.faults().contains("audit.head: the head was changed"), "byte {at}");
    }
}

#[tokio::test]
async fn a_torn_line_is_cut_off_and_told_of_by_the_next_server() {
    let place = Place::new();
    place.written(2).await;
    let whole = fs::metadata(place.path()).unwrap().len();
    let torn = r#"{"v":1,"seq":4,"time":"2026-"#;
    fs::OpenOptions::new().append(true).open(place.path()).unwrap().write_all(torn.as_bytes()).unwrap();
    assert!(place.faults().contains("audit.log:4: the line is torn"));
    place.written(1).await;
    let report = place.report();
    assert!(report.faults.is_empty() && report.tail_proven, "{report:?}");
    assert_eq!(report.notes, [format!("line 4: at start {} bytes of a torn line were cut off", torn.len())]);
    let start = &place.lines()[3];
    assert_eq!(start["repair"], json!({"torn_bytes": torn.len(), "torn_line": torn}));
    assert!(fs::metadata(place.path()).unwrap().len() > whole);
}

#[tokio::test]
async fn lines_after_the_head_are_taken_over_and_said_to_be_unproven() {
    let place = Place::new();
    place.written(2).await;
    let head = fs::read(place.beside("audit.head")).unwrap();
    place.written(2).await;
    // As after a kill between the lines and the head.
    fs::write(place.beside("audit.head"), &head).unwrap();
    let report = place.report();
    assert!(report.faults.is_empty() && !report.tail_proven, "{report:?}");
    assert!(report.notes[0].starts_with("the last 3 lines are not proven"), "{report:?}");
    place.written(0).await;
    let report = place.report();
    assert!(report.faults.is_empty() && report.tail_proven, "{report:?}");
    assert_eq!(place.lines()[6]["repair"], json!({"after_head": 3}));
}

#[tokio::test]
async fn a_restart_does_not_heal_a_log_that_was_cut() {
    let place = Place::new();
    place.written(4).await;
    let text = fs::read_to_string(place.path()).unwrap();
    let cut: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    fs::write(place.path(), cut).unwrap();
    place.written(1).await;
    let faults = place.faults();
    assert!(faults.contains("audit.log:4: lines 4 to 5 are missing before this one"), "{faults}");
    assert!(faults.contains("when this server started, lines 4 to 5 were missing"), "{faults}");

    let other = Place::new();
    other.written(4).await;
    fs::remove_file(other.beside("audit.head")).unwrap();
    other.written(1).await;
    let faults = other.faults();
    assert!(faults.contains("when this server started, the head proved nothing: there is none"), "{faults}");
}

#[tokio::test]
async fn a_long_log_is_put_away_compressed_and_the_chain_goes_on() {
    let mut place = Place::new();
    place.section.rotation = Rotation { bytes: 4096, age: Duration::from_secs(3600), keep: 3 };
    let audit = place.open();
    let mut intents = Vec::new();
    for number in 0..200 {
        write(&audit, number).await;
        intents.push(change(&audit).await);
        if number % 3 == 0 {
            for intent in intents.drain(..) {
                end(&audit, intent).await;
            }
        }
    }
    for intent in intents.drain(..) {
        end(&audit, intent).await;
    }
    audit.close().await;
    let report = place.report();
    assert!(report.faults.is_empty() && report.tail_proven && report.open_intents.is_empty(), "{report:?}");
    assert_eq!(report.last, Some(601));
    assert!(report.first > Some(1), "old files are removed: {report:?}");
    let paths = paths::Paths::of(place.path());
    let archives = paths.archives().unwrap();
    assert_eq!(archives.len(), 3);
    // Removing one is found, at either end.
    for gone in [0, 1, 2] {
        let (path, away) = (&archives[gone].path, place.beside("away"));
        fs::rename(path, &away).unwrap();
        let faults = place.faults();
        assert!(faults.contains("were removed") || faults.contains("are missing before"), "{gone}: {faults}");
        fs::rename(&away, path).unwrap();
    }
    // What is not compressed yet is compressed by the next server, and both forms are read.
    place.written(1).await;
    assert_eq!(place.faults(), "");
}

#[tokio::test]
async fn an_old_log_is_put_away() {
    let mut place = Place::new();
    place.section.rotation.age = Duration::from_secs(3600);
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = {
        let seconds = Arc::clone(&seconds);
        let start = SystemTime::now();
        Clock::from_fn(move || start + Duration::from_secs(seconds.load(Ordering::Relaxed)))
    };
    let audit = Audit::open(&place.section, clock).unwrap();
    write(&audit, 1).await;
    seconds.store(3599, Ordering::Relaxed);
    write(&audit, 2).await;
    seconds.store(3600, Ordering::Relaxed);
    write(&audit, 3).await;
    audit.close().await;
    let numbers: Vec<Value> = place.lines().iter().map(|line| line["number"].clone()).collect();
    assert_eq!(numbers, [json!(3)]);
    assert_eq!(place.faults(), "");
}

#[tokio::test]
async fn an_intent_without_an_outcome_is_told() {
    let place = Place::new();
    let audit = place.open();
    let (first, second) = (change(&audit).await, change(&audit).await);
    end(&audit, second).await;
    audit.close().await;
    assert_eq!(place.report().open_intents, [first.seq]);
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_that_says_what_to_do() {
    let place = Place::new();
    fs::write(place.beside("file"), "").unwrap();
    let section =
        |path: PathBuf| AuditSection { path, durability: Durability::Fsync, ..AuditSection::default() };
    for (path, expected) in [
        (place.beside("file/audit.log"), "choose another place with audit.path"),
        (place.beside("full.log"), "it is no regular file; "),
    ] {
        if path.ends_with("full.log") {
            std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        }
        let error = Audit::open(&section(path.clone()), Clock::system()).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()) && error.contains(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_half_a_second_to_sync_loses_nothing_and_keeps_nobody_for_long() {
    const SLOW: Duration = Duration::from_millis(500);
    let place = Place::new();
    let mut writer = open::open(&place.section, Clock::system(), Arc::default()).unwrap();
    writer.log.set_sync(|file| {
        thread::sleep(SLOW);
        file.sync_data()
    });
    let audit = Audit::of(writer).unwrap();
    let begun = Instant::now();
    let mut callers = Vec::new();
    for number in 0..400 {
        let audit = audit.clone();
        callers.push(tokio::spawn(async move {
            match number % 2 {
                0 => write(&audit, number).await,
                _ => {
                    let intent = change(&audit).await;
                    end(&audit, intent).await;
                }
            }
        }));
    }
    // While the disk is busy, that is told.
    let mut longest = Lag::default();
    while !callers.iter().all(|caller| caller.is_finished()) {
        let lag = audit.lag();
        longest = Lag { records: longest.records.max(lag.records), age: longest.age.max(lag.age) };
        tokio::task::yield_now().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    assert!((1..=LONGEST_QUEUE).contains(&longest.records), "{longest:?}");
    assert!(longest.age >= SLOW / 2, "{longest:?}");
    // Each of 200 changes would sync twice for itself; together they need a few turns.
    assert!(begun.elapsed() < 100 * SLOW, "{:?}", begun.elapsed());
    audit.close().await;
    assert_eq!(audit.lag(), Lag::default());
    let report = place.report();
    assert!(report.faults.is_empty() && report.tail_proven && report.open_intents.is_empty(), "{report:?}");
    assert_eq!(report.lines, 1 + 200 + 400);
}

#[tokio::test]
async fn a_flood_of_refusals_leaves_a_few_lines_and_its_number() {
    let place = Place::new();
    let audit = place.open();
    let refusals = Refusals::new(audit.clone());
    let address = |number: u32| std::net::IpAddr::from(number.to_be_bytes());
    let minute = Duration::from_secs(60);
    tokio::time::pause();
    (0..100).for_each(|_| refusals.record(401, address(1), Some("/mcp")));
    refusals.record(429, address(1), Some("/mcp"));
    // Nobody is refused any more, and it is told all the same.
    tokio::time::sleep(minute * 2).await;
    (0..100_000).for_each(|number| refusals.record(401, address(number << 8), None));
    tokio::time::sleep(minute).await;
    refusals.record(403, address(1), None);
    refusals.record(403, address(1), None);
    refusals.flush();
    // The writer is a thread, which has a time of its own.
    tokio::time::resume();
    audit.close().await;
    let lines = place.lines();
    let refused = |number: &str| lines.iter().filter(|line| !line[number].is_null()).count();
    assert_eq!((refused("status"), refused("untold")), (2 + 60 + 1, 3));
    let untold: Vec<u64> = lines.iter().filter_map(|line| line["untold"].as_u64()).collect();
    assert_eq!(untold, [99, 100_000 - 60, 1]);
    assert_eq!(
        (&lines[1]["kind"], &lines[1]["status"], &lines[1]["client"], &lines[1]["path"]),
        (&json!("refusal"), &json!(401), &json!("0.0.0.1"), &json!("/mcp"))
    );
    assert_eq!(place.faults(), "");
}

/// `cargo test --release -p runtime figures -- --ignored --nocapture`
#[test]
#[ignore = "figures: takes seconds and says nothing of right or wrong"]
fn figures_of_the_writer() {
    let folder = std::env::var_os("AUDIT_FIGURES_IN").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (what, lasting) in [("changes (intent and outcome, both on disk)", true), ("reads (written)", false)]
    {
        println!("{what}:");
        for callers in [1, 16, 256] {
            let folder = tempfile::tempdir_in(&folder).unwrap();
            let section = AuditSection { path: folder.path().join("audit.log"), ..AuditSection::default() };
            let (records, mut waits) = runtime.block_on(figures(&section, callers, lasting));
            waits.sort_unstable();
            let at = |share: usize| waits[waits.len() * share / 1000].as_secs_f64() * 1e3;
            println!(
                "  {callers:>3} callers: {records:>8.0} records/s, p50 {:.3} ms, p99 {:.3} ms, p99.9 {:.3} ms",
                at(500),
                at(990),
                at(999)
            );
            assert!(verify_audit(&section.path).unwrap().faults.is_empty());
        }
    }
}

async fn figures(section: &AuditSection, callers: usize, lasting: bool) -> (f64, Vec<Duration>) {
    const TIME: Duration = Duration::from_secs(3);
    let audit = Audit::open(section, Clock::system()).unwrap();
    let begun = Instant::now();
    let record = json!({"kind": "outcome", "correlation_id": "0193a2b4-6f0e-7c3a-9d55-0c8a4f1e2b3c", "tenant": "default",
        "actor": "anonymous", "tool": "crm_create_deal", "arguments": {"name": "Renewal 2027", "amount": 12000}, "padding": "x".repeat(400)});
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (audit, record) = (audit.clone(), record.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while begun.elapsed() < TIME {
                    let manner = if lasting { Manner::Intent } else { Manner::Plain };
                    let asked = Instant::now();
                    let receipt = audit.send(audit.seat().await.unwrap(), &record, manner);
                    let intent = receipt.wait().await.unwrap().unwrap();
                    waits.push(asked.elapsed());
                    if lasting {
                        let asked = Instant::now();
                        let seat = audit.seat().await.unwrap();
                        audit.send(seat, &record, Manner::OutcomeOf(intent)).wait().await.unwrap();
                        waits.push(asked.elapsed());
                    }
                }
                waits
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    audit.close().await;
    (rate, all)
}
