//! The memory service: what an agent writes down for its tenant, found again by full-text search.

mod archive;
mod delete;
mod entry;
mod search;
mod telemetry;
mod write;

use crate::database::{Change, View, Words};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::{Route, Work};

pub(crate) use entry::Entry;

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

/// The memories in use that have these words, or any of them where none has all; the best match first.
pub(crate) fn recall(view: &View<'_>, words: &Words, most: u32) -> Result<Vec<Entry>, Failure> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let (found, _) = search::find(view, words, Page { limit: most, offset: 0 }, false)?;
    Ok(found.into_iter().map(|(entry, _)| entry).collect())
}

/// The text of a memory that is not deleted.
pub(crate) fn content(view: &View<'_>, id: &str) -> Result<Option<String>, Failure> {
    let sql = "SELECT content FROM memory WHERE tenant = ?1 AND id = ?2 AND status <> 'deleted'";
    view.one(sql, &[&id], |row| row.get(0))
}
