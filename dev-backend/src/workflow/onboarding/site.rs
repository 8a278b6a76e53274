//! The website that a user names: what counts as its address, and the one visit that may be made there.

use std::time::Duration;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::session::Reading;
use crate::call::Call;
use crate::fetch::FetchRequest;
use crate::workflow::message::{Message, excerpt};

/// The longest address in characters.
const LONGEST: usize = 2_048;

/// How long a visit may take, whatever the function does that opens pages.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much of a page is kept, in characters.
const KEPT: usize = 2_000;

/// A visit that was permitted.
#[derive(Serialize, Deserialize)]
pub(super) struct Visit {
    /// What the session is claimed by.
    pub(super) claim: String,
    /// The address that the user was asked about.
    pub(super) url: String,
}

/// The address that a message names: one with its scheme, or a bare host name, which is taken for https.
///
/// # Errors
/// In words for the user, what is wrong with one that could not be read.
pub(super) fn named(message: &Message) -> Result<Option<String>, String> {
    for token in message.tokens() {
        let token = token.trim_matches(['.', '!', '?', ':']);
        if token.contains("://") {
            return address(token).map(Some);
        }
        if is_host(token.split('/').next().unwrap_or_default()) {
            return address(&format!("https://{token}")).map(Some);
        }
    }
    Ok(None)
}

/// The address in its one spelling.
fn address(given: &str) -> Result<String, String> {
    let url = Url::parse(given).map_err(|_| "That is no web address.".to_owned())?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
        return Err("Only http and https addresses are websites.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("An address with a user name or password in it is not taken.".to_owned());
    }
    if url.as_str().chars().count() > LONGEST {
        return Err("That address is too long.".to_owned());
    }
    Ok(url.into())
}

/// Whether a word is written as a host name: labels with dots between, the last one of letters.
fn is_host(word: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let top = word.rsplit_once('.').map(|(_, top)| top);
    word.split('.').all(is_label)
        && top.is_some_and(|top| top.chars().count() > 1 && top.chars().all(char::is_alphabetic))
}

// === impl Visit ===

impl Visit {
    /// Makes the visit. Whatever goes wrong is told to the user, and the conversation goes on.
    pub(super) async fn make(&self, call: &Call) -> Reading {
        let Some(fetch) = &call.fetch else { return Reading::Unavailable };
        let request = FetchRequest { tenant: call.context.tenant.clone(), url: self.url.clone() };
        match tokio::time::timeout(PATIENCE, fetch(request)).await {
            Ok(Ok(page)) if page.status < 400 => Reading::Read {
                title: excerpt(&page.title, 200),
                text: page.text.chars().take(KEPT).collect(),
            },
            Ok(Ok(page)) => Reading::Failed(format!("the site answered with status {}", page.status)),
            Ok(Err(reason)) => Reading::Failed(reason),
            Err(_) => Reading::Failed("the site took too long".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_in_one_spelling_or_refused_in_words() {
        let cases = [
            ("It is WWW.Example.COM/shop.", Ok(Some("https://www.example.com/shop"))),
            ("http://example.com", Ok(Some("http://example.com/"))),
            ("(see https://example.com/a?b=c)", Ok(Some("https://example.com/a?b=c"))),
            ("anna@example.com", Ok(None)),
            ("version 1.2, e.g. nothing", Ok(None)),
            ("file:///etc/passwd", Err("Only http and https")),
            ("ftp://example.com", Err("Only http and https")),
            ("https://user:secret@example.com", Err("user name or password")),
            ("http://", Err("no web address")),
        ];
        for (text, expected) in cases {
            let found = named(&Message::read(text.to_owned()).unwrap());
            match (&found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_deref(), expected, "{text}"),
                (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{text}: {reason}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
