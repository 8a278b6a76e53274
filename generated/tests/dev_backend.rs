//! The development backend as a process of its own: all services or one, and killed in the middle of writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up should fail where it stands"
)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How many writes are under way at once.
const WRITES: usize = 1_000;
/// After how many acknowledgements the process is killed.
const ENOUGH: usize = 300;

/// The backend as a process of its own.
struct Backend {
    child: Child,
    url: String,
}

impl Backend {
    /// Starts all services, or the one that the environment names.
    fn start(data: &Path, service: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simple-gpt-mcp"));
        command.args(["dev-backend", "--port", "0", "--data"]).arg(data).env_remove("SERVICE_NAME");
        command.envs(service.map(|service| ("SERVICE_NAME", service)));
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let first: Value = serde_json::from_str(&log.next().expect("a first line")).unwrap();
        assert!(first["message"].as_str().unwrap().contains("for development only"), "{first}");
        assert_eq!(first["service"], service.unwrap_or("all"));
        let url = format!("http://{}/mcp", first["address"].as_str().unwrap());
        // Whoever writes a log wants it read to its end.
        std::thread::spawn(move || log.count());
        Self { child, url }
    }

    /// Ends the process at once, as `kill -9` does.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _no_zombie = self.child.wait();
    }
}

/// What the write with this number says; nothing where it was not acknowledged.
async fn write(client: &reqwest::Client, url: &str, number: usize) -> Option<Value> {
    let (route, arguments) = if number.is_multiple_of(2) {
        ("memory/write", json!({"content": format!("entry {number}")}))
    } else {
        ("crm/upsert_contact", json!({"email": format!("entry{number}@x.example"), "first_name": "Entry"}))
    };
    ask(client, &format!("{url}/{route}"), arguments).await.ok()
}

async fn ask(client: &reqwest::Client, url: &str, arguments: Value) -> Result<Value, reqwest::Error> {
    let request = client.post(url).header("X-Tenant-Id", "acme").header("X-Actor", "ada").json(&arguments);
    request.send().await?.error_for_status()?.json().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("dev.sqlite");
    let mut backend = Backend::start(&data, None);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url: Arc<str> = backend.url.as_str().into();
    let (told, mut acknowledgements) = mpsc::unbounded_channel();
    let mut writes = JoinSet::new();
    for number in 0..WRITES {
        let (client, url, told) = (client.clone(), Arc::clone(&url), told.clone());
        writes.spawn(async move {
            if let Some(made) = write(&client, &url, number).await {
                told.send(made["id"].as_str().unwrap().to_owned()).unwrap();
            }
        });
    }
    drop(told);
    let mut acknowledged = BTreeSet::new();
    while let Some(id) = acknowledgements.recv().await {
        acknowledged.insert(id);
        if acknowledged.len() == ENOUGH {
            backend.kill();
        }
    }
    writes.join_all().await;
    assert!(acknowledged.len() >= ENOUGH, "only {} writes were acknowledged", acknowledged.len());

    let again = Backend::start(&data, None);
    let mut found = BTreeSet::new();
    for (route, query) in [("memory/search", "entry"), ("crm/search_customers", "entry")] {
        let arguments = json!({"query": query, "limit": 1_000});
        let list = ask(&client, &format!("{}/{route}", again.url), arguments).await.unwrap();
        let items = list["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
    }
    let lost: Vec<&String> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{} of {} were lost: {lost:?}", lost.len(), acknowledged.len());
    drop(again);

    let database = rusqlite::Connection::open(&data).unwrap();
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    for index in ["memory_search", "customer_search", "contact_part_search"] {
        let check = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)");
        database.execute(&check, []).unwrap();
    }
}

#[tokio::test]
async fn one_service_runs_alone_where_the_environment_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("dev.sqlite"), Some("memory"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let made = write(&client, &backend.url, 0).await.unwrap();
    assert_eq!(made["content"], "entry 0");
    assert!(write(&client, &backend.url, 1).await.is_none());
}
