//! Contacts from CSV. Each row stands for itself: one that cannot be taken is named with its line and its
//! reason, and all others are taken.
//!
//! Whom a row means: the contact of its e-mail address; else the one contact of its phone number whose
//! name does not speak against it. Two rows of one file with addresses of their own are two people, though
//! they share a phone; so an export always comes back as it was.

mod columns;
mod row;
mod sheet;

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

use sheet::Sheet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    csv_text: String,
    delimiter: Option<String>,
    workspace_id: Option<String>,
}

/// How many rows came to which end.
#[derive(Default)]
struct Counts {
    created: u32,
    updated: u32,
    unchanged: u32,
    rejected_lines: Vec<u64>,
}

/// Imports every row that can be.
pub(super) fn contacts(change: &Change<'_>, call: &Call) -> Answer {
    let Import { csv_text, delimiter, workspace_id } = call.input()?;
    let workspace_id = input::optional_line("workspace_id", workspace_id.as_deref())?.flatten();
    let sheet = Sheet::read(&csv_text, delimiter.as_deref().unwrap_or(","))?;
    let mut counts = Counts::default();
    let mut created = HashSet::new();
    let mut items = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let taken = match &row.cells {
            Ok(cells) => row::take(change, &sheet.columns, cells, &mut created),
            Err(problem) => Err(Failure::Meaningless(problem.clone())),
        };
        items.push(counts.entry(row.line, taken)?);
    }
    let id = change.new_id(EntityKind::Import);
    let counted = counts.show(items.len());
    change.record(&Event {
        kind: "import.completed",
        subject: EntityKind::Import.with_id(&id),
        concerns: Vec::new(),
        summary: format!("Contacts imported from CSV: {} rows", items.len()),
        details: json!({"counts": counted, "workspace_id": workspace_id}),
    })?;
    let mut answer = counted;
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("type".to_owned(), json!("import"));
        fields.insert("id".to_owned(), json!(id));
        fields.insert("workspace_id".to_owned(), json!(workspace_id));
        fields.insert("rejected_lines".to_owned(), json!(counts.rejected_lines));
        fields.insert("columns".to_owned(), sheet.columns.show());
        fields.insert("ignored_columns".to_owned(), json!(sheet.columns.ignored));
        fields.insert("items".to_owned(), Json::Array(items));
        fields.insert("next_offset".to_owned(), Json::Null);
    }
    Ok(answer)
}

// === impl Counts ===

impl Counts {
    /// Counts a row and returns its entry in the report.
    ///
    /// # Errors
    /// A failure that is not the row's own fault.
    fn entry(&mut self, line: u64, taken: Result<row::Taken, Failure>) -> Result<Json, Failure> {
        match taken {
            Ok(taken) => {
                let count = match taken.outcome {
                    "created" => &mut self.created,
                    "updated" => &mut self.updated,
                    _ => &mut self.unchanged,
                };
                *count += 1;
                let mut entry =
                    json!({"line": line, "outcome": taken.outcome, "contact_id": taken.contact_id});
                if let (Some(fields), Some(note)) = (entry.as_object_mut(), taken.note) {
                    fields.insert("note".to_owned(), json!(note));
                }
                Ok(entry)
            }
            Err(Failure::Meaningless(problem) | Failure::Conflict(problem)) => {
                self.rejected_lines.push(line);
                Ok(json!({"line": line, "outcome": "rejected", "problem": problem}))
            }
            Err(other) => Err(other),
        }
    }

    fn show(&self, total: usize) -> Json {
        json!({
            "total": total,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected_lines.len(),
        })
    }
}
