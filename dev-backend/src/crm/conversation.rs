//! Calls and meetings that took place. Each is told to memory too, so that whoever searches there finds
//! what was said, and the timeline of the record it was about leads to that memory.

use serde::Deserialize;
use serde_json::json;

use super::object::{ObjectType, Record};
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

/// Records a phone call about a record.
pub(super) fn log_call(change: &Change<'_>, call: &Call) -> Answer {
    let given: LogCall = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.entity_type)?;
    let subject = input::line("subject", &given.subject)?;
    let summary = input::prose("summary", given.summary)?;
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
    let record = object_type.record(change.view(), &given.entity_id)?;
    let memory_id = remember(change, "call", &record, &subject, &summary)?;
    let id = change.new_id(EntityKind::Call);
    change.execute(
        "INSERT INTO call (tenant, id, entity_type, entity_id, subject, summary, duration_seconds, occurred_at,
                           memory_id, logged_by, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            &id,
            &object_type.name(),
            &record.id,
            &subject,
            &summary,
            &duration,
            &occurred_at,
            &memory_id,
            &change.actor(),
            &change.now(),
        ],
    )?;
    change.record(&Event {
        kind: "call.logged",
        subject: EntityKind::Call.with_id(&id),
        concerns: vec![record.entity()],
        summary: format!("Call with {}: {subject}", record.name),
        details: json!({
            "call_id": id,
            "summary": summary,
            "duration_seconds": duration,
            "occurred_at": occurred_at,
            "memory_id": memory_id,
        }),
    })?;
    Ok(json!({
        "type": "call",
        "id": id,
        "entity_type": object_type.name(),
        "entity_id": record.id,
        "subject": subject,
        "summary": summary,
        "duration_seconds": duration,
        "occurred_at": occurred_at,
        "memory_id": memory_id,
        "logged_by": change.actor(),
        "created_at": change.now(),
    }))
}

/// Records a meeting about a record.
pub(super) fn log_meeting(change: &Change<'_>, call: &Call) -> Answer {
    let given: LogMeeting = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.entity_type)?;
    let subject = input::line("subject", &given.subject)?;
    let summary = input::prose("summary", given.summary)?;
    let start_at = given.start_at.as_deref().map(|start| moment::given("start_at", start)).transpose()?;
    let end_at = given.end_at.as_deref().map(|end| moment::given("end_at", end)).transpose()?;
    if let (Some(start), Some(end)) = (&start_at, &end_at)
        && end < start
    {
        return Err(Failure::Meaningless(format!("end_at {end} is before start_at {start}")));
    }
    let record = object_type.record(change.view(), &given.entity_id)?;
    let memory_id = remember(change, "meeting", &record, &subject, &summary)?;
    let id = change.new_id(EntityKind::Meeting);
    change.execute(
        "INSERT INTO meeting (tenant, id, entity_type, entity_id, subject, summary, start_at, end_at, memory_id,
                              logged_by, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            &id,
            &object_type.name(),
            &record.id,
            &subject,
            &summary,
            &start_at,
            &end_at,
            &memory_id,
            &change.actor(),
            &change.now(),
        ],
    )?;
    change.record(&Event {
        kind: "meeting.logged",
        subject: EntityKind::Meeting.with_id(&id),
        concerns: vec![record.entity()],
        summary: format!("Meeting with {}: {subject}", record.name),
        details: json!({
            "meeting_id": id,
            "summary": summary,
            "start_at": start_at,
            "end_at": end_at,
            "memory_id": memory_id,
        }),
    })?;
    Ok(json!({
        "type": "meeting",
        "id": id,
        "entity_type": object_type.name(),
        "entity_id": record.id,
        "subject": subject,
        "summary": summary,
        "start_at": start_at,
        "end_at": end_at,
        "memory_id": memory_id,
        "logged_by": change.actor(),
        "created_at": change.now(),
    }))
}

fn remember(
    change: &Change<'_>,
    kind: &str,
    record: &Record<'_>,
    subject: &str,
    summary: &str,
) -> Result<String, Failure> {
    let title = if kind == "call" { "Call" } else { "Meeting" };
    let content = format!("{title} with {}: {subject}\n{summary}", record.name);
    memory::remember(change, kind, content, record.kind.name())
}
