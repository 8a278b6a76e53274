//! The windows of a tenant's actors: one for each who called within the last window, and no more than there is
//! room for.
//!
//! An actor is kept as a digest of its name, under keys that this process draws when it starts: names of any length
//! take the same room, a lookup reads none of them, and nobody can choose two that meet.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::time::Duration;

use super::window::Window;

/// Actors whose windows are kept at once. Beyond that nobody new is admitted until some have been idle for a
/// window: who invents actors may fill the table, and must not get past it.
const MOST: usize = 1_000_000;
/// One call in so many looks for idle actors. Each of them is far from the last in memory, so that a look by every
/// call would cost each as much as its own windows do.
const EVERY: u32 = 128;
/// Idle actors that such a call looks for: two for each call in between, and never so many that it pays for all.
const SWEEP: u32 = 2 * EVERY;

/// An actor's name.
type Digest = u128;

/// The actors of one tenant.
#[derive(Debug, Default)]
pub(super) struct Actors {
    windows: HashMap<Digest, Window, BuildHasherDefault<LowHalf>>,
    /// Actors by the time at which they may have been idle for a window.
    idle: VecDeque<(Duration, Digest)>,
    keys: [RandomState; 2],
    calls: u32,
}

impl Actors {
    /// The window of an actor; `None` where there is no room for another.
    pub(super) fn window(&mut self, actor: &str, now: Duration, length: Duration) -> Option<&mut Window> {
        let [high, low] = self.keys.each_ref().map(|key| Digest::from(key.hash_one(actor)));
        let digest = high << 64 | low;
        let has_room = self.windows.len() < MOST;
        match self.windows.entry(digest) {
            Entry::Occupied(entry) => Some(entry.into_mut()),
            Entry::Vacant(entry) => has_room.then(|| {
                self.idle.push_back((now + length, digest));
                entry.insert(Window::default())
            }),
        }
    }

    /// Counts a call; now and then lets go of actors who have not called for a window.
    pub(super) fn forget_idle(&mut self, now: Duration, length: Duration) {
        self.calls = self.calls.wrapping_add(1);
        if !self.calls.is_multiple_of(EVERY) {
            return;
        }
        for _ in 0..SWEEP {
            let due = self.idle.front().is_some_and(|(due, _)| *due <= now);
            let Some((_, actor)) = due.then(|| self.idle.pop_front()).flatten() else { return };
            match self.windows.get(&actor).and_then(Window::newest) {
                Some(newest) if newest + length > now => self.idle.push_back((newest + length, actor)),
                _ => {
                    self.windows.remove(&actor);
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.windows.len()
    }
}

/// Half of a digest, which needs no hashing any more.
#[derive(Debug, Default)]
struct LowHalf(u64);

impl Hasher for LowHalf {
    fn write_u128(&mut self, digest: u128) {
        self.write(&digest.to_le_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(low) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*low);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
