//! Filters over fields, and the SQL they become. Only names of known fields and a fixed set of operators
//! ever reach the SQL; what a caller compares with is bound, never written into it.

mod text;

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::field::{Field, FieldKind, Source};
use super::object;
use crate::database::{View, folded};
use crate::failure::Failure;
use crate::moment;

/// The most rows that are worth being found by their numbers and then put in order, instead of being met on the
/// way through an index.
pub(super) const FEW: usize = 2_000;

/// The most values of one `in`.
const MOST_VALUES: usize = 1_000;

/// A condition on one field, as a caller writes it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) field: String,
    op: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    In,
    Between,
    IsSet,
}

/// A condition in SQL.
pub(super) struct Condition {
    pub(super) sql: String,
    /// Whether it lists the numbers of the few rows that can meet it.
    pub(super) lists_rows: bool,
    /// The values that meet it, where it is met by having such a value of a property.
    pub(super) values: Option<Values>,
}

/// A condition on the values of a property, without their records.
pub(super) struct Values {
    /// The property's id.
    pub(super) property: String,
    /// The condition on rows of `property_value AS held`.
    sql: String,
}

/// Values to bind, and what stands for each in the SQL.
pub(super) struct Parameters(Vec<Value>);

// === impl Filter ===

impl Filter {
    /// The condition in SQL. A field without a value is not equal to any value, and meets no other
    /// condition but `is_set` false.
    ///
    /// # Errors
    /// An unknown operator, one that the field does not take, or a value of another type.
    pub(super) fn sql(
        &self,
        view: &View<'_>,
        field: &Field,
        parameters: &mut Parameters,
    ) -> Result<Condition, Failure> {
        let operator = Operator::named(&self.op)?;
        if !field.kind.operators().contains(&operator) {
            let known = field.kind.operators().iter().map(|operator| operator.name()).collect::<Vec<_>>();
            return Err(Failure::Meaningless(format!(
                "the field {} holds {} and does not take {}; it takes {}",
                field.name,
                field.kind.plural(),
                operator.name(),
                known.join(", ")
            )));
        }
        match &field.source {
            Source::Column(column) => self.condition(view, field, operator, column, parameters),
            // The values of a property are few or indexed, so they are asked first and the records by them.
            Source::Property { id, record } => {
                let property = parameters.bind(Value::Text(id.clone()));
                // What has no value is not equal to any, so it is told by what it is not.
                let (positive, membership) = match (operator, &self.value) {
                    (Operator::NotEqual, _) => (Operator::Equal, "NOT IN"),
                    (Operator::IsSet, Some(Json::Bool(false))) => (Operator::IsSet, "NOT IN"),
                    _ => (operator, "IN"),
                };
                let condition = match positive {
                    Operator::IsSet if membership == "NOT IN" => "TRUE".to_owned(),
                    _ => self.condition(view, field, positive, "held.value_key", parameters)?.sql,
                };
                let sql = format!("held.tenant = ?1 AND held.property_id = {property} AND {condition}");
                let values = Values { property: id.clone(), sql };
                let listed =
                    format!("{record} {membership} (SELECT held.record_id FROM {})", values.source());
                let values = (membership == "IN").then_some(values);
                Ok(Condition { values, ..Condition::from(listed) })
            }
        }
    }

    /// The condition on a column.
    fn condition(
        &self,
        view: &View<'_>,
        field: &Field,
        operator: Operator,
        column: &str,
        parameters: &mut Parameters,
    ) -> Result<Condition, Failure> {
        let value = self.value.as_ref().unwrap_or(&Json::Null);
        let expression = field.compared(column);
        let mut one = |value| field.parameter(value).map(|bound| parameters.bind(bound));
        Ok(Condition::from(match operator {
            Operator::Equal => format!("{expression} = {}", one(value)?),
            Operator::NotEqual => format!("{expression} IS NOT {}", one(value)?),
            Operator::Greater => format!("{expression} > {}", one(value)?),
            Operator::GreaterOrEqual => format!("{expression} >= {}", one(value)?),
            Operator::Less => format!("{expression} < {}", one(value)?),
            Operator::LessOrEqual => format!("{expression} <= {}", one(value)?),
            Operator::Contains => match field.parameter(value)? {
                Value::Text(part) => return text::contains(view, field, column, &part, parameters),
                _ => return Err(self.wants("a text")),
            },
            Operator::Between => match value.as_array().map(Vec::as_slice) {
                Some([low, high]) => format!("{expression} BETWEEN {} AND {}", one(low)?, one(high)?),
                _ => return Err(self.wants("a list of two values, the low and the high end")),
            },
            Operator::In => {
                let values = value.as_array().filter(|values| values.len() <= MOST_VALUES);
                let values =
                    values.ok_or_else(|| self.wants(&format!("a list of up to {MOST_VALUES} values")))?;
                let bound: Result<Vec<Json>, Failure> =
                    values.iter().map(|value| field.parameter(value).map(as_json)).collect();
                let list = parameters.bind(Value::Text(json!(bound?).to_string()));
                format!("{expression} IN (SELECT value FROM json_each({list}))")
            }
            Operator::IsSet => match self.value {
                None | Some(Json::Null | Json::Bool(true)) => format!("{expression} IS NOT NULL"),
                Some(Json::Bool(false)) => format!("{expression} IS NULL"),
                Some(_) => return Err(self.wants("true or false")),
            },
        }))
    }

    fn wants(&self, what: &str) -> Failure {
        let given = self.value.as_ref().unwrap_or(&Json::Null);
        Failure::Meaningless(format!("{} on {} wants {what} as its value, not {given}", self.op, self.field))
    }
}

// === impl Condition ===

impl From<String> for Condition {
    fn from(sql: String) -> Self {
        Self { sql, lists_rows: false, values: None }
    }
}

// === impl Values ===

impl Values {
    /// The condition in SQL.
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    /// Table and conditions in SQL.
    pub(super) fn source(&self) -> String {
        format!("property_value AS held WHERE {}", self.sql)
    }
}

// === impl Operator ===

impl Operator {
    const ALL: [Self; 10] = [
        Self::Equal,
        Self::NotEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Contains,
        Self::In,
        Self::Between,
        Self::IsSet,
    ];

    fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|operator| operator.name() == name);
        found.ok_or_else(|| object::unknown("op", name, &Self::ALL.map(Self::name)))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "gte",
            Self::Less => "lt",
            Self::LessOrEqual => "lte",
            Self::Contains => "contains",
            Self::In => "in",
            Self::Between => "between",
            Self::IsSet => "is_set",
        }
    }
}

// === impl FieldKind ===

impl FieldKind {
    const fn operators(self) -> &'static [Operator] {
        match self {
            Self::Text | Self::Folded | Self::Key => &Operator::ALL,
            Self::Number | Self::Day | Self::Moment => &[
                Operator::Equal,
                Operator::NotEqual,
                Operator::Greater,
                Operator::GreaterOrEqual,
                Operator::Less,
                Operator::LessOrEqual,
                Operator::In,
                Operator::Between,
                Operator::IsSet,
            ],
            Self::Flag => &[Operator::Equal, Operator::NotEqual, Operator::In, Operator::IsSet],
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Text | Self::Folded | Self::Key => "texts",
            Self::Number => "numbers",
            Self::Flag => "true or false",
            Self::Day => "dates",
            Self::Moment => "moments",
        }
    }
}

// === impl Field ===

impl Field {
    /// The field's value in SQL, in the form that it is compared in.
    pub(super) fn expression(&self, parameters: &mut Parameters) -> String {
        match &self.source {
            Source::Column(column) => self.compared(column),
            Source::Property { id, record } => {
                let property = parameters.bind(Value::Text(id.clone()));
                let value = self.compared("held.value_key");
                format!(
                    "(SELECT {value} FROM property_value AS held WHERE held.tenant = ?1
                      AND held.property_id = {property} AND held.record_id = {record})"
                )
            }
        }
    }

    /// A column in the form that it is compared in.
    fn compared(&self, column: &str) -> String {
        if self.kind != FieldKind::Text {
            return column.to_owned();
        }
        // A text in ASCII has as many bytes as letters, and SQLite folds that more quickly.
        format!(
            "CASE WHEN octet_length({column}) = length({column}) THEN lower({column}) ELSE folded({column}) END"
        )
    }

    /// A caller's value in the form that it is compared in.
    fn parameter(&self, value: &Json) -> Result<Value, Failure> {
        let field = &self.name;
        match (self.kind, value) {
            (FieldKind::Text | FieldKind::Folded, Json::String(text)) => Ok(Value::Text(folded(text))),
            (FieldKind::Key, Json::String(text)) => Ok(Value::Text(text.clone())),
            (FieldKind::Day, Json::String(text)) => moment::day(field, text).map(Value::Text),
            (FieldKind::Moment, Json::String(text)) => moment::given(field, text).map(Value::Text),
            (FieldKind::Number, Json::Number(number)) => Ok(Value::Real(number.as_f64().unwrap_or_default())),
            (FieldKind::Flag, Json::Bool(flag)) => Ok(Value::Integer(i64::from(*flag))),
            _ => Err(Failure::Meaningless(format!(
                "the field {field} holds {} and cannot be compared with {value}",
                self.kind.plural()
            ))),
        }
    }
}

// === impl Parameters ===

impl Parameters {
    /// The parameters of a statement whose first one is the tenant.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value; what is returned stands for it in the SQL.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("?{}", self.0.len() + 1)
    }

    /// The values in their order.
    pub(super) fn values(&self) -> Vec<&dyn rusqlite::ToSql> {
        self.0.iter().map(|value| value as &dyn rusqlite::ToSql).collect()
    }
}

fn as_json(value: Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Real(number) => json!(number),
        Value::Integer(number) => json!(number),
        Value::Null | Value::Blob(_) => Json::Null,
    }
}
