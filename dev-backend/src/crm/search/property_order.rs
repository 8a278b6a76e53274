//! The order by a property's values, taken from their index. To sort many records by a property, the value
//! of each would have to be looked up; the index has them in order, and a page ends early.

use rusqlite::types::Value;

use crate::crm::filter::{Parameters, Values};
use crate::database::View;
use crate::failure::Failure;
use crate::list::Page;

/// Records in the order of a property, those without a value last.
pub(super) struct PropertyOrder<'o> {
    /// The property's id.
    pub(super) property: &'o str,
    pub(super) direction: &'o str,
    /// The conditions that its values must meet.
    pub(super) values: Vec<&'o Values>,
    /// Tables and other conditions of the records, and the column of their ids.
    pub(super) source: &'o str,
    pub(super) id: &'o str,
}

// === impl PropertyOrder ===

impl PropertyOrder<'_> {
    /// The ids of the records of the page.
    pub(super) fn ids(
        &self,
        view: &View<'_>,
        mut parameters: Parameters,
        page: Page,
    ) -> Result<Vec<String>, Failure> {
        let Self { direction, source, id, .. } = *self;
        let property = parameters.bind(Value::Text(self.property.to_owned()));
        let met: String = self.values.iter().map(|values| format!(" AND {}", values.sql())).collect();
        // SQLite keeps to the order of a cross join, so the values are read from their index in its order.
        let valued = format!(
            "property_value AS held CROSS JOIN {source}
             AND held.tenant = ?1 AND held.property_id = {property}{met} AND {id} = held.record_id"
        );
        let count = format!("SELECT count(*) FROM {valued}");
        let counted = parameters.values().len();
        let limit = parameters.bind(Value::Integer(page.limit.into()));
        let offset = parameters.bind(Value::Integer(page.offset.into()));
        let sql = format!(
            "SELECT {id} FROM {valued} ORDER BY held.value_key {direction}, held.record_id {direction}
             LIMIT {limit} OFFSET {offset}"
        );
        let mut ids: Vec<String> = view.all(&sql, &parameters.values(), |row| row.get(0))?;
        let missing = i64::from(page.limit) - ids.len() as i64;
        // What has no value meets no condition on it.
        if missing == 0 || !self.values.is_empty() {
            return Ok(ids);
        }
        let skipped = if ids.is_empty() && page.offset > 0 {
            let bound: Vec<_> = parameters.values().into_iter().take(counted).collect();
            i64::from(page.offset) - view.count(&count, &bound)?
        } else {
            0
        };
        let (missing, skipped) =
            (parameters.bind(Value::Integer(missing)), parameters.bind(Value::Integer(skipped)));
        let sql = format!(
            "SELECT {id} FROM {source} AND NOT EXISTS (
                 SELECT 1 FROM property_value AS held
                 WHERE held.tenant = ?1 AND held.property_id = {property} AND held.record_id = {id})
             ORDER BY {id} {direction} LIMIT {missing} OFFSET {skipped}"
        );
        ids.extend(view.all(&sql, &parameters.values(), |row| row.get::<_, String>(0))?);
        Ok(ids)
    }
}
