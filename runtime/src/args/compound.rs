//! Arrays, objects and JSON that is passed on unread.

use std::collections::HashSet;
use std::marker::PhantomData;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Args, Place, Rule, unexpected};
use crate::json::{Json, canonical};
use crate::problem::Problem;
use crate::tool::ObjectInput;

/// An array whose items all follow one rule.
#[derive(Debug)]
pub struct List<'r, R> {
    items: &'r R,
    min_items: u32,
    max_items: Option<u32>,
    unique: bool,
}

impl<'r, R> List<'r, R> {
    /// An array of any length.
    pub const fn new(items: &'r R) -> Self {
        Self { items, min_items: 0, max_items: None, unique: false }
    }

    /// At least so many items.
    pub const fn min_items(mut self, items: u32) -> Self {
        self.min_items = items;
        self
    }

    /// At most so many items.
    pub const fn max_items(mut self, items: u32) -> Self {
        self.max_items = Some(items);
        self
    }

    /// No item twice.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }
}

impl<R: Rule> Rule for List<'_, R> {
    type Value = Vec<R::Value>;

    fn expected(&self) -> String {
        let length = match (self.min_items, self.max_items) {
            (0, None) => String::new(),
            (min, None) => format!(" of at least {min} items"),
            (0, Some(max)) => format!(" of at most {max} items"),
            (min, Some(max)) => format!(" of {min} to {max} items"),
        };
        let unique = if self.unique { ", none twice" } else { "" };
        format!("an array{length}{unique}, each {}", self.items.expected())
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<Self::Value> {
        let Ok(raw) = serde_json::from_str::<Vec<&RawValue>>(text) else {
            problems.push(unexpected(place, &self.expected(), text));
            return None;
        };
        let known = problems.len();
        if raw.len() < self.min_items as usize || self.max_items.is_some_and(|max| raw.len() > max as usize) {
            let message = format!("expected {}, got {} items", self.expected(), raw.len());
            problems.push(Problem::new(place.to_string(), message));
            return None;
        }
        let mut seen = HashSet::new();
        let mut values = Vec::with_capacity(raw.len());
        for (index, item) in raw.iter().enumerate() {
            let place = place.item(index);
            if self.unique && !seen.insert(canonical(item.get())) {
                problems
                    .push(Problem::new(place.to_string(), "is in the array already, expected none twice"));
            }
            values.extend(self.items.read(item.get(), &place, problems));
        }
        (problems.len() == known).then_some(values)
    }
}

/// An object with known properties.
#[derive(Debug)]
pub struct Record<T>(PhantomData<fn() -> T>);

impl<T> Record<T> {
    /// An object that is read into a `T`.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ObjectInput> Rule for Record<T> {
    type Value = T;

    fn expected(&self) -> String {
        "an object".to_owned()
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<T> {
        let Some(mut args) = Args::parse(text, *place) else {
            problems.push(unexpected(place, &self.expected(), text));
            return None;
        };
        let value = T::decode(&mut args);
        args.refuse_unknown();
        let found = args.into_problems();
        let sound = found.is_empty();
        problems.extend(found);
        value.filter(|_| sound)
    }
}

/// An object with any properties, passed on as it came.
#[derive(Debug)]
pub struct FreeObject;

impl Rule for FreeObject {
    type Value = Json;

    fn expected(&self) -> String {
        "an object".to_owned()
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<Json> {
        if text.starts_with('{') && is_whole(text) {
            return Some(Json::from_valid(text));
        }
        problems.push(unexpected(place, &self.expected(), text));
        None
    }
}

/// Any JSON value, passed on as it came.
#[derive(Debug)]
pub struct AnyJson;

impl Rule for AnyJson {
    type Value = Json;

    fn expected(&self) -> String {
        "any JSON value".to_owned()
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<Json> {
        if is_whole(text) {
            return Some(Json::from_valid(text));
        }
        problems.push(unexpected(place, &self.expected(), text));
        None
    }
}

/// Whether every part of a JSON text can be read: half a surrogate pair or a number beyond all floats passes as
/// long as nobody looks, and a backend would.
fn is_whole(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}
