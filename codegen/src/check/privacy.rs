//! Secrets and personal data that a manifest handles, judged by the names of parameters and properties.
//!
//! A name is a hint and no proof, so each finding can be answered in the manifest: `sensitive: false` says that
//! a parameter is no secret, and `roles` that is written out, if only as
//! `default`, says who may read personal data.

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink};

use crate::ir::{Effect, Shape};
use crate::manifest::property::Schema;
use crate::manifest::{Kind, Manifest, Property};
use crate::rules;

/// Names of secrets: words, or several words in a row.
const SECRETS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "signing_key",
    "encryption_key",
    "credential",
    "credentials",
    "authorization",
    "cvv",
    "otp",
];

/// Words beside which a token is a place in a list and no secret.
const NO_SECRETS: [&str; 6] = ["page", "next", "continuation", "sync", "cursor", "id"];

/// Names of personal data.
const PERSONAL: [&str; 22] = [
    "email",
    "e_mail",
    "phone",
    "mobile",
    "fax",
    "first_name",
    "firstname",
    "last_name",
    "lastname",
    "full_name",
    "surname",
    "birthday",
    "birth_date",
    "date_of_birth",
    "street",
    "postal_address",
    "home_address",
    "iban",
    "ssn",
    "passport",
    "salary",
    "gender",
];

/// Checks parameters for secrets that a log would show, and an answer for personal data whose readers nobody has named.
pub(super) fn check(manifest: &Manifest<'_>, sink: &Sink) {
    for param in manifest.params.iter().flatten() {
        secrets(param, sink);
    }
    personal_data(manifest, sink);
}

fn secrets(property: &Property<'_>, sink: &Sink) {
    let Some(schema) = &property.schema else { return };
    let name = property.name.value;
    if holds_text(schema) && is_secret(name) && schema.sensitive.is_none() {
        let message = format!("`{name}` looks like a secret");
        let help = "write `sensitive: true`, so that no log shows it, or `sensitive: false` if it is none";
        sink.push(Diagnostic::error(rules::BARE_SECRET, property.name.span, message).with_help(help));
    }
    // What is kept out of logs as a whole needs no marks inside.
    if schema.sensitive != Some(true) {
        inside(schema).for_each(|one| secrets(one, sink));
    }
}

/// Whether a property that is checked would look like a secret.
pub(crate) fn looks_secret(name: &str, shape: &Shape) -> bool {
    fn text(shape: &Shape) -> bool {
        match shape {
            Shape::Text(_) | Shape::Choice(_) => true,
            Shape::List(list) => text(&list.item.shape),
            _ => false,
        }
    }
    text(shape) && is_secret(name)
}

fn is_secret(name: &str) -> bool {
    has_word(name, &SECRETS) && !has_word(name, &NO_SECRETS)
}

fn personal_data(manifest: &Manifest<'_>, sink: &Sink) {
    let reads = manifest.effect.is_some_and(|effect| effect.value == Effect::Read);
    let Field::Is(Some(output)) = &manifest.output else { return };
    if !reads || !manifest.roles.is_absent() {
        return;
    }
    let mut found = Vec::new();
    output.iter().for_each(|one| personal(one, &mut found));
    if let Some((first, others)) = found.split_first() {
        let name = first.name.value;
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let message = format!("nobody has said who may read what looks like personal data: `{name}`{more}");
        let help = "list the roles that need it, `roles: [...]`, or write `roles: default`";
        sink.push(Diagnostic::warning(rules::OPEN_PERSONAL_DATA, first.name.span, message).with_help(help));
    }
}

fn personal<'p, 'a>(property: &'p Property<'a>, found: &mut Vec<&'p Property<'a>>) {
    let Some(schema) = &property.schema else { return };
    if holds_text(schema) && has_word(property.name.value, &PERSONAL) {
        found.push(property);
    }
    inside(schema).for_each(|one| personal(one, found));
}

/// The properties of an object, or of the objects in a list.
fn inside<'p, 'a>(schema: &'p Schema<'a>) -> Box<dyn Iterator<Item = &'p Property<'a>> + 'p> {
    let inner = schema.properties.as_ref().ok().and_then(|inner| inner.value.as_ref());
    let item = schema.items.as_ref().ok().and_then(Option::as_deref);
    Box::new(inner.into_iter().flatten().chain(item.into_iter().flat_map(inside)))
}

/// Text, or a list of texts.
fn holds_text(schema: &Schema<'_>) -> bool {
    let item = schema.items.as_ref().ok().and_then(Option::as_deref);
    schema.kind == Some(Kind::String) || item.is_some_and(holds_text)
}

/// Whether one of the names stands in this one, as whole words.
fn has_word(name: &str, names: &[&str]) -> bool {
    let name = format!("_{}_", name.to_lowercase());
    names.iter().any(|word| name.contains(&format!("_{word}_")) || name.contains(&format!("_{word}s_")))
}
