//! What every key was used for, in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{Claim, Found, Kept, KeyFigures, Scope};
use crate::approval::Binding;
use crate::native::CallError;
use crate::tool_error::{ErrorCode, ToolError};

/// How long a key is kept.
pub(super) const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Size of all that is kept, in bytes. Beyond that no new key is taken: to forget one early would be to let its
/// call happen twice.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// What one tenant may take of that, so that none can keep the others from using keys.
pub(super) const MOST_OF_TENANT: usize = MOST_BYTES / 4;
/// What a record takes beside its texts, about.
const OVERHEAD: usize = 256;

/// All keys.
#[derive(Debug, Default)]
pub(super) struct Records {
    by_scope: HashMap<Arc<Scope>, Record>,
    /// Size of what is kept of each tenant.
    tenants: HashMap<String, usize>,
    figures: KeyFigures,
    /// The number of the next record.
    next: u64,
    /// When records that are due were last looked for.
    swept: Duration,
}

/// One use of a key.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) binding: Binding,
    pub(super) lasts: bool,
    /// How the call ended. Without this, once it is no longer under way, nobody knows whether it took effect.
    pub(super) outcome: Option<Kept>,
    pub(super) until: Duration,
    /// Open for as long as the call is under way.
    under_way: Option<watch::Receiver<()>>,
}

impl Record {
    pub(super) fn new(number: u64, binding: Binding, lasts: bool, until: Duration) -> Self {
        Self { number, binding, lasts, outcome: None, until, under_way: None }
    }

    fn call_under_way(&self) -> Option<&watch::Receiver<()>> {
        self.under_way.as_ref().filter(|call| call.has_changed().is_ok())
    }

    fn size(&self, scope: &Scope) -> usize {
        let texts = scope.tenant.len() + scope.actor.len() + scope.tool.len() + scope.key.as_str().len();
        let outcome = self.outcome.as_deref().map_or(0, |outcome| match outcome {
            Ok(json) => json.as_str().len(),
            Err(error) => error.message.len(),
        });
        OVERHEAD + texts + outcome
    }
}

impl Records {
    /// What a call finds under its key. A new key for which there is no room is refused here, before the call has
    /// used up an approval.
    pub(super) fn find(&mut self, claim: &Claim, now: Duration) -> Result<Option<Found>, CallError> {
        self.sweep(now);
        let Some(record) = self.by_scope.get(&claim.scope) else {
            return self.check_room(claim).map(|()| None);
        };
        let under_way = record.call_under_way();
        if record.until <= now && under_way.is_none() {
            return Ok(None);
        }
        if record.binding != claim.binding {
            self.figures.conflicts += 1;
            let message = "this idempotency key was used with other arguments; a new call needs a new key";
            return Err(ToolError::new(ErrorCode::IdempotencyConflict, message).into());
        }
        if let Some(call) = under_way {
            self.figures.waited += 1;
            return Ok(Some(Found::UnderWay(call.clone())));
        }
        if let Some(outcome) = &record.outcome {
            self.figures.replayed += 1;
            return Ok(Some(Found::Done(Arc::clone(outcome))));
        }
        if claim.repeatable {
            return Ok(None);
        }
        self.figures.unknown += 1;
        let message = "an earlier call with this idempotency key was cut off and may have taken effect, so it is \
                       not made again; look whether it did before you call with a new key";
        Err(ToolError::new(ErrorCode::InternalError, message).into())
    }

    fn check_room(&self, claim: &Claim) -> Result<(), CallError> {
        let of_tenant = self.tenants.get(&claim.scope.tenant).copied().unwrap_or_default();
        if self.figures.bytes >= MOST_BYTES || of_tenant >= MOST_OF_TENANT {
            let message = "no further idempotency key can be kept now; try again later";
            return Err(ToolError::new(ErrorCode::InternalError, message).into());
        }
        Ok(())
    }

    /// Takes a key that was found free, for a call that goes on until the sender is gone.
    pub(super) fn take(&mut self, claim: &Claim, now: Duration) -> (u64, watch::Sender<()>) {
        let number = self.next;
        let (sender, receiver) = watch::channel(());
        let record = Record::new(number, claim.binding, claim.lasts, now + KEPT);
        self.put(Arc::clone(&claim.scope), Record { under_way: Some(receiver), ..record });
        self.figures.first += 1;
        (number, sender)
    }

    /// Takes in a record, in place of an earlier one of its key.
    pub(super) fn put(&mut self, scope: Arc<Scope>, record: Record) {
        self.remove(&scope);
        self.next = self.next.max(record.number + 1);
        self.grow(&scope, record.size(&scope));
        self.by_scope.insert(scope, record);
    }

    pub(super) fn remove(&mut self, scope: &Arc<Scope>) {
        if let Some(record) = self.by_scope.remove(scope) {
            self.shrink(scope, record.size(scope));
        }
    }

    /// Keeps how a call ended.
    pub(super) fn settle(&mut self, scope: &Arc<Scope>, outcome: Kept) {
        if let Some(record) = self.by_scope.get_mut(scope) {
            let before = record.size(scope);
            record.outcome = Some(outcome);
            let after = record.size(scope);
            self.shrink(scope, before);
            self.grow(scope, after);
        }
    }

    /// Takes note that a call is over, whose outcome all may have from here on.
    pub(super) fn end(&mut self, scope: &Arc<Scope>) {
        if let Some(record) = self.by_scope.get_mut(scope) {
            record.under_way = None;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<Scope>, &Record)> {
        self.by_scope.iter()
    }

    pub(super) fn figures(&self) -> KeyFigures {
        KeyFigures { kept: self.by_scope.len(), ..self.figures }
    }

    /// Forgets what has been kept long enough, now and then.
    fn sweep(&mut self, now: Duration) {
        const PAUSE: Duration = Duration::from_secs(60);
        if now < self.swept + PAUSE {
            return;
        }
        self.swept = now;
        let is_due = |record: &Record| record.until <= now && record.call_under_way().is_none();
        let due = self.by_scope.iter().filter(|(_, record)| is_due(record));
        let due: Vec<Arc<Scope>> = due.map(|(scope, _)| Arc::clone(scope)).collect();
        due.iter().for_each(|scope| self.remove(scope));
    }

    fn grow(&mut self, scope: &Scope, bytes: usize) {
        self.figures.bytes += bytes;
        *self.tenants.entry(scope.tenant.clone()).or_default() += bytes;
    }

    fn shrink(&mut self, scope: &Scope, bytes: usize) {
        self.figures.bytes = self.figures.bytes.saturating_sub(bytes);
        if let Some(of_tenant) = self.tenants.get_mut(&scope.tenant) {
            *of_tenant = of_tenant.saturating_sub(bytes);
        }
    }
}
