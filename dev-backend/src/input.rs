//! Checks on what callers write into fields, said in the field's own name.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;

/// The longest text of a field that is one line by nature, in characters.
const LINE: usize = 500;

/// A name or another line that must be there; space around it is not kept.
pub(crate) fn line(field: &str, given: &str) -> Result<String, Failure> {
    match optional_line(field, Some(given))?.flatten() {
        Some(line) => Ok(line),
        None => Err(Failure::Meaningless(format!("{field} must not be blank"))),
    }
}

/// A line that may be left out (`None`) or emptied by giving a blank one (`Some(None)`).
pub(crate) fn optional_line(field: &str, given: Option<&str>) -> Result<Option<Option<String>>, Failure> {
    let Some(trimmed) = given.map(str::trim) else { return Ok(None) };
    let length = trimmed.chars().count();
    if length > LINE {
        return Err(Failure::Meaningless(format!(
            "{field} has {length} characters, at most {LINE} are kept"
        )));
    }
    Ok(Some((!trimmed.is_empty()).then(|| trimmed.to_owned())))
}

/// A text of any length, kept as written; only a blank one is refused.
pub(crate) fn prose(field: &str, given: String) -> Result<String, Failure> {
    if given.trim().is_empty() {
        return Err(Failure::Meaningless(format!("{field} must not be blank")));
    }
    Ok(given)
}

/// A whole number that a query string carries as text.
///
/// # Errors
/// Anything else.
pub(crate) fn number_in_query<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<Json>::deserialize(deserializer)? {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => text.parse().map(Some).map_err(|_| D::Error::custom(whole(&text))),
        Some(other) => other.as_i64().map(Some).ok_or_else(|| D::Error::custom(whole(&other.to_string()))),
    }
}

fn whole(given: &str) -> String {
    format!("{given:?} is not a whole number")
}

/// A number that reads as it was written: 12000, not 12000.0.
pub(crate) fn plain(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT { json!(number as i64) } else { json!(number) }
}

/// The fields that an update changes, each with its old and its new value.
#[derive(Default)]
pub(crate) struct Differences(Map<String, Json>);

// === impl Differences ===

impl Differences {
    /// Sets the field where a value is given, and notes the change where it differs.
    pub(crate) fn set<T>(&mut self, field: &str, current: &mut T, given: Option<T>)
    where
        T: PartialEq + serde::Serialize,
    {
        if let Some(given) = given.filter(|given| given != current) {
            self.0.insert(field.to_owned(), json!({"from": current, "to": given}));
            *current = given;
        }
    }

    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The changed fields' names.
    pub(crate) fn fields(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Old and new values by field.
    pub(crate) fn into_details(self) -> Json {
        json!({"changes": self.0})
    }
}
