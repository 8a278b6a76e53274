//! Finding records by what their fields hold: filters that must all be met, sorting, paging. Segments that
//! follow rules are such searches too.

mod property_order;

use rusqlite::Row;
use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::company::{self, Company};
use super::contact::{self, Contact};
use super::deal::{self, Deal};
use super::field::{self, Field, FieldKind, Source};
use super::filter::{Filter, Parameters};
use super::object::{self, ObjectType};
use super::property;
use crate::call::Call;
use crate::database::{View, json_column};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

use property_order::PropertyOrder;

/// The most conditions of one search.
const MOST_FILTERS: usize = 50;

/// The most records that are sorted where they could be read in their order.
const MOST_SORTED: i64 = 5_000;

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
    /// Conditions in SQL.
    conditions: String,
    /// Whether a condition lists the numbers of the few rows that can meet it.
    lists_rows: bool,
    order: String,
    /// The property that the records are ordered by, where its index has that order, and in which direction.
    by_property: Option<(String, &'static str)>,
    /// What the SQL binds.
    parameters: Parameters,
}

/// Lists the records that meet every condition.
pub(super) fn search_advanced(view: &View<'_>, call: &Call) -> Answer {
    let given: SearchAdvanced = call.input()?;
    let object_type = ObjectType::named(view, &given.object_type)?;
    let page = Page::new(given.limit, 20, given.offset)?;
    let mut search = Search::new(view, &object_type)?;
    search.filter(view, &given.filters)?;
    let total = search.count(view)?;
    search.sort(given.sort_by.as_deref().unwrap_or("updated_at"), given.sort_dir.as_deref())?;
    Ok(page.answer(search.records(view, page, total)?, total))
}

// === impl Search ===

impl<'s> Search<'s> {
    /// The search that finds every record of the type.
    pub(super) fn new(view: &View<'_>, object_type: &'s ObjectType) -> Result<Self, Failure> {
        let mut parameters = Parameters::new();
        let mut conditions = format!("{}.tenant = ?1", object_type.table());
        if let ObjectType::Custom(key) = object_type {
            let key = parameters.bind(Value::Text(key.clone()));
            conditions.push_str(&format!(" AND object_record.object_type = {key}"));
        }
        Ok(Self {
            object_type,
            fields: field::all(view, object_type)?,
            conditions,
            lists_rows: false,
            order: String::new(),
            by_property: None,
            parameters,
        })
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
            let condition = filter.sql(view, field, &mut self.parameters)?;
            self.conditions.push_str(" AND ");
            self.conditions.push_str(&condition.sql);
            self.lists_rows |= condition.lists_rows;
        }
        Ok(())
    }

    /// Narrows the search to the records that a static segment keeps; what is returned is the SQL of their
    /// places in it.
    pub(super) fn members_of(&mut self, segment_id: &str) -> String {
        let segment = self.parameters.bind(Value::Text(segment_id.to_owned()));
        let place = format!(
            "(SELECT position FROM segment_member AS member WHERE member.tenant = ?1
              AND member.segment_id = {segment} AND member.record_id = {})",
            field::id_column(self.object_type)
        );
        self.conditions.push_str(&format!(" AND {place} IS NOT NULL"));
        place
    }

    /// How many records there are.
    pub(super) fn count(&self, view: &View<'_>) -> Result<i64, Failure> {
        // An employer makes no contact more, so none has to be looked up where no condition is about them.
        let source = match self.object_type {
            ObjectType::Contact if !self.lists_rows && !self.conditions.contains("employer.") => {
                format!("contact WHERE {}", self.conditions)
            }
            _ => self.source(),
        };
        view.count(&format!("SELECT count(*) FROM {source}"), &self.parameters.values())
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
        if let (Source::Property { id, .. }, true) = (&field.source, field.kind != FieldKind::Text) {
            self.by_property = Some((id.clone(), direction));
        }
        let expression = field.expression(&mut self.parameters);
        // Ids sort by the time of their making, which settles what is equal.
        let id = field::id_column(self.object_type);
        self.order = format!("{expression} {direction} NULLS LAST, {id} {direction}");
        Ok(())
    }

    /// Orders the members of a static segment by their places in it.
    pub(super) fn sort_by_place(&mut self, place: &str) {
        self.order = place.to_owned();
    }

    /// The ids of the records of the page, of so many in all.
    pub(super) fn ids(mut self, view: &View<'_>, page: Page, total: i64) -> Result<Vec<String>, Failure> {
        // Of few rows that are listed by their numbers each is looked at anyway.
        let worth_it = total > MOST_SORTED && !self.lists_rows;
        if let (Some((property, direction)), true) = (&self.by_property, worth_it) {
            let id = field::id_column(self.object_type);
            let order = PropertyOrder { property, direction, source: &self.source(), id };
            return order.ids(view, self.parameters, page);
        }
        let limit = self.parameters.bind(Value::Integer(page.limit.into()));
        let offset = self.parameters.bind(Value::Integer(page.offset.into()));
        let (id, source, order) = (field::id_column(self.object_type), self.source(), self.order);
        let sql = format!("SELECT {id} FROM {source} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        view.all(&sql, &self.parameters.values(), |row| row.get(0))
    }

    /// The records of the page, of so many in all, with their properties. Only these are read whole.
    pub(super) fn records(self, view: &View<'_>, page: Page, total: i64) -> Result<Vec<Json>, Failure> {
        let object_type = self.object_type;
        let ids = self.ids(view, page, total)?;
        let (columns, source, read): (_, _, fn(&Row<'_>) -> rusqlite::Result<Json>) = match object_type {
            ObjectType::Contact => (contact::COLUMNS, contact::SOURCE, |row| Ok(Contact::read(row)?.show())),
            ObjectType::Company => (company::COLUMNS, "company", |row| Ok(Company::read(row)?.show())),
            ObjectType::Deal => (deal::COLUMNS, deal::SOURCE, |row| Ok(Deal::read(row)?.show())),
            ObjectType::Custom(_) => (CUSTOM_COLUMNS, "object_record", custom),
        };
        let table = object_type.table();
        let sql = format!("SELECT {columns} FROM {source} WHERE {table}.tenant = ?1 AND {table}.id = ?2");
        let mut records = Vec::with_capacity(ids.len());
        for id in &ids {
            records.extend(view.one(&sql, &[id], read)?);
        }
        with_properties(view, object_type, records)
    }

    /// Tables and conditions in SQL.
    fn source(&self) -> String {
        let tables = match self.object_type {
            // Without an index SQLite takes the rows by the numbers that are listed.
            ObjectType::Contact if self.lists_rows => {
                contact::SOURCE.replacen("contact ", "contact NOT INDEXED ", 1)
            }
            ObjectType::Contact => contact::SOURCE.to_owned(),
            ObjectType::Company => "company".to_owned(),
            ObjectType::Deal => deal::SOURCE.to_owned(),
            ObjectType::Custom(_) => "object_record".to_owned(),
        };
        format!("{tables} WHERE {}", self.conditions)
    }
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
