//! One service of one tenant: how it is asked, and what is known of how it does.
//!
//! Services share nothing but the machine. Each has its own seats, its own circuit and its own budget of retries,
//! so one that hangs or fails takes nothing from another, nor from the same service of another tenant.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::answer::{self, Room};
use super::breaker::Breaker;
use super::budget::Budget;
use super::chance::chance;
use super::circuit::Change;
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
        }
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
        self.budget.spend(self.clock.elapsed())
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
        let refused = |wait| Failure::of_circuit(service, wait);
        // Whoever would wait in vain need not wait; whoever has waited asks again, since things may have changed.
        self.breaker.refusal().map_or(Ok(()), |wait| Err(refused(wait)))?;
        let mut passage = None;
        let exchange = async {
            let _turn = self.pace.turn().await.map_err(|Full| Failure::of_queue(service))?;
            passage = Some(self.breaker.pass().map_err(refused)?);
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
}
