//! Finding memories. Every word of the query must occur, each as the beginning of a word, in content or
//! tags; where no memory has them all, memories with any of them are found. The best match comes first.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::entry::{COLUMNS, Entry};
use crate::call::Call;
use crate::database::{View, WITHIN_TENANT, Words};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    limit: Option<i64>,
    offset: Option<i64>,
    include_archived: Option<bool>,
}

/// Lists the memories that match, or the newest ones where the query has no words.
pub(super) fn search(view: &View<'_>, call: &Call) -> Answer {
    let Search { query, limit, offset, include_archived } = call.input()?;
    let page = Page::new(limit, 20, offset)?;
    let include_archived = include_archived.unwrap_or(false);
    let words = Words::of(&query);
    if words.is_empty() {
        return newest(view, page, include_archived);
    }
    // Archived and active memories are in the index, softly deleted ones are not.
    let status = if include_archived { "" } else { "scope : active AND " };
    let count = format!("SELECT count(*) FROM memory_search WHERE memory_search MATCH {WITHIN_TENANT}");
    for how in words.matches() {
        let query = format!("{status}{}", words.query(*how, "content tags"));
        let total = view.count(&count, &[&query])?;
        if total > 0 {
            return Ok(page.answer(ranked(view, &query, page)?, total));
        }
    }
    Ok(page.answer(Vec::new(), 0))
}

fn ranked(view: &View<'_>, query: &str, page: Page) -> Result<Vec<Json>, Failure> {
    // The scope column weighs nothing: it says whose memory it is, not what it is about.
    let sql = format!(
        "SELECT {COLUMNS}, -hit.score
         FROM (SELECT rowid AS seq, rank AS score FROM memory_search
               WHERE memory_search MATCH {WITHIN_TENANT} AND rank MATCH 'bm25(0.0, 1.0, 1.0)'
               ORDER BY rank, rowid DESC LIMIT ?3 OFFSET ?4) AS hit
         JOIN memory ON memory.seq = hit.seq AND memory.tenant = ?1
         ORDER BY hit.score, hit.seq DESC"
    );
    view.all(&sql, &[&query, &page.limit, &page.offset], hit)
}

fn newest(view: &View<'_>, page: Page, include_archived: bool) -> Answer {
    let of_tenant =
        "FROM memory WHERE tenant = ?1 AND status IN ('active', CASE WHEN ?2 THEN 'archived' END)";
    let total = view.count(&format!("SELECT count(*) {of_tenant}"), &[&include_archived])?;
    let sql = format!("SELECT {COLUMNS}, 0.0 {of_tenant} ORDER BY seq DESC LIMIT ?3 OFFSET ?4");
    let items = view.all(&sql, &[&include_archived, &page.limit, &page.offset], hit)?;
    Ok(page.answer(items, total))
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Json> {
    let score: f64 = row.get(7)?;
    let mut shown = Entry::read(row)?.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("score".to_owned(), json!(score));
    }
    Ok(shown)
}
