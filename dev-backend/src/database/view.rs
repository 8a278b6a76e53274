//! A tenant's view of the data. Every statement takes the tenant as its first parameter and is refused
//! where it does not use it, so that no query can forget whose rows it may see.

use rusqlite::{CachedStatement, Connection, Row, ToSql, params_from_iter};
use serde_json::Value as Json;

use crate::failure::Failure;

/// The data of one tenant.
pub(crate) struct View<'v> {
    connection: &'v Connection,
    tenant: &'v str,
}

// === impl View ===

impl<'v> View<'v> {
    /// The tenant's view on a connection.
    pub(crate) const fn new(connection: &'v Connection, tenant: &'v str) -> Self {
        Self { connection, tenant }
    }

    /// Whose data it is.
    pub(crate) const fn tenant(&self) -> &'v str {
        self.tenant
    }

    /// The first row, where there is one. `?1` is the tenant, the parameters follow.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        parameters: &[&dyn ToSql],
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Failure> {
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params_from_iter(self.with_tenant(parameters)))?;
        Ok(rows.next()?.map(read).transpose()?)
    }

    /// Every row. `?1` is the tenant, the parameters follow.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        parameters: &[&dyn ToSql],
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params_from_iter(self.with_tenant(parameters)), read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The number that the statement selects. `?1` is the tenant, the parameters follow.
    pub(crate) fn count(&self, sql: &str, parameters: &[&dyn ToSql]) -> Result<i64, Failure> {
        Ok(self.one(sql, parameters, |row| row.get(0))?.unwrap_or_default())
    }

    pub(super) const fn connection(&self) -> &'v Connection {
        self.connection
    }

    pub(super) fn execute(&self, sql: &str, parameters: &[&dyn ToSql]) -> Result<usize, Failure> {
        Ok(self.statement(sql)?.execute(params_from_iter(self.with_tenant(parameters)))?)
    }

    fn statement(&self, sql: &str) -> Result<CachedStatement<'v>, Failure> {
        if !sql.contains("?1") {
            return Err(Failure::Broken(format!("a statement without its tenant: {sql}")));
        }
        Ok(self.connection.prepare_cached(sql)?)
    }

    fn with_tenant<'p>(&'p self, parameters: &'p [&'p dyn ToSql]) -> impl Iterator<Item = &'p dyn ToSql> {
        std::iter::once(&self.tenant as &dyn ToSql).chain(parameters.iter().copied())
    }
}

/// A JSON text column as JSON; `null` where it cannot be read.
pub(crate) fn json_column(row: &Row<'_>, index: usize) -> rusqlite::Result<Json> {
    let text: String = row.get(index)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
