//! What the audit log is told of a call, and how much of its arguments.
//!
//! Arguments are shown only as far as the tool has such parameters; what may be a secret is masked, what is long
//! is cut. The digest of the whole proves later which call it was.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Incoming;
use crate::audit::sha256;
use crate::auth::Caller;
use crate::catalog::Entry;
use crate::context::{CONTEXT_ARGUMENTS, Context};
use crate::json::Tree;
use crate::masked::{MASK, mask};

/// Longest text of an argument that is shown, in characters.
const LONGEST_TEXT: usize = 256;
/// Items of a list, and members of an object, that are shown.
const MOST_ITEMS: usize = 32;
/// Length of all arguments as they are shown, in bytes.
const LONGEST_ARGUMENTS: usize = 4096;
/// Parts of names behind which there is a secret, whatever the manifest says.
const SECRETS: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "privatekey",
];

/// What all records of one call say.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    pub(super) correlation_id: String,
    pub(super) credential: Option<String>,
    pub(super) tenant: String,
    pub(super) actor: String,
    pub(super) roles: Option<Vec<String>>,
    pub(super) tool: Option<&'static str>,
    called_as: String,
    manifest_hash: Option<String>,
    effect: Option<&'static str>,
    client: Option<IpAddr>,
    arguments: Option<Value>,
    arguments_sha256: Option<String>,
}

impl Facts {
    /// The facts of a call. `entry` is `None` where there is no such tool; nothing is said of arguments then,
    /// since nothing is known of them. Arguments are looked at only if `audited`.
    pub(super) fn new(
        entry: Option<&Entry>,
        context: &Context,
        incoming: &Incoming<'_>,
        audited: bool,
    ) -> Self {
        // Read once for both of its forms.
        let tree = audited.then(|| Tree::parse(incoming.arguments.unwrap_or("{}"))).flatten();
        Self {
            correlation_id: incoming.correlation.id().to_owned(),
            credential: context.credential.as_deref().map(bounded),
            tenant: bounded(&context.tenant),
            actor: bounded(&context.actor),
            roles: context
                .roles
                .as_ref()
                .map(|roles| roles.iter().take(MOST_ITEMS).map(|role| bounded(role)).collect()),
            tool: entry.map(|entry| entry.tool.spec().name),
            called_as: bounded(incoming.called_as),
            manifest_hash: entry.map(|entry| entry.manifest_hash.clone()),
            effect: entry.map(|entry| entry.tool.spec().effect.as_str()),
            client: incoming.client,
            arguments: tree.as_ref().zip(entry).and_then(|(tree, entry)| shown(tree, entry)),
            arguments_sha256: tree.as_ref().map(hash),
        }
    }
}

/// Who calls where the call does not get as far as saying so itself.
pub(super) fn context_of(caller: &Caller) -> Context {
    match caller {
        Caller::Anyone => Context::default(),
        Caller::Known(principal) => Context {
            tenant: principal.tenant.clone(),
            actor: principal.actor.clone(),
            roles: Some(principal.roles.clone()),
            credential: Some(principal.credential.clone()),
            ..Context::default()
        },
    }
}

/// The digest of all arguments, whatever way they were written.
fn hash(tree: &Tree<'_>) -> String {
    sha256(tree.canonical().as_bytes())
}

/// The arguments as the log may show them; `None` where they are no object.
fn shown(tree: &Tree<'_>, entry: &Entry) -> Option<Value> {
    let Value::Object(mut members) = tree.readable() else { return None };
    CONTEXT_ARGUMENTS.iter().for_each(|name| {
        members.shift_remove(*name);
    });
    let mut arguments = Value::Object(members);
    mask(&mut arguments, entry.tool.spec().sensitive);
    let Value::Object(members) = arguments else { return None };
    let mut left = LONGEST_ARGUMENTS;
    let mut shown = Map::new();
    for (name, value) in members.into_iter().take(MOST_ITEMS) {
        let known = entry.parameters.contains(&name);
        let value = if known { cut(&name, value) } else { Value::from(MASK) };
        let name = bounded(&name);
        let length = name.len() + value.to_string().len();
        let value = if length <= left { value } else { Value::from(format!("({length} bytes)")) };
        left = left.saturating_sub(length);
        shown.insert(name, value);
    }
    Some(Value::Object(shown))
}

/// A value without what may be a secret by its name, and without what is long.
fn cut(name: &str, value: Value) -> Value {
    if is_secret(name) {
        return Value::from(MASK);
    }
    match value {
        Value::String(text) => Value::from(bounded(without_query(&text))),
        Value::Array(items) => items.into_iter().take(MOST_ITEMS).map(|item| cut(name, item)).collect(),
        Value::Object(members) => members
            .into_iter()
            .take(MOST_ITEMS)
            .map(|(name, value)| {
                let value = cut(&name, value);
                (bounded(&name), value)
            })
            .collect(),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    SECRETS.iter().any(|secret| plain.contains(secret))
}

/// A URL without user and query, where secrets travel; any other text as it is.
fn without_query(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric()) {
        return text;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return scheme;
    }
    text.split(['?', '#']).next().unwrap_or_default()
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}... ({} bytes)", text.get(..at).unwrap_or_default(), text.len()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_be_a_secret_is_masked_by_its_name_at_any_depth() {
        let value = json!({"headers": {"X-Api-Key": "k", "Cookie": "c", "plain": "p"}, "list": [{"accessToken": "t"}]});
        let expected = json!({"headers": {"X-Api-Key": "***", "Cookie": "***", "plain": "p"}, "list": [{"accessToken": "***"}]});
        assert_eq!(cut("properties", value), expected);
        assert_eq!(cut("client_secret", json!({"any": 1})), json!("***"));
    }

    #[test]
    fn a_url_is_shown_without_user_and_query() {
        for (text, shown) in [
            ("https://a.example/path?key=canary#x", "https://a.example/path"),
            ("https://a.example/path#canary", "https://a.example/path"),
            ("https://user:canary@a.example/path", "https"),
            ("is this a question? yes", "is this a question? yes"),
            ("see https://a.example/?x", "see https://a.example/?x"),
        ] {
            assert_eq!(without_query(text), shown);
        }
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = "ü".repeat(300);
        assert_eq!(bounded(&text), format!("{}... (600 bytes)", "ü".repeat(256)));
        assert_eq!(bounded("short"), "short");
    }

    #[test]
    fn the_digest_is_of_the_value_and_not_of_its_spelling() {
        let hash = |text| hash(&Tree::parse(text).unwrap());
        assert_eq!(hash(r#"{"b":1.0,"a":"x"}"#), hash(r#"{ "a": "\u0078", "b": 1 }"#));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":2}"#));
    }
}
