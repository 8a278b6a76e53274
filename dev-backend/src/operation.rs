//! The record of calls that a service's telemetry is made of: a ring per tenant and service, so that it
//! keeps the newest calls and never grows beyond its size.

use rusqlite::{Connection, params};

use crate::failure::Failure;

/// How many calls per tenant and service are remembered.
pub(crate) const REMEMBERED: i64 = 10_000;

/// One call that was answered.
pub(crate) struct Operation {
    pub(crate) tenant: String,
    pub(crate) service: &'static str,
    /// What was done: the route's name.
    pub(crate) name: &'static str,
    pub(crate) succeeded: bool,
    pub(crate) latency_ms: f64,
    pub(crate) at: String,
}

// === impl Operation ===

impl Operation {
    /// Writes the call over the oldest one where the ring is full.
    pub(crate) fn store(&self, connection: &Connection) -> Result<(), Failure> {
        let recorded: i64 = connection
            .prepare_cached(
                "INSERT INTO operation_count (tenant, service, recorded) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET recorded = recorded + 1 RETURNING recorded",
            )?
            .query_row(params![self.tenant, self.service], |row| row.get(0))?;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO operation (tenant, service, slot, name, succeeded, latency_ms, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.tenant,
                self.service,
                recorded % REMEMBERED,
                self.name,
                self.succeeded,
                self.latency_ms,
                self.at
            ])?;
        Ok(())
    }
}
