//! The changes of schemas: what is taken in a call, and what comes back.
//!
//! To take less breaks a caller, and to send more breaks a reader, so the two sides mirror each other.

use super::Class;
use super::tool::{Found, class_of_new, texts};
use crate::ir::{Element, List, Number, Presence, Property, Shape, Text};

/// Whose schema it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Call,
    Answer,
}

impl Side {
    /// Fewer values are legal.
    fn narrower(self) -> Class {
        if self == Self::Call { Class::Breaking } else { Class::Compatible }
    }

    /// A rule for values is gone or wider.
    fn wider(self) -> Class {
        if self == Self::Call { Class::Loosening } else { Class::Breaking }
    }

    /// More values are legal, each of them foreseen.
    fn more(self) -> Class {
        if self == Self::Call { Class::Compatible } else { Class::Breaking }
    }
}

/// The changes of all properties of an object.
pub(super) fn properties(old: &[Property], new: &[Property], at: &str, side: Side, found: &mut Found<'_>) {
    for before in old {
        let path = format!("{at}.{}", before.name);
        match new.iter().find(|after| after.name == before.name) {
            Some(after) => property(before, after, &path, side, found),
            None => found.add(Class::Breaking, &path, "is gone"),
        }
    }
    for after in new.iter().filter(|after| !old.iter().any(|before| before.name == after.name)) {
        let needed = match (&after.presence, side) {
            (Presence::Required, Side::Call) => "new and required",
            _ => "new",
        };
        found.add(class_of_new(after, side), &format!("{at}.{}", after.name), needed);
    }
    let kept = |list: &[Property], other: &[Property]| -> Vec<String> {
        let names = list.iter().map(|one| one.name.clone());
        names.filter(|name| other.iter().any(|one| one.name == *name)).collect()
    };
    if kept(old, new) != kept(new, old) {
        found.add(Class::Wording, at, "another order");
    }
}

fn property(old: &Property, new: &Property, at: &str, side: Side, found: &mut Found<'_>) {
    if old.wire != new.wire {
        found.add(Class::Breaking, &format!("{at}.as"), format!("{} -> {}", old.wire, new.wire));
    }
    presence(&old.presence, &new.presence, at, side, found);
    element(&old.element, &new.element, at, side, found);
}

fn presence(old: &Presence, new: &Presence, at: &str, side: Side, found: &mut Found<'_>) {
    let default = |presence: &Presence| match presence {
        Presence::Default(value) => value.to_string(),
        Presence::Required | Presence::Optional => "none".to_owned(),
    };
    match (old, new) {
        (Presence::Required, Presence::Required) => {}
        (_, Presence::Required) => {
            found.add(side.narrower(), &format!("{at}.required"), "now required");
        }
        (Presence::Required, _) => {
            found.add(side.more(), &format!("{at}.required"), "no longer required");
        }
        // The same call now does something else.
        (old, new) if old != new => {
            let what = format!("{} -> {}", default(old), default(new));
            found.add(Class::Breaking, &format!("{at}.default"), what);
        }
        _ => {}
    }
}

fn element(old: &Element, new: &Element, at: &str, side: Side, found: &mut Found<'_>) {
    let text = |element: &Element| element.description.clone().unwrap_or_default();
    texts(&format!("{at}.description"), &text(old), &text(new), found);
    match (old.sensitive, new.sensitive) {
        (true, false) => found.add(Class::Loosening, &format!("{at}.sensitive"), "logs may show it"),
        (false, true) => found.add(Class::Tightening, &format!("{at}.sensitive"), "kept out of logs"),
        _ => {}
    }
    shape(&old.shape, &new.shape, at, side, found);
}

fn shape(old: &Shape, new: &Shape, at: &str, side: Side, found: &mut Found<'_>) {
    let mut at_key = |class: Class, key: &str, what: String| found.add(class, &format!("{at}.{key}"), what);
    match (old, new) {
        (Shape::Text(old), Shape::Text(new)) => text(old, new, at, side, found),
        (Shape::Choice(old), Shape::Choice(new)) => choices(old, new, at, side, found),
        (Shape::Integer { minimum, maximum }, Shape::Integer { minimum: low, maximum: high }) => {
            bound("minimum", *minimum, *low, Least, at, side, found);
            bound("maximum", *maximum, *high, Most, at, side, found);
        }
        (Shape::Number(old), Shape::Number(new)) => number(old, new, at, side, found),
        (Shape::List(old), Shape::List(new)) => list(old, new, at, side, found),
        (Shape::Record(old), Shape::Record(new)) => properties(old, new, at, side, found),
        (Shape::Flag, Shape::Flag) | (Shape::FreeObject, Shape::FreeObject) | (Shape::Any, Shape::Any) => {}
        (Shape::Integer { minimum, maximum }, Shape::Number(new)) => {
            at_key(side.more(), "type", "integer -> number".to_owned());
            #[expect(
                clippy::cast_precision_loss,
                reason = "the nearest float is what a number is held against"
            )]
            let float = |bound: &Option<i64>| bound.map(|bound| bound as f64);
            let old = Number { minimum: float(minimum), maximum: float(maximum), ..Number::default() };
            number(&old, new, at, side, found);
        }
        (Shape::Number(_), Shape::Integer { .. }) => {
            at_key(side.narrower(), "type", "number -> integer".to_owned());
        }
        (Shape::Text(_), Shape::Choice(new)) => {
            at_key(side.narrower(), "enum", format!("any text -> {}", new.join(", ")));
        }
        (Shape::Choice(old), Shape::Text(_)) => {
            at_key(side.wider(), "enum", format!("{} -> any text", old.join(", ")));
        }
        (old, Shape::Any) => at_key(side.wider(), "type", format!("{} -> any", old.word())),
        (Shape::Any, new) => at_key(side.narrower(), "type", format!("any -> {}", new.word())),
        (Shape::FreeObject, Shape::Record(_)) => {
            at_key(side.narrower(), "properties", "any -> only those listed".to_owned());
        }
        (Shape::Record(_), Shape::FreeObject) => {
            at_key(side.wider(), "properties", "only those listed -> any".to_owned());
        }
        (old, new) => at_key(Class::Breaking, "type", format!("{} -> {}", old.word(), new.word())),
    }
}

fn choices(old: &[String], new: &[String], at: &str, side: Side, found: &mut Found<'_>) {
    let at = format!("{at}.enum");
    for gone in old.iter().filter(|word| !new.contains(word)) {
        found.add(side.narrower(), &at, format!("`{gone}` is gone"));
    }
    for more in new.iter().filter(|word| !old.contains(word)) {
        found.add(side.more(), &at, format!("`{more}` is new"));
    }
    let same = old.len() == new.len() && old.iter().all(|word| new.contains(word));
    if same && old != new {
        found.add(Class::Wording, &at, "another order");
    }
}

fn text(old: &Text, new: &Text, at: &str, side: Side, found: &mut Found<'_>) {
    bound("minLength", old.min_length, new.min_length, Least, at, side, found);
    bound("maxLength", old.max_length, new.max_length, Most, at, side, found);
    rule("pattern", old.pattern.as_deref(), new.pattern.as_deref(), at, side, found);
    let word = |text: &Text| text.format.map(crate::ir::Format::word);
    rule("format", word(old), word(new), at, side, found);
}

/// A rule that is there or not; two of them cannot be compared.
fn rule(key: &str, old: Option<&str>, new: Option<&str>, at: &str, side: Side, found: &mut Found<'_>) {
    let at = format!("{at}.{key}");
    match (old, new) {
        (None, Some(new)) => found.add(side.narrower(), &at, format!("none -> {new}")),
        (Some(old), None) => found.add(side.wider(), &at, format!("{old} -> none")),
        (Some(old), Some(new)) if old != new => found.add(Class::Breaking, &at, format!("{old} -> {new}")),
        _ => {}
    }
}

fn list(old: &List, new: &List, at: &str, side: Side, found: &mut Found<'_>) {
    bound("minItems", old.min_items, new.min_items, Least, at, side, found);
    bound("maxItems", old.max_items, new.max_items, Most, at, side, found);
    match (old.unique, new.unique) {
        (true, false) => found.add(side.wider(), &format!("{at}.uniqueItems"), "items may stand twice"),
        (false, true) => found.add(side.narrower(), &format!("{at}.uniqueItems"), "no item stands twice"),
        _ => {}
    }
    element(&old.item, &new.item, &format!("{at}[]"), side, found);
}

/// Which side a bound is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Least,
    Most,
}
use End::{Least, Most};

fn bound<T: Copy + PartialOrd + ToString>(
    key: &str,
    old: Option<T>,
    new: Option<T>,
    end: End,
    at: &str,
    side: Side,
    found: &mut Found<'_>,
) {
    let closer = match (old, new) {
        (None, None) => return,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (Some(old), Some(new)) if old == new => return,
        (Some(old), Some(new)) => (new > old) == (end == Least),
    };
    let word = |bound: Option<T>| bound.map_or("none".to_owned(), |bound| bound.to_string());
    let class = if closer { side.narrower() } else { side.wider() };
    found.add(class, &format!("{at}.{key}"), format!("{} -> {}", word(old), word(new)));
}

fn number(old: &Number, new: &Number, at: &str, side: Side, found: &mut Found<'_>) {
    let low = |number: &Number| {
        number.minimum.map(|bound| (bound, false)).or(number.exclusive_minimum.map(|bound| (bound, true)))
    };
    let high = |number: &Number| {
        number.maximum.map(|bound| (bound, false)).or(number.exclusive_maximum.map(|bound| (bound, true)))
    };
    open_bound("minimum", low(old), low(new), Least, at, side, found);
    open_bound("maximum", high(old), high(new), Most, at, side, found);
}

/// A bound that may exclude itself.
fn open_bound(
    key: &str,
    old: Option<(f64, bool)>,
    new: Option<(f64, bool)>,
    end: End,
    at: &str,
    side: Side,
    found: &mut Found<'_>,
) {
    if let (Some((old_bound, was_open)), Some((new_bound, is_open))) = (old, new)
        && old_bound.total_cmp(&new_bound).is_eq()
    {
        if was_open != is_open {
            let class = if is_open { side.narrower() } else { side.wider() };
            let word = |open: bool| if open { "excluded" } else { "included" };
            let what = format!("{old_bound} {} -> {}", word(was_open), word(is_open));
            found.add(class, &format!("{at}.{key}"), what);
        }
        return;
    }
    let value = |bound: Option<(f64, bool)>| bound.map(|(bound, _)| bound);
    bound(key, value(old), value(new), end, at, side, found);
}
