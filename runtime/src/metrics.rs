//! Figures for operators: how many calls, how they ended, how long they took.
//!
//! Labels are tools, outcomes, statuses, services and tenants, all of which are known when the server starts: nothing that a
//! caller writes can make the figures grow.

mod backends;
mod figures;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::audit::Lag;
use crate::backend::BackendFigures;
use crate::idempotency::KeyFigures;

use backends::BackendMetrics;
pub(crate) use figures::Figures;

/// Upper bounds of the latency buckets, in seconds: from a refusal to the slowest tool.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 60.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabels {
    tool: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ToolLabels {
    tool: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FoundLabels {
    found: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabels {
    status: u16,
}

/// All figures.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    tools: HashMap<&'static str, Arc<ToolMetrics>>,
    /// What each tenant may read of itself, by tool.
    tenants: HashMap<String, HashMap<&'static str, Arc<Mutex<Figures>>>>,
    responses: Family<StatusLabels, Counter>,
    refusals: Family<CodeLabels, Counter>,
    audit: AuditMetrics,
    keys: KeyMetrics,
    backends: BackendMetrics,
}

/// How far the audit log is behind.
#[derive(Debug, Default)]
struct AuditMetrics {
    waiting: Gauge,
    age: Gauge<f64, AtomicU64>,
}

/// Calls with an idempotency key.
#[derive(Debug, Default)]
struct KeyMetrics {
    kept: Gauge,
    bytes: Gauge,
    found: Family<FoundLabels, Counter>,
}

/// The figures of one tool, found once and then only counted up.
#[derive(Debug)]
struct ToolMetrics {
    tool: &'static str,
    calls: Family<CallLabels, Counter>,
    duration: Histogram,
    under_way: Gauge,
}

impl Metrics {
    /// Figures for these tools and tenants.
    pub(crate) fn new<'t>(
        tools: impl IntoIterator<Item = &'static str>,
        tenants: impl IntoIterator<Item = &'t String>,
    ) -> Self {
        let mut registry = Registry::with_prefix("mcp");
        let calls = Family::<CallLabels, Counter>::default();
        let duration: Family<ToolLabels, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let under_way = Gauge::default();
        let responses = Family::<StatusLabels, Counter>::default();
        registry.register("tool_calls", "Calls by tool and by how they ended", calls.clone());
        let help = "Time from a call's arrival to its answer";
        registry.register_with_unit("tool_call_duration", help, Unit::Seconds, duration.clone());
        registry.register("tool_calls_under_way", "Calls that have no answer yet", under_way.clone());
        registry.register("http_responses", "HTTP responses by status", responses.clone());
        let refusals = Family::<CodeLabels, Counter>::default();
        let help = "Requests refused before they were calls of a tool, by reason";
        registry.register("refusals", help, refusals.clone());
        let (audit, keys) = (AuditMetrics::new(&mut registry), KeyMetrics::new(&mut registry));
        let backends = BackendMetrics::new(&mut registry);
        let of_tool = |tool| {
            let duration = duration.get_or_create(&ToolLabels { tool }).clone();
            (
                tool,
                Arc::new(ToolMetrics { tool, calls: calls.clone(), duration, under_way: under_way.clone() }),
            )
        };
        let tools: HashMap<_, _> = tools.into_iter().map(of_tool).collect();
        let none_yet =
            |tenant: &String| (tenant.clone(), tools.keys().map(|tool| (*tool, Arc::default())).collect());
        let tenants = tenants.into_iter().map(none_yet).collect();
        Self { registry, tools, tenants, responses, refusals, audit, keys, backends }
    }

    /// Where a call of a tool on behalf of a tenant is counted.
    pub(crate) fn of(&self, tool: &str, tenant: &str) -> Option<CallMetrics> {
        let of_tool = Arc::clone(self.tools.get(tool)?);
        Some(CallMetrics { of_tool, of_tenant: self.of_tenant(tool, tenant).cloned() })
    }

    /// What a tenant may read of a tool that it has called.
    pub(crate) fn figures(&self, tool: &str, tenant: &str) -> Option<Figures> {
        let figures = lock(self.of_tenant(tool, tenant)?).clone();
        (figures.calls() > 0).then_some(figures)
    }

    fn of_tenant(&self, tool: &str, tenant: &str) -> Option<&Arc<Mutex<Figures>>> {
        self.tenants.get(tenant)?.get(tool)
    }

    pub(crate) fn responded(&self, status: u16) {
        self.responses.get_or_create(&StatusLabels { status }).inc();
    }

    /// Counts a request that was refused before it was a call. `code` is one of the fixed words that the log uses too.
    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&CodeLabels { code }).inc();
    }

    /// Everything in the text form of OpenMetrics; what others count themselves is taken as they say it is now.
    pub(crate) fn text(
        &self,
        lag: Lag,
        keys: KeyFigures,
        backends: BTreeMap<&str, BackendFigures>,
    ) -> String {
        self.audit.set(lag);
        self.keys.set(keys);
        backends.into_iter().for_each(|(service, figures)| self.backends.set(service, figures));
        let mut text = String::new();
        // Writing to a String cannot fail, nor can the encoding of labels that are all plain words.
        let _infallible = encode(&mut text, &self.registry);
        text
    }
}

impl AuditMetrics {
    fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Records that are not yet in the audit log";
        registry.register("audit_waiting", help, metrics.waiting.clone());
        let help = "For how long the oldest record has waited for the audit log";
        registry.register_with_unit("audit_lag", help, Unit::Seconds, metrics.age.clone());
        metrics
    }

    fn set(&self, lag: Lag) {
        self.waiting.set(i64::try_from(lag.records).unwrap_or(i64::MAX));
        self.age.set(lag.age.as_secs_f64());
    }
}

impl KeyMetrics {
    fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("idempotency_keys", "Idempotency keys that are kept", metrics.kept.clone());
        let help = "Size of what is kept under idempotency keys";
        registry.register_with_unit("idempotency_kept", help, Unit::Bytes, metrics.bytes.clone());
        let help = "Calls with an idempotency key, by what was found under it";
        registry.register("idempotency_calls", help, metrics.found.clone());
        metrics
    }

    fn set(&self, figures: KeyFigures) {
        let KeyFigures { kept, bytes, first, replayed, waited, conflicts, unknown } = figures;
        self.kept.set(i64::try_from(kept).unwrap_or(i64::MAX));
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        for (found, count) in [
            ("nothing", first),
            ("outcome", replayed),
            ("under_way", waited),
            ("other_arguments", conflicts),
            ("unknown_outcome", unknown),
        ] {
            self.found.get_or_create(&FoundLabels { found }).inner().store(count, Ordering::Relaxed);
        }
    }
}

/// Where one call is counted.
#[derive(Debug)]
pub(crate) struct CallMetrics {
    of_tool: Arc<ToolMetrics>,
    /// Nothing for a tenant that does not exist.
    of_tenant: Option<Arc<Mutex<Figures>>>,
}

impl CallMetrics {
    pub(crate) fn started(&self) {
        self.of_tool.under_way.inc();
    }

    /// Counts a call that has ended. `outcome` is one of the fixed words that the log uses too.
    pub(crate) fn ended(&self, outcome: &'static str, duration: Duration) {
        let ToolMetrics { tool, calls, duration: durations, under_way } = &*self.of_tool;
        under_way.dec();
        calls.get_or_create(&CallLabels { tool, outcome }).inc();
        durations.observe(duration.as_secs_f64());
        if let Some(figures) = &self.of_tenant {
            lock(figures).count(outcome, duration);
        }
    }
}

fn lock(figures: &Mutex<Figures>) -> MutexGuard<'_, Figures> {
    // Counting leaves them whole, so a panic elsewhere does not spoil them.
    figures.lock().unwrap_or_else(PoisonError::into_inner)
}
