//! The rights of the people in the data: to see what is known of them, to have it erased, and to be left
//! alone.

mod blocklist;
mod erase;
mod export;
mod mail;
mod person;
mod run;
mod text_column;
mod trace;

pub(super) use blocklist::block;
pub(crate) use blocklist::{blocked_contacts, refuse_blocked};
pub(super) use erase::erase;
pub(super) use export::export;
