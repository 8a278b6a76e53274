//! Onboarding: asks step by step for the company, its website and the first contact, and writes them down at the
//! end. A website is read only where the very question for it was answered with `confirm_fetch: true`, by the
//! function that the service was started with ([`site`]).
//!
//! A session is one row ([`session`]). While its website is being read the row is claimed, so that of two turns at
//! once one goes on and the other is turned away; a claim that nobody came back to runs out, and the question is
//! asked again.

mod finish;
mod session;
mod site;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::conversation::Conversation;
use super::message::{Message, excerpt};
use super::turn::Turn;
use crate::call::Call;
use crate::database::{Change, Database};
use crate::failure::Failure;
use crate::input;
use crate::service::{Answer, Pending};
use crate::shown;
use session::{Reading, Session, Step};
use site::Visit;

/// The longest name of a session in characters.
const LONGEST_ID: usize = 128;

/// A first message of more words tells of the business instead of naming the company.
const NAME_WORDS: usize = 6;

/// The longest name of a company in characters.
const LONGEST_NAME: usize = 100;

/// What opens a conversation and is no company's name.
const GREETINGS: &[&str] = &[
    "hello",
    "hi",
    "hey",
    "start",
    "begin",
    "good morning",
    "good afternoon",
    "good evening",
    "hello there",
];

/// What may stand before a company's name.
const INTRODUCTIONS: &[&str] = &[
    "our company is called ",
    "the company is called ",
    "we are called ",
    "it is called ",
    "company: ",
    "name: ",
];

/// What says that there is none, or that a question shall be left out.
const NONE: &[&str] = &["no", "none", "nothing", "skip", "not yet", "later", "nope", "n a"];

/// What begins the conversation anew.
const START_OVER: &str = "start over";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    session_id: String,
    message: String,
    confirm_fetch: Option<bool>,
}

/// What the first half of a turn leads to.
#[derive(Serialize, Deserialize)]
enum Begun {
    /// The turn is over.
    Answered(Json),
    /// The website may be read, and the second half follows.
    Permitted(Visit),
}

/// Takes a turn of a session.
pub(super) fn turn(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let asked = Arc::clone(&call);
        let begun = database.write(move |rows| Change::run(rows, &asked, begin)).await?;
        let begun = serde_json::from_value(begun)
            .map_err(|error| Failure::Broken(format!("a turn that cannot be read: {error}")))?;
        match begun {
            Begun::Answered(answer) => Ok(answer),
            Begun::Permitted(visit) => {
                let reading = visit.make(&call).await;
                let end = move |change: &Change<'_>, call: &Call| end(change, call, &visit, reading);
                database.write(move |rows| Change::run(rows, &call, end)).await
            }
        }
    })
}

/// Takes the turn as far as it goes without the website.
fn begin(change: &Change<'_>, call: &Call) -> Answer {
    let Say { session_id, message, confirm_fetch } = call.input()?;
    let session_id = input::line("session_id", &session_id)?;
    if session_id.chars().count() > LONGEST_ID {
        let message = format!("session_id has more than {LONGEST_ID} characters");
        return Err(Failure::Meaningless(message));
    }
    let message = Message::read(message)?;
    message.refuse_blocked(change.view())?;
    let (mut session, is_new) = Session::open(change, session_id)?;
    session.refuse_claimed(change)?;
    let conversation = Conversation::find(change.view(), super::ONBOARDING_NAME, &session.conversation_id)?;
    let mut turn = Turn::new(change, conversation, message);
    match session.step {
        Step::Done => turn.say("This onboarding is finished; another session_id begins a new one."),
        _ if turn.message.is(START_OVER) => {
            session.forget();
            turn.say("What was said so far is forgotten.");
        }
        Step::Company => take_company(&mut turn, &mut session, is_new),
        Step::Website => take_website(&mut turn, &mut session),
        Step::Confirm => {
            if let Some(visit) = take_permission(&mut turn, &mut session, call, confirm_fetch)? {
                return begun(&Begun::Permitted(visit));
            }
        }
        Step::Contact => finish::take_contact(&mut turn, &mut session)?,
    }
    answer(turn, &session).and_then(|answer| begun(&Begun::Answered(answer)))
}

/// Takes the rest of a turn in which the website was read.
fn end(change: &Change<'_>, call: &Call, visit: &Visit, reading: Reading) -> Answer {
    let Say { session_id, message, .. } = call.input()?;
    let (mut session, _) = Session::open(change, input::line("session_id", &session_id)?)?;
    session.release(change, visit)?;
    let conversation = Conversation::find(change.view(), super::ONBOARDING_NAME, &session.conversation_id)?;
    let mut turn = Turn::new(change, conversation, Message::read(message)?);
    match &reading {
        Reading::Read { title, .. } if title.trim().is_empty() => turn.say("The website was read."),
        Reading::Read { title, .. } => {
            turn.say(format!("The website was read; its title is \"{}\".", excerpt(title, 200)));
        }
        Reading::Failed(reason) => turn.say(format!("The website was not read: {reason}.")),
        Reading::None | Reading::Declined | Reading::Unavailable => {}
    }
    session.reading = reading;
    session.step = Step::Contact;
    answer(turn, &session)
}

fn begun(begun: &Begun) -> Answer {
    serde_json::to_value(begun).map_err(|error| Failure::Broken(format!("a turn: {error}")))
}

/// Asks what comes next, stores session and turn, and answers.
fn answer(mut turn: Turn<'_>, session: &Session) -> Answer {
    let question = session.question();
    if let Some(question) = &question {
        turn.say(question.clone());
    }
    session.store(turn.change)?;
    let asks = session.step == Step::Confirm;
    let mut answer = turn.finish()?;
    for (field, value) in [
        ("session_id", json!(session.id)),
        ("step", json!(session.step.name())),
        ("question", json!(question)),
        ("needs_confirmation", json!(asks)),
        ("fetch_url", json!(session.website.as_ref().filter(|_| asks))),
        ("known", session.known()),
    ] {
        answer = shown::with(answer, field, value);
    }
    Ok(answer)
}

fn take_company(turn: &mut Turn<'_>, session: &mut Session, is_first: bool) {
    let line = turn.message.text.trim().lines().next().unwrap_or_default().trim().to_owned();
    let is_greeting = GREETINGS.iter().any(|greeting| turn.message.is(greeting));
    if is_greeting {
        return turn.say("Welcome.");
    }
    if is_first && (turn.message.length() > NAME_WORDS || line.ends_with('?')) {
        session.introduction = Some(turn.message.text.clone());
        return turn.say("Welcome. That is noted as what the company does.");
    }
    let lower = line.to_ascii_lowercase();
    let introduced = INTRODUCTIONS.iter().find(|words| lower.starts_with(**words));
    let name = line.get(introduced.map_or(0, |words| words.len())..).unwrap_or_default();
    let name = name.trim_matches(['.', '!', ' ', '"']);
    match name.chars().count() {
        0 => turn.say("That is no name."),
        length if length > LONGEST_NAME => turn.say("That is too long for a name."),
        _ => {
            turn.say(format!("The company is {name}."));
            session.company = Some(name.to_owned());
            session.step = Step::Website;
        }
    }
}

fn take_website(turn: &mut Turn<'_>, session: &mut Session) {
    match site::named(&turn.message) {
        Ok(Some(url)) => {
            session.website = Some(url);
            session.step = Step::Confirm;
        }
        Ok(None) if turn.message.has_any(NONE) => session.step = Step::Contact,
        Ok(None) => turn.say("That is no web address such as https://www.example.com."),
        Err(reason) => turn.say(reason),
    }
}

/// What the answer to the question for permission leads to: reading the site, or going on.
fn take_permission(
    turn: &mut Turn<'_>,
    session: &mut Session,
    call: &Call,
    confirm_fetch: Option<bool>,
) -> Result<Option<Visit>, Failure> {
    // A permission is for the address that was asked about. Another address is another question.
    if let Ok(Some(other)) = site::named(&turn.message)
        && session.website.as_ref() != Some(&other)
    {
        turn.say("That is another address than the one that was asked about.");
        session.website = Some(other);
        return Ok(None);
    }
    match confirm_fetch {
        Some(true) if call.fetch.is_some() => return session.claim(turn.change).map(Some),
        Some(true) => {
            turn.say("This backend was started without the means to read websites, so it goes on without.");
            session.reading = Reading::Unavailable;
        }
        Some(false) => session.reading = Reading::Declined,
        None if turn.message.has_any(NONE) => session.reading = Reading::Declined,
        None => {
            turn.say("Words do not permit it; only confirm_fetch does.");
            return Ok(None);
        }
    }
    if session.reading == Reading::Declined {
        turn.say("The website is not read.");
    }
    session.step = Step::Contact;
    Ok(None)
}
