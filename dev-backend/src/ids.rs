//! Where new ids come from: the moment and chance, or a count. The demo counts, so that its data has the
//! same ids wherever and whenever it is made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// The time in counted ids, in milliseconds since 1970. It lies in the past, so they sort before all others.
const COUNTED_TIME: u64 = 0x0180_0000_0000;

/// A source of ids, each a prefix and a UUID v7.
#[derive(Debug, Clone)]
pub(crate) struct Ids(Source);

#[derive(Debug, Clone)]
enum Source {
    Chance,
    /// How many ids each prefix has had.
    Count(Arc<Mutex<BTreeMap<String, u32>>>),
}

// === impl Ids ===

impl Ids {
    /// Ids that nobody has had before; they sort by the time of their making.
    pub(crate) const fn by_chance() -> Self {
        Self(Source::Chance)
    }

    /// Ids by number, from 1 for each prefix; clones count together.
    pub(crate) fn counted() -> Self {
        Self(Source::Count(Arc::default()))
    }

    /// The next id with this prefix.
    pub(crate) fn next(&self, prefix: &str) -> String {
        let uuid = match &self.0 {
            Source::Chance => Uuid::now_v7(),
            Source::Count(counts) => {
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                let count = counts.entry(prefix.to_owned()).or_default();
                *count += 1;
                numbered(*count)
            }
        };
        format!("{prefix}_{}", uuid.simple())
    }
}

/// The UUID v7 of a past moment whose last digits are the number.
fn numbered(number: u32) -> Uuid {
    let [a, b, c, d] = number.to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(COUNTED_TIME, &[0, 0, 0, 0, 0, 0, a, b, c, d]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_ids_are_always_the_same_and_come_before_all_others() {
        let made = |ids: &Ids| ["con", "con", "deal"].map(|prefix| ids.next(prefix));
        let counted = made(&Ids::counted());
        assert_eq!(counted, made(&Ids::counted()));
        assert_eq!(counted[1], "con_01800000000070008000000000000002");
        assert!(counted[0] < counted[1] && counted[1] < Ids::by_chance().next("con"));
    }
}
