//! Support: answers a customer's question from what is written down, notes it on the customer, and leaves to a
//! person what it cannot answer.

use super::facts;
use super::message::spaced;
use super::turn::{self, Turn, described};
use crate::call::Call;
use crate::crm::contact::Contact;
use crate::crm::{deal, task};
use crate::database::Change;
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::service::Answer;

/// Who says one of these wants to hear from a person.
const FOR_A_PERSON: &[&str] = &[
    "a person",
    "real person",
    "human",
    "human being",
    "someone",
    "somebody",
    "speak to",
    "speak with",
    "talk to",
    "talk with",
    "call me",
    "call back",
    "callback",
    "escalate",
    "manager",
];

/// The most open deals and tasks that are named.
const MOST: u32 = 3;

/// Takes a turn with support.
pub(super) fn turn(change: &Change<'_>, call: &Call) -> Answer {
    turn::take(change, call, "support", answer)
}

fn answer(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let contact = turn.customer()?;
    if let Some(contact) = &contact {
        introduce(turn, contact)?;
    }
    let name = contact.as_ref().map(Contact::name).unwrap_or_default();
    let keywords = turn.message.keywords(&spaced(&name));
    let found = facts::sharing(turn.view(), &keywords)?;
    let is_answered = !found.is_empty();
    turn.quote("This is written down about it", found);
    let for_a_person = turn.message.has_any(FOR_A_PERSON);
    if for_a_person {
        turn.say("A person was asked for.");
    } else if !is_answered {
        turn.say("Nothing that is written down answers this, so a person has to.");
    }
    if for_a_person || !is_answered {
        let subject = format!("Answer support: {}", turn.message.headline());
        let due = turn.working_day_in(1)?;
        turn.task(contact.as_ref(), subject, turn.message.text.clone(), Some(due))?;
    }
    match &contact {
        Some(contact) => {
            let text = format!("Support was asked: {}\n\nReply by rules: {}", turn.message.text, turn.said());
            turn.note(contact, &text)
        }
        None => {
            turn.say("With the customer's e-mail address this is noted on the customer.");
            Ok(())
        }
    }
}

/// Says who the customer is, what is known of them, and what is open with them.
fn introduce(turn: &mut Turn<'_>, contact: &Contact) -> Result<(), Failure> {
    let company = contact.company_name.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
    turn.say(format!("This is about {}{company}.", described(contact)));
    let known = facts::naming(turn.view(), &contact.name())?;
    turn.quote("This is written down about them", known);
    let mut open = Vec::new();
    for deal in deal::open_of(turn.view(), &contact.id, MOST)? {
        open.push(format!("deal {} in stage {}", deal.name, deal.stage_name));
        turn.cite(EntityKind::Deal.with_id(&deal.id), deal.name);
    }
    let about = EntityKind::Contact.with_id(&contact.id);
    for task in task::open_about(turn.view(), about, MOST)? {
        open.push(format!("task {}", turn::told(&task)));
        turn.cite(EntityKind::Task.with_id(&task.id), task.subject);
    }
    if !open.is_empty() {
        turn.say(format!("Open with them: {}.", open.join("; ")));
    }
    Ok(())
}
