//! Contacts as CSV, in the columns that an import reads.

use serde::Deserialize;
use serde_json::json;

use super::cell;
use super::contact::{self, Contact};
use crate::call::Call;
use crate::database::View;
use crate::failure::Failure;
use crate::service::Answer;

/// The columns, in the names that an import knows.
const HEADER: [&str; 5] = ["email", "first_name", "last_name", "phone", "company_name"];

/// The most rows of one answer.
const MOST: i64 = 5_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Export {
    limit: Option<i64>,
    offset: Option<i64>,
}

/// Writes the contacts, the oldest first.
pub(super) fn contacts(view: &View<'_>, call: &Call) -> Answer {
    let Export { limit, offset } = call.input()?;
    let (limit, offset) = (limit.unwrap_or(1_000), offset.unwrap_or_default());
    if !(1..=MOST).contains(&limit) || offset < 0 {
        let message = format!("limit must be 1 to {MOST} and offset 0 or more, not {limit} and {offset}");
        return Err(Failure::Meaningless(message));
    }
    let total = view.count("SELECT count(*) FROM contact WHERE tenant = ?1", &[])?;
    let sql = format!(
        "SELECT {} FROM {} WHERE contact.tenant = ?1 ORDER BY contact.seq LIMIT ?2 OFFSET ?3",
        contact::COLUMNS,
        contact::SOURCE
    );
    let contacts = view.all(&sql, &[&limit, &offset], Contact::read)?;
    let count = contacts.len() as i64;
    let end = offset.saturating_add(count);
    Ok(json!({
        "csv_text": written(&contacts)?,
        "count": count,
        "total": total,
        "next_offset": (count > 0 && end < total).then_some(end),
    }))
}

fn written(contacts: &[Contact]) -> Result<String, Failure> {
    let broken = |error: &dyn std::error::Error| Failure::Broken(format!("writing CSV: {error}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADER).map_err(|error| broken(&error))?;
    for contact in contacts {
        let cells = [
            Some(&contact.email),
            contact.first_name.as_ref(),
            contact.last_name.as_ref(),
            contact.phone.as_ref(),
            contact.company_name.as_ref(),
        ];
        let cells = cells.map(|text| cell::defused(text.map_or("", String::as_str)));
        writer.write_record(cells).map_err(|error| broken(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}
