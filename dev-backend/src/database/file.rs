//! The data file on the disk: its folder, its connections, and what can be wrong with it.

use std::path::Path;
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::words;
use crate::start_error::StartError;

/// How long a statement waits for another process that holds the file's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of the file a reading connection keeps in memory while nothing is written.
const CACHE_KIB: i64 = 8 * 1024;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;

/// Makes the parent folders of the file.
///
/// # Errors
/// A folder that cannot be made.
pub(super) fn prepare(path: &Path) -> Result<(), StartError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|source| StartError::Folder { path: folder.to_owned(), source })
}

/// A connection that may write.
///
/// # Errors
/// A file that cannot be opened or written, or is damaged.
pub(super) fn connect(path: &Path) -> Result<Connection, StartError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        tune(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // An acknowledged write outlives the process and the power; the writer's shared commits pay for it.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is erased leaves no readable trace in the file.
        connection.pragma_update(None, "secure_delete", true)?;
        Ok(connection)
    };
    open().map_err(|error| explain(path, &error))
}

/// A connection that only reads.
///
/// # Errors
/// A file that cannot be opened.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, StartError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        tune(&connection)?;
        connection.pragma_update(None, "query_only", true)?;
        // SQLite takes a negative number for KiB.
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        Ok(connection)
    };
    open().map_err(|error| explain(path, &error))
}

/// The start error behind a database error.
pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> StartError {
    let path = path.to_owned();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StartError::Corrupt { path, reason },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StartError::Unwritable { path, reason }
        }
        _ => StartError::Database { path, reason },
    }
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // SQLite's own lower() knows ASCII only. For queries alone: an index or trigger that used it would shut
    // out every other program from the file.
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("folded", 1, flags, |arguments| {
        let text = arguments.get_raw(0).as_str_or_null().map_err(rusqlite::Error::from)?;
        Ok(text.map(words::folded))
    })?;
    connection.create_scalar_function("has_part", 2, flags, |arguments| {
        let text = arguments.get_raw(0).as_str_or_null().map_err(rusqlite::Error::from)?;
        let part = arguments.get_raw(1).as_str().map_err(rusqlite::Error::from)?;
        Ok(text.map(|text| words::has_part(text, part)))
    })
}
