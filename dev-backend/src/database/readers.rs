//! The connections that read. A job takes one, runs on a blocking thread in one read transaction, and
//! gives it back; more jobs than connections wait their turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use super::{Job, file};
use crate::failure::Failure;
use crate::start_error::StartError;

/// How many reads run at once.
const CONNECTIONS: usize = 4;

/// The reading connections.
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
}

// === impl Readers ===

impl Readers {
    /// Opens the connections.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, StartError> {
        let idle = (0..CONNECTIONS).map(|_| file::connect_reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Arc::new(Mutex::new(idle)), free: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    /// Runs a job on a snapshot.
    pub(super) async fn run(&self, job: Job) -> Result<Json, Failure> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| Failure::Busy)?;
        let idle = Arc::clone(&self.idle);
        let work = move || {
            // The permit goes back after the connection, so whoever gets it finds one.
            let _permit = permit;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = taken.ok_or(Failure::Busy)?;
            // A job that crashes loses its answer, not the connection.
            let answer = catch_unwind(AssertUnwindSafe(|| snapshot(&connection, job)));
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer.unwrap_or_else(|_| Err(Failure::Broken("a read crashed".to_owned())))
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Failure::Broken(format!("a read ended early: {error}")))?
    }

    /// Turns new jobs away and closes the idle connections.
    pub(super) fn close(&self) {
        self.free.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn snapshot(connection: &Connection, job: Job) -> Result<Json, Failure> {
    let transaction = connection.unchecked_transaction()?;
    job(&transaction)
}
