//! A believable small business for whoever looks around: Kestrel Coffee, which sells beans, espresso machines
//! and their service to hotels, offices and shops. Texts and ids are the same wherever and whenever it is
//! made; its dates follow the calendar, so that tasks are overdue and deals about to close.
//!
//! All of it is written by the works behind the routes, call by call, as if people had made it over half a
//! year; there is no other way into the database.

mod activities;
mod companies;
mod contacts;
mod deals;
mod desk;
mod machines;
mod memories;
mod script;
mod team;

use rusqlite::Connection;
use serde_json::Value as Json;

use crate::clock::Clock;
use crate::database::View;
use crate::failure::Failure;

use script::Script;

/// The tenant that is filled: the one that callers without another have.
pub(crate) const TENANT: &str = "default";

/// Fills the tenant where nothing has ever happened in it, and leaves it alone otherwise.
pub(crate) fn fill(connection: &Connection, clock: &Clock) -> Result<Json, Failure> {
    // Every change leaves an event, an erasure too.
    let events = "SELECT count(*) FROM (SELECT 1 FROM event WHERE tenant = ?1 LIMIT 1)";
    if View::new(connection, TENANT).count(events, &[])? > 0 {
        tracing::info!(tenant = TENANT, "the tenant has data, so no demo data is added");
        return Ok(Json::Null);
    }
    let mut script = Script::new(clock.now())?;
    team::write(&mut script);
    companies::write(&mut script);
    contacts::write(&mut script);
    deals::write(&mut script);
    activities::write(&mut script);
    machines::write(&mut script);
    memories::write(&mut script);
    desk::write(&mut script);
    let steps = script.run(connection)?;
    tracing::info!(tenant = TENANT, steps, "filled with demo data");
    Ok(Json::Null)
}
