//! Looking words up in a full-text index. Ranking costs time for every row that matches, and the words that
//! most rows have tell least about any of them; so only so many rows are ranked and counted, and a search
//! stays quick whatever is asked.

use super::View;
use super::words::{Match, WITHIN_TENANT, Words};
use crate::failure::Failure;
use crate::list::Page;

/// The most rows that are counted, and that are ranked.
const MOST: usize = 2_000;

/// A full-text index whose `scope` column says whose a row is.
pub(crate) struct Index {
    pub(crate) name: &'static str,
    /// The columns that are searched.
    pub(crate) columns: &'static str,
    /// What a word in each column weighs, the scope column included.
    pub(crate) weights: &'static str,
}

/// The rows of a page, the best first, and how many there are in all, counted up to a bound.
pub(crate) struct Hits {
    /// Row and score.
    pub(crate) rows: Vec<(i64, f64)>,
    pub(crate) total: i64,
}

// === impl Index ===

impl Index {
    /// The rows of the tenant, or of a part of them, that have every word; where none has them all, those
    /// that have any. The best match comes first. Words that more than 2,000 rows have are no help in telling
    /// them apart: where all are such words the newest row comes first, and in a search for any of them they
    /// count only where there are no others.
    pub(crate) fn find(
        &self,
        view: &View<'_>,
        part: &str,
        words: &Words,
        page: Page,
    ) -> Result<Hits, Failure> {
        let all = words.query(Match::All, self.columns);
        if words.is_single() {
            return self.hits(view, part, &all, &self.rows(view, part, &all)?, page);
        }
        let (mut telling, mut lists, mut absent) = (Words::default(), Vec::new(), false);
        for word in words.each() {
            let rows = self.rows(view, part, &word.query(Match::All, self.columns))?;
            absent |= rows.is_empty();
            if (1..=MOST).contains(&rows.len()) {
                telling.add(word);
                lists.push(rows);
            }
        }
        // Words of which one is in no row, or that no row has together, need not be looked for at once.
        if !absent && share_a_row(&lists) {
            let rows = self.rows(view, part, &all)?;
            if !rows.is_empty() {
                return self.hits(view, part, &all, &rows, page);
            }
        }
        if telling.is_empty() {
            let any = words.query(Match::Any, self.columns);
            return self.hits(view, part, &any, &self.rows(view, part, &any)?, page);
        }
        let mut rows = lists.concat();
        rows.sort_unstable();
        rows.dedup();
        self.hits(view, part, &telling.query(Match::Any, self.columns), &rows, page)
    }

    /// Where the words stand in a column of a row; its beginning where they stand elsewhere.
    pub(crate) fn snippet(
        &self,
        view: &View<'_>,
        words: &Words,
        row: i64,
        column: u32,
    ) -> Result<String, Failure> {
        let name = self.name;
        let sql = format!(
            "SELECT snippet({name}, ?5, '', '', '…', 24) FROM {name}
             WHERE {name} MATCH {WITHIN_TENANT} AND rowid = ?4"
        );
        let found =
            view.one(&sql, &[&"", &words.query(Match::Any, self.columns), &row, &column], |row| row.get(0))?;
        Ok(found.unwrap_or_default())
    }

    /// The rows that match, in their order; of many, one more than are counted.
    fn rows(&self, view: &View<'_>, part: &str, words: &str) -> Result<Vec<i64>, Failure> {
        let name = self.name;
        let sql = format!("SELECT rowid FROM {name} WHERE {name} MATCH {WITHIN_TENANT} LIMIT {MOST} + 1");
        view.all(&sql, &[&part, &words], |row| row.get(0))
    }

    /// The page out of all rows that match, or out of more than are counted.
    fn hits(
        &self,
        view: &View<'_>,
        part: &str,
        words: &str,
        rows: &[i64],
        page: Page,
    ) -> Result<Hits, Failure> {
        let counted = rows.len().min(MOST);
        let (offset, limit) = (page.offset as usize, page.limit as usize);
        let limit = limit.min(counted.saturating_sub(offset));
        let rows = if limit == 0 {
            Vec::new()
        } else if rows.len() > MOST {
            let name = self.name;
            let sql = format!(
                "SELECT rowid, 0.0 FROM {name} WHERE {name} MATCH {WITHIN_TENANT}
                 ORDER BY rowid DESC LIMIT ?4 OFFSET ?5"
            );
            view.all(&sql, &[&part, &words, &(limit as i64), &page.offset], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
        } else {
            self.ranked(view, words, rows)?.into_iter().skip(offset).take(limit).collect()
        };
        Ok(Hits { rows, total: counted as i64 })
    }

    /// The rows with their scores, the best first. The ranking leaves the scope out, since a tenant's name is
    /// in every row of it; what it finds of other tenants is not among the rows given.
    fn ranked(&self, view: &View<'_>, words: &str, matching: &[i64]) -> Result<Vec<(i64, f64)>, Failure> {
        let (name, weights) = (self.name, self.weights);
        let sql = format!(
            "SELECT rowid, -bm25({name}, {weights}) FROM {name} WHERE {name} MATCH ?2 AND ?1 IS NOT NULL"
        );
        let mut rows: Vec<(i64, f64)> = view.all(&sql, &[&words], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.retain(|(row, _)| matching.binary_search(row).is_ok());
        rows.sort_by(|(row, score), (other, others)| others.total_cmp(score).then(other.cmp(row)));
        Ok(rows)
    }
}

/// Whether a row is in every list. Each has its rows in their order.
fn share_a_row(lists: &[Vec<i64>]) -> bool {
    let Some((first, others)) = lists.split_first() else { return true };
    first.iter().any(|row| others.iter().all(|rows| rows.binary_search(row).is_ok()))
}
