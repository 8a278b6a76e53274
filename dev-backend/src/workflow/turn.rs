//! One turn of a conversation: the reply and what is done grow while the rules of a service look at the message,
//! and are stored and answered together.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::conversation::Conversation;
use super::customer::{self, Recognised};
use super::facts;
use super::message::{Message, excerpt};
use crate::call::Call;
use crate::crm::contact::Contact;
use crate::crm::note;
use crate::crm::task::{NewTask, Task};
use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::failure::Failure;
use crate::memory::Entry;
use crate::moment;
use crate::service::Answer;

/// What every answer says of how it was made.
const NOTICE: &str = "This reply was made by fixed rules from the tenant's own memories and records; no language model was used.";

/// The most contacts of one name that a question lists.
const NAMED_ALIKE: usize = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    message: String,
    thread_id: Option<String>,
}

/// A turn in the making.
pub(super) struct Turn<'t> {
    pub(super) change: &'t Change<'t>,
    pub(super) conversation: Conversation,
    pub(super) message: Message,
    reply: Vec<String>,
    actions: Vec<Json>,
    sources: Vec<Json>,
}

/// Takes a turn with a service by its rules. A thread that is not named is begun.
///
/// # Errors
/// An unknown thread, a blocked address, or whatever keeps the rules from doing their work.
pub(super) fn take(
    change: &Change<'_>,
    call: &Call,
    service: &'static str,
    rules: fn(&mut Turn<'_>) -> Result<(), Failure>,
) -> Answer {
    let Say { message, thread_id } = call.input()?;
    let message = Message::read(message)?;
    message.refuse_blocked(change.view())?;
    let conversation = match thread_id {
        Some(id) => Conversation::find(change.view(), service, &id)?,
        None => Conversation::begin(change, service)?,
    };
    let mut turn = Turn::new(change, conversation, message);
    rules(&mut turn)?;
    turn.finish()
}

// === impl Turn ===

impl<'t> Turn<'t> {
    /// A turn in which nothing has been said yet.
    pub(super) const fn new(change: &'t Change<'t>, conversation: Conversation, message: Message) -> Self {
        Self { change, conversation, message, reply: Vec::new(), actions: Vec::new(), sources: Vec::new() }
    }

    /// The tenant's data.
    pub(super) const fn view(&self) -> &'t View<'t> {
        self.change.view()
    }

    /// The day of the turn in UTC.
    pub(super) fn today(&self) -> Date {
        self.change.moment().to_zoned(TimeZone::UTC).date()
    }

    /// The moment of the turn.
    pub(super) const fn moment(&self) -> Timestamp {
        self.change.moment()
    }

    /// The end of a working day so many days from now, when what the rules ask of people is due.
    pub(super) fn working_day_in(&self, days: i64) -> Result<String, Failure> {
        let day = self.today().checked_add(days.days());
        let day = day.map_err(|_| Failure::Meaningless("the day is beyond the calendar".to_owned()))?;
        moment::given("due_at", &format!("{day}T17:00:00Z"))
    }

    /// Adds a paragraph to the reply.
    pub(super) fn say(&mut self, paragraph: impl Into<String>) {
        self.reply.push(paragraph.into());
    }

    /// The reply so far.
    pub(super) fn said(&self) -> String {
        self.reply.join("\n\n")
    }

    /// Notes what was done.
    pub(super) fn did(&mut self, kind: &str, id: &str, summary: impl Into<String>) {
        self.actions.push(json!({"type": kind, "id": id, "summary": summary.into()}));
    }

    /// Names a record that the reply was made from.
    pub(super) fn cite(&mut self, source: Entity<'_>, summary: impl Into<String>) {
        let cited = json!({"type": source.kind.name(), "id": source.id, "summary": summary.into()});
        if !self.sources.contains(&cited) {
            self.sources.push(cited);
        }
    }

    /// Quotes memories, but for those that the reply has quoted already.
    pub(super) fn quote(&mut self, lead: &str, mut entries: Vec<Entry>) {
        let has =
            |entry: &Entry| self.sources.iter().any(|source| source.get("id") == Some(&json!(entry.id)));
        entries.retain(|entry| !has(entry));
        if !entries.is_empty() {
            self.cite_memories(&entries);
            self.say(format!("{lead}:{}", facts::quoted(&entries)));
        }
    }

    /// Names the memories that the reply is made from.
    pub(super) fn cite_memories(&mut self, entries: &[Entry]) {
        for entry in entries {
            let summary = excerpt(&entry.content, 80);
            self.cite(EntityKind::Memory.with_id(&entry.id), summary);
        }
    }

    /// Whom the message is about. Where that is not certain, the reply says what would make it so.
    pub(super) fn customer(&mut self) -> Result<Option<Contact>, Failure> {
        match customer::recognise(self.view(), &self.conversation, &self.message)? {
            Recognised::Contact(contact) => {
                self.conversation.is_about(self.change, &contact.id)?;
                self.cite(EntityKind::Contact.with_id(&contact.id), described(&contact));
                Ok(Some(*contact))
            }
            Recognised::UnknownAddress(address) => {
                self.say(format!("There is no contact with the address {address}."));
                Ok(None)
            }
            Recognised::Several(contacts) => {
                let listed: Vec<String> = contacts.iter().take(NAMED_ALIKE).map(described).collect();
                let listed = listed.join("; ");
                self.say(format!(
                    "Several contacts have this name: {listed}. Name the address of one of them."
                ));
                Ok(None)
            }
            Recognised::Perhaps(contact) => {
                self.cite(EntityKind::Contact.with_id(&contact.id), described(&contact));
                let who = described(&contact);
                self.say(format!("If this is about {who}, name that address, and it is noted there."));
                Ok(None)
            }
            Recognised::Nobody => Ok(None),
        }
    }

    /// Sees to it that a task is open, on the contact or else on the conversation. One that is open already and
    /// says the same is enough.
    pub(super) fn task(
        &mut self,
        contact: Option<&Contact>,
        subject: String,
        description: String,
        due_at: Option<String>,
    ) -> Result<(), Failure> {
        let name = contact.map_or_else(|| self.conversation.name(), Contact::name);
        let about = match contact {
            Some(contact) => EntityKind::Contact.with_id(&contact.id),
            None => self.conversation.entity(),
        };
        let new = NewTask { about, name: &name, subject, description, due_at };
        let known = new.known(self.view())?;
        let task = match known {
            Some(known) => {
                self.cite(EntityKind::Task.with_id(&known.id), &known.subject);
                known
            }
            None => {
                let made = new.create(self.change)?;
                self.did("task_created", &made.id, &made.subject);
                made
            }
        };
        self.say(format!("A task is open for this: {}.", told(&task)));
        Ok(())
    }

    /// Adds a note to the contact.
    pub(super) fn note(&mut self, contact: &Contact, text: &str) -> Result<(), Failure> {
        let customer = EntityKind::Contact.with_id(&contact.id);
        let note = note::add(self.change, customer, &contact.name(), text)?;
        let id = note.get("id").and_then(Json::as_str).unwrap_or_default();
        self.did("note_added", id, format!("Note on {}", contact.name()));
        Ok(())
    }

    /// Stores the turn and answers it.
    pub(super) fn finish(self) -> Answer {
        let reply = self.said();
        let turn = self.conversation.store_turn(self.change, &self.message.text, &reply, &self.actions)?;
        Ok(json!({
            "thread_id": self.conversation.id,
            "turn": turn,
            "reply": reply,
            "actions": self.actions,
            "sources": self.sources,
            "made_by": "rules",
            "notice": NOTICE,
        }))
    }
}

/// What to call a contact so that nobody else is meant.
pub(super) fn described(contact: &Contact) -> String {
    if contact.name() == contact.email {
        return contact.email.clone();
    }
    format!("{} ({})", contact.name(), contact.email)
}

/// A task with the day it is due.
pub(super) fn told(task: &Task) -> String {
    match task.due_at.as_deref().and_then(|due| due.get(..10)) {
        Some(day) => format!("{}, due {day}", task.subject),
        None => task.subject.clone(),
    }
}
