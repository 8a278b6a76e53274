//! The keys that an issuer publishes: fetched when they are needed, kept while the issuer is away.

use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Keys are fetched anew after so long, so that a withdrawn one stops to count.
const FRESH: Duration = Duration::from_secs(300);
/// Keys still count so long while they cannot be fetched anew.
const STALE: Duration = Duration::from_secs(3600);
/// Fetches are at least so far apart, or anyone could make the server ask by inventing key ids.
const FLOOR: Duration = Duration::from_secs(30);
/// Longest wait for the issuer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A longer key set is not read.
const LONGEST: usize = 256 * 1024;

/// A key set that refreshes itself.
#[derive(Debug)]
pub(super) struct Jwks {
    url: String,
    client: reqwest::Client,
    /// One fetch at a time: whoever finds it under way waits and uses what it brought.
    state: Mutex<State>,
}

/// Why there is no key to verify a token by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of this id.
    Unknown,
    /// Which keys the issuer has is not known, or not any more.
    Away,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Jwk>,
    /// When the keys came.
    fetched: Option<Instant>,
    /// When they were last asked for.
    asked: Option<Instant>,
}

impl Jwks {
    pub(super) fn new(url: String, client: reqwest::Client) -> Self {
        Self { url, client, state: Mutex::default() }
    }

    /// The key of this id; without an id, the only key there is.
    pub(super) async fn find(&self, id: Option<&str>) -> Result<Jwk, NoKey> {
        let mut state = self.state.lock().await;
        if state.age().is_none_or(|age| age >= FRESH) {
            self.refresh(&mut state).await;
        }
        if state.find(id).is_none() {
            self.refresh(&mut state).await;
        }
        match state.age() {
            Some(age) if age < STALE => state.find(id).ok_or(NoKey::Unknown),
            _ => Err(NoKey::Away),
        }
    }

    /// Fetches the keys, unless they were asked for a moment ago. Without an answer the old ones stay.
    async fn refresh(&self, state: &mut State) {
        if state.asked.is_some_and(|asked| asked.elapsed() < FLOOR) {
            return;
        }
        state.asked = Some(Instant::now());
        match tokio::time::timeout(TIMEOUT, self.fetch()).await {
            Ok(Ok(keys)) => {
                state.keys = keys;
                state.fetched = Some(Instant::now());
            }
            Ok(Err(error)) => tracing::warn!(error, "the issuer's keys could not be fetched"),
            Err(_) => tracing::warn!("the issuer did not send its keys in time"),
        }
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, String> {
        let shown = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.client.get(&self.url).send().await.map_err(shown)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(shown)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST {
                return Err(format!("the key set is longer than {LONGEST} bytes"));
            }
        }
        // A key of a kind that is not known must not hide the others.
        #[derive(serde::Deserialize)]
        struct Keys {
            keys: Vec<serde_json::Value>,
        }
        let Keys { keys } = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let known = keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(known)
    }
}

impl State {
    fn age(&self) -> Option<Duration> {
        self.fetched.map(|fetched| fetched.elapsed())
    }

    fn find(&self, id: Option<&str>) -> Option<Jwk> {
        match (id, &self.keys[..]) {
            (Some(_), keys) => keys.iter().find(|key| key.common.key_id.as_deref() == id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }
}
