//! One effect for calls that say they are the same.
//!
//! A client that does not know whether its call arrived may make it again under the same key: the first one's
//! outcome is kept and given to all. The key belongs to one caller and one tool, and stands for one set of
//! arguments.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::approval::Binding;
use crate::json::Json;
use crate::tool_error::{ErrorCode, ToolError};

/// How long an outcome is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Outcomes that are kept at once, and their size in bytes. Beyond that no new key is taken: to forget one early
/// would be to let its call happen twice.
const MOST_RECORDS: usize = 100_000;
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Longest key, in characters.
const LONGEST_KEY: usize = 255;

/// A key that a client may choose: 1 to 255 printable ASCII characters, as it is sent in a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// Reads a key; `None` for one that may not be used.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let valid =
            (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose key it is: the same text of another tenant, actor or tool is another key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) tool: &'static str,
    pub(crate) key: Key,
}

/// How a call ended, as it is given to all that are the same.
pub(crate) type Kept = Result<Json, ToolError>;

/// What a call with a key finds.
pub(crate) enum Found {
    /// Nothing: it is the first, and has to be carried out under this reservation.
    First(Reservation),
    /// The outcome of the first.
    Done(Kept),
    /// The first is under way.
    UnderWay(watch::Receiver<()>),
}

/// All keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Idempotency(Arc<Mutex<Records>>);

#[derive(Debug, Default)]
struct Records {
    by_scope: HashMap<Scope, Record>,
    bytes: usize,
    /// When records that are due were last looked for.
    swept: Duration,
}

#[derive(Debug)]
struct Record {
    /// What the key stands for.
    binding: Binding,
    state: State,
}

#[derive(Debug)]
enum State {
    UnderWay(watch::Sender<()>),
    Done { outcome: Kept, until: Duration },
}

impl Idempotency {
    /// What another call has done with a key already; `None` where there was none.
    pub(crate) fn find(
        &self,
        scope: &Scope,
        binding: &Binding,
        now: Duration,
    ) -> Result<Option<Found>, ToolError> {
        let mut records = self.lock();
        records.sweep(now);
        records.find(scope, binding, now)
    }

    /// Reserves a key for a call, or finds what another did with it.
    pub(crate) fn reserve(&self, scope: Scope, binding: Binding, now: Duration) -> Result<Found, ToolError> {
        let mut records = self.lock();
        if let Some(found) = records.find(&scope, &binding, now)? {
            return Ok(found);
        }
        if records.by_scope.len() >= MOST_RECORDS || records.bytes >= MOST_BYTES {
            let message = "no further idempotency key can be kept now; try again later";
            return Err(ToolError::new(ErrorCode::InternalError, message));
        }
        let record = Record { binding, state: State::UnderWay(watch::Sender::new(())) };
        if let Some(Record { state: State::Done { outcome, .. }, .. }) =
            records.by_scope.insert(scope.clone(), record)
        {
            records.bytes = records.bytes.saturating_sub(size(&outcome));
        }
        Ok(Found::First(Reservation { all: self.clone(), scope: Some(scope) }))
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        // Every step leaves the records whole, so a panic elsewhere does not spoil them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right, and the duty, to carry out the first call of a key. Dropped without an outcome, as by a call whose
/// task broke down, it keeps the key as one whose outcome is unknown: what was done must not be done again.
#[derive(Debug)]
pub(crate) struct Reservation {
    all: Idempotency,
    scope: Option<Scope>,
}

impl Reservation {
    /// Keeps an outcome for all calls of this key.
    pub(crate) fn keep(mut self, outcome: Kept, now: Duration) {
        self.settle(outcome, now + KEPT);
    }

    /// Gives the key back: nothing was done, so the next call is a first one again.
    pub(crate) fn release(mut self) {
        if let Some(scope) = self.scope.take() {
            self.all.lock().by_scope.remove(&scope);
        }
    }

    fn settle(&mut self, outcome: Kept, until: Duration) {
        let Some(scope) = self.scope.take() else { return };
        let mut records = self.all.lock();
        records.bytes += size(&outcome);
        if let Some(record) = records.by_scope.get_mut(&scope) {
            // Replacing the sender wakes all that wait.
            record.state = State::Done { outcome, until };
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let message =
            "an earlier call with this idempotency key broke down; whether it took effect is unknown";
        self.settle(Err(ToolError::new(ErrorCode::InternalError, message)), Duration::MAX);
    }
}

impl Records {
    fn find(&self, scope: &Scope, binding: &Binding, now: Duration) -> Result<Option<Found>, ToolError> {
        match self.by_scope.get(scope) {
            Some(Record { state: State::Done { until, .. }, .. }) if *until <= now => Ok(None),
            Some(record) if record.binding != *binding => {
                let message =
                    "this idempotency key was used with other arguments; a new call needs a new key";
                Err(ToolError::new(ErrorCode::IdempotencyConflict, message))
            }
            Some(Record { state: State::Done { outcome, .. }, .. }) => Ok(Some(Found::Done(outcome.clone()))),
            Some(Record { state: State::UnderWay(sender), .. }) => {
                Ok(Some(Found::UnderWay(sender.subscribe())))
            }
            None => Ok(None),
        }
    }

    /// Forgets what has been kept long enough, now and then.
    fn sweep(&mut self, now: Duration) {
        const PAUSE: Duration = Duration::from_secs(60);
        if now < self.swept + PAUSE {
            return;
        }
        self.swept = now;
        let mut freed = 0;
        self.by_scope.retain(|_, record| match &record.state {
            State::Done { outcome, until } if *until <= now => {
                freed += size(outcome);
                false
            }
            _ => true,
        });
        self.bytes = self.bytes.saturating_sub(freed);
    }
}

fn size(outcome: &Kept) -> usize {
    match outcome {
        Ok(json) => json.as_str().len(),
        Err(error) => error.message.len(),
    }
}
