//! The development backend killed in the middle of a thousand writes: what it acknowledged is there.
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
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simple-gpt-mcp"));
        command.args(["dev-backend", "--port", "0", "--data"]).arg(data).env_remove("SERVICE_NAME");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let first: Value = serde_json::from_str(&log.next().expect("a first line")).unwrap();
        assert!(first["message"].as_str().unwrap().contains("for development only"), "{first}");
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
    let mut backend = Backend::start(&data);
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

    let again = Backend::start(&data);
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
