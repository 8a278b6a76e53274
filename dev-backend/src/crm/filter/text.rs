//! Conditions on parts of texts, without regard to case. Where an index of three letters leaves few rows, only
//! those are looked at.

use rusqlite::types::Value;

use super::{Condition, FEW, Parameters};
use crate::crm::field::{Field, FieldKind};
use crate::database::View;
use crate::failure::Failure;

/// How many letters the index has together.
const WIDTH: usize = 3;

/// The condition that a text has this part, which is folded where the field's texts are compared so.
pub(super) fn contains(
    view: &View<'_>,
    field: &Field,
    text: &str,
    part: &str,
    parameters: &mut Parameters,
) -> Result<Condition, Failure> {
    let bound = parameters.bind(Value::Text(part.to_owned()));
    let exact = match field.kind {
        FieldKind::Text => format!("has_part({text}, {bound})"),
        _ => format!("instr({text}, {bound}) > 0"),
    };
    let query = field.part_column().and_then(|column| query(column, part));
    let Some(query) = query else { return Ok(Condition::from(exact)) };
    let few = view.count(
        &format!(
            "SELECT count(*) <= {FEW} FROM (
                 SELECT 1 FROM contact_part_search WHERE contact_part_search MATCH ?2 AND ?1 IS NOT NULL
                 LIMIT {FEW} + 1)"
        ),
        &[&query],
    )?;
    if few == 0 {
        return Ok(Condition::from(exact));
    }
    let query = parameters.bind(Value::Text(query));
    let sql = format!(
        "contact.seq IN (SELECT rowid FROM contact_part_search WHERE contact_part_search MATCH {query})
         AND {exact}"
    );
    Ok(Condition { lists_rows: true, ..Condition::from(sql) })
}

/// What every text with this part has, as a query of the index. A query ends at a zero, which a text may hold.
fn query(column: &str, part: &str) -> Option<String> {
    let runs: Vec<String> = part
        .split('\0')
        .filter(|run| run.chars().count() >= WIDTH)
        .map(|run| format!("\"{}\"", run.replace('"', "\"\"")))
        .collect();
    (!runs.is_empty()).then(|| format!("{column} : ({})", runs.join(" AND ")))
}
