//! Who holds how many connections, so that nobody can hold all of them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A bound on all connections together and on those of each client.
#[derive(Debug)]
pub(super) struct Seats {
    total: usize,
    per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// A place that is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    client: Option<IpAddr>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSeat {
    /// All are taken.
    Full,
    /// This client has its share.
    ClientFull,
}

impl Seats {
    pub(super) fn new(total: usize, per_client: usize) -> Arc<Self> {
        Arc::new(Self { total, per_client, taken: Mutex::default() })
    }

    /// Takes a place. One that is taken for no client counts among all, and against nobody's share.
    pub(super) fn take(self: &Arc<Self>, client: Option<IpAddr>) -> Result<Seat, NoSeat> {
        let client = client.map(network);
        let mut taken = self.taken();
        if taken.total >= self.total {
            return Err(NoSeat::Full);
        }
        if let Some(client) = client {
            let share = taken.by_client.entry(client).or_default();
            if *share >= self.per_client {
                return Err(NoSeat::ClientFull);
            }
            *share += 1;
        }
        taken.total += 1;
        Ok(Seat { seats: Arc::clone(self), client })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // The counts are whole whenever the lock is free, so a panic elsewhere leaves them right.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.total = taken.total.saturating_sub(1);
        let Some(client) = self.client else { return };
        if let Some(share) = taken.by_client.get_mut(&client) {
            *share = share.saturating_sub(1);
            if *share == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

/// What counts as one client: an IPv4 address, or the IPv6 network that one subscriber gets.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_its_share_and_all_together_the_total() {
        let seats = Seats::new(3, 2);
        let take = |client: &str| seats.take(Some(client.parse().unwrap()));
        let first = take("192.0.2.1").unwrap();
        let _second = take("::ffff:192.0.2.1").unwrap();
        assert_eq!(take("192.0.2.1").unwrap_err(), NoSeat::ClientFull);
        let _third = take("192.0.2.2").unwrap();
        assert_eq!(take("192.0.2.3").unwrap_err(), NoSeat::Full);
        drop(first);
        assert!(take("192.0.2.1").is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client_and_a_proxy_has_no_share() {
        let seats = Seats::new(10, 1);
        let _one = seats.take(Some("2001:db8:1:2::1".parse().unwrap())).unwrap();
        assert_eq!(seats.take(Some("2001:db8:1:2:f::9".parse().unwrap())).unwrap_err(), NoSeat::ClientFull);
        let _other = seats.take(Some("2001:db8:1:3::1".parse().unwrap())).unwrap();
        let _of_proxy = [seats.take(None).unwrap(), seats.take(None).unwrap()];
        assert_eq!(seats.taken().total, 4);
    }

    #[test]
    fn nothing_is_kept_of_clients_that_left() {
        let seats = Seats::new(10, 1);
        drop(seats.take(Some("192.0.2.1".parse().unwrap())));
        let taken = seats.taken();
        assert_eq!((taken.total, taken.by_client.len()), (0, 0));
    }
}
