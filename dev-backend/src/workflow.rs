//! The workflow services (support, marketing, website, backoffice, onboarding). Their one route is known
//! and not built yet.

use crate::service::{Route, Work};

/// The routes of each workflow service.
pub(crate) static ROUTES: &[Route] = &[Route::post("/workflow", Work::Planned)];
