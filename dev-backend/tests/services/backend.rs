//! A backend on a file of its own, and a caller of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use dev_backend::{Clock, Hooks, Running, Settings};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A running backend with a data file that goes away with it.
pub(crate) struct Backend {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
    pub(crate) client: reqwest::Client,
    hooks: Hooks,
}

/// What a backend answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Json,
}

pub(crate) fn settings(data: &Path) -> Settings {
    Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data: data.to_owned(),
        demo: false,
        service: None,
    }
}

// === impl Backend ===

impl Backend {
    pub(crate) async fn start() -> Self {
        Self::start_by(Clock::machine()).await
    }

    /// Starts a backend that goes by this clock.
    pub(crate) async fn start_by(clock: Clock) -> Self {
        Self::start_with(Hooks { clock, ..Hooks::default() }).await
    }

    /// Starts a backend that is handed these.
    pub(crate) async fn start_with(hooks: Hooks) -> Self {
        Self::with(TempDir::new().unwrap(), hooks, |settings| settings).await
    }

    /// Starts a backend on the file that an earlier one left in this folder.
    pub(crate) async fn on_file_of(folder: TempDir) -> Self {
        Self::with(folder, Hooks::default(), |settings| settings).await
    }

    /// Starts a backend in this folder, handed these, with settings of the test's own.
    pub(crate) async fn with(
        folder: TempDir,
        hooks: Hooks,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        // The folder in between is not there yet.
        let settings = change(settings(&folder.path().join("data/dev.sqlite")));
        let running = dev_backend::start_with(settings, hooks.clone()).await.unwrap();
        Self { running, folder, client: reqwest::Client::builder().no_proxy().build().unwrap(), hooks }
    }

    /// Stops the backend and starts another on the same file.
    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        Self::with(self.folder, self.hooks, |settings| settings).await
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("data/dev.sqlite")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address())
    }

    /// Calls a route as the gateway does, for tenant `acme`.
    pub(crate) async fn post(&self, path: &str, arguments: Json) -> Answer {
        self.post_as("acme", path, arguments).await
    }

    pub(crate) async fn post_as(&self, tenant: &str, path: &str, arguments: Json) -> Answer {
        let request = self.client.post(self.url(path)).header("X-Tenant-Id", tenant).header("X-Actor", "ada");
        Answer::of(request.json(&arguments)).await
    }

    /// Calls a route that must succeed.
    pub(crate) async fn ok(&self, path: &str, arguments: Json) -> Json {
        self.ok_as("acme", path, arguments).await
    }

    pub(crate) async fn ok_as(&self, tenant: &str, path: &str, arguments: Json) -> Json {
        let answer = self.post_as(tenant, path, arguments.clone()).await;
        assert_eq!(answer.status, 200, "{path} {arguments}: {}", answer.body);
        answer.body
    }

    /// Asks a GET route, with these arguments in the query.
    pub(crate) async fn get_as(&self, tenant: &str, path: &str, arguments: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&self.url(path), arguments).unwrap();
        Answer::of(self.client.get(url).header("X-Tenant-Id", tenant).header("X-Actor", "ada")).await
    }

    /// Asks a GET route that must answer, for tenant `acme`.
    pub(crate) async fn got(&self, path: &str, arguments: &[(&str, &str)]) -> Json {
        let answer = self.get_as("acme", path, arguments).await;
        assert_eq!(answer.status, 200, "{path} {arguments:?}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn telemetry(&self, window_minutes: u32) -> Json {
        let path = format!("/mcp/memory/telemetry?tenant_id=acme&actor=ada&window_minutes={window_minutes}");
        let answer = Answer::of(self.client.get(self.url(&path))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Stops the backend and opens its file.
    pub(crate) async fn stopped_database(self) -> (rusqlite::Connection, TempDir) {
        let file = self.file();
        self.running.stop().await;
        (rusqlite::Connection::open(file).unwrap(), self.folder)
    }
}

// === impl Answer ===

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        Self { status, body: response.json().await.unwrap() }
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

/// One field of every item of a list.
pub(crate) fn each(list: &Json, field: &str) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// The id of what an answer shows.
pub(crate) fn id(shown: &Json) -> String {
    shown["id"].as_str().unwrap().to_owned()
}

/// Calls that must be refused: route, arguments, status, and words that the message has.
pub(crate) async fn assert_refused(backend: &Backend, cases: &[(&str, Json, u16, &str)]) {
    for (route, arguments, status, named) in cases {
        let answer = backend.post(&format!("/mcp/crm/{route}"), arguments.clone()).await;
        assert_eq!(answer.status, *status, "{route} {arguments}: {}", answer.body);
        assert!(answer.message().contains(named), "{route} {arguments}: {}", answer.message());
    }
}

/// Holds the indexes against the tables they index, and the pages against each other.
pub(crate) fn assert_sound(database: &rusqlite::Connection) {
    for index in ["memory_search", "customer_search", "contact_part_search", "file_search"] {
        let sql = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)");
        database.execute(&sql, []).unwrap_or_else(|error| panic!("{index}: {error}"));
    }
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let dangling: i64 =
        database.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(dangling, 0);
}

pub(crate) fn search(query: &str) -> Json {
    json!({"query": query})
}
