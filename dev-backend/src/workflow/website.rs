//! Website: suggests what a page should say, from a checklist for its kind and what is written down, looks a given
//! text over, and leaves the change to a person. No page is opened.

use super::facts;
use super::message::{Message, excerpt};
use super::turn::{self, Turn};
use crate::call::Call;
use crate::database::Change;
use crate::failure::Failure;
use crate::service::Answer;

/// Kinds of pages: the words that name each, what it is called, and what belongs on it.
const PAGES: &[(&[&str], &str, &str)] = &[
    (
        &["pricing", "price", "prices", "plans"],
        "pricing page",
        "who each plan is for in one line; what it includes; the price with its currency and period; how to end it; \
         one button",
    ),
    (
        &["contact", "imprint"],
        "contact page",
        "the fastest way to reach a person; opening hours with their time zone; a postal address; when an answer comes",
    ),
    (
        &["faq", "help", "questions"],
        "help page",
        "the five questions that support hears most; one answer of two sentences each; a way to a person below",
    ),
    (
        &["about", "team", "careers", "jobs"],
        "about page",
        "what the company does in one sentence; since when and where; who the people are; what it asks of readers",
    ),
    (
        &["blog", "article", "news"],
        "article",
        "the news in the first sentence; why it matters to the reader; one example; where to read on",
    ),
    (
        &["product", "feature", "features", "landing", "service", "services"],
        "product page",
        "the use in the headline, not the name; three benefits; one proof from a customer; one button",
    ),
];

/// What belongs on a page of no kind that is known.
const ANY_PAGE: (&str, &str) = (
    "website",
    "who it is for and what they get, in the headline; three facts that prove it; one thing to do next",
);

/// A text shorter than so many words is no page's text.
const FEWEST_WORDS: usize = 12;

/// A sentence with more words is hard to read.
const LONGEST_SENTENCE: usize = 20;

/// The most long sentences that are named.
const MOST_NAMED: usize = 3;

/// How much of a memory is suggested, in characters.
const DRAWN: usize = 200;

/// Takes a turn with the website's service.
pub(super) fn turn(change: &Change<'_>, call: &Call) -> Answer {
    turn::take(change, call, "website", answer)
}

fn answer(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let (page, checklist) = page(&turn.message);
    let mut suggestions = vec![format!("The {page} should have: {checklist}.")];
    let found = facts::publishable(turn.view(), &turn.message.keywords(""))?;
    turn.cite_memories(&found);
    if found.is_empty() {
        suggestions.push("Nothing is written down about it that could be said there.".to_owned());
    } else {
        let lines = found.iter().map(|fact| format!("\n- {}", excerpt(&fact.content, DRAWN)));
        suggestions
            .push(format!("These facts are written down and could be said:{}", lines.collect::<String>()));
    }
    suggestions.extend(given_text(&turn.message.text).map(looked_over));
    if turn.message.text.contains("://") {
        suggestions
            .push("The address in the message was not opened; this service reads no pages.".to_owned());
    }
    for suggestion in &suggestions {
        turn.say(suggestion.clone());
    }
    let due = turn.working_day_in(5)?;
    let subject = format!("Update the {page}: {}", turn.message.headline());
    turn.task(None, subject, suggestions.join("\n\n"), Some(due))
}

/// What page a message is about, and what belongs on it.
fn page(message: &Message) -> (&'static str, &'static str) {
    let known = PAGES.iter().find(|(words, _, _)| message.has_any(words));
    known.map_or(ANY_PAGE, |(_, name, checklist)| (*name, *checklist))
}

/// The text that a message hands over: what stands behind its first colon that ends a word, if it is long enough.
fn given_text(message: &str) -> Option<&str> {
    let behind = message.match_indices(':').filter_map(|(colon, _)| message.get(colon + 1..));
    let text = behind.into_iter().find(|text| text.starts_with(char::is_whitespace))?;
    (text.split_whitespace().count() >= FEWEST_WORDS).then_some(text)
}

/// How long a text is and which of its sentences are hard to read.
fn looked_over(text: &str) -> String {
    let sentences: Vec<&str> =
        text.split(['.', '!', '?']).map(str::trim).filter(|sentence| !sentence.is_empty()).collect();
    let words = |sentence: &str| sentence.split_whitespace().count();
    let total: usize = sentences.iter().map(|sentence| words(sentence)).sum();
    let long = sentences.iter().filter(|sentence| words(sentence) > LONGEST_SENTENCE);
    let named: String = long
        .take(MOST_NAMED)
        .map(|sentence| format!("\n- split \"{}\" ({} words)", excerpt(sentence, 60), words(sentence)))
        .collect();
    let verdict = if named.is_empty() { " None of them is too long." } else { &named };
    format!("The text has {total} words in {} sentences.{verdict}", sentences.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_over_where_one_is_given() {
        let long = "word ".repeat(21);
        let cases = [
            ("Shorten this: one two three.".to_owned(), None),
            ("See https://x.example/a for one two three four five six seven eight nine ten".to_owned(), None),
            (
                "Shorten this: One two three four five six. Seven eight nine ten eleven twelve!".to_owned(),
                Some("The text has 12 words in 2 sentences. None of them is too long.".to_owned()),
            ),
            (
                format!("Shorten:\n{long}. Short."),
                Some(format!(
                    "The text has 22 words in 2 sentences.\n- split \"{}…\" (21 words)",
                    "word ".repeat(12).trim_end()
                )),
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(given_text(&message).map(looked_over), expected, "{message}");
        }
    }
}
