//! What happened in the demo's business, step by step. A step is a call of a route; the steps are taken in
//! the order of their times, each at its own time.

use std::collections::BTreeMap;
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

use super::TENANT;
use crate::call::{Call, Context};
use crate::clock::Clock;
use crate::database::Change;
use crate::failure::Failure;
use crate::ids::Ids;
use crate::moment;
use crate::service::{self, Work};

/// When something happens: days after today, and the time of that day in hours and minutes, UTC.
pub(super) type When = (i32, i8, i8);

/// The steps, and the day that they are told from.
pub(super) struct Script {
    today: Date,
    midnight: Timestamp,
    steps: Vec<Step>,
}

struct Step {
    at: Timestamp,
    actor: &'static str,
    /// The route's whole path.
    path: String,
    /// A text that is `@` and a name stands for the id of what the step of that name made.
    arguments: Json,
    name: Option<String>,
}

// === impl Script ===

impl Script {
    /// An empty script, told on the day of this moment.
    pub(super) fn new(now: Timestamp) -> Result<Self, Failure> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let midnight = today.to_zoned(TimeZone::UTC).map_err(|error| Failure::Broken(error.to_string()))?;
        Ok(Self { today, midnight: midnight.timestamp(), steps: Vec::new() })
    }

    /// The date so many days after today.
    pub(super) fn day(&self, days: i32) -> String {
        self.today.saturating_add(days.days()).to_string()
    }

    /// The moment as arguments say it.
    pub(super) fn moment(&self, when: When) -> String {
        moment::text(self.at(when))
    }

    /// Somebody calls a route of the CRM.
    pub(super) fn crm(&mut self, when: When, actor: &'static str, route: &str, arguments: Json) {
        self.push(when, actor, format!("/mcp/crm/{route}"), arguments, None);
    }

    /// The same, and what it makes has a name for later steps.
    pub(super) fn crm_named(
        &mut self,
        name: &str,
        when: When,
        actor: &'static str,
        route: &str,
        arguments: Json,
    ) {
        self.push(when, actor, format!("/mcp/crm/{route}"), arguments, Some(name.to_owned()));
    }

    /// Somebody writes a memory down; it has a name for later steps.
    pub(super) fn memory(&mut self, name: &str, when: When, actor: &'static str, arguments: Json) {
        self.push(when, actor, "/mcp/memory/write".to_owned(), arguments, Some(name.to_owned()));
    }

    /// Somebody archives the memory of this name.
    pub(super) fn archive(&mut self, when: When, actor: &'static str, name: &str) {
        let arguments = json!({"memory_id": format!("@{name}")});
        self.push(when, actor, "/mcp/memory/archive".to_owned(), arguments, None);
    }

    /// Somebody says something to a workflow service.
    pub(super) fn workflow(&mut self, when: When, actor: &'static str, service: &str, arguments: Json) {
        self.push(when, actor, format!("/{service}/workflow"), arguments, None);
    }

    /// Takes all steps, the earliest first, and returns how many there were.
    ///
    /// # Errors
    /// A step that the service refuses, which is a mistake in the demo.
    pub(super) fn run(mut self, connection: &Connection) -> Result<usize, Failure> {
        self.steps.sort_by_key(|step| step.at);
        let ids = Ids::counted();
        let mut names: BTreeMap<String, Json> = BTreeMap::new();
        let count = self.steps.len();
        for step in self.steps {
            let refused = |problem: &dyn std::fmt::Display| {
                Failure::Broken(format!("the demo's step {} {}: {problem}", step.path, step.arguments))
            };
            let work = work(&step.path).ok_or_else(|| refused(&"no route that writes"))?;
            let arguments = resolved(&step.arguments, &names).map_err(|name| refused(&name))?;
            let clock = Clock::standing_at(SystemTime::from(step.at));
            let context = Context {
                tenant: TENANT.to_owned(),
                actor: step.actor.to_owned(),
                actor_role: None,
                correlation_id: None,
            };
            let call = Call::own(context, clock, ids.clone(), arguments);
            let made = Change::run(connection, &call, work).map_err(|failure| refused(&failure))?;
            if let (Some(name), Some(id)) = (step.name, made.get("id")) {
                names.insert(name, id.clone());
            }
        }
        Ok(count)
    }

    fn at(&self, (days, hours, minutes): When) -> Timestamp {
        let minutes = (i64::from(days) * 24 + i64::from(hours)) * 60 + i64::from(minutes);
        self.midnight.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(self.midnight)
    }

    fn push(&mut self, when: When, actor: &'static str, path: String, arguments: Json, name: Option<String>) {
        self.steps.push(Step { at: self.at(when), actor, path, arguments, name });
    }
}

/// What the route of this path does, where it writes.
fn work(path: &str) -> Option<fn(&Change<'_>, &Call) -> service::Answer> {
    service::SERVICES.iter().find_map(|service| {
        let below = path.strip_prefix(service.prefix)?;
        let route = service.routes.iter().find(|route| route.path == below)?;
        if let Work::Write(work) = route.work { Some(work) } else { None }
    })
}

/// The arguments with the ids of what they name.
fn resolved(arguments: &Json, names: &BTreeMap<String, Json>) -> Result<Json, String> {
    Ok(match arguments {
        Json::String(text) => match text.strip_prefix('@') {
            Some(name) => names.get(name).cloned().ok_or_else(|| format!("nothing is called {name}"))?,
            None => arguments.clone(),
        },
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| resolved(item, names)).collect::<Result<_, _>>()?)
        }
        Json::Object(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), resolved(value, names)?)))
                .collect::<Result<_, String>>()?,
        ),
        _ => arguments.clone(),
    })
}
