//! The keys of one server: in memory, and where they have to outlive it in a journal.
//!
//! Memory and journal change in the same order, since what is sent to the journal is sent under the lock that the
//! memory is changed under. Nobody is told of a change before the journal has it on the disk.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::{Journal, JournalError, Weight};
use super::line::Line;
use super::records::Records;
use super::store::{KeyStore, Stored, Ticket};
use super::{Claim, Found, Kept, KeyFigures, Reservation};
use crate::clock::Clock;
use crate::native::CallError;

/// The keys of this server.
#[derive(Debug)]
pub(super) struct Local {
    records: Arc<Mutex<Records>>,
    journal: Option<Journal>,
    clock: Clock,
}

impl Local {
    /// Keys that a restart forgets.
    pub(super) fn in_memory(clock: Clock) -> Self {
        Self { records: Arc::default(), journal: None, clock }
    }

    /// Keys as this journal has them, and goes on having them.
    pub(super) fn open(path: &Path, clock: Clock) -> Result<Self, JournalError> {
        let (journal, records) = Journal::open(path, clock.clone())?;
        Ok(Self::of(records, journal, clock))
    }

    pub(super) fn of(records: Arc<Mutex<Records>>, journal: Journal, clock: Clock) -> Self {
        Self { records, journal: Some(journal), clock }
    }

    fn journal(&self, lasts: bool) -> Option<&Journal> {
        self.journal.as_ref().filter(|_| lasts)
    }

    async fn reserve(self: Arc<Self>, claim: &Claim) -> Result<Found, CallError> {
        let (reservation, receipt) = {
            let mut records = lock(&self.records);
            let now = self.clock.elapsed();
            if let Some(found) = records.find(claim, now)? {
                return Ok(found);
            }
            let (number, under_way) = records.take(claim, now);
            let receipt = self.journal(claim.lasts).map(|journal| {
                let until = journal.wall(now + super::records::KEPT);
                journal.send(&Line::reserved(&claim.scope, number, &claim.binding, until), Weight::Refusable)
            });
            let ticket = Ticket { scope: Arc::clone(&claim.scope), number, lasts: claim.lasts };
            let store: Arc<dyn KeyStore> = Arc::clone(&self) as _;
            (Reservation { store, ticket, _under_way: under_way }, receipt)
        };
        if let Some(receipt) = receipt
            && !receipt.wait().await
        {
            reservation.release().await;
            return Err(CallError::Unavailable(
                "idempotency keys cannot be kept now, so no call is made with one",
            ));
        }
        Ok(Found::First(reservation))
    }

    async fn keep(&self, ticket: &Ticket, outcome: Kept) {
        let line = self
            .journal(ticket.lasts)
            .map(|journal| (journal, journal.line(&Line::ended(ticket.number, &outcome))));
        let receipt = {
            let mut records = lock(&self.records);
            records.settle(&ticket.scope, Arc::clone(&outcome));
            line.map(|(journal, line)| journal.send_line(line, Weight::Kept))
        };
        if let Some(receipt) = receipt
            && !receipt.wait().await
        {
            // The outcome is known all the same, and given to all until the server ends.
            tracing::error!("the outcome of a call with an idempotency key is not on the disk yet");
        }
        lock(&self.records).end(&ticket.scope);
    }

    async fn release(&self, ticket: &Ticket) {
        let receipt = {
            let mut records = lock(&self.records);
            records.remove(&ticket.scope);
            let released = Line::Released { number: ticket.number };
            self.journal(ticket.lasts).map(|journal| journal.send(&released, Weight::Kept))
        };
        if let Some(receipt) = receipt {
            // A key that is not known to be free is at worst refused after a restart.
            let _in_time = receipt.wait().await;
        }
    }
}

impl KeyStore for Local {
    fn find<'s>(&'s self, claim: &'s Claim) -> Stored<'s, Result<Option<Found>, CallError>> {
        Box::pin(async { lock(&self.records).find(claim, self.clock.elapsed()) })
    }

    fn reserve<'s>(self: Arc<Self>, claim: &'s Claim) -> Stored<'s, Result<Found, CallError>> {
        Box::pin(self.reserve(claim))
    }

    fn keep<'s>(&'s self, ticket: &'s Ticket, outcome: Kept) -> Stored<'s, ()> {
        Box::pin(self.keep(ticket, outcome))
    }

    fn release<'s>(&'s self, ticket: &'s Ticket) -> Stored<'s, ()> {
        Box::pin(self.release(ticket))
    }

    fn figures(&self) -> KeyFigures {
        lock(&self.records).figures()
    }

    fn close(&self) -> Stored<'_, ()> {
        Box::pin(async {
            if let Some(journal) = &self.journal {
                journal.close().await;
            }
        })
    }
}

pub(super) fn lock(records: &Mutex<Records>) -> MutexGuard<'_, Records> {
    // Every step leaves the records whole, so a panic elsewhere does not spoil them.
    records.lock().unwrap_or_else(PoisonError::into_inner)
}
