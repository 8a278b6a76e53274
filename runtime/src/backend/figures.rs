//! What operators may know of a service, of all tenants together.

use std::ops::AddAssign;

/// Figures of one service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BackendFigures {
    /// Requests, those that were sent again among them.
    pub(crate) requests: u64,
    /// Requests that were sent again.
    pub(crate) repeated: u64,
    /// Those that were not, because of what had been sent again already.
    pub(crate) over_budget: u64,
    /// Requests that were not sent because the service fails.
    pub(crate) circuit_open: u64,
    /// Requests that were not sent because too many waited.
    pub(crate) queue_full: u64,
    /// Requests that were not sent because their turn did not come in time.
    pub(crate) no_turn: u64,
    /// Requests that are under way.
    pub(crate) under_way: usize,
    /// Calls that wait for one of them to end.
    pub(crate) waiting: usize,
    /// Tenants for whom the circuit is open.
    pub(crate) open_circuits: usize,
}

impl AddAssign for BackendFigures {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.repeated += other.repeated;
        self.over_budget += other.over_budget;
        self.circuit_open += other.circuit_open;
        self.queue_full += other.queue_full;
        self.no_turn += other.no_turn;
        self.under_way += other.under_way;
        self.waiting += other.waiting;
        self.open_circuits += other.open_circuits;
    }
}
