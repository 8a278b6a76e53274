//! Schemas of OpenAPI as shapes of this language. A shape comes out in any case, the widest at worst, and what
//! is lost on the way is said.

mod bounds;

use diagnostics::yaml::{Node, Value};
use diagnostics::{Sink, Span};
use serde_json::Value as Json;

use super::document::{Document, Parts, entries, get, items, text};
use super::names;
use crate::characters;
use crate::check::literal::Literal;
use crate::check::names::is_snake_case;
use crate::check::pattern;
use crate::check::privacy;
use crate::check::schema::MAX_DESCRIPTION;
use crate::ir::{Element, Format, List, Presence, Property, Shape, Text};
use crate::manifest::property::MAX_DEPTH;

/// Whether a schema is of what is sent, or of what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Call,
    Answer,
}

/// Converts schemas of one side.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a, 'd> {
    pub(super) document: &'d Document<'a>,
    pub(super) side: Side,
}

/// Keys that every schema may have and that are taken care of.
const EVERYWHERE: [&str; 12] = [
    "type",
    "description",
    "nullable",
    "default",
    "$ref",
    "allOf",
    "oneOf",
    "anyOf",
    "readOnly",
    "writeOnly",
    "enum",
    "const",
];
/// Keys that say something to people who read a schema, and nothing to a call.
const ANNOTATIONS: [&str; 10] = [
    "title",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "$comment",
    "deprecated",
    "discriminator",
    "$id",
    "$schema",
];

impl<'a> Schemas<'a, '_> {
    /// The element of a schema; `depth` is how deep it lies in the parameters.
    pub(super) fn element(self, node: &'a Node, path: &[String], depth: usize) -> Element {
        match self.document.parts(node, path) {
            Some(parts) => self.of_parts(&parts, depth),
            None => {
                let what = "a reference that leads elsewhere, nowhere or in a circle: taken as any value";
                self.document.lost(node.span, what);
                let description = get(node, "description").and_then(|node| self.prose(node, MAX_DESCRIPTION));
                Element { description, sensitive: false, shape: Shape::Any }
            }
        }
    }

    /// The properties of an object, if a schema is of one.
    pub(super) fn object(self, parts: &Parts<'a>, depth: usize) -> Vec<Property> {
        let required: Vec<&str> = parts
            .all("required")
            .flat_map(|list| items(Some(list)))
            .filter_map(|one| text(Some(one)))
            .collect();
        let mut found: Vec<Property> = Vec::new();
        for entry in parts.all("properties").flat_map(entries) {
            let name = entry.key.value.as_str();
            found.retain(|before| before.wire != name);
            if let Some(property) = self.property(
                name,
                entry.key.span,
                &entry.value,
                required.contains(&name),
                parts,
                depth,
                &found,
            ) {
                found.push(property);
            }
        }
        for name in
            required.iter().filter(|name| !parts.all("properties").any(|all| get(all, name).is_some()))
        {
            self.document.lost(parts.at, format!("`{name}` is required and nowhere described"));
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "a property is what stands around it")]
    fn property(
        self,
        name: &str,
        at: Span,
        node: &'a Node,
        required: bool,
        of: &Parts<'a>,
        depth: usize,
        before: &[Property],
    ) -> Option<Property> {
        let parts = self.document.parts(node, &of.path);
        let flag = |key: &str| parts.as_ref().is_some_and(|parts| parts.flag(key));
        let (other, word) = match self.side {
            Side::Call => (flag("readOnly"), "read"),
            Side::Answer => (flag("writeOnly"), "write"),
        };
        if other {
            self.document.lost(at, format!("`{name}` is {word}-only and has no part in this"));
            return None;
        }
        let taken: Vec<String> = before.iter().map(|one| one.name.clone()).collect();
        let legal = is_snake_case(name) && name.len() <= 40;
        let own = match text(get(node, "x-name")) {
            Some(own) => own.to_owned(),
            None if legal && !taken.contains(&name.to_owned()) => name.to_owned(),
            None if self.side == Side::Answer => {
                let why = "an answer describes only names in snake_case; it may hold this one all the same";
                self.document.lost(at, format!("`{name}`: {why}"));
                return None;
            }
            None => names::param(name, &taken),
        };
        let mut element = self.element(node, &of.path, depth);
        element.sensitive |=
            self.side == Side::Call && privacy::looks_secret(&own, &element.shape) && !said(node);
        let default = parts.as_ref().and_then(|parts| parts.get("default"));
        let presence = self.presence(required, default, &element.shape);
        Some(Property { name: own, wire: name.to_owned(), presence, element })
    }

    /// Whether a value must be given, and what stands for it if not.
    pub(super) fn presence(self, required: bool, default: Option<&Node>, shape: &Shape) -> Presence {
        let default = default.filter(|default| default.value != Value::Null || *shape == Shape::Any);
        match (required, default) {
            (true, None) => Presence::Required,
            (true, Some(default)) => {
                self.document.lost(default.span, "the default of what is required could never be used");
                Presence::Required
            }
            (false, None) => Presence::Optional,
            (false, Some(default)) => match (self.side, self.literal(default, shape)) {
                (Side::Answer, _) => {
                    self.document.lost(default.span, "an answer has no defaults");
                    Presence::Optional
                }
                (Side::Call, Some(value)) => Presence::Default(value),
                (Side::Call, None) => {
                    self.document.lost(default.span, "a default that its own schema refuses");
                    Presence::Optional
                }
            },
        }
    }

    /// A value as JSON if a shape takes it.
    pub(super) fn literal(self, node: &Node, shape: &Shape) -> Option<Json> {
        let sink = Sink::default();
        Literal { what: "value", code: super::notes::NOT_EXPRESSED, sink: &sink }.value(node, shape)
    }

    /// A text for agents, without what may not stand in one.
    pub(super) fn prose(self, node: &Node, most: usize) -> Option<String> {
        let text = text(Some(node))?;
        let clean = characters::cleaned(text);
        if clean != text {
            self.document.lost(node.span, "characters that nobody sees are left out");
        }
        let clean = clean.trim();
        if clean.chars().count() <= most {
            return Some(clean.to_owned()).filter(|text| !text.is_empty());
        }
        self.document.lost(node.span, format!("the text is cut after {most} characters"));
        let cut: String = clean.chars().take(most).collect();
        let end = cut.rfind(['.', '\n']).map_or(cut.len(), |end| end + 1);
        Some(cut.get(..end).unwrap_or(&cut).trim().to_owned())
    }

    fn of_parts(self, parts: &Parts<'a>, depth: usize) -> Element {
        let described = parts.get("description");
        let description = described.and_then(|node| self.prose(node, MAX_DESCRIPTION));
        let password = parts.text("format") == Some("password");
        let sensitive = self.side == Side::Call && (parts.flag("x-sensitive") || password);
        Element { description, sensitive, shape: self.shape(parts, depth) }
    }

    fn shape(self, parts: &Parts<'a>, depth: usize) -> Shape {
        if let Some(alternatives) = parts.get("oneOf").or_else(|| parts.get("anyOf")) {
            return self.alternatives(parts, alternatives, depth);
        }
        let (kind, nullable) = self.kind(parts);
        let Some(kind) = kind else {
            // Without a type a keyword of one is obeyed only where the value has it.
            self.rest(parts, &[]);
            return Shape::Any;
        };
        if nullable {
            match self.side {
                Side::Call => self.document.lost(parts.at, "null is the same as absent, and cannot be sent"),
                Side::Answer => {
                    self.document.lost(parts.at, "it may be null, so any value is taken");
                    return Shape::Any;
                }
            }
        }
        match kind {
            "string" => self.string(parts),
            "integer" => self.integer(parts),
            "number" => self.number(parts),
            "boolean" => {
                self.no_enum(parts);
                self.rest(parts, &[]);
                Shape::Flag
            }
            "array" => self.array(parts, depth),
            "object" => self.record(parts, depth),
            other => {
                self.document.lost(parts.at, format!("there is no type `{other}`: taken as any value"));
                Shape::Any
            }
        }
    }

    /// One of several schemas.
    fn alternatives(self, parts: &Parts<'a>, alternatives: &'a Node, depth: usize) -> Shape {
        let is_null = |node: &&Node| text(get(node, "type")) == Some("null");
        let several: Vec<&Node> = items(Some(alternatives)).iter().filter(|node| !is_null(node)).collect();
        if let [one] = several.as_slice() {
            if several.len() < items(Some(alternatives)).len() && self.side == Side::Answer {
                self.document.lost(alternatives.span, "it may be null, so any value is taken");
                return Shape::Any;
            }
            return self.element(one, &parts.path, depth).shape;
        }
        let words: Option<Vec<Vec<String>>> = several.iter().map(|one| words_of(one)).collect();
        if let Some(mut words) = words.map(|words| words.concat()).filter(|words| !words.is_empty()) {
            words.dedup();
            return Shape::Choice(words);
        }
        self.document.lost(alternatives.span, "one of several schemas: taken as any value");
        Shape::Any
    }

    /// The type, and whether null may stand for it.
    fn kind(self, parts: &Parts<'a>) -> (Option<&'a str>, bool) {
        let nullable = parts.flag("nullable");
        let Some(node) = parts.get("type") else { return (inferred(parts), nullable) };
        let listed: Vec<&str> = items(Some(node)).iter().filter_map(|one| text(Some(one))).collect();
        if listed.is_empty() {
            return (text(Some(node)), nullable);
        }
        let nullable = nullable || listed.contains(&"null");
        let types: Vec<&str> = listed.into_iter().filter(|kind| *kind != "null").collect();
        match types.as_slice() {
            [one] => (Some(one), nullable),
            [a, b] if ["integer", "number"].contains(a) && ["integer", "number"].contains(b) => {
                (Some("number"), nullable)
            }
            _ => {
                self.document.lost(node.span, "one of several types: taken as any value");
                (None, false)
            }
        }
    }

    fn string(self, parts: &Parts<'a>) -> Shape {
        if let Some(choice) = parts.get("enum").or_else(|| parts.get("const")) {
            let single = [choice.clone()];
            let list = if items(Some(choice)).is_empty() { &single[..] } else { items(Some(choice)) };
            let mut words: Vec<String> = Vec::new();
            for one in list {
                match text(Some(one)) {
                    Some(word) if !words.iter().any(|known| known == word) => words.push(word.to_owned()),
                    Some(_) => {}
                    None => self.document.lost(one.span, "only texts can be enumerated"),
                }
            }
            self.rest(parts, &[]);
            return if words.is_empty() { Shape::Text(Text::default()) } else { Shape::Choice(words) };
        }
        let pattern = parts.get("pattern").and_then(|node| {
            let pattern = text(Some(node))?;
            match pattern::compile(pattern) {
                Ok(_) => Some(pattern.to_owned()),
                Err(why) => {
                    self.document.lost(node.span, format!("the pattern is left out: {why}"));
                    None
                }
            }
        });
        let format = parts.get("format").and_then(|node| {
            let word = text(Some(node))?;
            let known = Format::WORDS.iter().find(|(known, _)| *known == word).map(|(_, format)| *format);
            if known.is_none() && word != "password" {
                self.document.lost(node.span, format!("the format `{word}` is not enforced"));
            }
            known
        });
        self.rest(parts, &["minLength", "maxLength", "pattern", "format"]);
        let (min_length, max_length) = (self.count(parts, "minLength"), self.count(parts, "maxLength"));
        Shape::Text(Text { min_length, max_length, pattern, format })
    }

    fn count(self, parts: &Parts<'a>, key: &str) -> Option<u32> {
        match parts.get(key)?.value {
            Value::Integer(count) => u32::try_from(count).ok(),
            _ => None,
        }
    }

    fn array(self, parts: &Parts<'a>, depth: usize) -> Shape {
        self.no_enum(parts);
        self.rest(parts, &["items", "minItems", "maxItems", "uniqueItems"]);
        if depth >= MAX_DEPTH {
            self.document.lost(parts.at, format!("more than {MAX_DEPTH} levels deep: taken as any value"));
            return Shape::Any;
        }
        let item = match parts.get("items") {
            Some(items) => self.element(items, &parts.path, depth + 1),
            None => Element { description: None, sensitive: false, shape: Shape::Any },
        };
        Shape::List(List {
            item: Box::new(item),
            min_items: self.count(parts, "minItems"),
            max_items: self.count(parts, "maxItems"),
            unique: parts.flag("uniqueItems"),
        })
    }

    fn record(self, parts: &Parts<'a>, depth: usize) -> Shape {
        self.no_enum(parts);
        self.rest(parts, &["properties", "required", "additionalProperties"]);
        let any = parts.all("properties").flat_map(entries).next().is_some();
        if let Some(node) = parts.get("additionalProperties") {
            let closed = node.value == Value::Bool(false);
            let open = node.value == Value::Bool(true);
            match (any, self.side) {
                (true, Side::Call) if !closed => {
                    self.document.lost(node.span, "only the properties that are named can be given");
                }
                (false, _) if !open && !closed => {
                    self.document.lost(node.span, "the values of an object of any keys are not checked");
                }
                _ => {}
            }
        }
        if !any {
            return Shape::FreeObject;
        }
        if depth >= MAX_DEPTH {
            self.document.lost(parts.at, format!("more than {MAX_DEPTH} levels deep: taken as any object"));
            return Shape::FreeObject;
        }
        let properties = self.object(parts, depth + 1);
        if properties.is_empty() { Shape::FreeObject } else { Shape::Record(properties) }
    }

    fn no_enum(self, parts: &Parts<'a>) {
        for key in ["enum", "const"] {
            if let Some(node) = parts.get(key) {
                self.document.lost(node.span, "only texts can be enumerated");
            }
        }
    }

    /// Says which keys of a schema have no counterpart.
    fn rest(self, parts: &Parts<'a>, known: &[&str]) {
        for entry in parts.keys() {
            let key = entry.key.value.as_str();
            if key.starts_with("x-") || ANNOTATIONS.contains(&key) {
                self.document.passed_over(key, entry.key.span);
            } else if !EVERYWHERE.contains(&key) && !known.contains(&key) {
                self.document.lost(entry.key.span, format!("`{key}` has no counterpart here"));
            }
        }
    }
}

/// Whether a document of our own says that a property is no secret.
fn said(node: &Node) -> bool {
    get(node, "x-sensitive").is_some()
}

/// The type that the keywords of a schema without one speak of.
fn inferred(parts: &Parts<'_>) -> Option<&'static str> {
    let has = |key: &str| parts.get(key).is_some();
    let texts = |node: &Node| items(Some(node)).iter().all(|one| text(Some(one)).is_some());
    if has("properties") {
        Some("object")
    } else if has("items") {
        Some("array")
    } else if parts.get("enum").is_some_and(texts) || parts.text("const").is_some() {
        Some("string")
    } else {
        None
    }
}

/// The texts that a schema enumerates, if it does nothing else.
fn words_of(node: &Node) -> Option<Vec<String>> {
    if let Some(word) = text(get(node, "const")) {
        return Some(vec![word.to_owned()]);
    }
    let words = items(get(node, "enum"));
    let texts: Option<Vec<String>> = words.iter().map(|one| text(Some(one)).map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty())
}
