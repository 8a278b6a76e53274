//! Looking words up in a full-text index. Ranking costs time for every row that matches, and the words that
//! most rows have tell least about any of them; so only so many rows are ranked and counted, and a search
//! stays quick whatever is asked.

use std::cmp::Reverse;

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
        let query = words.query(Match::All, self.columns);
        let rows = self.newest(view, part, &query)?;
        if !rows.is_empty() || words.is_single() {
            return self.hits(view, &query, &rows, page);
        }
        let mut rows = Vec::new();
        let telling = words.filtered(|word| {
            let found = self.newest(view, part, &word.query(Match::All, self.columns))?;
            let tells = (1..=MOST).contains(&found.len());
            if tells {
                rows.extend(found);
            }
            Ok(tells)
        })?;
        if telling.is_empty() {
            let query = words.query(Match::Any, self.columns);
            let rows = self.newest(view, part, &query)?;
            return self.hits(view, &query, &rows, page);
        }
        rows.sort_unstable_by_key(|row| Reverse(*row));
        rows.dedup();
        self.hits(view, &telling.query(Match::Any, self.columns), &rows, page)
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

    /// The newest rows that match, one more than are counted.
    fn newest(&self, view: &View<'_>, part: &str, words: &str) -> Result<Vec<i64>, Failure> {
        let name = self.name;
        let sql = format!(
            "SELECT rowid FROM {name} WHERE {name} MATCH {WITHIN_TENANT} ORDER BY rowid DESC LIMIT {MOST} + 1"
        );
        view.all(&sql, &[&part, &words], |row| row.get(0))
    }

    /// The page out of all rows that match, which are given with the newest first.
    fn hits(&self, view: &View<'_>, words: &str, newest: &[i64], page: Page) -> Result<Hits, Failure> {
        let counted = newest.len().min(MOST);
        let (offset, limit) = (page.offset as usize, page.limit as usize);
        let rows = if newest.len() > MOST {
            newest.iter().take(MOST).skip(offset).take(limit).map(|row| (*row, 0.0)).collect()
        } else if offset >= counted {
            Vec::new()
        } else {
            self.ranked(view, words, newest)?.into_iter().skip(offset).take(limit).collect()
        };
        Ok(Hits { rows, total: counted as i64 })
    }

    /// The rows with their scores, the best first. The ranking leaves the scope out, since a tenant's name is
    /// in every row of it; what it finds of other tenants is not among the rows given.
    fn ranked(&self, view: &View<'_>, words: &str, newest: &[i64]) -> Result<Vec<(i64, f64)>, Failure> {
        let (name, weights) = (self.name, self.weights);
        let sql = format!(
            "SELECT rowid, -bm25({name}, {weights}) FROM {name} WHERE {name} MATCH ?2 AND ?1 IS NOT NULL"
        );
        let mut rows: Vec<(i64, f64)> = view.all(&sql, &[&words], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.retain(|(row, _)| newest.binary_search_by(|known| row.cmp(known)).is_ok());
        rows.sort_by(|(row, score), (other, others)| others.total_cmp(score).then(other.cmp(row)));
        Ok(rows)
    }
}
