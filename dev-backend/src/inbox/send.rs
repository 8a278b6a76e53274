//! Sending a message of one's own.

use serde::Deserialize;

use super::folder::Folder;
use super::message::{Message, Written};
use super::recipient::Recipients;
use super::thread::Thread;
use crate::call::Call;
use crate::database::Change;
use crate::input;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    to: String,
    subject: String,
    body: String,
    #[serde(default)]
    cc: Vec<String>,
    #[serde(default)]
    bcc: Vec<String>,
}

/// Writes a message down as sent, in a thread of its own.
pub(super) fn send(change: &Change<'_>, call: &Call) -> Answer {
    let Send { to, subject, body, cc, bcc } = call.input()?;
    let written = Written {
        subject: input::line("subject", &subject)?,
        body: input::prose("body", body)?,
        recipients: Recipients::named(change.view(), &[to], &cc, &bcc)?,
    };
    let thread_id = Thread::start(change, &written.subject)?;
    let message = Message::write(change, &thread_id, &written, Folder::Sent)?;
    message.show(change.view(), change.actor())
}
