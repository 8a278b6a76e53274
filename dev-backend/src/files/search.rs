//! Finding files by their words and names.

use std::sync::Arc;

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::index;
use super::tree::Found;
use crate::call::Call;
use crate::database::{Database, Index, View, Words};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::{Answer, Pending};
use crate::shown;

/// A hit in the name says more than one in the text; the scope column says nothing.
const INDEX: Index = Index { name: "file_search", columns: "path text", weights: "0.0, 3.0, 1.0" };

/// The column of the index that a snippet is taken from.
const TEXT: u32 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    max_results: Option<i64>,
}

/// Lists the files that have every word of the query, or any of them where none has all; the newest ones where
/// the query has no words. `pending` files are new and will be found by a later search.
pub(super) fn search(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Search { query, max_results } = call.input()?;
        let page = Page::new(max_results, 20, None)?;
        let pending = index::refresh(&database, &call).await?;
        let find = move |rows: &rusqlite::Connection| {
            let view = View::new(rows, &call.context.tenant);
            let words = Words::of(&query);
            if words.is_empty() { newest(&view, page) } else { matching(&view, &words, page) }
        };
        Ok(shown::with(database.read(find).await?, "pending", json!(pending)))
    })
}

fn matching(view: &View<'_>, words: &Words, page: Page) -> Answer {
    let hits = INDEX.find(view, "", words, page)?;
    let sql = "SELECT path, size, modified_ns FROM file_entry WHERE tenant = ?1 AND seq = ?2";
    let mut items = Vec::with_capacity(hits.rows.len());
    for (seq, score) in hits.rows {
        let found = view.one(sql, &[&seq], found)?;
        let found =
            found.ok_or_else(|| Failure::Broken(format!("entry {seq} of the index without its file")))?;
        items.push(item(&found, INDEX.snippet(view, words, seq, TEXT)?, score));
    }
    Ok(page.answer(items, hits.total))
}

fn newest(view: &View<'_>, page: Page) -> Answer {
    let total = view.count("SELECT count(*) FROM file_entry WHERE tenant = ?1", &[])?;
    let sql = "SELECT path, size, modified_ns FROM file_entry WHERE tenant = ?1
               ORDER BY modified_ns DESC, seq DESC LIMIT ?2";
    let found = view.all(sql, &[&page.limit], found)?;
    Ok(page.answer(found.iter().map(|found| item(found, String::new(), 0.0)).collect(), total))
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { path: row.get(0)?, size: row.get(1)?, modified_ns: row.get(2)? })
}

fn item(found: &Found, snippet: String, score: f64) -> Json {
    shown::with(shown::with(found.show(), "snippet", json!(snippet)), "score", json!(score))
}
