//! Where keys are kept. Each of these steps has to happen in one piece, also between several servers.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use super::{Claim, Found, Kept, KeyFigures, Scope};
use crate::native::CallError;

/// An answer of a store, which may be on a disk or on another machine.
pub(super) type Stored<'s, T> = Pin<Box<dyn Future<Output = T> + Send + 's>>;

/// A key that is reserved.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) scope: Arc<Scope>,
    /// Tells this use of the key from every other.
    pub(super) number: u64,
    pub(super) lasts: bool,
}

/// A place where keys are kept.
pub(super) trait KeyStore: Send + Sync + Debug {
    /// What became of the call that used a key, if one did. A call whose outcome nobody knows is an error, unless
    /// it may be made again.
    fn find<'s>(&'s self, claim: &'s Claim) -> Stored<'s, Result<Option<Found>, CallError>>;

    /// Reserves a key, or finds what another call did with it. The reservation lasts when this returns.
    fn reserve<'s>(self: Arc<Self>, claim: &'s Claim) -> Stored<'s, Result<Found, CallError>>;

    /// Keeps the outcome of a reserved key.
    fn keep<'s>(&'s self, ticket: &'s Ticket, outcome: Kept) -> Stored<'s, ()>;

    /// Forgets a reserved key.
    fn release<'s>(&'s self, ticket: &'s Ticket) -> Stored<'s, ()>;

    fn figures(&self) -> KeyFigures;

    /// Lets go of whatever another server could want.
    fn close(&self) -> Stored<'_, ()>;
}
