//! Conditions on texts, without regard to case. Where an index of three letters leaves few rows, only those are
//! looked at.

use rusqlite::types::Value;

use super::{Condition, Parameters};
use crate::crm::field::{Field, FieldKind};
use crate::database::View;
use crate::failure::Failure;

/// The most rows that are worth being looked at by their numbers instead of in a row.
const MOST: i64 = 5_000;

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
    narrowed(view, field, part, exact, parameters)
}

/// The condition that a text that is not folded is this one, which is.
pub(super) fn equals(
    view: &View<'_>,
    field: &Field,
    text: &str,
    whole: &str,
    parameters: &mut Parameters,
) -> Result<Condition, Failure> {
    let bound = parameters.bind(Value::Text(whole.to_owned()));
    narrowed(view, field, whole, format!("folds_to({text}, {bound})"), parameters)
}

/// The condition on the rows with this part alone, where the index has few of them.
fn narrowed(
    view: &View<'_>,
    field: &Field,
    part: &str,
    exact: String,
    parameters: &mut Parameters,
) -> Result<Condition, Failure> {
    let Some(column) = field.part_column() else { return Ok(Condition::from(exact)) };
    let Some(query) = query(column, part) else { return Ok(Condition::from(exact)) };
    let few = view.count(
        &format!(
            "SELECT count(*) <= {MOST} FROM (
                 SELECT 1 FROM contact_part_search WHERE contact_part_search MATCH ?2 AND ?1 IS NOT NULL
                 LIMIT {MOST} + 1)"
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
    Ok(Condition { sql, lists_rows: true })
}

/// What every text with this part has, as a query of the index: the runs in it of at least three letters that
/// the index folds as we do.
fn query(column: &str, part: &str) -> Option<String> {
    let runs: Vec<String> = part
        .split(|letter: char| !matches!(letter, ' '..='~' | 'à'..='ö' | 'ø'..='þ'))
        .filter(|run| run.chars().count() >= 3)
        .map(|run| format!("\"{}\"", run.replace('"', "\"\"")))
        .collect();
    (!runs.is_empty()).then(|| format!("{column} : ({})", runs.join(" AND ")))
}
