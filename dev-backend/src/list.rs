//! Lists as every tool answers them: `items`, `total`, `next_offset`.

use serde_json::{Value as Json, json};

use crate::failure::Failure;

/// The most rows one answer carries.
const MAXIMUM: u32 = 1_000;

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

// === impl Page ===

impl Page {
    /// The page of a caller's `limit` and `offset`.
    ///
    /// # Errors
    /// A limit outside 1 to 1,000 or a negative offset.
    pub(crate) fn new(limit: Option<i64>, usual: u32, offset: Option<i64>) -> Result<Self, Failure> {
        let limit = match limit {
            None => usual,
            Some(given) => u32::try_from(given)
                .ok()
                .filter(|limit| (1..=MAXIMUM).contains(limit))
                .ok_or_else(|| Failure::Meaningless(format!("limit must be 1 to {MAXIMUM}, not {given}")))?,
        };
        let offset = offset.unwrap_or_default();
        let offset = u32::try_from(offset)
            .map_err(|_| Failure::Meaningless(format!("offset must be 0 to {}, not {offset}", u32::MAX)))?;
        Ok(Self { limit, offset })
    }

    /// The answer that carries this page of `total` rows.
    pub(crate) fn answer(self, items: Vec<Json>, total: i64) -> Json {
        let end = i64::from(self.offset) + items.len() as i64;
        let next_offset = (!items.is_empty() && end < total).then_some(end);
        json!({"items": items, "total": total, "next_offset": next_offset})
    }
}
