//! The changes of one tool outside of its schemas.

use std::collections::BTreeMap;

use super::shape::{self, Side};
use super::{Change, Class};
use crate::ir::{Effect, Place, Presence, Property, Roles, Target, Tool};

/// Where changes of one tool are put.
pub(super) struct Found<'c> {
    pub(super) tool: &'c str,
    pub(super) changes: &'c mut Vec<Change>,
}

impl Found<'_> {
    pub(super) fn add(&mut self, class: Class, at: &str, what: impl Into<String>) {
        self.changes.push(Change { class, tool: self.tool.to_owned(), at: at.to_owned(), what: what.into() });
    }
}

pub(super) fn removed(tool: &Tool, changes: &mut Vec<Change>) {
    Found { tool: &tool.name, changes }.add(Class::Breaking, "", "the tool is gone");
}

pub(super) fn added(tool: &Tool, changes: &mut Vec<Change>) {
    let approval = if tool.approval { "with approval" } else { "without approval" };
    let roles = match &tool.roles {
        Roles::Default => "the default roles".to_owned(),
        Roles::Only(roles) => roles.join(", "),
    };
    let what = format!("a new tool: {}, {approval}, for {roles}", tool.effect.word());
    Found { tool: &tool.name, changes }.add(Class::Compatible, "", what);
}

pub(super) fn compare(old: &Tool, new: &Tool, answers: &BTreeMap<&str, &Tool>, changes: &mut Vec<Change>) {
    let mut found = Found { tool: &new.name, changes };
    names(old, new, answers, &mut found);
    texts("title", &old.title, &new.title, &mut found);
    texts("description", &old.description, &new.description, &mut found);
    effect(old.effect, new.effect, &mut found);
    match (old.approval, new.approval) {
        (true, false) => found.add(Class::Loosening, "approval", "no longer required"),
        (false, true) => found.add(Class::Tightening, "approval", "now required"),
        _ => {}
    }
    roles(&old.roles, &new.roles, &mut found);
    target(&old.target, &new.target, &mut found);
    if old.timeout != new.timeout {
        let class = if new.timeout < old.timeout { Class::Breaking } else { Class::Loosening };
        found.add(class, "timeout", format!("{:?} -> {:?}", old.timeout, new.timeout));
    }
    rate_limit(old.rate_limit, new.rate_limit, &mut found);
    params(old, new, &mut found);
    match (&old.output, &new.output) {
        (Some(old), Some(new)) => shape::properties(old, new, "output", Side::Answer, &mut found),
        (Some(_), None) => found.add(Class::Breaking, "output", "no longer described"),
        (None, Some(_)) => found.add(Class::Compatible, "output", "now described"),
        (None, None) => {}
    }
    if old.examples != new.examples {
        found.add(
            Class::Wording,
            "examples",
            format!("{} -> {} of them, or others", old.examples.len(), new.examples.len()),
        );
    }
}

fn names(old: &Tool, new: &Tool, answers: &BTreeMap<&str, &Tool>, found: &mut Found<'_>) {
    if old.name != new.name {
        let what = format!("listed as `{}` instead of `{}`, which still answers", new.name, old.name);
        found.add(Class::Compatible, "", what);
    }
    for alias in &old.aliases {
        match answers.get(alias.as_str()) {
            Some(tool) if tool.name == new.name => {}
            Some(tool) => {
                found.add(Class::Breaking, "aliases", format!("`{alias}` now calls `{}`", tool.name))
            }
            None => found.add(Class::Breaking, "aliases", format!("`{alias}` is gone")),
        }
    }
    for alias in new.aliases.iter().filter(|alias| !old.aliases.contains(alias) && **alias != old.name) {
        found.add(Class::Compatible, "aliases", format!("`{alias}` is new"));
    }
}

pub(super) fn texts(at: &str, old: &str, new: &str, found: &mut Found<'_>) {
    if old != new {
        let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
        let what = format!("{} -> {}", around(old, same), around(new, same));
        found.add(Class::Wording, at, what);
    }
}

/// A text from shortly before the first character that differs, cut where it is long.
fn around(text: &str, same: usize) -> String {
    const BEFORE: usize = 20;
    const MOST: usize = 60;
    let skipped = if text.chars().count() <= MOST { 0 } else { same.saturating_sub(BEFORE) };
    let part: String = text.chars().skip(skipped).take(MOST).collect();
    let start = if skipped > 0 { "…" } else { "" };
    let end = if text.chars().count() > skipped + MOST { "…" } else { "" };
    format!("{:?}", format!("{start}{part}{end}"))
}

fn effect(old: Effect, new: Effect, found: &mut Found<'_>) {
    let rank = |effect| match effect {
        Effect::Read => 0,
        Effect::Write => 1,
        Effect::Destructive => 2,
    };
    if old != new {
        // Clients ask their user the less, the less a tool says it does.
        let class = if rank(new) < rank(old) { Class::Loosening } else { Class::Tightening };
        found.add(class, "effect", format!("{} -> {}", old.word(), new.word()));
    }
}

fn roles(old: &Roles, new: &Roles, found: &mut Found<'_>) {
    match (old, new) {
        (Roles::Default, Roles::Default) => {}
        (Roles::Default, Roles::Only(roles)) => {
            found.add(Class::Tightening, "roles", format!("default -> {}", roles.join(", ")));
        }
        (Roles::Only(roles), Roles::Default) => {
            found.add(Class::Loosening, "roles", format!("{} -> default", roles.join(", ")));
        }
        (Roles::Only(old), Roles::Only(new)) => {
            let missing = |from: &[String], of: &[String]| {
                let missing: Vec<&str> =
                    of.iter().filter(|role| !from.contains(role)).map(String::as_str).collect();
                missing.join(", ")
            };
            let (more, fewer) = (missing(old, new), missing(new, old));
            if !more.is_empty() {
                found.add(Class::Loosening, "roles", format!("{more} may call now"));
            }
            if !fewer.is_empty() {
                found.add(Class::Tightening, "roles", format!("{fewer} may no longer call"));
            }
        }
    }
}

fn target(old: &Target, new: &Target, found: &mut Found<'_>) {
    match (old, new) {
        (
            Target::Backend { service, method, path },
            Target::Backend { service: new_service, method: new_method, path: new_path },
        ) => {
            if service != new_service {
                found.add(Class::Breaking, "backend", format!("{service} -> {new_service}"));
            }
            if (method, path) != (new_method, new_path) {
                let what = format!("{} {path} -> {} {new_path}", method.word(), new_method.word());
                found.add(Class::Breaking, "request", what);
            }
        }
        (Target::Native { handler }, Target::Native { handler: new_handler }) => {
            if handler != new_handler {
                found.add(Class::Breaking, "handler", format!("{handler} -> {new_handler}"));
            }
        }
        (Target::Backend { service, .. }, Target::Native { handler }) => {
            found.add(Class::Breaking, "handler", format!("service {service} -> function {handler}"));
        }
        (Target::Native { handler }, Target::Backend { service, .. }) => {
            found.add(Class::Breaking, "backend", format!("function {handler} -> service {service}"));
        }
    }
}

fn rate_limit(old: Option<u32>, new: Option<u32>, found: &mut Found<'_>) {
    let word = |limit: Option<u32>| limit.map_or("none".to_owned(), |limit| limit.to_string());
    let ceiling = |limit: Option<u32>| limit.unwrap_or(u32::MAX);
    if old != new {
        let class = if ceiling(new) < ceiling(old) { Class::Breaking } else { Class::Loosening };
        found.add(class, "rate_limit", format!("{} -> {}", word(old), word(new)));
    }
}

fn params(old: &Tool, new: &Tool, found: &mut Found<'_>) {
    let place = |tool: &Tool, name: &str| -> Option<Place> {
        tool.params.iter().find(|param| param.property.name == name).map(|param| param.place)
    };
    for param in &new.params {
        let name = &param.property.name;
        if let Some(before) = place(old, name).filter(|before| *before != param.place) {
            let what = format!("{} -> {}", before.word(), param.place.word());
            found.add(Class::Breaking, &format!("params.{name}.in"), what);
        }
    }
    let list = |tool: &Tool| -> Vec<Property> { tool.properties().cloned().collect() };
    shape::properties(&list(old), &list(new), "params", Side::Call, found);
}

/// The class of a new property.
pub(super) fn class_of_new(property: &Property, side: Side) -> Class {
    match (side, &property.presence) {
        (Side::Call, Presence::Required) => Class::Breaking,
        _ => Class::Compatible,
    }
}
