//! Marketing: counts whom a campaign would reach, drafts a short text from what is written down, and leaves the
//! review to a person. Nothing is sent.

use std::collections::HashSet;

use super::facts;
use super::message::excerpt;
use super::turn::{self, Turn};
use crate::call::Call;
use crate::crm::segment::{self, Segment};
use crate::crm::{contact, gdpr};
use crate::database::Change;
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::memory::Entry;
use crate::service::Answer;

/// Words that say what is to be made and not what it is about.
const TRADE_WORDS: &str = "ad ads audience campaign campaigns contacts copy create customers draft email emails four \
     idea ideas launch lines mail mailing mailings message newsletter plan post prepare propose segment segments send \
     short subject suggest text three write";

/// The most words of a topic.
const TOPIC_WORDS: usize = 6;

/// The most segments that are listed.
const MOST_SEGMENTS: usize = 5;

/// How much of a memory goes into a draft, in characters.
const DRAWN: usize = 200;

/// Takes a turn with marketing.
pub(super) fn turn(change: &Change<'_>, call: &Call) -> Answer {
    turn::take(change, call, "marketing", answer)
}

fn answer(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let segment = audience(turn)?;
    let called = segment.as_ref().map(|segment| segment.name.to_lowercase()).unwrap_or_default();
    let keywords = turn.message.keywords(TRADE_WORDS);
    let topic: Vec<&str> =
        keywords.iter().map(String::as_str).filter(|word| !called.contains(word)).take(TOPIC_WORDS).collect();
    if topic.is_empty() {
        turn.say("Say in a few words what the campaign is about, and a draft follows.");
        return Ok(());
    }
    let topic = capitalised(&topic.join(" "));
    let found = facts::publishable(turn.view(), &keywords)?;
    turn.cite_memories(&found);
    if found.is_empty() {
        turn.say("Nothing is written down about this yet, so the draft has gaps to fill.");
    }
    let draft = draft(&topic, segment.as_ref(), &found);
    turn.say(draft.clone());
    let due = turn.working_day_in(2)?;
    turn.task(None, format!("Review the campaign draft: {topic}"), draft, Some(due))
}

/// Says whom the campaign would reach: the segment that the message names, or all contacts. Whoever is on the
/// blocklist is left out.
fn audience(turn: &mut Turn<'_>) -> Result<Option<Segment>, Failure> {
    let view = turn.view();
    let blocked = gdpr::blocked_contacts(view)?;
    let mut segments = segment::of_contacts(view)?;
    if let Some(named) = segments.iter().position(|segment| turn.message.has(&segment.name)) {
        let segment = segments.swap_remove(named);
        let reached = match segment.size(view)? {
            Some(size) => said(size, segment.members_among(view, &blocked)?),
            None => "nobody, since its rules make no sense any more".to_owned(),
        };
        turn.cite(EntityKind::Segment.with_id(&segment.id), &segment.name);
        turn.say(format!("Audience: the segment {}, {reached}.", segment.name));
        return Ok(Some(segment));
    }
    let all = said(contact::count(view)?, blocked.len());
    let choices = choices(turn, &segments, &blocked)?;
    turn.say(format!("Audience: all contacts, {all}.{choices}"));
    Ok(None)
}

/// The segments that could be named instead.
fn choices(turn: &mut Turn<'_>, segments: &[Segment], blocked: &HashSet<String>) -> Result<String, Failure> {
    let mut choices = Vec::new();
    for segment in segments.iter().take(MOST_SEGMENTS) {
        if let Some(size) = segment.size(turn.view())? {
            let reached = said(size, segment.members_among(turn.view(), blocked)?);
            choices.push(format!("{}, {reached}", segment.name));
            turn.cite(EntityKind::Segment.with_id(&segment.id), &segment.name);
        }
    }
    if choices.is_empty() {
        return Ok(String::new());
    }
    Ok(format!(" A segment can be named instead: {}.", choices.join("; ")))
}

/// How many are reached.
fn said(size: i64, blocked: usize) -> String {
    let reached = match size - blocked as i64 {
        1 => "1 person".to_owned(),
        reached => format!("{reached} people"),
    };
    match blocked {
        0 => reached,
        blocked => format!("{reached} ({blocked} more on the blocklist left out)"),
    }
}

fn draft(topic: &str, segment: Option<&Segment>, facts: &[Entry]) -> String {
    let readers = segment.map_or("you", |segment| segment.name.as_str());
    let body: Vec<String> = facts.iter().map(|fact| excerpt(&fact.content, DRAWN)).collect();
    let body = if body.is_empty() { "[what is new, in two sentences]".to_owned() } else { body.join("\n") };
    format!(
        "Draft\nSubject 1: {topic}: what is new\nSubject 2: {topic} for {readers}\nSubject 3: A short note on {topic}\n\n\
         Hello {{first_name}},\n\n{body}\n\nReply to this mail with any question.\n\nBest regards"
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
