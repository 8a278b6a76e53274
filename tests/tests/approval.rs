//! Approval against everybody who would like to do without it: nothing that a person has not approved reaches a
//! backend, and what a person has approved reaches it once.

mod answer;
mod authority;
mod binding;
mod call;
mod desk;
mod gone;
mod inbox;
mod key;
mod life;
mod policy;
mod question;
mod race;
mod state;
mod webhook;
