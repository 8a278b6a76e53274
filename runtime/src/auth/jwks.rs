//! The keys that an issuer publishes: fetched when they are needed, kept while the issuer is away.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use tokio::sync::watch;
use tokio::time::Instant;

/// Keys are fetched anew after so long, so that a withdrawn one stops to count.
const FRESH: Duration = Duration::from_secs(300);
/// Keys still count so long while they cannot be fetched anew.
const STALE: Duration = Duration::from_secs(3600);
/// Fetches are at least so far apart, or anyone could make the server ask by inventing key ids.
const FLOOR: Duration = Duration::from_secs(30);
/// Longest wait of a caller whose key is known and still counts: long enough for a withdrawal to be heard of from an
/// issuer that answers, and too short to be felt where it does not.
const PATIENCE: Duration = Duration::from_millis(250);
/// Longest wait for the issuer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A longer key set is not read.
const LONGEST: usize = 256 * 1024;

/// A key set that refreshes itself.
#[derive(Debug)]
pub(super) struct Jwks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    url: String,
    client: reqwest::Client,
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
    /// The fetch that is under way; its other end is gone when it is over.
    under_way: Option<watch::Receiver<()>>,
}

impl Jwks {
    pub(super) fn new(url: String, client: reqwest::Client) -> Self {
        Self(Arc::new(Shared { url, client, state: Mutex::default() }))
    }

    /// The key of this id; without an id, the only key there is. Who has a key that still counts does not wait for
    /// an issuer that hangs; who has none waits for the fetch that is under way, and no longer.
    pub(super) async fn find(&self, id: Option<&str>) -> Result<Jwk, NoKey> {
        let (known, under_way, patience) = {
            let mut state = self.0.lock();
            let known = state.find(id);
            if let (Ok(key), true) = (&known, state.age().is_some_and(|age| age < FRESH)) {
                return Ok(key.clone());
            }
            self.0.ask(&mut state);
            (
                known,
                state.under_way.clone(),
                state.asked.map_or(PATIENCE, |asked| PATIENCE.saturating_sub(asked.elapsed())),
            )
        };
        if let Some(mut over) = under_way {
            let longest = if known.is_ok() { patience } else { TIMEOUT };
            let _over = tokio::time::timeout(longest, over.changed()).await;
        }
        self.0.lock().find(id)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every step leaves the state whole, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to fetch the keys, unless that was done a moment ago. Without an answer the old ones stay.
    fn ask(self: &Arc<Self>, state: &mut State) {
        if state.asked.is_some_and(|asked| asked.elapsed() < FLOOR) {
            return;
        }
        state.asked = Some(Instant::now());
        let (over, under_way) = watch::channel(());
        state.under_way = Some(under_way);
        // In a task of its own: the caller for whom it was begun may go away.
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let fetched = tokio::time::timeout(TIMEOUT, shared.fetch()).await;
            let mut state = shared.lock();
            match fetched {
                Ok(Ok(keys)) => {
                    state.keys = keys;
                    state.fetched = Some(Instant::now());
                }
                Ok(Err(error)) => tracing::warn!(error, "the issuer's keys could not be fetched"),
                Err(_) => tracing::warn!("the issuer did not send its keys in time"),
            }
            state.under_way = None;
            drop(over);
        });
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

    fn find(&self, id: Option<&str>) -> Result<Jwk, NoKey> {
        if self.age().is_none_or(|age| age >= STALE) {
            return Err(NoKey::Away);
        }
        match (id, &self.keys[..]) {
            (Some(_), keys) => keys.iter().find(|key| key.common.key_id.as_deref() == id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
        .ok_or(NoKey::Unknown)
    }
}
