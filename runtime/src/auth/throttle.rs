//! Slowing down who tries out tokens: so many bad ones a minute from one client, and then none is looked at.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::server::network;

/// How long a client pays for each bad token.
const PRICE: Duration = Duration::from_secs(12);
/// What a client may owe and still have a token looked at: five bad ones in a row, then one for each price that
/// is paid, and so never more than ten in any minute.
const CREDIT: Duration = Duration::from_secs(48);
/// Clients that are looked at at the same time do not wait for each other unless they share one of these.
const SHARDS: usize = 64;
/// Clients that are remembered in each shard.
const MOST_CLIENTS: usize = 160;

/// Remembers who has shown bad tokens.
#[derive(Debug)]
pub(super) struct Throttle {
    shards: [Mutex<Debts>; SHARDS],
    /// Nobody outside can tell which addresses share a shard.
    hashing: RandomState,
}

/// When each client will have paid for its bad tokens.
type Debts = HashMap<IpAddr, Instant>;

impl Throttle {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hashing: RandomState::new() }
    }

    /// How long a client has to wait before a token of its is looked at.
    pub(super) fn wait(&self, address: IpAddr) -> Option<Duration> {
        let client = network(address);
        wait(&*self.shard(client)?, client)
    }

    /// Looks at a token of a client, and makes it pay where `is_bad` says so of what came out; otherwise says how
    /// long it has to wait. Tokens of one client are looked at one after the other, so that showing many at once
    /// gives no more tries.
    pub(super) fn look<T>(
        &self,
        address: IpAddr,
        look: impl FnOnce() -> T,
        is_bad: impl FnOnce(&T) -> bool,
    ) -> Result<T, Duration> {
        let client = network(address);
        let Some(mut debts) = self.shard(client) else { return Ok(look()) };
        if let Some(wait) = wait(&debts, client) {
            return Err(wait);
        }
        let found = look();
        if is_bad(&found) {
            charge(&mut debts, client);
        }
        Ok(found)
    }

    fn shard(&self, client: IpAddr) -> Option<MutexGuard<'_, Debts>> {
        let position = usize::try_from(self.hashing.hash_one(client) % SHARDS as u64).ok()?;
        self.shards.get(position).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn wait(debts: &Debts, client: IpAddr) -> Option<Duration> {
    let owed = debts.get(&client)?.saturating_duration_since(Instant::now());
    owed.checked_sub(CREDIT).filter(|wait| !wait.is_zero())
}

/// Takes note of a bad token. Where too many clients owe something, the one that owes least is forgotten.
fn charge(debts: &mut Debts, client: IpAddr) {
    let now = Instant::now();
    if debts.len() >= MOST_CLIENTS && !debts.contains_key(&client) {
        debts.retain(|_, paid| *paid > now);
        let least = debts.iter().min_by_key(|(_, paid)| **paid).map(|(client, _)| *client);
        if let Some(least) = least.filter(|_| debts.len() >= MOST_CLIENTS) {
            debts.remove(&least);
        }
    }
    let paid = debts.entry(client).or_insert(now);
    *paid = (*paid).max(now) + PRICE;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(throttle: &Throttle, address: IpAddr) -> Result<(), Duration> {
        throttle.look(address, || (), |()| true)
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_than_ten_tries() {
        let throttle = Throttle::new();
        let address = IpAddr::from([192, 0, 2, 1]);
        let start = Instant::now();
        let mut tries: Vec<Duration> = Vec::new();
        for _ in 0..3_000 {
            if fail(&throttle, address).is_ok() {
                tries.push(start.elapsed());
            }
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert_eq!(tries.len(), 5 + 300 / 12 - 1);
        let in_minute_from = |from: &Duration| {
            tries.iter().filter(|at| (*from..*from + Duration::from_secs(60)).contains(*at)).count()
        };
        assert!(tries.iter().map(in_minute_from).all(|count| count <= 10), "{tries:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_too_often_waits_and_others_do_not() {
        let throttle = Throttle::new();
        let (bad, good) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for attempt in 1..=5 {
            assert_eq!(throttle.wait(bad), None, "attempt {attempt}");
            assert_eq!(fail(&throttle, bad), Ok(()));
        }
        assert_eq!(throttle.wait(bad), Some(PRICE));
        assert_eq!(throttle.look(bad, || (), |()| false), Err(PRICE), "not even a good one is looked at");
        assert_eq!(throttle.wait(good), None);
        tokio::time::advance(PRICE).await;
        assert_eq!(throttle.look(bad, || (), |()| false), Ok(()));
        assert_eq!(throttle.wait(bad), None, "a good token costs nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_fail_no_more_are_remembered_than_there_is_room_for() {
        let throttle = Throttle::new();
        let worst = IpAddr::from([192, 0, 2, 1]);
        (0..5).for_each(|_| assert_eq!(fail(&throttle, worst), Ok(())));
        for number in 0..50_000_u32 {
            assert_eq!(fail(&throttle, IpAddr::from(number.to_be_bytes())), Ok(()));
        }
        let remembered: usize = throttle.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert_eq!(remembered, SHARDS * MOST_CLIENTS);
        assert!(throttle.wait(worst).is_some(), "others made it forget who is shut out");
    }
}
