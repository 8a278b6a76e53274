//! The types of values that a property can have, and how a value of each is checked, stored and shown.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Value, ValueRef};
use serde_json::{Value as Json, json};

use crate::crm::object;
use crate::failure::Failure;
use crate::input;
use crate::moment;

/// The longest text of a value in characters.
const LONGEST_TEXT: usize = 10_000;

/// What the values of a property are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::crm) enum DataType {
    String,
    Number,
    Boolean,
    Date,
    Enum,
}

// === impl DataType ===

impl DataType {
    const ALL: [Self; 5] = [Self::String, Self::Number, Self::Boolean, Self::Date, Self::Enum];

    /// The type that a caller names.
    ///
    /// # Errors
    /// An unknown name, with the valid ones.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|data_type| data_type.name() == name);
        found.ok_or_else(|| object::unknown("data_type", name, &Self::ALL.map(Self::name)))
    }

    /// The name on the wire and in the database.
    pub(in crate::crm) const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Enum => "enum",
        }
    }

    /// A caller's value as it is stored.
    ///
    /// # Errors
    /// A value of another type.
    pub(super) fn stored(self, field: &str, value: &Json) -> Result<Value, Failure> {
        match (self, value) {
            (Self::String, Json::String(text)) => {
                let length = text.chars().count();
                if length > LONGEST_TEXT {
                    let message = format!("{field} has {length} characters, at most {LONGEST_TEXT} are kept");
                    return Err(Failure::Meaningless(message));
                }
                input::prose(field, text.clone()).map(Value::Text)
            }
            (Self::Enum, Json::String(text)) => Ok(Value::Text(text.clone())),
            (Self::Date, Json::String(text)) => moment::day(field, text).map(Value::Text),
            (Self::Number, Json::Number(number)) => {
                number.as_f64().map(Value::Real).ok_or_else(|| self.mismatch(field, value))
            }
            (Self::Boolean, Json::Bool(flag)) => Ok(Value::Integer(i64::from(*flag))),
            _ => Err(self.mismatch(field, value)),
        }
    }

    /// A stored value as answers show it.
    pub(super) fn shown(self, value: Value) -> Json {
        match (self, value) {
            (Self::Boolean, Value::Integer(flag)) => json!(flag != 0),
            (_, Value::Integer(number)) => json!(number),
            (_, Value::Real(number)) => input::plain(number),
            (_, Value::Text(text)) => json!(text),
            (_, Value::Null | Value::Blob(_)) => Json::Null,
        }
    }

    fn mismatch(self, field: &str, value: &Json) -> Failure {
        let wanted = match self {
            Self::String => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date such as \"2027-03-31\"",
            Self::Enum => "one of its options, a text",
        };
        Failure::Meaningless(format!("{field} must be {wanted}, not {value}"))
    }
}

impl FromSql for DataType {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL.into_iter().find(|data_type| data_type.name() == name).ok_or(FromSqlError::InvalidType)
    }
}
