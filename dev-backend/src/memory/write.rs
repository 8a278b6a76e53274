//! Writing a memory down.

use serde::Deserialize;
use serde_json::json;

use super::entry::Entry;
use crate::call::Call;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

/// The most tags of one memory.
const MOST_TAGS: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    content: String,
    kind: Option<String>,
    tags: Option<Vec<String>>,
}

/// Stores a new memory and shows it.
pub(super) fn write(change: &Change<'_>, call: &Call) -> Answer {
    let Write { content, kind, tags } = call.input()?;
    let kind = input::line("kind", kind.as_deref().unwrap_or("note"))?;
    let content = input::prose("content", content)?;
    let tags = distinct(tags.unwrap_or_default())?;
    Ok(store(change, kind, content, tags)?.show())
}

/// Stores a new memory whose parts are checked.
pub(super) fn store(
    change: &Change<'_>,
    kind: String,
    content: String,
    tags: Vec<String>,
) -> Result<Entry, Failure> {
    let now = change.now().to_owned();
    let entry = Entry {
        id: change.new_id(EntityKind::Memory),
        kind,
        content,
        tags: json!(tags),
        status: "active".to_owned(),
        created_at: now.clone(),
        updated_at: now,
    };
    change.execute(
        "INSERT INTO memory (tenant, id, kind, content, tags, status, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        &[&entry.id, &entry.kind, &entry.content, &entry.tags.to_string(), &entry.status, &entry.created_at],
    )?;
    change.record(&Event {
        kind: "memory.written",
        subject: EntityKind::Memory.with_id(&entry.id),
        concerns: Vec::new(),
        summary: format!("Memory of kind {} written", entry.kind),
        details: json!({"kind": entry.kind}),
    })?;
    Ok(entry)
}

/// The tags without repetitions, in their order.
fn distinct(given: Vec<String>) -> Result<Vec<String>, Failure> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given {
        let tag = input::line("a tag", &tag)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(Failure::Meaningless(format!(
            "a memory has at most {MOST_TAGS} tags, not {}",
            tags.len()
        )));
    }
    Ok(tags)
}
