use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::tool_error::ErrorCode;

const DAY: u64 = 24 * 60 * 60;

/// A journal in a folder of its own, on a clock that is set by hand.
struct Place {
    folder: TempDir,
    seconds: Arc<AtomicU64>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), seconds: Arc::default() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("logs/idempotency.journal")
    }

    fn clock(&self) -> Clock {
        let (seconds, start) = (Arc::clone(&self.seconds), SystemTime::now());
        Clock::from_fn(move || start + Duration::from_secs(seconds.load(Ordering::Relaxed)))
    }

    /// A server's keys, as it finds them when it starts.
    fn open(&self) -> Idempotency {
        self.try_open().unwrap()
    }

    fn try_open(&self) -> Result<Idempotency, JournalError> {
        Idempotency::open(Some(&self.path()), self.clock())
    }

    fn append(&self, text: &str) {
        use std::io::Write;
        fs::OpenOptions::new().append(true).open(self.path()).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

fn claim(key: &str) -> Claim {
    Claim {
        scope: Arc::new(Scope {
            tenant: "default".to_owned(),
            actor: "anna".to_owned(),
            tool: "memory_write".to_owned(),
            key: Key::new(key).unwrap(),
        }),
        binding: Binding::new([b"tool", b"arguments", b"tenant", b"actor"]),
        lasts: true,
        repeatable: false,
    }
}

fn answer(text: &str) -> Result<Json, ToolError> {
    Ok(Json::from_valid(text))
}

async fn first(keys: &Idempotency, claim: &Claim) -> Reservation {
    keys.reserve(claim).await.unwrap().expect("a key that nobody used")
}

async fn make(keys: &Idempotency, key: &str, outcome: Result<Json, ToolError>) {
    first(keys, &claim(key)).await.keep(outcome).await;
}

/// How a call under a key is refused.
async fn refused(keys: &Idempotency, claim: &Claim) -> (ErrorCode, String) {
    let CallError::Tool(found) = keys.find(claim).await.unwrap_err() else { panic!("a tool error expected") };
    let CallError::Tool(reserved) = keys.reserve(claim).await.unwrap_err() else {
        panic!("a tool error expected")
    };
    assert_eq!(found, reserved);
    (found.code, found.message)
}

async fn is_free(keys: &Idempotency, key: &str) -> bool {
    keys.find(&claim(key)).await.unwrap().is_none()
}

#[tokio::test]
async fn outcomes_are_given_again_by_the_next_server_to_the_letter() {
    let place = Place::new();
    let keys = place.open();
    let text = "{\"ü\":\"\u{2028}\\n\\u0000\", \n \"n\": 100000000000000000001.50}";
    let error = ToolError {
        status: Some(409),
        retry_after: Some(Duration::from_millis(1500)),
        problems: vec![crate::Problem::new("a", "b")],
        reason: Some(crate::FetchRule::Host),
        ..ToolError::new(ErrorCode::BackendError, "no")
    };
    make(&keys, "good", answer(text)).await;
    make(&keys, "bad", Err(error.clone())).await;
    keys.close().await;
    for _ in 0..2 {
        let keys = place.open();
        assert_eq!(*keys.find(&claim("good")).await.unwrap().unwrap(), answer(text));
        assert_eq!(*keys.find(&claim("bad")).await.unwrap().unwrap(), Err(error.clone()));
        let other = Claim { binding: Binding::new([b"", b"", b"", b""]), ..claim("good") };
        assert_eq!(refused(&keys, &other).await.0, ErrorCode::IdempotencyConflict);
        keys.close().await;
    }
}

#[tokio::test]
async fn a_call_that_was_cut_off_is_not_made_again_unless_its_service_takes_care_of_that() {
    let place = Place::new();
    let keys = place.open();
    let reservation = first(&keys, &claim("cut")).await;
    drop(reservation);
    for keys in [keys.clone(), {
        keys.close().await;
        place.open()
    }] {
        let (code, message) = refused(&keys, &claim("cut")).await;
        assert_eq!(code, ErrorCode::InternalError);
        assert!(message.contains("may have taken effect"), "{message}");
        keys.close().await;
    }
    let keys = place.open();
    let repeatable = Claim { repeatable: true, ..claim("cut") };
    first(&keys, &repeatable).await.keep(answer("1")).await;
    keys.close().await;
    let keys = place.open();
    assert_eq!(*keys.find(&claim("cut")).await.unwrap().unwrap(), answer("1"));
}

#[tokio::test]
async fn a_key_that_was_given_back_is_free_for_good() {
    let place = Place::new();
    let keys = place.open();
    first(&keys, &claim("back")).await.release().await;
    assert!(is_free(&keys, "back").await);
    keys.close().await;
    let keys = place.open();
    assert!(is_free(&keys, "back").await);
    make(&keys, "back", answer("2")).await;
    keys.close().await;
    assert_eq!(*place.open().find(&claim("back")).await.unwrap().unwrap(), answer("2"));
}

#[tokio::test]
async fn a_key_is_kept_for_a_day_whether_or_not_the_server_starts_anew() {
    let place = Place::new();
    let keys = place.open();
    make(&keys, "day", answer("1")).await;
    place.seconds.store(DAY / 2, Ordering::Relaxed);
    keys.close().await;
    let keys = place.open();
    place.seconds.store(DAY - 1, Ordering::Relaxed);
    assert!(!is_free(&keys, "day").await);
    place.seconds.store(DAY, Ordering::Relaxed);
    assert!(is_free(&keys, "day").await);
    place.seconds.store(DAY + 60, Ordering::Relaxed);
    assert!(is_free(&keys, "day").await);
    assert_eq!(keys.figures().kept, 0, "what is past takes no memory");
}

#[tokio::test]
async fn reads_and_servers_without_a_journal_leave_no_file_behind() {
    let place = Place::new();
    let keys = Idempotency::open(None, place.clock()).unwrap();
    make(&keys, "key", answer("1")).await;
    assert!(!is_free(&keys, "key").await && !place.path().exists());
    let keys = place.open();
    let read = Claim { lasts: false, ..claim("read") };
    first(&keys, &read).await.keep(answer("1")).await;
    assert!(keys.find(&read).await.unwrap().is_some());
    assert_eq!(fs::metadata(place.path()).unwrap().len(), 0);
}

#[tokio::test]
async fn a_torn_line_is_cut_off_and_a_damaged_one_is_not_passed_over() {
    let place = Place::new();
    let keys = place.open();
    make(&keys, "whole", answer("1")).await;
    keys.close().await;
    place.append(r#"{"reserved":{"number":7,"ten"#);
    let keys = place.open();
    assert!(!is_free(&keys, "whole").await);
    make(&keys, "after", answer("2")).await;
    keys.close().await;
    let keys = place.open();
    assert!(!is_free(&keys, "after").await && !is_free(&keys, "whole").await);
    keys.close().await;
    place.append("{\"reserved\":{}}\n");
    let error = place.try_open().unwrap_err().to_string();
    assert!(error.contains("line 5 is not as a server wrote it; bring it back from a copy"), "{error}");
}

#[tokio::test]
async fn the_journal_is_of_one_server_and_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let keys = place.open();
    assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
    let error = place.try_open().unwrap_err().to_string();
    assert!(error.contains("idempotency.journal: another server writes to it; stop the other"), "{error}");
    keys.close().await;
    place.open();
}

#[tokio::test]
async fn a_long_journal_is_written_anew_without_what_is_past() {
    let place = Place::new();
    let keys = place.open();
    let large = answer(&format!("\"{}\"", "x".repeat(1024 * 1024)));
    for number in 0..15 {
        make(&keys, &format!("old {number}").replace(' ', "-"), large.clone()).await;
    }
    let open = first(&keys, &claim("open")).await;
    place.seconds.store(DAY, Ordering::Relaxed);
    let (before, mut number) = (fs::metadata(place.path()).unwrap().len(), 0);
    while fs::metadata(place.path()).unwrap().len() >= before {
        make(&keys, &format!("new-{number}"), large.clone()).await;
        number += 1;
        assert!(number < 10, "the journal grows and grows");
    }
    drop(open);
    keys.close().await;
    assert!(!fs::exists(place.path().with_extension("journal.next")).unwrap());
    let keys = place.open();
    for number in 0..number {
        assert_eq!(*keys.find(&claim(&format!("new-{number}"))).await.unwrap().unwrap(), large, "{number}");
    }
    assert!(is_free(&keys, "old-0").await);
}

#[tokio::test]
async fn a_tenant_that_fills_its_share_keeps_no_other_from_using_keys() {
    let place = Place::new();
    let keys = Idempotency::open(None, place.clock()).unwrap();
    let large = answer(&format!("\"{}\"", "x".repeat(4 * 1024 * 1024)));
    let mut number = 0;
    let refusal = loop {
        match keys.reserve(&claim(&format!("key-{number}"))).await {
            Ok(reservation) => reservation.unwrap().keep(large.clone()).await,
            Err(refusal) => break refusal,
        }
        number += 1;
    };
    assert!(refusal.to_string().contains("no further idempotency key can be kept now"), "{refusal}");
    assert!((number - 1) * 4 * 1024 * 1024 < records::MOST_OF_TENANT, "{number}");
    // The look that comes before the approval says so already, so that none is used up.
    let looked = keys.find(&claim(&format!("key-{number}"))).await;
    assert_eq!(looked.unwrap_err().to_string(), refusal.to_string());
    assert!(!is_free(&keys, "key-0").await, "what is kept stays");
    let scope = Scope { tenant: "other".to_owned(), ..(*claim("key-0").scope).clone() };
    first(&keys, &Claim { scope: Arc::new(scope), ..claim("key-0") }).await.release().await;
    place.seconds.store(DAY + 60, Ordering::Relaxed);
    make(&keys, "after-a-day", answer("1")).await;
}

static DISK_FAILS: AtomicBool = AtomicBool::new(false);

#[tokio::test]
async fn without_a_disk_no_call_is_made_with_a_key_and_no_outcome_is_lost() {
    let place = Place::new();
    let clock = place.clock();
    let (mut file, records) = journal::open(&place.path(), &clock).unwrap();
    file.set_sync(|_| match DISK_FAILS.load(Ordering::SeqCst) {
        true => Err(std::io::Error::other("the disk is gone")),
        false => Ok(()),
    });
    let records = Arc::new(Mutex::new(records));
    let journal = journal::Journal::go_on(&place.path(), file, Arc::clone(&records), clock.clone()).unwrap();
    let keys = Idempotency(Arc::new(Local::of(records, journal, clock)));
    let under_way = first(&keys, &claim("under-way")).await;
    DISK_FAILS.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert!(matches!(keys.reserve(&claim("new")).await, Err(CallError::Unavailable(_))));
    }
    under_way.keep(answer("1")).await;
    assert!(!is_free(&keys, "under-way").await, "the outcome is known, on the disk or not");
    DISK_FAILS.store(false, Ordering::SeqCst);
    make(&keys, "new", answer("2")).await;
    keys.close().await;
    let keys = place.open();
    for (key, text) in [("under-way", "1"), ("new", "2")] {
        assert_eq!(*keys.find(&claim(key)).await.unwrap().unwrap(), answer(text), "{key}");
    }
}

#[tokio::test]
async fn whoever_comes_while_a_call_is_under_way_gets_its_outcome() {
    let place = Place::new();
    let keys = place.open();
    let reservation = first(&keys, &claim("once")).await;
    let waiting: Vec<_> = (0..100)
        .map(|number| {
            let keys = keys.clone();
            tokio::spawn(async move {
                match number % 2 {
                    0 => keys.find(&claim("once")).await.unwrap().unwrap(),
                    _ => keys.reserve(&claim("once")).await.unwrap().err().unwrap(),
                }
            })
        })
        .collect();
    reservation.keep(answer("1")).await;
    for waiting in waiting {
        assert_eq!(*waiting.await.unwrap(), answer("1"));
    }
    assert_eq!(keys.figures().first, 1);
}
