//! The manifest language as data: every key with its form and its meaning.
//!
//! The JSON Schema for editors and the reference for people are both made from these tables, and a test holds
//! them against the keys that the reader asks for.

use crate::ir::{Format, Method};
use crate::manifest::Kind;

mod reference;
mod schema;

pub use reference::reference;
pub use schema::manifest_schema;

/// A key of the language.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) needed: Needed,
    pub(crate) form: Form,
    pub(crate) text: &'static str,
}

/// Whether a key must be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    Always,
    /// Depends on others; the text says when.
    Sometimes,
    Never,
}

/// What may stand behind a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Title,
    Description,
    Words(&'static [&'static str]),
    Types,
    Formats,
    Roles,
    Aliases,
    Service,
    Request,
    Handler,
    Timeout,
    RateLimit,
    Params,
    Output,
    Examples,
    Flag,
    Anything,
    WireName,
    Length,
    Pattern,
    Choices,
    Bound,
    Items,
    Properties,
}

/// Which types obey a key of a property.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    All,
    Strings,
    Numbers,
    /// `number`, and not `integer`.
    Fractions,
    Arrays,
    Objects,
    /// Where the value goes.
    Place,
}

const fn key(name: &'static str, needed: Needed, form: Form, text: &'static str) -> Key {
    Key { name, needed, form, text }
}

use Needed::{Always, Never, Sometimes};

/// The keys of a manifest, in the order in which they are written.
pub(crate) static MANIFEST: [Key; 14] = [
    key("title", Always, Form::Title, "Short name for people, at most 80 characters."),
    key(
        "description",
        Always,
        Form::Description,
        "For the agent that chooses: what the tool does, when to use it, what comes back, what to call next. At most 1,024 characters.",
    ),
    key(
        "effect",
        Always,
        Form::Words(&["read", "write", "destructive"]),
        "What a call does. Decides the annotations that clients are told, and whether a call runs on when its client goes away.",
    ),
    key(
        "approval",
        Sometimes,
        Form::Words(&["required", "none"]),
        "Whether a person approves each call first. May be left out only where the effect is read; a destructive tool needs it.",
    ),
    key(
        "roles",
        Never,
        Form::Roles,
        "Who may call: `default` (those of `security.default_allowed_roles`; so if left out) or a list of roles. Written out where an answer holds personal data.",
    ),
    key(
        "aliases",
        Always,
        Form::Aliases,
        "Further names that reach the tool; at least the dotted one, such as `crm.create_deal`.",
    ),
    key(
        "backend",
        Sometimes,
        Form::Service,
        "A service that `services.yaml` names. Together with `request`.",
    ),
    key(
        "request",
        Sometimes,
        Form::Request,
        "Method and path: `POST /create_deal`. `{name}` as a whole segment takes the parameter of that name.",
    ),
    key(
        "handler",
        Sometimes,
        Form::Handler,
        "Instead of these two: a function of the runtime, such as `fetch`.",
    ),
    key(
        "timeout",
        Never,
        Form::Timeout,
        "For the whole answer: `10s`, `500ms`. 10s if left out, at most 120s.",
    ),
    key("rate_limit", Never, Form::RateLimit, "Calls per window and tenant."),
    key("params", Never, Form::Params, "The arguments, by name."),
    key(
        "output",
        Never,
        Form::Output,
        "The properties of the result, in the same language. Tests hold answers against it.",
    ),
    key("examples", Never, Form::Examples, "A list of arguments that the tool takes. Tests call them."),
];

/// The keys of a parameter, and which types obey each.
pub(crate) static PROPERTY: [(Of, Key); 21] = [
    (Of::All, key("type", Always, Form::Types, "The type of the value.")),
    (
        Of::All,
        key(
            "description",
            Sometimes,
            Form::Description,
            "What the value means. Required for a parameter itself, at most 1,024 characters.",
        ),
    ),
    (Of::All, key("required", Never, Form::Flag, "`true` if it must be given.")),
    (Of::All, key("default", Never, Form::Anything, "Used where it is absent, as if the agent had sent it.")),
    (
        Of::Place,
        key(
            "in",
            Never,
            Form::Words(&["path", "query", "header", "body"]),
            "The part of the request it goes to. Left out: path where the path has `{name}`, query for GET and DELETE, else body.",
        ),
    ),
    (Of::Place, key("as", Never, Form::WireName, "Its name on the wire, where that is another.")),
    (
        Of::Place,
        key(
            "sensitive",
            Never,
            Form::Flag,
            "`true` keeps it out of logs and masks it in `--dry-run`; `false` says that what looks like a secret is none.",
        ),
    ),
    (Of::Strings, key("minLength", Never, Form::Length, "Fewest characters.")),
    (Of::Strings, key("maxLength", Never, Form::Length, "Most characters.")),
    (
        Of::Strings,
        key(
            "pattern",
            Never,
            Form::Pattern,
            "A regular expression that some part of the text matches; only what Rust and ECMAScript read alike.",
        ),
    ),
    (Of::Strings, key("format", Never, Form::Formats, "A form that is enforced.")),
    (Of::Strings, key("enum", Never, Form::Choices, "The texts that may stand there, each once.")),
    (Of::Numbers, key("minimum", Never, Form::Bound, "Least value.")),
    (Of::Numbers, key("maximum", Never, Form::Bound, "Greatest value.")),
    (Of::Fractions, key("exclusiveMinimum", Never, Form::Bound, "Every value is greater.")),
    (Of::Fractions, key("exclusiveMaximum", Never, Form::Bound, "Every value is less.")),
    (Of::Arrays, key("items", Sometimes, Form::Items, "What the list holds. Required for a list.")),
    (Of::Arrays, key("minItems", Never, Form::Length, "Fewest items.")),
    (Of::Arrays, key("maxItems", Never, Form::Length, "Most items.")),
    (Of::Arrays, key("uniqueItems", Never, Form::Flag, "`true` if no item stands twice.")),
    (
        Of::Objects,
        key(
            "properties",
            Never,
            Form::Properties,
            "What the object holds. Without it any members are taken and passed on as they came.",
        ),
    ),
];

/// The words of the types.
pub(crate) fn types() -> impl Iterator<Item = &'static str> {
    Kind::WORDS.iter().map(|(word, _)| *word)
}

/// The words of the formats.
pub(crate) fn formats() -> impl Iterator<Item = &'static str> {
    Format::WORDS.iter().map(|(word, _)| *word)
}

/// The methods of a request.
pub(crate) fn methods() -> impl Iterator<Item = &'static str> {
    Method::WORDS.iter().map(|(word, _)| *word)
}

/// All keys that the tables know: those of a manifest, and those of a parameter with `params.` in front.
#[must_use]
pub fn keys() -> Vec<String> {
    let manifest = MANIFEST.iter().map(|key| key.name.to_owned());
    let property = PROPERTY.iter().map(|(_, key)| format!("params.{}", key.name));
    manifest.chain(property).collect()
}

// === impl Of ===

impl Of {
    /// Whether a type of this word obeys the key.
    pub(crate) fn holds_for(self, kind: &str) -> bool {
        match self {
            Self::All | Self::Place => true,
            Self::Strings => kind == "string",
            Self::Numbers => matches!(kind, "integer" | "number"),
            Self::Fractions => kind == "number",
            Self::Arrays => kind == "array",
            Self::Objects => kind == "object",
        }
    }
}
