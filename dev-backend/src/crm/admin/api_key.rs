//! API keys: made here, shown once, and kept as a hash only.

use serde::Deserialize;
use serde_json::json;

use crate::call::Call;
use crate::database::Change;
use crate::digest;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

/// The most scopes of one key.
const MOST_SCOPES: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    scopes: Option<Vec<String>>,
}

/// Makes a key and shows it, this once.
pub(in crate::crm) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let Create { name, scopes } = call.input()?;
    let name = input::line("name", &name)?;
    let scopes = json!(distinct(scopes.unwrap_or_default())?);
    let id = change.new_id(EntityKind::ApiKey);
    let key = new_key();
    change.execute(
        "INSERT INTO api_key (tenant, id, name, sha256, scopes, created_by, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[&id, &name, &digest::sha256(&[&key]), &scopes.to_string(), &change.actor(), &change.now()],
    )?;
    change.record(&Event {
        kind: "api_key.created",
        subject: EntityKind::ApiKey.with_id(&id),
        concerns: Vec::new(),
        summary: format!("API key {name} created"),
        details: json!({"name": name, "scopes": scopes}),
    })?;
    Ok(json!({
        "type": "api_key",
        "id": id,
        "name": name,
        "key": key,
        "scopes": scopes,
        "created_by": change.actor(),
        "created_at": change.now(),
    }))
}

/// A key that nobody can guess: 244 random bits.
fn new_key() -> String {
    format!("crm_{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// The scopes without repetitions, in their order.
fn distinct(given: Vec<String>) -> Result<Vec<String>, Failure> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in given {
        let scope = input::line("a scope", &scope)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.len() > MOST_SCOPES {
        let message = format!("a key has at most {MOST_SCOPES} scopes, not {}", scopes.len());
        return Err(Failure::Meaningless(message));
    }
    Ok(scopes)
}
