//! The schema, grown in numbered steps. A step that has been released is never edited: the next one
//! changes what it made. The number of the last step taken is the file's `user_version`.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::file;
use crate::start_error::StartError;

/// Marks a file as this service's own ("sgmd").
const APPLICATION: u32 = 0x7367_6d64;

/// The steps in order; the first one makes schema 1.
const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_events.sql"),
    include_str!("../../migrations/0002_memory.sql"),
    include_str!("../../migrations/0003_crm.sql"),
    include_str!("../../migrations/0010_outbox.sql"),
    include_str!("../../migrations/0011_activities.sql"),
    include_str!("../../migrations/0012_associations.sql"),
    include_str!("../../migrations/0013_properties.sql"),
    include_str!("../../migrations/0014_segments.sql"),
    include_str!("../../migrations/0015_merges.sql"),
    include_str!("../../migrations/0016_retired_stages.sql"),
    include_str!("../../migrations/0017_recent_records.sql"),
    include_str!("../../migrations/0020_admin.sql"),
    include_str!("../../migrations/0021_exchange.sql"),
    include_str!("../../migrations/0022_governance.sql"),
    include_str!("../../migrations/0023_webhooks.sql"),
    include_str!("../../migrations/0024_objects.sql"),
    include_str!("../../migrations/0030_workflows.sql"),
    include_str!("../../migrations/0040_inbox.sql"),
    include_str!("../../migrations/0041_automation.sql"),
    include_str!("../../migrations/0042_files.sql"),
    include_str!("../../migrations/0050_quick_search.sql"),
    include_str!("../../migrations/0060_folded_texts.sql"),
];

/// Takes the steps that the file has not taken, all or none.
///
/// # Errors
/// A file of another program, of a newer version, or damaged.
pub(super) fn migrate(connection: &Connection, path: &Path) -> Result<(), StartError> {
    let explain = |error: rusqlite::Error| file::explain(path, &error);
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(explain)?;
    let taken: u32 = pragma(&transaction, "user_version").map_err(explain)?;
    let application: u32 = pragma(&transaction, "application_id").map_err(explain)?;
    let tables: u32 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(explain)?;
    if application != APPLICATION && (tables > 0 || taken > 0) {
        return Err(StartError::Foreign { path: path.to_owned() });
    }
    let known = STEPS.len() as u32;
    if taken > known {
        return Err(StartError::TooNew { path: path.to_owned(), found: taken, known });
    }
    check(&transaction, path)?;
    for step in STEPS.iter().skip(taken as usize) {
        transaction.execute_batch(step).map_err(explain)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(explain)?;
    transaction.pragma_update(None, "user_version", known).map_err(explain)?;
    transaction.commit().map_err(explain)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Refuses a file whose pages do not hang together, before anything is written to it.
fn check(connection: &Connection, path: &Path) -> Result<(), StartError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| file::explain(path, &error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StartError::Corrupt { path: path.to_owned(), reason: verdict })
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;
    use tempfile::TempDir;

    use super::*;

    /// The number of steps before texts were kept folded.
    const BEFORE_FOLDED_TEXTS: usize = 21;

    #[test]
    fn what_an_older_file_holds_is_folded_and_found() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("old.sqlite");
        let connection = file::connect(&path).unwrap();
        for step in &STEPS[..BEFORE_FOLDED_TEXTS] {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "application_id", APPLICATION).unwrap();
        connection.pragma_update(None, "user_version", BEFORE_FOLDED_TEXTS as u32).unwrap();
        connection
            .execute_batch(
                "INSERT INTO contact (tenant, id, email, email_key, first_name, phone, created_at, updated_at)
                     VALUES ('acme', 'c', 'Ö@x', 'ö@x', 'ÖDEGÅRD', '1 EXT 2', '', '');
                 INSERT INTO property (tenant, id, object_type, name, label, data_type, options, required,
                                       is_unique, archived, created_at, updated_at)
                     VALUES ('acme', 'p', 'contact', 'p', 'P', 'string', '[]', 0, 0, 0, '', '');
                 INSERT INTO property_value (tenant, property_id, record_id, value, updated_at)
                     VALUES ('acme', 'p', 'c', 'ÄTHER', ''), ('acme', 'p', 'd', 1.5, '');",
            )
            .unwrap();
        migrate(&connection, &path).unwrap();
        let read = |sql: &str| -> Vec<Value> {
            let mut statement = connection.prepare(sql).unwrap();
            let columns = statement.column_count();
            let row = statement.query_row([], |row| (0..columns).map(|column| row.get(column)).collect());
            row.unwrap()
        };
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            read("SELECT first_name, first_name_key, last_name_key, phone_key FROM contact"),
            [text("ÖDEGÅRD"), text("ödegård"), Value::Null, text("1 ext 2")]
        );
        assert_eq!(
            read("SELECT min(value_key), max(value_key) FROM property_value"),
            [Value::Real(1.5), text("äther")]
        );
        let found = "SELECT count(*) FROM contact_part_search WHERE contact_part_search MATCH '\"degå\"'";
        assert_eq!(read(found), [Value::Integer(1)]);
    }
}
