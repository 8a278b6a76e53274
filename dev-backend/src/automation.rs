//! The automation service: workflows that every tenant has, whose steps are routes of the other services,
//! and the runs of them. A run is recorded step by step, so it goes on where it was when the service stops.

mod carry_out;
mod definition;
mod list;
mod run;
mod schema;
mod start;
mod step;
mod template;
mod validate;

use crate::service::{Route, Work};

pub(crate) use carry_out::resume;

/// The service's routes.
pub(crate) static ROUTES: &[Route] = &[
    Route::get("/workflows", Work::Read(list::list)),
    Route::post("/validate", Work::Outside(validate::validate)),
    Route::post("/trigger", Work::Outside(start::trigger)),
    Route::post("/run_flow", Work::Outside(start::run_flow)),
];
