//! Finding memories. Every word of the query must occur, each as the beginning of a word, in content or
//! tags; where no memory has them all, memories with any of them are found. The best match comes first.

use serde::Deserialize;
use serde_json::json;

use super::entry::{COLUMNS, Entry};
use crate::call::Call;
use crate::database::{Index, View, Words};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

/// The scope column weighs nothing: it says whose memory it is, not what it is about.
const INDEX: Index = Index { name: "memory_search", columns: "content tags", weights: "0.0, 1.0, 1.0" };

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
    let (found, total) = find(view, &words, page, include_archived)?;
    let items = found.iter().map(|(entry, score)| shown::with(entry.show(), "score", json!(score)));
    Ok(page.answer(items.collect(), total))
}

/// The memories that match, the best first with their scores, and how many there are in all.
pub(super) fn find(
    view: &View<'_>,
    words: &Words,
    page: Page,
    include_archived: bool,
) -> Result<(Vec<(Entry, f64)>, i64), Failure> {
    // Archived and active memories are in the index, softly deleted ones are not.
    let part = if include_archived { "" } else { "active" };
    let hits = INDEX.find(view, part, words, page)?;
    let sql = format!("SELECT {COLUMNS} FROM memory WHERE tenant = ?1 AND seq = ?2");
    let mut found = Vec::with_capacity(hits.rows.len());
    for (seq, score) in hits.rows {
        let lost = || Failure::Broken(format!("entry {seq} of the index without its memory"));
        found.push((view.one(&sql, &[&seq], Entry::read)?.ok_or_else(lost)?, score));
    }
    Ok((found, hits.total))
}

fn newest(view: &View<'_>, page: Page, include_archived: bool) -> Answer {
    let of_tenant =
        "FROM memory WHERE tenant = ?1 AND status IN ('active', CASE WHEN ?2 THEN 'archived' END)";
    let total = view.count(&format!("SELECT count(*) {of_tenant}"), &[&include_archived])?;
    let sql = format!("SELECT {COLUMNS} {of_tenant} ORDER BY seq DESC LIMIT ?3 OFFSET ?4");
    let found = view.all(&sql, &[&include_archived, &page.limit, &page.offset], Entry::read)?;
    let items = found.iter().map(|entry| shown::with(entry.show(), "score", json!(0.0)));
    Ok(page.answer(items.collect(), total))
}
