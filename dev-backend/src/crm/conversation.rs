//! Calls and meetings that took place. Each is told to memory too, so that whoever searches there finds
//! what was said, and the timeline of the record it was about leads to that memory.

use rusqlite::ToSql;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::object::ObjectType;
use crate::call::Call;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::memory;
use crate::moment;
use crate::service::Answer;

/// The longest call: a day.
const LONGEST_CALL: i64 = 86_400;

/// What sets one kind of conversation apart from the other, but for its times.
struct Kind {
    entity: EntityKind<'static>,
    /// What people call one.
    title: &'static str,
    /// The event that one was logged.
    logged: &'static str,
    /// The member of that event with its id.
    id: &'static str,
    /// Writes one: what all conversations have, with the two times of this kind after the summary.
    insert: &'static str,
}

const CALL: Kind = Kind {
    entity: EntityKind::Call,
    title: "Call",
    logged: "call.logged",
    id: "call_id",
    insert: "INSERT INTO call (tenant, id, entity_type, entity_id, subject, summary, duration_seconds, occurred_at,
                               memory_id, logged_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
};

const MEETING: Kind = Kind {
    entity: EntityKind::Meeting,
    title: "Meeting",
    logged: "meeting.logged",
    id: "meeting_id",
    insert: "INSERT INTO meeting (tenant, id, entity_type, entity_id, subject, summary, start_at, end_at, memory_id,
                                  logged_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogCall {
    entity_type: String,
    entity_id: String,
    subject: String,
    summary: String,
    duration_seconds: Option<i64>,
    occurred_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogMeeting {
    entity_type: String,
    entity_id: String,
    subject: String,
    summary: String,
    start_at: Option<String>,
    end_at: Option<String>,
}

/// A conversation that is about to be recorded.
struct Conversation {
    kind: &'static Kind,
    object_type: ObjectType,
    subject: String,
    summary: String,
}

/// When a conversation was, or how long: a column, and the member of an answer by the same name.
struct Time<'t> {
    name: &'static str,
    cell: &'t dyn ToSql,
    told: Json,
}

/// Records a phone call about a record.
pub(super) fn log_call(change: &Change<'_>, call: &Call) -> Answer {
    let given: LogCall = call.input()?;
    let conversation = Conversation::new(change, &CALL, &given.entity_type, &given.subject, given.summary)?;
    let duration = given.duration_seconds;
    if let Some(outside) = duration.filter(|seconds| !(0..=LONGEST_CALL).contains(seconds)) {
        return Err(Failure::Meaningless(format!(
            "duration_seconds must be 0 to {LONGEST_CALL}, not {outside}"
        )));
    }
    let occurred_at = match given.occurred_at.as_deref() {
        Some(given) => moment::given("occurred_at", given)?,
        None => change.now().to_owned(),
    };
    let times = [Time::new("duration_seconds", &duration), Time::new("occurred_at", &occurred_at)];
    conversation.log(change, &given.entity_id, times)
}

/// Records a meeting about a record.
pub(super) fn log_meeting(change: &Change<'_>, call: &Call) -> Answer {
    let given: LogMeeting = call.input()?;
    let conversation =
        Conversation::new(change, &MEETING, &given.entity_type, &given.subject, given.summary)?;
    let start_at = given.start_at.as_deref().map(|start| moment::given("start_at", start)).transpose()?;
    let end_at = given.end_at.as_deref().map(|end| moment::given("end_at", end)).transpose()?;
    if let (Some(start), Some(end)) = (&start_at, &end_at)
        && end < start
    {
        return Err(Failure::Meaningless(format!("end_at {end} is before start_at {start}")));
    }
    let times = [Time::new("start_at", &start_at), Time::new("end_at", &end_at)];
    conversation.log(change, &given.entity_id, times)
}

// === impl Conversation ===

impl Conversation {
    fn new(
        change: &Change<'_>,
        kind: &'static Kind,
        entity_type: &str,
        subject: &str,
        summary: String,
    ) -> Result<Self, Failure> {
        Ok(Self {
            kind,
            object_type: ObjectType::named(change.view(), entity_type)?,
            subject: input::line("subject", subject)?,
            summary: input::prose("summary", summary)?,
        })
    }

    /// Writes it down as being about the record with this id.
    fn log(&self, change: &Change<'_>, entity_id: &str, times: [Time<'_>; 2]) -> Answer {
        let Self { kind, object_type, subject, summary } = self;
        let record = object_type.record(change.view(), entity_id)?;
        let headline = format!("{} with {}: {subject}", kind.title, record.name);
        let content = format!("{headline}\n{summary}");
        let memory_id = memory::remember(change, kind.entity.name(), content, record.kind.name())?;
        let id = change.new_id(kind.entity);
        let [first, second] = &times;
        change.execute(
            kind.insert,
            &[
                &id,
                &object_type.name(),
                &record.id,
                subject,
                summary,
                first.cell,
                second.cell,
                &memory_id,
                &change.actor(),
                &change.now(),
            ],
        )?;
        let when = times.map(|time| (time.name.to_owned(), time.told));
        let mut details =
            Map::from_iter([(kind.id.to_owned(), json!(id)), ("summary".to_owned(), json!(summary))]);
        details.extend(when.clone());
        details.insert("memory_id".to_owned(), json!(memory_id));
        change.record(&Event {
            kind: kind.logged,
            subject: kind.entity.with_id(&id),
            concerns: vec![record.entity()],
            summary: headline,
            details: details.into(),
        })?;
        let mut answer = json!({
            "type": kind.entity.name(),
            "id": id,
            "entity_type": object_type.name(),
            "entity_id": record.id,
            "subject": subject,
            "summary": summary,
            "memory_id": memory_id,
            "logged_by": change.actor(),
            "created_at": change.now(),
        });
        if let Some(members) = answer.as_object_mut() {
            members.extend(when);
        }
        Ok(answer)
    }
}

// === impl Time ===

impl<'t> Time<'t> {
    fn new<T: ToSql + Serialize>(name: &'static str, value: &'t T) -> Self {
        Self { name, cell: value, told: json!(value) }
    }
}
