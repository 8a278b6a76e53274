//! The end of an onboarding: what was told becomes records of the CRM and memories, in the last turn's transaction.

use serde_json::Value as Json;

use super::NONE;
use super::session::{Reading, Session, Step};
use crate::crm::company::{self, Upsert};
use crate::crm::contact::{self, Said, Saved};
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::memory;
use crate::workflow::message::Message;
use crate::workflow::turn::{Turn, described};

/// The tag of what an onboarding writes down.
const TAG: &str = "onboarding";

/// Takes the answer to the last question, and writes everything down.
pub(super) fn take_contact(turn: &mut Turn<'_>, session: &mut Session) -> Result<(), Failure> {
    let address = turn.message.addresses().into_iter().next();
    if address.is_none() && !turn.message.has_any(NONE) {
        turn.say("That is no e-mail address.");
        return Ok(());
    }
    let company = write_company(turn, session)?;
    if let Some(address) = address {
        write_contact(turn, &address, company)?;
        session.email = Some(address);
    }
    write_memories(turn, session)?;
    session.step = Step::Done;
    turn.say("Everything is written down. The onboarding is finished.");
    Ok(())
}

/// Creates or completes the company, and returns its id and name.
fn write_company(turn: &mut Turn<'_>, session: &Session) -> Result<(String, String), Failure> {
    let name = session.company.clone().unwrap_or_default();
    let saved = company::save(turn.change, &Upsert::named(name, session.website.clone()))?;
    let text = |field: &str| saved.get(field).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (id, name) = (text("id"), text("name"));
    let is_new = saved.get("created").and_then(Json::as_bool).unwrap_or_default();
    turn.did(if is_new { "company_created" } else { "company_updated" }, &id, format!("Company {name}"));
    Ok((id, name))
}

fn write_contact(turn: &mut Turn<'_>, address: &str, company: (String, String)) -> Result<(), Failure> {
    let known = contact::by_email(turn.view(), address)?;
    let (first_name, last_name) = names_before(&turn.message, address);
    let said = Said::read(first_name.as_deref(), last_name.as_deref(), None, None)?.at(company.0, company.1);
    let Saved { contact, created, .. } = contact::save(turn.change, known, address.to_owned(), said)?;
    turn.conversation.is_about(turn.change, &contact.id)?;
    let kind = if created { "contact_created" } else { "contact_updated" };
    turn.did(kind, &contact.id, format!("Contact {}", described(&contact)));
    Ok(())
}

/// The first and the other names of a person, where two capitalised words or more stand before the address.
fn names_before(message: &Message, address: &str) -> (Option<String>, Option<String>) {
    let is_name = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    let before: Vec<&str> = message.tokens().take_while(|token| !token.contains(address)).collect();
    let mut names: Vec<&str> = before.into_iter().rev().take_while(is_name).collect();
    names.reverse();
    match names.as_slice() {
        [first, others @ ..] if (1..=2).contains(&others.len()) => {
            (Some((*first).to_owned()), Some(others.join(" ")))
        }
        _ => (None, None),
    }
}

/// Writes down what the company is, and apart from that what its website says, since a stranger wrote it. No
/// memory names the contact, so that none goes when that person is erased.
fn write_memories(turn: &mut Turn<'_>, session: &Session) -> Result<(), Failure> {
    let company = session.company.as_deref().unwrap_or_default();
    let website = session.website.as_deref().unwrap_or("none");
    let about = session.introduction.as_ref().map(|text| format!("\nIn its own words: {text}"));
    let profile = format!("Company: {company}\nWebsite: {website}{}", about.unwrap_or_default());
    remember(turn, "company_profile", profile)?;
    if let Reading::Read { title, text } = &session.reading {
        remember(turn, "website", format!("Text of {website}, which nobody has checked.\n{title}\n{text}"))?;
    }
    Ok(())
}

fn remember(turn: &mut Turn<'_>, kind: &str, content: String) -> Result<(), Failure> {
    let id = memory::remember(turn.change, kind, content, TAG)?;
    turn.did("memory_written", &id, format!("Memory of kind {kind}"));
    turn.cite(EntityKind::Memory.with_id(&id), format!("Memory of kind {kind}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_only_where_they_are_surely_names() {
        let cases = [
            ("Anna Berg <anna@x.example>", (Some("Anna"), Some("Berg"))),
            ("It is Anna van Berg, anna@x.example", (None, None)),
            ("please write Anna Maria Berg anna@x.example", (Some("Anna"), Some("Maria Berg"))),
            ("Mail anna@x.example", (None, None)),
            ("anna@x.example Anna Berg", (None, None)),
        ];
        for (text, expected) in cases {
            let message = Message::read(text.to_owned()).unwrap();
            let (first, last) = names_before(&message, "anna@x.example");
            assert_eq!((first.as_deref(), last.as_deref()), expected, "{text}");
        }
    }
}
