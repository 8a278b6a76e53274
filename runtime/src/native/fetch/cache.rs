//! A small store of what was fetched, bounded by bytes, that forgets the oldest first.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// Entries by key, each for its time.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    inner: Mutex<Inner<K, V>>,
    most_bytes: usize,
}

#[derive(Debug)]
struct Inner<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// Keys in the order in which they came.
    order: BTreeMap<u64, K>,
    next: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    until: SystemTime,
    bytes: usize,
    turn: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn new(most_bytes: usize) -> Self {
        let inner = Inner { entries: HashMap::new(), order: BTreeMap::new(), next: 0, bytes: 0 };
        Self { inner: Mutex::new(inner), most_bytes }
    }

    pub(super) fn get(&self, key: &K, now: SystemTime) -> Option<V> {
        let inner = self.inner.lock().ok()?;
        inner.entries.get(key).filter(|entry| now < entry.until).map(|entry| entry.value.clone())
    }

    /// Keeps a value of `bytes` bytes for `lifetime`, unless that is nothing.
    pub(super) fn put(&self, key: K, value: V, bytes: usize, now: SystemTime, lifetime: Duration) {
        let Ok(mut inner) = self.inner.lock() else { return };
        inner.remove(&key);
        let Some(until) = now.checked_add(lifetime).filter(|until| *until > now) else { return };
        if bytes > self.most_bytes {
            return;
        }
        while inner.bytes + bytes > self.most_bytes {
            let Some((_, oldest)) = inner.order.first_key_value() else { break };
            let oldest = oldest.clone();
            inner.remove(&oldest);
        }
        let turn = inner.next;
        inner.next += 1;
        inner.bytes += bytes;
        inner.order.insert(turn, key.clone());
        inner.entries.insert(key, Entry { value, until, bytes, turn });
    }
}

impl<K: Eq + Hash, V> Inner<K, V> {
    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.turn);
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Cache;

    #[test]
    fn entries_last_for_their_time_and_the_oldest_makes_room() {
        let cache = Cache::new(10);
        let now = SystemTime::UNIX_EPOCH;
        let after = |seconds| now + Duration::from_secs(seconds);
        cache.put("a", 1, 4, now, Duration::from_secs(5));
        cache.put("b", 2, 4, now, Duration::from_secs(9));
        cache.put("none", 3, 1, now, Duration::ZERO);
        cache.put("huge", 4, 11, now, Duration::from_secs(9));
        assert_eq!(
            ["a", "b", "none", "huge"].map(|key| cache.get(&key, after(4))),
            [Some(1), Some(2), None, None]
        );
        assert_eq!(["a", "b"].map(|key| cache.get(&key, after(5))), [None, Some(2)]);
        cache.put("c", 5, 4, now, Duration::from_secs(9));
        assert_eq!(["a", "b", "c"].map(|key| cache.get(&key, now)), [None, Some(2), Some(5)]);
        cache.put("b", 6, 8, now, Duration::from_secs(9));
        assert_eq!(["b", "c"].map(|key| cache.get(&key, now)), [Some(6), None]);
    }
}
