//! Which records a search finds: how many, and the ids of a page. The few that meet narrow conditions are found
//! first and then put in order; of many a page is read in their order, which ends early.

use rusqlite::types::Value;
use serde_json::json;

use super::property_order::PropertyOrder;
use super::{Order, Search};
use crate::crm::field::{self, Field, Source};
use crate::crm::filter::FEW;
use crate::crm::object::ObjectType;
use crate::database::View;
use crate::failure::Failure;
use crate::list::Page;

/// The records that a search finds.
enum Matching {
    /// The numbers of their rows.
    Few(Vec<i64>),
    /// How many there are.
    Many(i64),
}

// === impl Search ===

impl Search<'_> {
    /// How many records there are.
    pub(in crate::crm) fn count(&self, view: &View<'_>) -> Result<i64, Failure> {
        let source = self.values_alone().unwrap_or_else(|| self.matches());
        view.count(&format!("SELECT count(*) FROM {source}"), &self.parameters.values())
    }

    /// The ids of the page, and how many records there are in all.
    pub(in crate::crm) fn ids(self, view: &View<'_>, page: Page) -> Result<(Vec<String>, i64), Failure> {
        match self.matching(view)? {
            Matching::Few(rows) => Ok((self.put_in_order(view, &rows, page)?, rows.len() as i64)),
            Matching::Many(total) => Ok((self.read_in_order(view, page)?, total)),
        }
    }

    fn matching(&self, view: &View<'_>) -> Result<Matching, Failure> {
        if self.conditions.is_empty() {
            return self.count(view).map(Matching::Many);
        }
        if self.values_alone().is_some() {
            let total = self.count(view)?;
            if total > FEW as i64 {
                return Ok(Matching::Many(total));
            }
        }
        let mut source = self.matches();
        if self.conditions.iter().any(|condition| condition.lists_rows) {
            source = self.by_row(&source);
        }
        let sql = format!("SELECT {}.seq FROM {source} LIMIT {FEW} + 1", self.object_type.table());
        let rows: Vec<i64> = view.all(&sql, &self.parameters.values(), |row| row.get(0))?;
        if rows.len() <= FEW {
            return Ok(Matching::Few(rows));
        }
        self.count(view).map(Matching::Many)
    }

    /// The ids of the page of these rows.
    fn put_in_order(mut self, view: &View<'_>, rows: &[i64], page: Page) -> Result<Vec<String>, Failure> {
        if page.offset as usize >= rows.len() {
            return Ok(Vec::new());
        }
        let rows = self.parameters.bind(Value::Text(json!(rows).to_string()));
        let source = self.by_row(&self.source([]));
        let listed = format!("{}.seq IN (SELECT value FROM json_each({rows}))", self.object_type.table());
        self.page_of(view, &format!("{source} AND {listed}"), page)
    }

    /// The ids of the page, read in the order of an index where there is one.
    fn read_in_order(mut self, view: &View<'_>, page: Page) -> Result<Vec<String>, Failure> {
        let Order::Field(Field { source: Source::Property { id: property, .. }, .. }, direction) =
            &self.order
        else {
            let source = self.source(&self.conditions);
            return self.page_of(view, &source, page);
        };
        let (of_values, of_records): (Vec<_>, Vec<_>) = self.conditions.iter().partition(|condition| {
            condition.values.as_ref().is_some_and(|values| values.property == *property)
        });
        let order = PropertyOrder {
            property,
            direction,
            values: of_values.iter().filter_map(|condition| condition.values.as_ref()).collect(),
            source: &self.source(of_records),
            id: field::id_column(self.object_type),
        };
        order.ids(view, self.parameters, page)
    }

    fn page_of(&mut self, view: &View<'_>, source: &str, page: Page) -> Result<Vec<String>, Failure> {
        let (id, table) = (field::id_column(self.object_type), self.object_type.table());
        let order = match &self.order {
            Order::Id => id.to_owned(),
            // Rows are numbered in the order of their making, which settles what is equal.
            Order::Field(field, direction) => {
                let expression = field.expression(&mut self.parameters);
                format!("{expression} {direction} NULLS LAST, {table}.seq {direction}")
            }
            Order::Place(place) => place.clone(),
        };
        let limit = self.parameters.bind(Value::Integer(page.limit.into()));
        let offset = self.parameters.bind(Value::Integer(page.offset.into()));
        let sql = format!("SELECT {id} FROM {source} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        view.all(&sql, &self.parameters.values(), |row| row.get(0))
    }

    /// Where the matching records are. An employer makes no contact more, so without a condition about them the
    /// contacts alone are looked at, and often only an index of them.
    fn matches(&self) -> String {
        let source = self.source(&self.conditions);
        let of_employers = self.conditions.iter().any(|condition| condition.sql.contains("employer."));
        match self.object_type {
            ObjectType::Contact if !of_employers => {
                source.replacen(self.tables(), self.object_type.table(), 1)
            }
            _ => source,
        }
    }

    /// The values to count instead of records, where the only condition is on a property.
    fn values_alone(&self) -> Option<String> {
        match self.conditions.as_slice() {
            // Each value is of a record that is there.
            [condition] => condition.values.as_ref().map(|values| values.source()),
            _ => None,
        }
    }

    /// The source without an index of the records' table: SQLite takes the rows by the numbers that are listed.
    fn by_row(&self, source: &str) -> String {
        let table = self.object_type.table();
        source.replacen(table, &format!("{table} NOT INDEXED"), 1)
    }
}
