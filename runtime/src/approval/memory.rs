//! The store of one server: in its memory, and gone with it. What was pending before a restart has to be asked
//! for anew; nothing is ever approved by forgetting.
//!
//! Requests are found by id, by what they are bound to, by tenant and by when they expire, so that no call walks
//! over those of others; and each tenant has room of its own, so that none can fill it for another.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::Value;

use super::store::{
    APPROVED, Approval, ApprovalStore, Approver, Binding, DecisionError, Standing, State, Stored,
};

/// Requests that a tenant may have open at once, and the room that their arguments may take, in bytes.
const MOST_OF_TENANT: usize = 10_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Requests that one actor may have open at once, so that nobody fills the list for all.
const MOST_OF_ACTOR: usize = 100;
/// Used states that are remembered until they expire.
const MOST_NONCES: usize = 100_000;

/// Requests by id and by what they are bound to.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    approvals: HashMap<String, Approval>,
    by_binding: HashMap<Binding, String>,
    /// Ids in the order in which they expire.
    due: BTreeSet<(SystemTime, String)>,
    tenants: HashMap<String, Open>,
    /// Used states in the order in which they expire.
    nonces: BTreeSet<(SystemTime, String)>,
}

/// What a tenant has open.
#[derive(Debug, Default)]
struct Open {
    ids: BTreeSet<String>,
    /// How many requests each actor has.
    actors: HashMap<String, usize>,
    bytes: usize,
}

impl Open {
    fn has_room(&self, request: &Approval) -> bool {
        self.ids.len() < MOST_OF_TENANT
            && self.bytes + size(request) <= MOST_BYTES
            && self.actors.get(&request.actor).is_none_or(|requests| *requests < MOST_OF_ACTOR)
    }

    fn add(&mut self, request: &Approval) {
        self.ids.insert(request.id.clone());
        self.bytes += size(request);
        *self.actors.entry(request.actor.clone()).or_default() += 1;
    }

    fn remove(&mut self, request: &Approval) {
        self.ids.remove(&request.id);
        self.bytes = self.bytes.saturating_sub(size(request));
        if let Some(requests) = self.actors.get_mut(&request.actor) {
            *requests -= 1;
            if *requests == 0 {
                self.actors.remove(&request.actor);
            }
        }
    }
}

/// Room that the arguments of a request take, about.
fn size(request: &Approval) -> usize {
    fn of(value: &Value) -> usize {
        size_of::<Value>()
            + match value {
                Value::String(text) => text.len(),
                Value::Array(items) => items.iter().map(of).sum(),
                Value::Object(members) => members.iter().map(|(name, value)| name.len() + of(value)).sum(),
                Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            }
    }
    of(&request.arguments)
}

impl Tables {
    fn forget_expired(&mut self, now: SystemTime) {
        while let Some((_, id)) = self.due.first().filter(|(until, _)| *until <= now).cloned() {
            self.remove(&id);
        }
    }

    fn insert(&mut self, approval: Approval) {
        self.tenants.entry(approval.tenant.clone()).or_default().add(&approval);
        self.by_binding.insert(approval.binding, approval.id.clone());
        self.due.insert((approval.expires_at, approval.id.clone()));
        self.approvals.insert(approval.id.clone(), approval);
    }

    fn remove(&mut self, id: &str) {
        let Some(approval) = self.approvals.remove(id) else { return };
        self.by_binding.remove(&approval.binding);
        if let Some(open) = self.tenants.get_mut(&approval.tenant) {
            open.remove(&approval);
        }
        self.due.remove(&(approval.expires_at, approval.id));
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
        if self.tenants.get(&request.tenant).is_some_and(|open| !open.has_room(&request)) {
            return Standing::Full;
        }
        let id = request.id.clone();
        self.insert(request);
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
                self.due.remove(&(approval.expires_at, id.to_owned()));
                approval.state = State::Approved;
                approval.expires_at = now + APPROVED;
                self.due.insert((approval.expires_at, id.to_owned()));
            }
            Err(reason) => {
                approval.state = State::Denied;
                approval.reason = reason;
            }
        }
        Ok(approval.clone())
    }

    fn list(&mut self, approver: &Approver, now: SystemTime) -> Vec<Approval> {
        self.forget_expired(now);
        let mut visible: Vec<Approval> = match &approver.tenant {
            Some(tenant) => {
                let ids = self.tenants.get(tenant).into_iter().flat_map(|open| &open.ids);
                ids.filter_map(|id| self.approvals.get(id)).cloned().collect()
            }
            None => self.approvals.values().cloned().collect(),
        };
        visible.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        visible
    }

    fn use_once(&mut self, nonce: &str, until: SystemTime, now: SystemTime) -> bool {
        while self.nonces.first().is_some_and(|(until, _)| *until <= now) {
            self.nonces.pop_first();
        }
        // A table that is full of states that still count fails closed.
        self.nonces.len() < MOST_NONCES && self.nonces.insert((until, nonce.to_owned()))
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
        Box::pin(async move { self.lock().list(approver, now) })
    }

    fn use_once<'s>(&'s self, nonce: &'s str, until: SystemTime, now: SystemTime) -> Stored<'s, bool> {
        Box::pin(async move { self.lock().use_once(nonce, until, now) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::super::store::PENDING;
    use super::*;

    const NOON: SystemTime = UNIX_EPOCH;

    fn request(tenant: &str, actor: &str, number: usize) -> Approval {
        let number = number.to_string();
        Approval {
            id: format!("{tenant}/{actor}/{number}"),
            binding: Binding::new([b"tool", number.as_bytes(), tenant.as_bytes(), actor.as_bytes()]),
            tool: "tool",
            tenant: tenant.to_owned(),
            actor: actor.to_owned(),
            asked_by: Vec::new(),
            arguments: json!({}),
            created_at: NOON,
            expires_at: NOON + PENDING,
            state: State::Pending,
            decided_by: None,
            reason: None,
        }
    }

    fn asked(tables: &mut Tables, tenant: &str, actor: &str, number: usize) -> bool {
        matches!(tables.redeem(request(tenant, actor, number), NOON), Standing::Asked { .. })
    }

    #[test]
    fn one_tenant_and_one_actor_fill_their_own_room_alone() {
        let mut tables = Tables::default();
        for number in 0..MOST_OF_TENANT {
            let actor = (number / MOST_OF_ACTOR).to_string();
            assert!(asked(&mut tables, "red", &actor, number));
        }
        assert!(!asked(&mut tables, "red", "new", 0));
        assert!((0..MOST_OF_ACTOR).all(|number| asked(&mut tables, "blue", "ann", number)));
        assert!(!asked(&mut tables, "blue", "ann", MOST_OF_ACTOR));
        assert!(asked(&mut tables, "blue", "bob", 0));
        let of_blue = Approver { credential: "c".to_owned(), tenant: Some("blue".to_owned()) };
        assert_eq!(tables.list(&of_blue, NOON).len(), MOST_OF_ACTOR + 1);
    }

    #[test]
    fn long_arguments_fill_the_room_too() {
        let mut tables = Tables::default();
        let long = json!({"text": "x".repeat(1024 * 1024)});
        let mut ask = |number| {
            let request = Approval { arguments: long.clone(), ..request("red", "ann", number) };
            tables.redeem(request, NOON)
        };
        assert_eq!((0..100).filter(|number| matches!(ask(*number), Standing::Asked { .. })).count(), 63);
    }

    #[test]
    fn what_has_expired_or_was_used_leaves_nothing_behind() {
        let mut tables = Tables::default();
        let approver = Approver { credential: "c".to_owned(), tenant: None };
        assert!((0..30).all(|number| asked(&mut tables, "red", "ann", number)));
        for number in 0..20 {
            tables.decide(&format!("red/ann/{number}"), &approver, Ok(()), NOON).unwrap();
        }
        for number in 0..10 {
            let standing = tables.redeem(request("red", "ann", number), NOON);
            assert!(matches!(standing, Standing::Granted { .. }));
        }
        assert_eq!(tables.list(&approver, NOON + APPROVED - Duration::from_secs(1)).len(), 20);
        assert_eq!(tables.list(&approver, NOON + APPROVED).len(), 10, "approvals that were not used in time");
        assert!(tables.list(&approver, NOON + PENDING).is_empty());
        let Tables { approvals, by_binding, due, tenants, .. } = &tables;
        assert!(approvals.is_empty() && by_binding.is_empty() && due.is_empty(), "{tables:?}");
        let open = &tenants["red"];
        assert!(open.ids.is_empty() && open.actors.is_empty() && open.bytes == 0, "{open:?}");
    }

    #[test]
    fn a_state_is_used_once_until_it_expires() {
        let mut tables = Tables::default();
        let until = NOON + Duration::from_secs(600);
        assert!(tables.use_once("n", until, NOON));
        assert!(!tables.use_once("n", until, NOON + Duration::from_secs(599)));
        assert!(tables.use_once("other", until, NOON));
        assert!(tables.use_once("later", until + Duration::from_secs(1), until));
        assert_eq!(tables.nonces.len(), 1);
    }
}
