//! Addresses that must not come back. Only a hash of each is kept: the list has to recognise an address,
//! not to tell it, and so it survives the erasure of the person without being personal data in clear.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use crate::call::Call;
use crate::crm::contact;
use crate::database::{Change, View, folded};
use crate::digest;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    email: String,
    reason: Option<String>,
}

/// Puts an address on the list; one that is on it already stays with its first reason.
pub(in crate::crm) fn block(change: &Change<'_>, call: &Call) -> Answer {
    let Block { email, reason } = call.input()?;
    let email = contact::address(&email)?;
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let hash = hash(change.view(), &email);
    let known = change.view().one(
        "SELECT id, reason, created_by, created_at FROM blocklist_entry WHERE tenant = ?1 AND sha256 = ?2",
        &[&hash],
        |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let created = known.is_none();
    let (id, reason, created_by, created_at) = match known {
        Some(known) => known,
        None => {
            let id = change.new_id(EntityKind::BlocklistEntry);
            change.execute(
                "INSERT INTO blocklist_entry (tenant, id, sha256, reason, created_by, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[&id, &hash, &reason, &change.actor(), &change.now()],
            )?;
            change.record(&Event {
                kind: "email.blocked",
                subject: EntityKind::BlocklistEntry.with_id(&id),
                concerns: Vec::new(),
                summary: "An e-mail address was put on the blocklist".to_owned(),
                details: json!({"reason": reason}),
            })?;
            (id, reason, change.actor().to_owned(), change.now().to_owned())
        }
    };
    Ok(json!({
        "type": "blocklist_entry",
        "id": id,
        "email": email,
        "reason": reason,
        "created_by": created_by,
        "created_at": created_at,
        "created": created,
    }))
}

/// Turns away an address that is on the list.
///
/// # Errors
/// It is.
pub(crate) fn refuse_blocked(view: &View<'_>, email: &str) -> Result<(), Failure> {
    let sql = "SELECT count(*) FROM blocklist_entry WHERE tenant = ?1 AND sha256 = ?2";
    if view.count(sql, &[&hash(view, email)])? == 0 {
        return Ok(());
    }
    Err(Failure::Conflict("this e-mail address is on the blocklist".to_owned()))
}

/// The contacts whose address is on the list.
pub(crate) fn blocked_contacts(view: &View<'_>) -> Result<HashSet<String>, Failure> {
    let listed: Vec<String> =
        view.all("SELECT sha256 FROM blocklist_entry WHERE tenant = ?1", &[], |row| row.get(0))?;
    if listed.is_empty() {
        return Ok(HashSet::new());
    }
    let listed: HashSet<String> = listed.into_iter().collect();
    let contacts: Vec<(String, String)> =
        view.all("SELECT id, email FROM contact WHERE tenant = ?1", &[], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let blocked = contacts.into_iter().filter(|(_, email)| listed.contains(&hash(view, email)));
    Ok(blocked.map(|(id, _)| id).collect())
}

/// The same address has another hash for another tenant, so that lists cannot be compared.
fn hash(view: &View<'_>, email: &str) -> String {
    digest::sha256(&["blocklist", view.tenant(), &folded(email)])
}
