//! The store of one server: in its memory, and gone with it. What was pending before a restart has to be asked
//! for anew; nothing is ever approved by forgetting.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::store::{
    APPROVED, Approval, ApprovalStore, Approver, Binding, DecisionError, Standing, State, Stored,
};

/// Requests that may be open at once.
const MOST_REQUESTS: usize = 10_000;
/// Requests that one actor may have open at once, so that nobody fills the list for all.
const MOST_OF_ACTOR: usize = 100;
/// Used states that are remembered until they expire.
const MOST_NONCES: usize = 100_000;

/// Requests by id and by what they are bound to.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    approvals: BTreeMap<String, Approval>,
    by_binding: HashMap<Binding, String>,
    nonces: HashMap<String, SystemTime>,
}

impl Tables {
    fn forget_expired(&mut self, now: SystemTime) {
        self.approvals.retain(|_, approval| approval.expires_at > now);
        self.by_binding.retain(|_, id| self.approvals.contains_key(id));
    }

    fn remove(&mut self, id: &str) {
        if let Some(approval) = self.approvals.remove(id) {
            self.by_binding.remove(&approval.binding);
        }
    }

    fn redeem(&mut self, request: Approval, now: SystemTime) -> Standing {
        self.forget_expired(now);
        if let Some(id) = self.by_binding.get(&request.binding).cloned()
            && let Some(found) = self.approvals.get_mut(&id)
        {
            let (state, reason) = (found.state, found.reason.clone());
            let own =
                found.decided_by.as_ref().is_some_and(|credential| request.asked_by.contains(credential));
            return match state {
                State::Pending => {
                    // Whoever joins a request has asked as well, and may not decide on it.
                    found.asked_by.extend(request.asked_by);
                    found.asked_by.sort_unstable();
                    found.asked_by.dedup();
                    Standing::Pending { id }
                }
                // Nobody uses an approval that they gave.
                State::Approved if own => Standing::Pending { id },
                State::Approved => {
                    self.remove(&id);
                    Standing::Granted { id }
                }
                State::Denied => {
                    self.remove(&id);
                    Standing::Denied { id, reason }
                }
            };
        }
        let of_actor = |open: &&Approval| open.tenant == request.tenant && open.actor == request.actor;
        if self.approvals.len() >= MOST_REQUESTS
            || self.approvals.values().filter(of_actor).count() >= MOST_OF_ACTOR
        {
            return Standing::Full;
        }
        let id = request.id.clone();
        self.by_binding.insert(request.binding, id.clone());
        self.approvals.insert(id.clone(), request);
        Standing::Asked { id }
    }

    fn decide(
        &mut self,
        id: &str,
        approver: &Approver,
        decision: Result<(), Option<String>>,
        now: SystemTime,
    ) -> Result<Approval, DecisionError> {
        self.forget_expired(now);
        let approval = self.approvals.get_mut(id).filter(|approval| approver.sees(approval));
        let approval = approval.ok_or(DecisionError::Unknown)?;
        if approval.asked_by.contains(&approver.credential) {
            return Err(DecisionError::Own);
        }
        if approval.state != State::Pending {
            return Err(DecisionError::Decided);
        }
        approval.decided_by = Some(approver.credential.clone());
        match decision {
            Ok(()) => {
                approval.state = State::Approved;
                approval.expires_at = now + APPROVED;
            }
            Err(reason) => {
                approval.state = State::Denied;
                approval.reason = reason;
            }
        }
        Ok(approval.clone())
    }

    fn use_once(&mut self, nonce: &str, until: SystemTime, now: SystemTime) -> bool {
        if self.nonces.len() >= MOST_NONCES {
            self.nonces.retain(|_, until| *until > now);
        }
        // A table that is full of states that still count fails closed.
        self.nonces.len() < MOST_NONCES && self.nonces.insert(nonce.to_owned(), until).is_none()
    }
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        // Every step leaves the tables whole, so a panic elsewhere does not spoil them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ApprovalStore for Memory {
    fn redeem(&self, request: Approval, now: SystemTime) -> Stored<'_, Standing> {
        Box::pin(async move { self.lock().redeem(request, now) })
    }

    fn decide<'s>(
        &'s self,
        id: &'s str,
        approver: &'s Approver,
        decision: Result<(), Option<String>>,
        now: SystemTime,
    ) -> Stored<'s, Result<Approval, DecisionError>> {
        Box::pin(async move { self.lock().decide(id, approver, decision, now) })
    }

    fn list<'s>(&'s self, approver: &'s Approver, now: SystemTime) -> Stored<'s, Vec<Approval>> {
        Box::pin(async move {
            let mut tables = self.lock();
            tables.forget_expired(now);
            let mut visible: Vec<Approval> =
                tables.approvals.values().filter(|approval| approver.sees(approval)).cloned().collect();
            visible.sort_by_key(|approval| approval.created_at);
            visible
        })
    }

    fn use_once<'s>(&'s self, nonce: &'s str, until: SystemTime, now: SystemTime) -> Stored<'s, bool> {
        Box::pin(async move { self.lock().use_once(nonce, until, now) })
    }
}
