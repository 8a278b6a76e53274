//! The memory service: what an agent writes down for its tenant, found again by full-text search.

mod archive;
mod delete;
mod entry;
mod search;
mod telemetry;
mod write;

use crate::service::{Route, Work};

/// The service's routes.
pub(crate) static ROUTES: &[Route] = &[
    Route::post("/search", Work::Read(search::search)),
    Route::post("/write", Work::Write(write::write)),
    Route::post("/delete", Work::Write(delete::delete)),
    Route::post("/archive", Work::Write(archive::archive)),
    Route::get("/telemetry", Work::ReadInOrder(telemetry::telemetry)),
];
