//! Tools as they are after every check: nothing here can be wrong any more, and nothing knows a place in a
//! file. What is emitted is made from these types alone.

use std::time::Duration;

use serde_json::Value;

/// One tool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tool {
    pub(crate) domain: String,
    /// The name of the file, without domain.
    pub(crate) stem: String,
    /// The listed name: domain and stem.
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) effect: Effect,
    pub(crate) approval: bool,
    pub(crate) roles: Roles,
    pub(crate) target: Target,
    pub(crate) timeout: Duration,
    pub(crate) rate_limit: Option<u32>,
    pub(crate) params: Vec<Param>,
    pub(crate) output: Option<Vec<Property>>,
    /// Whole calls.
    pub(crate) examples: Vec<Value>,
}

/// What a call does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
    Destructive,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roles {
    Default,
    Only(Vec<String>),
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Backend { service: String, method: Method, path: String },
    Native { handler: String },
}

/// Methods of HTTP that a request may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A parameter and its place in the request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Param {
    pub(crate) place: Place,
    pub(crate) property: Property,
}

/// The part of a request that a parameter goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: String,
    /// The name on the wire.
    pub(crate) wire: String,
    pub(crate) presence: Presence,
    pub(crate) element: Element,
}

/// Whether a value must be given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Presence {
    Required,
    Optional,
    Default(Value),
}

/// A value without a name: what a property holds, or an item of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    pub(crate) description: Option<String>,
    pub(crate) sensitive: bool,
    pub(crate) shape: Shape,
}

/// The type of a value with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Text(Text),
    Choice(Vec<String>),
    Integer { minimum: Option<i64>, maximum: Option<i64> },
    Number(Number),
    Flag,
    List(List),
    Record(Vec<Property>),
    FreeObject,
    Any,
}

/// Constraints of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) min_length: Option<u32>,
    pub(crate) max_length: Option<u32>,
    pub(crate) pattern: Option<String>,
    pub(crate) format: Option<Format>,
}

/// Constraints of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Number {
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
    pub(crate) exclusive_minimum: Option<f64>,
    pub(crate) exclusive_maximum: Option<f64>,
}

/// A list and its constraints.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List {
    pub(crate) item: Box<Element>,
    pub(crate) min_items: Option<u32>,
    pub(crate) max_items: Option<u32>,
    pub(crate) unique: bool,
}

/// Formats of text that are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Email,
    Date,
    DateTime,
    Uri,
    Uuid,
}

// === impl Tool ===

impl Tool {
    /// The parameters without their places.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &Property> + Clone {
        self.params.iter().map(|param| &param.property)
    }
}

// === impl Effect ===

impl Effect {
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("read", Self::Read), ("write", Self::Write), ("destructive", Self::Destructive)];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

// === impl Target ===

/// The functions of the runtime that meet what strangers put there; the others tell of the runtime itself.
const OPEN_WORLD: [&str; 1] = ["fetch"];

impl Target {
    /// Whether a call may meet anything at all, so that clients take care with what it brings back. A backend is the
    /// tenant's own.
    pub(crate) fn is_open_world(&self) -> bool {
        matches!(self, Self::Native { handler } if OPEN_WORLD.contains(&handler.as_str()))
    }
}

// === impl Place ===

impl Place {
    pub(crate) const WORDS: [(&'static str, Self); 4] =
        [("path", Self::Path), ("query", Self::Query), ("header", Self::Header), ("body", Self::Body)];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }
}

// === impl Method ===

impl Method {
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("GET", Self::Get),
        ("POST", Self::Post),
        ("PUT", Self::Put),
        ("PATCH", Self::Patch),
        ("DELETE", Self::Delete),
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Delete)
    }
}

// === impl Shape ===

impl Shape {
    /// The word of the type.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Choice(_) => "string",
            Self::Integer { .. } => "integer",
            Self::Number(_) => "number",
            Self::Flag => "boolean",
            Self::List(_) => "array",
            Self::Record(_) | Self::FreeObject => "object",
            Self::Any => "any",
        }
    }

    /// Text, a number or a boolean: what fits into a path, a query or a header.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Choice(_) | Self::Integer { .. } | Self::Number(_) | Self::Flag)
    }
}

// === impl Format ===

impl Format {
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("email", Self::Email),
        ("date", Self::Date),
        ("date-time", Self::DateTime),
        ("uri", Self::Uri),
        ("uuid", Self::Uuid),
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Uri => "uri",
            Self::Uuid => "uuid",
        }
    }
}
