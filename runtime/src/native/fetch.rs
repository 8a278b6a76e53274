//! Fetching a public web page for an agent.
//!
//! This is the one tool with which a model names a URL, so the network is taken for hostile and the page for
//! a message from a stranger. The way of a fetch: the URL is judged ([`url`]), then the operator's lists
//! ([`hosts`]); its name is looked up once and every address judged ([`address`]), and the socket goes to one
//! of those ([`connect`]); each redirect starts over ([`fetcher`]). What comes is bounded while it arrives
//! ([`exchange`], [`unpack`]), and text is taken from it by a parser that builds no tree ([`html`]), without
//! what a person would not see ([`hidden`], [`clean`]). No room knows of the protocol that agents speak.

mod address;
mod cache;
mod charset;
mod clean;
mod connect;
mod exchange;
mod fault;
mod fetcher;
mod flight;
mod fresh;
#[cfg(test)]
mod fuzz;
mod hidden;
mod hosts;
mod html;
mod kind;
mod layout;
mod markdown;
mod markup;
mod network;
mod page;
mod pages;
mod robots;
mod unpack;
mod url;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::{Answer, CallError, NativeAnswer, NativeCall};
use crate::json::Json;
use fault::Fault;
use html::{Cut, Read, Reading};
use kind::Kind;
use page::Page;

pub use address::Addresses;
pub(crate) use fetcher::Fetcher;
pub(crate) use hosts::{HostLists, HostPattern, HostRules};
pub use network::{Network, Resolve, Resolving};
pub use pages::{PageText, Pages};

/// Longest text that can be asked for, as the tool's schema says.
const MOST_CHARS: usize = 200_000;

/// What to fetch.
#[derive(Debug)]
pub struct Arguments {
    /// Absolute URL of the page.
    pub url: String,
    /// Longest text to return, in characters.
    pub max_chars: i64,
    /// Longest time the whole fetch may take, in seconds.
    pub timeout_seconds: f64,
    /// `markdown`, `text` or `raw`.
    pub format: &'static str,
}

/// Fetches a page and answers with its text.
pub fn run(call: NativeCall, arguments: Arguments) -> NativeAnswer {
    Box::pin(async move {
        let timeout = Duration::from_secs_f64(arguments.timeout_seconds.clamp(0.0, 30.0));
        let fetched = fetch(&call, &arguments, Instant::now() + timeout);
        let outcome = tokio::time::timeout(timeout, fetched).await.unwrap_or(Err(Fault::Late(timeout)));
        outcome.map_err(|fault| CallError::Tool(fault.into()))
    })
}

async fn fetch(call: &NativeCall, arguments: &Arguments, deadline: Instant) -> Result<Answer, Fault> {
    let page = call.server.fetcher.page(&call.tenant, &arguments.url).await?;
    let reading = Reading {
        markdown: arguments.format == "markdown",
        base: page.final_url.clone(),
        most_chars: usize::try_from(arguments.max_chars).unwrap_or_default().min(MOST_CHARS),
        deadline,
    };
    let read = match arguments.format {
        "markdown" | "text" => text(&call.server.fetcher, &page, reading).await?,
        _ => as_it_is(&page, reading.most_chars),
    };
    let origin = page.final_url.origin().ascii_serialization();
    Ok(Answer::Untrusted { json: Json::from_value(&answer(arguments, &page, read)), origin })
}

/// The text of a page, taken out of its markup where it has any.
async fn text(fetcher: &Fetcher, page: &Arc<Page>, reading: Reading) -> Result<Read, Fault> {
    match page.kind {
        Kind::Html => fetcher.read(Arc::clone(page), reading).await,
        _ => Ok(as_it_is(page, reading.most_chars)),
    }
}

/// The text of content that is no markup, or whose markup was asked for.
fn as_it_is(page: &Page, most_chars: usize) -> Read {
    let (mut text, mut chars) = (String::new(), 0);
    let whole = charset::decode(&page.bytes, page.encoding, |piece| {
        let before = text.len();
        clean::append(&mut text, piece);
        chars += text.get(before..).unwrap_or_default().chars().count();
        if chars > most_chars { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some((end, _)) = text.char_indices().nth(most_chars) {
        text.truncate(end);
    }
    Read { title: String::new(), text, cut: whole.is_break().then_some(Cut::Length) }
}

fn answer(arguments: &Arguments, page: &Page, read: Read) -> Value {
    let more = more(page, read.cut);
    let mut answer = json!({
        "url": arguments.url,
        "final_url": page.final_url.as_str(),
        "redirects": page.redirects,
        "status_code": page.status,
        "content_type": page.content_type,
        "title": read.title,
        "text": read.text,
        "truncated": more.is_some(),
        "fetched_at": seconds(page.fetched_at),
    });
    if let (Some(more), Some(members)) = (more, answer.as_object_mut()) {
        members.insert("more".to_owned(), Value::String(more));
    }
    answer
}

/// What was left out, and how to get it, where that can be done.
fn more(page: &Page, cut: Option<Cut>) -> Option<String> {
    match (cut, page.is_cut) {
        (Some(Cut::Length), _) => {
            Some(format!("the text is longer: ask again with a larger max_chars (at most {MOST_CHARS})"))
        }
        (Some(Cut::Structure), _) => {
            Some("the page is nested too deeply or holds too large a tag: the rest cannot be read".to_owned())
        }
        (Some(Cut::Time), _) => {
            Some("the time was up: ask again with a larger timeout_seconds (at most 30)".to_owned())
        }
        (None, true) => {
            let most = exchange::MOST_BODY_BYTES;
            Some(format!("only the first {most} bytes of the page are read: look for a page with less on it"))
        }
        (None, false) => None,
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
