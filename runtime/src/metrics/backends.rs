//! The figures of backend services, each of all tenants together: which tenants there are is not told.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::backend::BackendFigures;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ServiceLabels {
    service: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RetryLabels {
    service: String,
    retry: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabels {
    service: String,
    reason: &'static str,
}

/// Requests to services.
#[derive(Debug, Default)]
pub(super) struct BackendMetrics {
    requests: Family<ServiceLabels, Counter>,
    retries: Family<RetryLabels, Counter>,
    refusals: Family<ReasonLabels, Counter>,
    under_way: Family<ServiceLabels, Gauge>,
    waiting: Family<ServiceLabels, Gauge>,
    open: Family<ServiceLabels, Gauge>,
}

impl BackendMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Requests to backend services, those that were sent again among them";
        registry.register("backend_requests", help, metrics.requests.clone());
        let help = "Requests that were sent again, and those that were not for want of budget";
        registry.register("backend_retries", help, metrics.retries.clone());
        let help = "Requests that were not sent, by reason";
        registry.register("backend_refusals", help, metrics.refusals.clone());
        let help = "Requests to backend services that are under way";
        registry.register("backend_under_way", help, metrics.under_way.clone());
        let help = "Calls that wait until a backend service may be asked";
        registry.register("backend_waiting", help, metrics.waiting.clone());
        let help = "Tenants for whom the service fails and is left alone";
        registry.register("backend_circuits_open", help, metrics.open.clone());
        metrics
    }

    /// Takes the figures of a service as they are now.
    pub(super) fn set(&self, service: &str, figures: BackendFigures) {
        let service = || service.to_owned();
        let counter = |counter: &Counter, count| counter.inner().store(count, Ordering::Relaxed);
        let gauge = |family: &Family<ServiceLabels, Gauge>, count| {
            let labels = ServiceLabels { service: service() };
            family.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
        };
        counter(&self.requests.get_or_create(&ServiceLabels { service: service() }), figures.requests);
        for (retry, count) in [("sent", figures.repeated), ("over_budget", figures.over_budget)] {
            counter(&self.retries.get_or_create(&RetryLabels { service: service(), retry }), count);
        }
        for (reason, count) in [
            ("circuit_open", figures.circuit_open),
            ("queue_full", figures.queue_full),
            ("no_turn", figures.no_turn),
        ] {
            counter(&self.refusals.get_or_create(&ReasonLabels { service: service(), reason }), count);
        }
        gauge(&self.under_way, figures.under_way);
        gauge(&self.waiting, figures.waiting);
        gauge(&self.open, figures.open_circuits);
    }
}
