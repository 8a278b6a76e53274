//! One fetch at a time for one page: whoever asks meanwhile gets the same answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where the answer of a fetch lands. Whoever holds the lock is fetching.
type Slot<V> = tokio::sync::Mutex<Option<V>>;

/// Fetches that are under way, by key.
#[derive(Debug)]
pub(super) struct Flights<K, V>(Mutex<HashMap<K, Weak<Slot<V>>>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Flights<K, V> {
    /// The answer of the fetch that is under way for `key`, or of this one.
    ///
    /// A caller that goes away or runs out of time lets go of the lock, and the next one that waits fetches.
    pub(super) async fn join(&self, key: K, fetch: impl Future<Output = V>) -> V {
        let slot = self.slot(&key);
        let mut landed = slot.lock().await;
        if let Some(answer) = &*landed {
            return answer.clone();
        }
        let answer = fetch.await;
        *landed = Some(answer.clone());
        self.forget(&key, &slot);
        answer
    }

    fn slot(&self, key: &K) -> Arc<Slot<V>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key).and_then(Weak::upgrade) {
            return slot;
        }
        // Callers that went away leave their entry behind.
        slots.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(Slot::new(None));
        slots.insert(key.clone(), Arc::downgrade(&slot));
        slot
    }

    /// Whoever comes from now on fetches anew.
    fn forget(&self, key: &K, slot: &Arc<Slot<V>>) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.get(key).is_some_and(|known| known.as_ptr() == Arc::as_ptr(slot)) {
            slots.remove(key);
        }
    }
}
