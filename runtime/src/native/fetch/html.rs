//! Reading HTML as a stream, within memory and time that no page can exceed.
//!
//! The parser builds no tree, so nesting costs a stack entry and not a stack frame. It runs apart from the
//! threads that serve.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Instant;

use encoding_rs::Encoding;
use lol_html::html_content::{Element, TextChunk, TextType};
use lol_html::{HandlerResult, HtmlRewriter, MemorySettings, Settings, doc_text, element};
use url::Url;

use super::charset;
use super::hidden::{Looks, Styles};
use super::markdown::{Id, Start, Writer};
use super::markup::Tag;

/// Most memory of the parser.
const MOST_MEMORY: usize = 2 * 1024 * 1024;
/// Longest run of text that is put together before it is written.
const LONGEST_RUN: usize = 64 * 1024;
/// Attributes of one element beyond which it is not looked at.
const MOST_ATTRIBUTES: usize = 256;

/// What to make of a page.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) markdown: bool,
    /// Where the page came from.
    pub(super) base: Url,
    pub(super) most_chars: usize,
    pub(super) deadline: Instant,
}

/// A page that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) title: String,
    pub(super) text: String,
    /// Why it is not whole.
    pub(super) cut: Option<Cut>,
}

/// Why a text ends before its page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// It has as many characters as were asked for.
    Length,
    /// The page is built so that reading on would cost too much.
    Structure,
    /// The time is up.
    Time,
}

/// Reads a page.
pub(super) fn read(bytes: &[u8], encoding: &'static Encoding, reading: &Reading) -> Read {
    let state = State {
        writer: Writer::new(reading.markdown, reading.base.clone(), reading.most_chars),
        styles: Styles::default(),
        run: String::new(),
        kind: TextType::Data,
    };
    let state = Rc::new(RefCell::new(state));
    let cut = parse(bytes, encoding, reading, &state);
    let state = match Rc::try_unwrap(state) {
        Ok(state) => state.into_inner(),
        // The parser is gone, and with it every other handle.
        Err(_) => return Read { title: String::new(), text: String::new(), cut: Some(Cut::Structure) },
    };
    let (title, text) = state.writer.finish();
    Read { title, text, cut }
}

/// What the handlers of the parser share.
struct State {
    writer: Writer,
    styles: Styles,
    /// Text that has not come to its end.
    run: String,
    kind: TextType,
}

fn parse(
    bytes: &[u8],
    encoding: &'static Encoding,
    reading: &Reading,
    state: &Rc<RefCell<State>>,
) -> Option<Cut> {
    let (elements, texts) = (Rc::clone(state), Rc::clone(state));
    let settings = Settings::new()
        .append_element_content_handler(element!("*", |element| start(&elements, element)))
        .append_document_content_handler(doc_text!(|chunk| {
            texts.borrow_mut().take(chunk);
            Ok(())
        }))
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MOST_MEMORY))
        .with_strict(false);
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    let mut cut = None;
    let _broken_off = charset::decode(bytes, encoding, |piece| {
        cut = match rewriter.write(piece.as_bytes()) {
            Err(_) => Some(Cut::Structure),
            Ok(()) if state.borrow().writer.is_full() => Some(Cut::Length),
            Ok(()) if Instant::now() >= reading.deadline => Some(Cut::Time),
            Ok(()) => return ControlFlow::Continue(()),
        };
        ControlFlow::Break(())
    });
    if cut.is_none() && rewriter.end().is_err() {
        cut = Some(Cut::Structure);
    }
    let mut state = state.borrow_mut();
    state.flush();
    cut.or_else(|| state.writer.is_full().then_some(Cut::Length))
}

impl State {
    fn take(&mut self, chunk: &TextChunk<'_>) {
        self.kind = chunk.text_type();
        self.run.push_str(chunk.as_str());
        if chunk.last_in_text_node() || self.run.len() >= LONGEST_RUN {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.is_empty() {
            return;
        }
        match self.kind {
            TextType::Data | TextType::RCData => self.writer.text(&htmlize::unescape(run)),
            TextType::CDataSection | TextType::PlainText => self.writer.text(&run),
            // Style sheets of the page tell what it hides. Frames and scripts are not shown.
            TextType::RawText => self.styles.learn(&run),
            TextType::ScriptData => {}
        }
    }
}

fn start(shared: &Rc<RefCell<State>>, element: &mut Element<'_, '_>) -> HandlerResult {
    let id = shared.borrow_mut().start(element);
    if let Some(id) = id
        && let Some(handlers) = element.end_tag_handlers()
    {
        let shared = Rc::clone(shared);
        handlers.push(Box::new(move |_| {
            shared.borrow_mut().writer.end(id);
            Ok(())
        }));
    }
    Ok(())
}

impl State {
    /// Tells the writer of an element; its id where it has an end.
    fn start(&mut self, element: &Element<'_, '_>) -> Option<Id> {
        let name = element.tag_name();
        let attribute = |name: &str| {
            let few = element.attributes().len() <= MOST_ATTRIBUTES;
            few.then(|| element.get_attribute(name))
                .flatten()
                .map(|value| htmlize::unescape_attribute(value).into_owned())
        };
        if name == "base" {
            if let Some(href) = attribute("href") {
                self.writer.set_base(&href);
            }
            return None;
        }
        let (hidden, aria_hidden) = (attribute("hidden"), attribute("aria-hidden"));
        let (style, class, id) = (attribute("style"), attribute("class"), attribute("id"));
        let looks = Looks {
            hidden: hidden.as_deref(),
            aria_hidden: aria_hidden.as_deref(),
            style: style.as_deref(),
            class: class.as_deref(),
            id: id.as_deref(),
        };
        let hidden = self.styles.hide(&looks);
        if !element.can_have_content() {
            if !hidden {
                self.writer.void(&name, &attribute("alt").unwrap_or_default());
            }
            return None;
        }
        let tag = Tag::of(&name);
        let detail = match tag {
            Tag::Link => attribute("href"),
            Tag::List { ordered: true } => attribute("start"),
            Tag::Verbatim | Tag::Code => class.as_deref().and_then(language),
            _ => None,
        };
        Some(self.writer.start(Start { tag, hidden, detail }))
    }
}

/// The language that `language-rust` or `highlight-source-rust` names.
fn language(classes: &str) -> Option<String> {
    let name = classes.split_ascii_whitespace().find_map(|class| {
        ["language-", "lang-", "highlight-source-", "brush:"]
            .iter()
            .find_map(|prefix| class.strip_prefix(prefix))
    })?;
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '#' | '_');
    (name.len() <= 20 && name.chars().all(is_name)).then(|| name.to_owned())
}
