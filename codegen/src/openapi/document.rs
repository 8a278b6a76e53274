//! A document of OpenAPI: its nodes with their places, its references, and what was found on the way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use diagnostics::yaml::{Entry, Node, Value};
use diagnostics::{Code, Diagnostic, Sink, Span};
use serde_json::Value as Json;

use super::notes;

/// A document that is being imported.
pub(super) struct Document<'a> {
    pub(super) root: &'a Node,
    pub(super) sink: &'a Sink,
    /// What was said already: a schema may be used by many operations.
    said: RefCell<BTreeSet<(usize, String)>>,
    /// Keys that only people read, with how often and where first.
    passed_over: RefCell<BTreeMap<String, (BTreeSet<usize>, Span)>>,
}

/// A schema with all that its references and its `allOf` bring in.
#[derive(Clone, Debug)]
pub(super) struct Parts<'a> {
    pub(super) parts: Vec<&'a [Entry]>,
    /// Where the whole is shown.
    pub(super) at: Span,
    /// The references on the way here, to find circles.
    pub(super) path: Vec<String>,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Node, sink: &'a Sink) -> Self {
        Self { root, sink, said: RefCell::default(), passed_over: RefCell::default() }
    }

    /// Says something of a place, once.
    pub(super) fn note(&self, code: Code, at: Span, message: impl Into<String>) {
        let message = message.into();
        if self.said.borrow_mut().insert((at.start, message.clone())) {
            let problem = match code {
                notes::NOT_OPENAPI => Diagnostic::error(code, at, message),
                _ => Diagnostic::warning(code, at, message),
            };
            self.sink.push(problem);
        }
    }

    /// Says that something is not in the manifest.
    pub(super) fn lost(&self, at: Span, message: impl Into<String>) {
        self.note(notes::NOT_EXPRESSED, at, message);
    }

    /// Counts a key that says nothing to a call; [`Self::say_passed_over`] tells all of them at once.
    pub(super) fn passed_over(&self, key: &str, at: Span) {
        let mut all = self.passed_over.borrow_mut();
        all.entry(key.to_owned()).or_insert_with(|| (BTreeSet::new(), at)).0.insert(at.start);
    }

    /// Says what was passed over, once for each key.
    pub(super) fn say_passed_over(&self) {
        for (key, (places, first)) in self.passed_over.take() {
            // Those are our own, and were read.
            if !["x-name", "x-sensitive"].contains(&key.as_str()) {
                self.lost(
                    first,
                    format!(
                        "`{key}` reaches no agent, here and wherever it stands ({} in all)",
                        places.len()
                    ),
                );
            }
        }
    }

    /// The node that a local reference means, or this one if it is none.
    pub(super) fn resolve(&self, node: &'a Node) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..32 {
            let Some(reference) = text(get(node, "$ref")) else { return Some(node) };
            node = self.target(reference)?;
        }
        None
    }

    /// What a reference into this document means.
    pub(super) fn target(&self, reference: &str) -> Option<&'a Node> {
        let pointer = reference.strip_prefix('#')?;
        let steps = pointer.split('/').skip(1);
        steps.into_iter().try_fold(self.root, |node, step| {
            let step = percent_decoded(step).replace("~1", "/").replace("~0", "~");
            match &node.value {
                Value::Sequence(items) => items.get(step.parse::<usize>().ok()?),
                _ => get(node, &step),
            }
        })
    }

    /// A schema with its references and its `allOf` followed; none if one of them leads nowhere or in a circle.
    pub(super) fn parts(&self, node: &'a Node, path: &[String]) -> Option<Parts<'a>> {
        let mut parts = Parts { parts: Vec::new(), at: node.span, path: path.to_vec() };
        self.collect(node, &mut parts).then_some(parts)
    }

    fn collect(&self, node: &'a Node, into: &mut Parts<'a>) -> bool {
        let entries = match &node.value {
            Value::Mapping(entries) => entries.as_slice(),
            // `true` is the schema of anything.
            Value::Bool(true) => return true,
            _ => return false,
        };
        if let Some(reference) = text(get(node, "$ref")) {
            if into.path.iter().any(|one| one == reference) || into.path.len() > 64 {
                return false;
            }
            let Some(target) = self.target(reference) else { return false };
            into.path.push(reference.to_owned());
            if !self.collect(target, into) {
                return false;
            }
        }
        if let Some(Value::Sequence(all)) = get(node, "allOf").map(|all| &all.value)
            && !all.iter().all(|one| self.collect(one, into))
        {
            return false;
        }
        into.parts.push(entries);
        true
    }
}

impl<'a> Parts<'a> {
    /// The value of a key; a later part goes before an earlier one.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.parts.iter().rev().find_map(|entries| find(entries, key)).map(|entry| &entry.value)
    }

    /// All values of a key, in the order of the parts.
    pub(super) fn all<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'a Node> + 's {
        self.parts.iter().filter_map(move |entries| find(entries, key)).map(|entry| &entry.value)
    }

    /// Every key that stands there.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a Entry> + '_ {
        self.parts.iter().flat_map(|entries| entries.iter())
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        text(self.get(key))
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.value == Value::Bool(true))
    }
}

fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key.value == key)
}

/// The value of a key of a mapping.
pub(super) fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    find(entries(node), key).map(|entry| &entry.value)
}

/// The keys of a mapping; nothing else has any.
pub(super) fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}

/// The items of a list; nothing else has any.
pub(super) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::Sequence(items)) => items,
        _ => &[],
    }
}

pub(super) fn text(node: Option<&Node>) -> Option<&str> {
    match node.map(|node| &node.value) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// A value as JSON.
pub(super) fn json(node: &Node) -> Json {
    crate::check::literal::json(node)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
