//! The SQLite file: opening and migrating it, reading snapshots of it, and writing it.
//!
//! All SQL runs off the async threads. Reads run side by side on a few connections; all writes run one
//! after the other on the writer's own thread, which commits those that wait together at once, so that a
//! commit can afford to reach the disk. It knows nothing of services, routes or HTTP.

mod change;
mod file;
mod index;
mod readers;
mod schema;
mod view;
mod words;
mod writer;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::start_error::StartError;

use readers::Readers;
use writer::Writer;

pub(crate) use change::Change;
pub(crate) use index::Index;
pub(crate) use view::{View, json_column};
pub(crate) use words::{Words, folded};

/// A unit of work on a connection.
type Job = Box<dyn FnOnce(&Connection) -> Result<Json, Failure> + Send>;

/// An open database.
pub(crate) struct Database {
    folder: PathBuf,
    readers: Readers,
    writer: Writer,
}

// === impl Database ===

impl Database {
    /// Opens the file, makes it where missing, and brings its schema up to date.
    ///
    /// # Errors
    /// What is wrong with the file, and what to do about it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        file::prepare(path)?;
        let writer = file::connect(path)?;
        schema::migrate(&writer, path)?;
        let readers = Readers::open(path)?;
        let writer = Writer::start(writer)
            .map_err(|error| StartError::Database { path: path.to_owned(), reason: error.to_string() })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { folder, readers, writer })
    }

    /// The folder of the file, in which other data of the service may lie too.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a job on a snapshot that holds everything acknowledged so far.
    pub(crate) async fn read<J>(&self, job: J) -> Result<Json, Failure>
    where
        J: FnOnce(&Connection) -> Result<Json, Failure> + Send + 'static,
    {
        self.readers.run(Box::new(job)).await
    }

    /// Runs a job on the writer, behind everything queued before. Its changes are on the disk when this
    /// returns its answer; where it fails, none of them are made.
    pub(crate) async fn write<J>(&self, job: J) -> Result<Json, Failure>
    where
        J: FnOnce(&Connection) -> Result<Json, Failure> + Send + 'static,
    {
        self.writer.submit(Box::new(job)).await?.await.map_err(|_| Failure::Busy)?
    }

    /// Runs a job on the writer and undoes all that it does, so that it tells what would come of it.
    pub(crate) async fn rehearse<J>(&self, job: J) -> Result<Json, Failure>
    where
        J: FnOnce(&Connection) -> Result<Json, Failure> + Send + 'static,
    {
        let rehearsal = move |rows: &Connection| {
            rows.execute_batch("SAVEPOINT rehearsal")?;
            let answer = job(rows);
            rows.execute_batch("ROLLBACK TO rehearsal; RELEASE rehearsal")?;
            answer
        };
        self.write(rehearsal).await
    }

    /// Queues a job for the writer without waiting for its end.
    pub(crate) async fn queue<J>(&self, job: J)
    where
        J: FnOnce(&Connection) -> Result<Json, Failure> + Send + 'static,
    {
        if let Err(error) = self.writer.submit(Box::new(job)).await {
            tracing::debug!(%error, "not queued");
        }
    }

    /// Rewrites the file and empties its log, so that neither holds a byte of what was deleted.
    ///
    /// # Errors
    /// Readers that would not end.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        self.writer.forget().await?.await.map_err(|_| Failure::Busy)?
    }

    /// Finishes what is queued and closes the writer, which folds the log into the file.
    pub(crate) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
    }
}
