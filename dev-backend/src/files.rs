//! The files service: a folder per tenant, searched by names and words, previewed and described. It only reads
//! what is there; whoever has the folder on their disk puts files in and takes them out.

mod file;
mod folder;
mod index;
mod metadata;
mod preview;
mod search;
mod text;
mod tree;

use crate::service::{Route, Work};

/// The service's routes.
pub(crate) static ROUTES: &[Route] = &[
    Route::post("/search", Work::Outside(search::search)),
    Route::get("/preview", Work::Outside(preview::preview)),
    Route::get("/metadata", Work::Outside(metadata::metadata)),
];
