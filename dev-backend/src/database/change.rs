//! The one place through which all changes go. Whoever changes rows records what happened, in the same
//! transaction; a change that leaves no event behind is refused and undone.

use std::cell::Cell;

use jiff::Timestamp;
use rusqlite::{Connection, ToSql};

use super::View;
use crate::call::Call;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::moment;
use crate::service::Answer;

/// A change in the making, for one tenant by one actor.
pub(crate) struct Change<'c> {
    view: View<'c>,
    call: &'c Call,
    moment: Timestamp,
    now: String,
    events: Cell<u32>,
    marks: Cell<u64>,
}

// === impl Change ===

impl<'c> Change<'c> {
    /// Runs work that changes something, and holds it to telling what happened.
    pub(crate) fn run(
        connection: &'c Connection,
        call: &'c Call,
        work: impl FnOnce(&Change<'_>, &Call) -> Answer,
    ) -> Answer {
        let before = connection.total_changes();
        let view = View::new(connection, &call.context.tenant);
        let moment = call.clock.now();
        let now = moment::text(moment);
        let change = Self { view, call, moment, now, events: Cell::new(0), marks: Cell::new(0) };
        let answer = work(&change, call)?;
        if connection.total_changes() != before + change.marks.get() && change.events.get() == 0 {
            return Err(Failure::Broken("a change without an event".to_owned()));
        }
        Ok(answer)
    }

    /// The tenant's data as this change has left it so far.
    pub(crate) const fn view(&self) -> &View<'c> {
        &self.view
    }

    /// The moment of the change.
    pub(crate) fn now(&self) -> &str {
        &self.now
    }

    /// The same as a point in time.
    pub(crate) const fn moment(&self) -> Timestamp {
        self.moment
    }

    /// So many seconds after the moment of the change.
    pub(crate) fn seconds_later(&self, seconds: i64) -> String {
        moment::seconds_after(self.moment, seconds)
    }

    /// Who makes the change.
    pub(crate) fn actor(&self) -> &'c str {
        &self.call.context.actor
    }

    /// The id of a new thing of this kind.
    pub(crate) fn new_id(&self, kind: EntityKind<'_>) -> String {
        self.call.ids.next(kind.prefix())
    }

    /// Changes rows. `?1` is the tenant, the parameters follow.
    pub(crate) fn execute(&self, sql: &str, parameters: &[&dyn ToSql]) -> Result<usize, Failure> {
        self.view.execute(sql, parameters)
    }

    /// Changes rows that only say how far somebody has come, or what can be read anew from elsewhere, which is
    /// no event. `?1` is the tenant, the parameters follow.
    pub(crate) fn mark(&self, sql: &str, parameters: &[&dyn ToSql]) -> Result<usize, Failure> {
        let before = self.view.connection().total_changes();
        let marked = self.execute(sql, parameters)?;
        let changes = self.view.connection().total_changes() - before;
        self.marks.set(self.marks.get() + changes);
        Ok(marked)
    }

    /// Records what happened.
    pub(crate) fn record(&self, event: &Event<'_>) -> Result<(), Failure> {
        let context = &self.call.context;
        let id = self.call.ids.next("evt");
        self.execute(
            "INSERT INTO event (tenant, id, at, kind, entity_type, entity_id, actor, actor_role,
                                correlation_id, summary, details)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            &[
                &id,
                &self.now,
                &event.kind,
                &event.subject.kind.name(),
                &event.subject.id,
                &context.actor,
                &context.actor_role,
                &context.correlation_id,
                &event.summary,
                &event.details.to_string(),
            ],
        )?;
        let seq = self.view.connection().last_insert_rowid();
        for entity in std::iter::once(&event.subject).chain(&event.concerns) {
            self.execute(
                "INSERT OR IGNORE INTO event_entity (tenant, entity_type, entity_id, event_seq)
                 VALUES (?1, ?2, ?3, ?4)",
                &[&entity.kind.name(), &entity.id, &seq],
            )?;
        }
        self.events.set(self.events.get() + 1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Method, Uri};
    use serde_json::Value as Json;

    use super::*;
    use crate::hooks::Hooks;

    fn run(work: fn(&Change<'_>, &Call) -> Answer) -> Answer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE thing (tenant TEXT)").unwrap();
        let uri = Uri::from_static("/?tenant_id=t&actor=a");
        let call = Call::read(&Method::GET, &uri, &HeaderMap::new(), b"", &Hooks::default()).unwrap();
        Change::run(&connection, &call, work)
    }

    #[test]
    fn a_change_without_an_event_is_refused() {
        let silent = run(|change, _| {
            change.execute("INSERT INTO thing (tenant) VALUES (?1)", &[])?;
            Ok(Json::Null)
        });
        assert!(matches!(silent, Err(Failure::Broken(reason)) if reason.contains("without an event")));
        let idle = run(|change, _| {
            change.view().count("SELECT count(*) FROM thing WHERE tenant = ?1", &[]).map(Json::from)
        });
        assert_eq!(idle.unwrap(), 0);
    }

    #[test]
    fn a_statement_without_its_tenant_is_refused() {
        let unbound = run(|change, _| change.view().count("SELECT count(*) FROM thing", &[]).map(Json::from));
        assert!(matches!(unbound, Err(Failure::Broken(reason)) if reason.contains("without its tenant")));
    }
}
