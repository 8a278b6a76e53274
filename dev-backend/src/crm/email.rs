//! E-mails that were sent to or came from somebody. Recording one sends nothing; one that came from a contact
//! arrives in the inbox.

use serde::Deserialize;
use serde_json::json;

use super::contact;
use super::gdpr::refuse_blocked;
use super::object::ObjectType;
use crate::call::Call;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::inbox;
use crate::input;
use crate::moment;
use crate::service::Answer;
use crate::suggestion;

/// Which way an e-mail went.
const DIRECTIONS: [&str; 2] = ["inbound", "outbound"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogEmail {
    entity_type: String,
    entity_id: String,
    subject: String,
    body: String,
    direction: Option<String>,
    occurred_at: Option<String>,
}

/// Records an e-mail about a record. With somebody who is on the blocklist there is no correspondence.
pub(super) fn log(change: &Change<'_>, call: &Call) -> Answer {
    let given: LogEmail = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.entity_type)?;
    // Unlike other subjects that of an e-mail may be empty.
    let subject = input::optional_line("subject", Some(&given.subject))?.flatten().unwrap_or_default();
    let direction = direction(given.direction.as_deref().unwrap_or("outbound"))?;
    let occurred_at = match given.occurred_at.as_deref() {
        Some(given) => moment::given("occurred_at", given)?,
        None => change.now().to_owned(),
    };
    let record = object_type.record(change.view(), &given.entity_id)?;
    if record.kind == EntityKind::Contact
        && let Some(contact) = contact::by_id(change.view(), &record.id)?
    {
        refuse_blocked(change.view(), &contact.email)?;
        if direction == "inbound" {
            inbox::receive(change, &contact.into(), &subject, &given.body, &occurred_at)?;
        }
    }
    let id = change.new_id(EntityKind::Email);
    change.execute(
        "INSERT INTO email (tenant, id, entity_type, entity_id, subject, body, direction, occurred_at, logged_by,
                            created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            &id,
            &record.kind.name(),
            &record.id,
            &subject,
            &given.body,
            &direction,
            &occurred_at,
            &change.actor(),
            &change.now(),
        ],
    )?;
    let way = if direction == "inbound" { "from" } else { "to" };
    change.record(&Event {
        kind: "email.logged",
        subject: EntityKind::Email.with_id(&id),
        concerns: vec![record.entity()],
        summary: format!("E-mail {way} {}: {subject}", record.name),
        details: json!({
            "email_id": id,
            "subject": subject,
            "body": given.body,
            "direction": direction,
            "occurred_at": occurred_at,
        }),
    })?;
    Ok(json!({
        "type": "email",
        "id": id,
        "entity_type": record.kind.name(),
        "entity_id": record.id,
        "subject": subject,
        "body": given.body,
        "direction": direction,
        "occurred_at": occurred_at,
        "logged_by": change.actor(),
        "created_at": change.now(),
    }))
}

fn direction(given: &str) -> Result<&'static str, Failure> {
    DIRECTIONS.into_iter().find(|direction| *direction == given).ok_or_else(|| {
        let (hint, known) = (suggestion::hint(given, DIRECTIONS), DIRECTIONS.join(", "));
        Failure::Meaningless(format!("there is no direction {given:?}{hint}; the valid ones are {known}"))
    })
}
