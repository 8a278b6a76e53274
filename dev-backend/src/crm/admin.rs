//! Who works with the CRM: users, teams, owners of records, and keys for programs.

mod api_key;
mod owner;
mod team;
mod user;

pub(super) use api_key::create as create_api_key;
pub(super) use owner::{Ownership, assign as assign_owner};
pub(super) use team::{add_member as add_team_member, create as create_team};
pub(super) use user::upsert as upsert_user;
