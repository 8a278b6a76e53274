//! The runs of workflows that were about a person: what they were given, and what they said.

use std::collections::BTreeSet;

use serde_json::json;

use super::text_column::{Rows, TextColumn};
use super::trace::Trace;
use crate::database::Change;
use crate::failure::Failure;

/// Deletes the runs that name the person, and returns how many there were. What a run has made is erased where
/// it is.
pub(super) fn forget(change: &Change<'_>, trace: &Trace) -> Result<usize, Failure> {
    let mut runs = BTreeSet::new();
    for (table, column, id) in [
        ("automation_run", "input", "id"),
        ("automation_step", "result_id", "run_id"),
        ("automation_step", "problem", "run_id"),
    ] {
        let sql = format!("SELECT {id} FROM {table} WHERE tenant = ?1 AND {column} = ?2");
        for text in TextColumn::new(table, column).texts(change.view(), trace, &Rows::ALL)? {
            runs.extend(change.view().all(&sql, &[&text], |row| row.get::<_, String>(0))?);
        }
    }
    change.execute(
        "DELETE FROM automation_run WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))",
        &[&json!(runs).to_string()],
    )
}
