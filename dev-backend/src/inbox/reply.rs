//! Answering in a thread.

use serde::Deserialize;

use super::folder::Folder;
use super::message::{Message, Written};
use super::receive;
use super::recipient::Recipients;
use super::thread::{Thread, key_of};
use crate::call::Call;
use crate::database::{Change, View, folded};
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    thread_id: String,
    body: String,
    #[serde(default)]
    draft: bool,
}

/// Answers the last message of a thread, or keeps the answer as a draft. What was received in the thread is
/// answered by that and goes to the archive; a draft answers nothing.
pub(super) fn reply(change: &Change<'_>, call: &Call) -> Answer {
    let Reply { thread_id, body, draft } = call.input()?;
    receive::welcome(change)?;
    let thread = Thread::find(change.view(), &thread_id)?;
    let written = Written {
        subject: subject_of_answer(&thread.subject),
        body: input::prose("body", body)?,
        recipients: recipients(change.view(), &thread)?,
    };
    let folder = if draft { Folder::Drafts } else { Folder::Sent };
    let message = Message::write(change, &thread.id, &written, folder)?;
    if !draft {
        change.execute(
            "UPDATE mail_message SET folder = 'archive', is_read = 1
             WHERE tenant = ?1 AND thread_id = ?2 AND folder = 'inbox'",
            &[&thread.id],
        )?;
    }
    message.show(change.view(), change.actor())
}

/// Whoever wrote the last message; where that was one's own, those whom it was for, but for blind copies.
fn recipients(view: &View<'_>, thread: &Thread) -> Result<Recipients, Failure> {
    let Some(last) = Message::last_of_thread(view, &thread.id)? else {
        return Err(Failure::Broken(format!("thread {} without a message", thread.id)));
    };
    if last.direction == "inbound" {
        return Recipients::named(view, &[last.sender], &[], &[]);
    }
    let earlier = Recipients::of(view, &last.id)?;
    let to = earlier.addresses("to");
    if to.is_empty() {
        let message = format!("nobody is left in thread {} to whom an answer could go", thread.id);
        return Err(Failure::Conflict(message));
    }
    Recipients::named(view, &to, &earlier.addresses("cc"), &[])
}

fn subject_of_answer(subject: &str) -> String {
    if key_of(subject) == folded(subject.trim()) { format!("Re: {subject}") } else { subject.to_owned() }
}
