//! One service of one tenant: how it is asked, and what is known of how it does.
//!
//! Services share nothing but the machine. Each has its own seats, its own circuit and its own budget of retries,
//! so one that hangs or fails takes nothing from another, nor from the same service of another tenant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::answer::{self, Room};
use super::breaker::Breaker;
use super::budget::Budget;
use super::chance::chance;
use super::circuit::Change;
use super::figures::BackendFigures;
use super::pace::{Full, Pace, PaceSettings};
use super::retry::Retries;
use super::{BackendRequest, Failure};
use crate::clock::Clock;
use crate::json::Json;

/// A service as it is asked for one tenant.
#[derive(Debug)]
pub(super) struct Upstream {
    tenant: String,
    client: reqwest::Client,
    pace: Pace,
    breaker: Breaker,
    budget: Budget,
    room: Room,
    clock: Clock,
    counts: Counts,
}

/// What happened since the start.
#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    repeated: AtomicU64,
    over_budget: AtomicU64,
    circuit_open: AtomicU64,
    queue_full: AtomicU64,
    no_turn: AtomicU64,
}

/// What a call allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Longest time for all of it.
    pub(crate) timeout: Duration,
    /// Whether the request may reach the service more than once.
    pub(crate) repeatable: bool,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Requests that were sent, or would have been if there had been a connection.
    pub(crate) attempts: u32,
    /// Status and JSON of a success.
    pub(crate) result: Result<(u16, Json), Failure>,
}

impl Upstream {
    pub(super) fn new(tenant: String, client: reqwest::Client, pace: PaceSettings, clock: Clock) -> Self {
        Self {
            tenant,
            client,
            pace: Pace::new(pace),
            breaker: Breaker::new(clock.clone()),
            budget: Budget::default(),
            room: Room::new(),
            clock,
            counts: Counts::default(),
        }
    }

    /// Whether the service fails so often that it is hardly asked.
    pub(super) fn is_cut_off(&self) -> bool {
        self.breaker.is_open()
    }

    /// Asks until there is an answer, nothing more may be tried, or the time is over. `request` makes the request
    /// anew for each attempt, when it is about to be sent.
    pub(super) async fn ask(
        &self,
        service: &'static str,
        terms: Terms,
        request: impl Fn() -> BackendRequest,
    ) -> Asked {
        let deadline = Instant::now() + terms.timeout;
        let mut retries = Retries::new(terms.repeatable);
        let (mut attempts, mut earlier) = (0, None::<Failure>);
        self.budget.called(self.clock.elapsed());
        loop {
            let attempt = self.attempt(service, &request, deadline, terms.timeout, &mut attempts);
            let failure = match attempt.await {
                Ok(answer) => return Asked { attempts, result: Ok(answer) },
                Err(failure) => failure,
            };
            let wait = retries.next(&failure, deadline - Instant::now(), chance);
            // What may have been carried out must not be told as what was never sent.
            let failure = match earlier.take() {
                Some(earlier) if !failure.was_sent() => earlier,
                _ => failure,
            };
            let Some(wait) = wait.filter(|_| self.may_repeat()) else {
                return Asked { attempts, result: Err(failure) };
            };
            earlier = Some(failure);
            sleep(wait).await;
        }
    }

    /// Whether the service may be asked once more for the same call, which is then spent.
    fn may_repeat(&self) -> bool {
        if self.breaker.is_open() {
            return false;
        }
        let left = self.budget.spend(self.clock.elapsed());
        if !left {
            count(&self.counts.over_budget);
        }
        left
    }

    /// Sends a request and reads its whole answer. Waiting for its turn is part of its time.
    async fn attempt(
        &self,
        service: &'static str,
        request: impl Fn() -> BackendRequest,
        deadline: Instant,
        timeout: Duration,
        attempts: &mut u32,
    ) -> Result<(u16, Json), Failure> {
        let refused = |wait| {
            count(&self.counts.circuit_open);
            Failure::of_circuit(service, wait)
        };
        // Whoever would wait in vain need not wait; whoever has waited asks again, since things may have changed.
        self.breaker.refusal().map_or(Ok(()), |wait| Err(refused(wait)))?;
        let mut passage = None;
        let exchange = async {
            let _turn = self.pace.turn().await.map_err(|Full| {
                count(&self.counts.queue_full);
                Failure::of_queue(service)
            })?;
            passage = Some(self.breaker.pass().map_err(refused)?);
            count(&self.counts.sent);
            if *attempts > 0 {
                count(&self.counts.repeated);
            }
            *attempts += 1;
            let sent = self.client.execute(request().into_http()?).await;
            let response = sent.map_err(|error| Failure::of_transport(service, error))?;
            let status = response.status().as_u16();
            answer::read(service, response, &self.room).await.map(|json| (status, json))
        };
        let answered = timeout_at(deadline, exchange).await;
        let answered = answered.unwrap_or_else(|_| {
            if passage.is_some() {
                return Err(Failure::timeout(service, timeout));
            }
            count(&self.counts.no_turn);
            Err(Failure::of_pace(service, timeout))
        });
        let well = answered.as_ref().map_or_else(Failure::is_well, |_| Some(true));
        if let Some(change) = passage.zip(well).and_then(|(passage, well)| passage.settle(well)) {
            self.tell(service, change);
        }
        answered
    }

    fn tell(&self, service: &str, change: Change) {
        let tenant = self.tenant.as_str();
        match change {
            Change::Opened => tracing::warn!(service, tenant, "a service fails and is left alone"),
            Change::Closed => tracing::info!(service, tenant, "a service is well again"),
        }
    }

    pub(super) fn figures(&self) -> BackendFigures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { sent, repeated, over_budget, circuit_open, queue_full, no_turn } = &self.counts;
        BackendFigures {
            requests: read(sent),
            repeated: read(repeated),
            over_budget: read(over_budget),
            circuit_open: read(circuit_open),
            queue_full: read(queue_full),
            no_turn: read(no_turn),
            under_way: self.pace.under_way(),
            waiting: self.pace.waiting(),
            open_circuits: usize::from(self.is_cut_off()),
        }
    }
}

fn count(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
