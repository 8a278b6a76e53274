//! The memory service: what an agent writes down for its tenant, found again by full-text search.

mod archive;
mod delete;
mod entry;
mod search;
mod telemetry;
mod write;

use crate::database::{Change, View};
use crate::failure::Failure;
use crate::service::{Route, Work};

/// The service's routes.
pub(crate) static ROUTES: &[Route] = &[
    Route::post("/search", Work::Read(search::search)),
    Route::post("/write", Work::Write(write::write)),
    Route::post("/delete", Work::Write(delete::delete)),
    Route::post("/archive", Work::Write(archive::archive)),
    Route::get("/telemetry", Work::ReadInOrder(telemetry::telemetry)),
];

/// Writes down what another service has to tell, and returns the memory's id.
pub(crate) fn remember(
    change: &Change<'_>,
    kind: &str,
    content: String,
    tag: &str,
) -> Result<String, Failure> {
    Ok(write::store(change, kind.to_owned(), content, vec![tag.to_owned()])?.id)
}

/// The text of a memory that is not deleted.
pub(crate) fn content(view: &View<'_>, id: &str) -> Result<Option<String>, Failure> {
    let sql = "SELECT content FROM memory WHERE tenant = ?1 AND id = ?2 AND status <> 'deleted'";
    view.one(sql, &[&id], |row| row.get(0))
}
