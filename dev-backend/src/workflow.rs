//! The workflow services: support, marketing, website, backoffice and onboarding. Each takes a message in a
//! conversation and replies by fixed rules from what the tenant's memories and CRM hold; no language model is
//! asked, and every answer says so. The rules are told in `docs/dev-backend.md`.
//!
//! A turn reads the message ([`message`]), finds out whom it is about ([`customer`]) and what is written down
//! about it ([`facts`]), and leaves one transaction: the two messages, what was done, and the events
//! ([`turn`]). What a service says and does is in the file of its name.

mod backoffice;
mod conversation;
mod customer;
mod facts;
mod marketing;
mod message;
mod onboarding;
mod reminder;
mod support;
mod turn;
mod website;

use crate::service::{Route, Work};

/// The name under which conversations of onboarding are kept.
const ONBOARDING_NAME: &str = "onboarding";

/// The routes of the services, each its one.
pub(crate) static SUPPORT: &[Route] = &[Route::post("/workflow", Work::Write(support::turn))];
pub(crate) static MARKETING: &[Route] = &[Route::post("/workflow", Work::Write(marketing::turn))];
pub(crate) static WEBSITE: &[Route] = &[Route::post("/workflow", Work::Write(website::turn))];
pub(crate) static BACKOFFICE: &[Route] = &[Route::post("/workflow", Work::Write(backoffice::turn))];
pub(crate) static ONBOARDING: &[Route] = &[Route::post("/workflow", Work::Outside(onboarding::turn))];
