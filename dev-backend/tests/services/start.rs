//! What keeps the service from starting, and that it stops.

use std::path::Path;

use dev_backend::{Settings, StartError};
use tempfile::TempDir;

use crate::backend::settings;

async fn refusal(settings: Settings) -> StartError {
    match dev_backend::start(settings).await {
        Ok(running) => panic!("started at {}", running.address()),
        Err(error) => error,
    }
}

fn database(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn an_unknown_service_is_named_with_those_that_exist() {
    let folder = TempDir::new().unwrap();
    for (name, hint) in
        [("memori", "did you mean \"memory\"?"), ("quantum", "the services are memory, crm, support")]
    {
        let settings =
            Settings { service: Some(name.to_owned()), ..settings(&folder.path().join("x.sqlite")) };
        let error = refusal(settings).await;
        assert!(
            matches!(error, StartError::UnknownService { .. }) && error.to_string().contains(hint),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let running = dev_backend::start(settings(&folder.path().join("a.sqlite"))).await.unwrap();
    let second = Settings { listen: running.address(), ..settings(&folder.path().join("b.sqlite")) };
    let error = refusal(second.clone()).await;
    assert!(matches!(error, StartError::AddressInUse { address } if address == running.address()), "{error}");
    assert!(error.to_string().contains("another port"), "{error}");
    // Once it is free, the same settings do.
    running.stop().await;
    dev_backend::start(second).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_data_file_that_will_not_do_is_named_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("garbage"), "this is no database, it only looks like a file".repeat(100)).unwrap();
    std::fs::create_dir(path("folder")).unwrap();
    database(&path("foreign"), "CREATE TABLE invoice (id INTEGER)");
    dev_backend::start(settings(&path("newer"))).await.unwrap().stop().await;
    std::fs::copy(path("newer"), path("torn")).unwrap();
    let length = std::fs::metadata(path("torn")).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(path("torn")).unwrap().set_len(length / 2).unwrap();
    database(&path("newer"), "PRAGMA user_version = 999");
    type Check = fn(&StartError) -> bool;
    let cases: [(&str, Check, &str); 6] = [
        (
            "garbage",
            |error| matches!(error, StartError::Corrupt { .. }),
            "restore it, move it away or choose another",
        ),
        ("torn", |error| matches!(error, StartError::Corrupt { .. }), "restore it"),
        ("folder", |error| matches!(error, StartError::Unwritable { .. }), "choose another file"),
        ("garbage/below", |error| matches!(error, StartError::Folder { .. }), "choose another data file"),
        ("foreign", |error| matches!(error, StartError::Foreign { .. }), "belongs to another program"),
        ("newer", |error| matches!(error, StartError::TooNew { found: 999, .. }), "use a newer version"),
    ];
    for (name, is_expected, way_out) in cases {
        let error = refusal(settings(&path(name))).await;
        let said = error.to_string();
        assert!(is_expected(&error), "{name}: {error:?}");
        assert!(
            said.contains(&folder.path().display().to_string()) && said.contains(way_out),
            "{name}: {said}"
        );
    }
    // A refused file is left as it was.
    let invoices: i64 = rusqlite::Connection::open(path("foreign"))
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(invoices, 1);
}

#[tokio::test]
async fn stopping_ends_the_wait_and_folds_the_log_into_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.sqlite");
    let running = dev_backend::start(settings(&path)).await.unwrap();
    let address = running.address();
    running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert!(path.exists() && !folder.path().join("x.sqlite-wal").exists());
}
