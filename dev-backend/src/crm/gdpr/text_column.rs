//! Every column of every table that can hold a text about somebody, read from the schema itself, so that no
//! table can be forgotten.

use rusqlite::{ErrorCode, ToSql};

use super::trace::{ERASED, Trace};
use crate::database::{Change, View};
use crate::failure::Failure;

/// A column of texts in a table of tenants' rows.
pub(super) struct TextColumn {
    pub(super) table: String,
    pub(super) name: String,
}

/// Which rows of a table are meant: an SQL condition, in which `?2` is the parameter.
pub(super) struct Rows<'r> {
    pub(super) condition: &'r str,
    pub(super) parameter: &'r str,
}

// === impl TextColumn ===

impl TextColumn {
    /// The column of this name.
    pub(super) fn new(table: &str, name: &str) -> Self {
        Self { table: table.to_owned(), name: name.to_owned() }
    }

    /// All of them. Moments, hashes and the tenant's name tell nothing about anybody.
    pub(super) fn all(view: &View<'_>) -> Result<Vec<Self>, Failure> {
        view.all(
            "SELECT listed.name, held.name
             FROM sqlite_schema AS listed JOIN pragma_table_info(listed.name) AS held
             WHERE ?1 IS NOT NULL AND listed.type = 'table' AND held.type IN ('TEXT', 'ANY')
                   AND EXISTS (SELECT 1 FROM pragma_table_info(listed.name) AS owner WHERE owner.name = 'tenant')
                   AND held.name NOT IN ('tenant', 'sha256') AND held.name NOT GLOB '*_at'
             ORDER BY listed.name, held.cid",
            &[],
            |row| Ok(Self { table: row.get(0)?, name: row.get(1)? }),
        )
    }

    /// The texts of the rows meant that the trace is in.
    pub(super) fn texts(
        &self,
        view: &View<'_>,
        trace: &Trace,
        rows: &Rows<'_>,
    ) -> Result<Vec<String>, Failure> {
        let Self { table, name } = self;
        let needles: Vec<&str> = trace.needles().collect();
        if needles.is_empty() {
            return Ok(Vec::new());
        }
        let look = |(index, needle): (usize, &&str)| {
            let number = index + 3;
            // SQLite's own function is much quicker, and of ASCII it knows the case.
            let function = if needle.is_ascii() { "lower" } else { "folded" };
            format!("instr({function}({name}), ?{number})")
        };
        let looks: Vec<String> = needles.iter().enumerate().map(look).collect();
        let sql = format!(
            "SELECT DISTINCT {name} FROM {table} WHERE tenant = ?1 AND ({}) AND typeof({name}) = 'text' AND ({})",
            rows.condition,
            looks.join(" OR ")
        );
        let mut parameters: Vec<&dyn ToSql> = vec![&rows.parameter];
        parameters.extend(needles.iter().map(|needle| needle as &dyn ToSql));
        let mut texts: Vec<String> = view.all(&sql, &parameters, |row| row.get(0))?;
        texts.retain(|text| trace.is_in(text));
        Ok(texts)
    }

    /// Erases the trace from the rows meant, and returns how many were changed.
    pub(super) fn erase(
        &self,
        change: &Change<'_>,
        trace: &Trace,
        rows: &Rows<'_>,
    ) -> Result<usize, Failure> {
        let Self { table, name } = self;
        let sql = format!(
            "UPDATE {table} SET {name} = ?4 WHERE tenant = ?1 AND ({}) AND {name} = ?3",
            rows.condition
        );
        let mut erased = 0;
        for text in self.texts(change.view(), trace, rows)? {
            let rest = trace.erased_from(&text).unwrap_or_default();
            erased += match change.execute(&sql, &[&rows.parameter, &text, &rest]) {
                // Where texts must differ, what is left of two may not.
                Err(Failure::Storage(error))
                    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
                {
                    let distinct = format!("{ERASED} {}", uuid::Uuid::new_v4().simple());
                    change.execute(&sql, &[&rows.parameter, &text, &distinct])?
                }
                done => done?,
            };
        }
        Ok(erased)
    }
}

// === impl Rows ===

impl Rows<'_> {
    /// Every row.
    pub(super) const ALL: Rows<'static> = Rows { condition: "?2 IS NOT NULL", parameter: "" };
}
