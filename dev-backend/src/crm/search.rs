//! Finding records by what their fields hold: filters that must all be met, sorting, paging. Segments that
//! follow rules are such searches too.

mod matching;
mod property_order;

use rusqlite::Row;
use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::company::{self, Company};
use super::contact::{self, Contact};
use super::deal::{self, Deal};
use super::field::{self, Field};
use super::filter::{Condition, Filter, Parameters};
use super::object::{self, ObjectType};
use super::property;
use crate::call::Call;
use crate::database::{View, json_column};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

/// The most conditions of one search.
const MOST_FILTERS: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchAdvanced {
    object_type: String,
    filters: Vec<Filter>,
    limit: Option<i64>,
    offset: Option<i64>,
    sort_by: Option<String>,
    sort_dir: Option<String>,
}

/// A search for records of one type.
pub(super) struct Search<'s> {
    object_type: &'s ObjectType,
    fields: Vec<Field>,
    /// Whose records they are and of which type, in SQL.
    scope: String,
    conditions: Vec<Condition>,
    order: Order,
    /// What the SQL binds.
    parameters: Parameters,
}

/// What records are ordered by.
enum Order {
    Id,
    /// A field, in this direction.
    Field(Field, &'static str),
    /// Their places in a static segment, in SQL.
    Place(String),
}

/// Lists the records that meet every condition.
pub(super) fn search_advanced(view: &View<'_>, call: &Call) -> Answer {
    let given: SearchAdvanced = call.input()?;
    let object_type = ObjectType::named(view, &given.object_type)?;
    let page = Page::new(given.limit, 20, given.offset)?;
    let mut search = Search::new(view, &object_type)?;
    search.filter(view, &given.filters)?;
    search.sort(given.sort_by.as_deref().unwrap_or("updated_at"), given.sort_dir.as_deref())?;
    let (ids, total) = search.ids(view, page)?;
    Ok(page.answer(records(view, &object_type, &ids)?, total))
}

// === impl Search ===

impl<'s> Search<'s> {
    /// The search that finds every record of the type, in no particular order.
    pub(super) fn new(view: &View<'_>, object_type: &'s ObjectType) -> Result<Self, Failure> {
        let mut parameters = Parameters::new();
        let mut scope = format!("{}.tenant = ?1", object_type.table());
        if let ObjectType::Custom(key) = object_type {
            let key = parameters.bind(Value::Text(key.clone()));
            scope.push_str(&format!(" AND object_record.object_type = {key}"));
        }
        let fields = field::all(view, object_type)?;
        Ok(Self { object_type, fields, scope, conditions: Vec::new(), order: Order::Id, parameters })
    }

    /// Narrows the search to records that meet these conditions too.
    ///
    /// # Errors
    /// An unknown field or operator, or a value that does not fit, in the caller's words.
    pub(super) fn filter(&mut self, view: &View<'_>, filters: &[Filter]) -> Result<(), Failure> {
        if filters.len() > MOST_FILTERS {
            let message = format!("at most {MOST_FILTERS} filters are taken, not {}", filters.len());
            return Err(Failure::Meaningless(message));
        }
        for filter in filters {
            let field = field::named(&self.fields, self.object_type, &filter.field)?;
            self.conditions.push(filter.sql(view, field, &mut self.parameters)?);
        }
        Ok(())
    }

    /// Narrows the search to the records that a static segment keeps, in the order of their places in it.
    pub(super) fn members_of(&mut self, segment_id: &str) {
        let segment = self.parameters.bind(Value::Text(segment_id.to_owned()));
        let members = format!(
            "FROM segment_member AS member WHERE member.tenant = ?1 AND member.segment_id = {segment}"
        );
        let id = field::id_column(self.object_type);
        self.conditions.push(Condition::from(format!("{id} IN (SELECT member.record_id {members})")));
        self.order = Order::Place(format!("(SELECT member.position {members} AND member.record_id = {id})"));
    }

    /// Orders the records by a field, those without a value last.
    ///
    /// # Errors
    /// An unknown field or direction.
    pub(super) fn sort(&mut self, by: &str, direction: Option<&str>) -> Result<(), Failure> {
        const DIRECTIONS: [&str; 2] = ["ASC", "DESC"];
        let given = direction.unwrap_or("DESC");
        let direction = DIRECTIONS.into_iter().find(|known| known.eq_ignore_ascii_case(given));
        let direction = direction.ok_or_else(|| object::unknown("sort_dir", given, &DIRECTIONS))?;
        let field = field::named(&self.fields, self.object_type, by)?;
        self.order = Order::Field(field.clone(), direction);
        Ok(())
    }

    /// Tables and conditions in SQL.
    fn source<'c>(&self, conditions: impl IntoIterator<Item = &'c Condition>) -> String {
        let mut source = format!("{} WHERE {}", self.tables(), self.scope);
        for condition in conditions {
            source.push_str(" AND ");
            source.push_str(&condition.sql);
        }
        source
    }

    const fn tables(&self) -> &'static str {
        match self.object_type {
            ObjectType::Contact => contact::SOURCE,
            ObjectType::Company => "company",
            ObjectType::Deal => deal::SOURCE,
            ObjectType::Custom(_) => "object_record",
        }
    }
}

/// The records with these ids, in their order, with their properties. Only these are read whole.
fn records(view: &View<'_>, object_type: &ObjectType, ids: &[String]) -> Result<Vec<Json>, Failure> {
    let (columns, source, read): (_, _, fn(&Row<'_>) -> rusqlite::Result<Json>) = match object_type {
        ObjectType::Contact => (contact::COLUMNS, contact::SOURCE, |row| Ok(Contact::read(row)?.show())),
        ObjectType::Company => (company::COLUMNS, "company", |row| Ok(Company::read(row)?.show())),
        ObjectType::Deal => (deal::COLUMNS, deal::SOURCE, |row| Ok(Deal::read(row)?.show())),
        ObjectType::Custom(_) => (CUSTOM_COLUMNS, "object_record", custom),
    };
    let table = object_type.table();
    let sql = format!("SELECT {columns} FROM {source} WHERE {table}.tenant = ?1 AND {table}.id = ?2");
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        records.extend(view.one(&sql, &[id], read)?);
    }
    with_properties(view, object_type, records)
}

/// The records, each with the values of its properties.
pub(super) fn with_properties(
    view: &View<'_>,
    object_type: &ObjectType,
    records: Vec<Json>,
) -> Result<Vec<Json>, Failure> {
    let ids: Vec<&str> = records.iter().filter_map(id).collect();
    let mut values = property::of_records(view, object_type, &ids)?;
    let complete = records.into_iter().map(|record| {
        let mut properties = match record.get("properties") {
            Some(Json::Object(undefined)) => undefined.clone(),
            _ => serde_json::Map::new(),
        };
        properties.extend(id(&record).and_then(|id| values.remove(id)).unwrap_or_default());
        shown::with(record, "properties", Json::Object(properties))
    });
    Ok(complete.collect())
}

fn id(record: &Json) -> Option<&str> {
    record.get("id").and_then(Json::as_str)
}

const CUSTOM_COLUMNS: &str = "object_type, id, created_by, created_at, updated_at, fields";

fn custom(row: &Row<'_>) -> rusqlite::Result<Json> {
    Ok(json!({
        "type": "object_record",
        "object_type": row.get::<_, String>(0)?,
        "id": row.get::<_, String>(1)?,
        "created_by": row.get::<_, String>(2)?,
        "created_at": row.get::<_, String>(3)?,
        "updated_at": row.get::<_, String>(4)?,
        "properties": json_column(row, 5)?,
    }))
}
