//! What a workflow takes: a small part of JSON Schema, an object of strings and numbers with their bounds.
//! Everything that it says is enforced, and what it does not name is refused.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::{Map, Value as Json, json};

use crate::crm;
use crate::moment;
use crate::suggestion;

/// What is wrong with one value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) message: String,
}

/// The schema of an object.
pub(super) struct Schema {
    written: Json,
    fields: Vec<(String, Field)>,
    required: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "type")]
    kind: ObjectKind,
    properties: Map<String, Json>,
    required: Vec<String>,
    #[serde(rename = "additionalProperties")]
    open: Closed,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ObjectKind {
    Object,
}

/// That an object holds nothing but what is named.
struct Closed;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Field {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(rename = "description")]
    _description: String,
    default: Option<Json>,
    #[serde(rename = "enum")]
    choices: Option<Vec<String>>,
    format: Option<Format>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    minimum: Option<f64>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Number,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    Email,
    DateTime,
}

impl<'de> Deserialize<'de> for Closed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? { Err(D::Error::custom("an open schema")) } else { Ok(Self) }
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Json::deserialize(deserializer)?;
        let Written { kind: ObjectKind::Object, properties, required, open: Closed } =
            Written::deserialize(&written).map_err(D::Error::custom)?;
        let field = |(name, field): (String, Json)| Ok((name, Field::deserialize(field)?));
        let fields: Result<_, serde_json::Error> = properties.into_iter().map(field).collect();
        Ok(Self { written, fields: fields.map_err(D::Error::custom)?, required })
    }
}

// === impl Schema ===

impl Schema {
    /// The schema as it is written.
    pub(super) const fn show(&self) -> &Json {
        &self.written
    }

    /// The names of the values.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The values with the defaults of those that are absent; null is absent.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn read(&self, given: &Map<String, Json>) -> Result<Map<String, Json>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut values = Map::new();
        for name in given.keys().filter(|given| !self.fields.iter().any(|(name, _)| name == *given)) {
            let hint = suggestion::hint(name, self.fields.iter().map(|(name, _)| name.as_str()));
            problems.push(Problem { field: name.clone(), message: format!("is not known{hint}") });
        }
        for (name, field) in &self.fields {
            let value = given.get(name).filter(|value| !value.is_null());
            match value {
                Some(value) => match field.check(value) {
                    Ok(()) => {
                        values.insert(name.clone(), value.clone());
                    }
                    Err(message) => problems.push(Problem { field: name.clone(), message }),
                },
                None if self.required.contains(name) => {
                    problems.push(Problem { field: name.clone(), message: "is missing".to_owned() });
                }
                None => values.extend(field.default.clone().map(|default| (name.clone(), default))),
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(problems) }
    }
}

// === impl Problem ===

impl Problem {
    /// The problem as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({"field": self.field, "message": self.message})
    }

    /// The problem in one sentence.
    pub(super) fn told(&self) -> String {
        format!("{} {}", self.field, self.message)
    }
}

// === impl Field ===

impl Field {
    /// Holds a value against everything that is said of it.
    ///
    /// # Errors
    /// What it must be, and is not.
    fn check(&self, value: &Json) -> Result<(), String> {
        match (self.kind, value) {
            (Kind::String, Json::String(text)) => self.check_text(text),
            (Kind::Number, Json::Number(number)) => self.check_number(number.as_f64().unwrap_or(f64::NAN)),
            (Kind::String, _) => Err(format!("must be a string, not {value}")),
            (Kind::Number, _) => Err(format!("must be a number, not {value}")),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        if let Some(choices) =
            self.choices.as_ref().filter(|choices| !choices.iter().any(|word| word == text))
        {
            let hint = suggestion::hint(text, choices.iter().map(String::as_str));
            return Err(format!("must be one of {}, not {text:?}{hint}", choices.join(", ")));
        }
        let length = text.chars().count();
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Err(format!("must have at least {least} characters, not {length}"));
        }
        if let Some(most) = self.max_length.filter(|most| length > *most) {
            return Err(format!("must have at most {most} characters, not {length}"));
        }
        match self.format {
            Some(Format::Email) if crm::mail_address("it", text).is_err() => {
                Err(format!("must be an e-mail address, not {text:?}"))
            }
            Some(Format::DateTime) if moment::given("it", text).is_err() => {
                Err(format!("must be a moment such as 2027-03-31T09:00:00Z, not {text:?}"))
            }
            _ => Ok(()),
        }
    }

    fn check_number(&self, number: f64) -> Result<(), String> {
        match self.minimum {
            Some(least) if number < least => Err(format!("must be at least {least}, not {number}")),
            _ => Ok(()),
        }
    }
}
