//! What a tenant may read of its own calls of one tool.
//!
//! Durations are kept as counts in buckets that each reach a fifth further than the one before, so that any
//! number of calls takes the same room.

use std::collections::BTreeMap;
use std::time::Duration;

/// Buckets for each doubling of the duration.
const PER_DOUBLING: f64 = 4.0;
/// Upper bound of the first bucket, in milliseconds.
const SHORTEST: f64 = 0.1;
/// The last bucket begins beyond the longest timeout that a tool can have.
const BUCKETS: usize = 84;

/// The figures of one tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Calls by how they ended.
    by_outcome: BTreeMap<&'static str, u64>,
    /// Calls that were carried out by how long they took; empty before the first.
    buckets: Vec<u64>,
    total_ms: f64,
    longest_ms: f64,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It did what it was for.
    Succeeded,
    /// Its user was asked first.
    Asked,
    /// It was carried out, and failed.
    Failed,
    /// Nothing was done.
    Refused,
}

impl Fate {
    /// The fate behind the word that the log has for it.
    fn of(outcome: &str) -> Self {
        match outcome {
            "ok" => Self::Succeeded,
            "input_required" => Self::Asked,
            "BACKEND_ERROR"
            | "BACKEND_TIMEOUT"
            | "BACKEND_UNAVAILABLE"
            | "INTERNAL_ERROR"
            | "cancelled"
            | "aborted" => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl Figures {
    pub(super) fn count(&mut self, outcome: &'static str, duration: Duration) {
        *self.by_outcome.entry(outcome).or_default() += 1;
        if !matches!(Fate::of(outcome), Fate::Succeeded | Fate::Failed) {
            return;
        }
        let ms = duration.as_secs_f64() * 1000.0;
        self.buckets.resize(BUCKETS, 0);
        if let Some(bucket) = self.buckets.get_mut(bucket(ms)) {
            *bucket += 1;
        }
        self.total_ms += ms;
        self.longest_ms = self.longest_ms.max(ms);
    }

    pub(crate) fn calls(&self) -> u64 {
        self.by_outcome.values().sum()
    }

    /// Calls that did not succeed, by the code of the failure or refusal.
    pub(crate) fn errors_by_code(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let errors = self.by_outcome.iter().map(|(outcome, count)| (*outcome, *count));
        errors.filter(|(outcome, _)| matches!(Fate::of(outcome), Fate::Failed | Fate::Refused))
    }

    pub(crate) fn errors(&self) -> u64 {
        self.errors_by_code().map(|(_, count)| count).sum()
    }

    /// Calls that were refused before anything was done.
    pub(crate) fn refusals(&self) -> u64 {
        self.errors_by_code()
            .filter(|(code, _)| Fate::of(code) == Fate::Refused)
            .map(|(_, count)| count)
            .sum()
    }

    /// Average duration of the calls that were carried out, in milliseconds; `None` where none was.
    pub(crate) fn average_ms(&self) -> Option<f64> {
        let carried_out = self.carried_out();
        (carried_out > 0).then(|| self.total_ms / carried_out as f64)
    }

    /// Within which time this share of the calls that were carried out was over, in milliseconds.
    pub(crate) fn percentile_ms(&self, share: f64) -> Option<f64> {
        let wanted = share * self.carried_out() as f64;
        let mut seen = 0;
        let position = self.buckets.iter().position(|count| {
            seen += count;
            seen > 0 && seen as f64 >= wanted
        })?;
        Some((SHORTEST * (position as f64 / PER_DOUBLING).exp2()).min(self.longest_ms))
    }

    fn carried_out(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

/// The bucket of a duration.
fn bucket(ms: f64) -> usize {
    let position = ((ms / SHORTEST).log2() * PER_DOUBLING).ceil();
    // What is below the first bucket or beyond the last belongs to it; casts of floats stop at the ends.
    (position as usize).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_at_most_a_fifth_above_the_duration_and_never_above_the_longest() {
        for ms in [0, 1, 7, 40, 999, 30_000, 120_000, 10_000_000] {
            let mut figures = Figures::default();
            for _ in 0..99 {
                figures.count("ok", Duration::from_millis(ms));
            }
            figures.count("BACKEND_ERROR", Duration::from_secs(20_000));
            let p95 = figures.percentile_ms(0.95).unwrap();
            let ms = ms as f64;
            // Beyond the last bucket all durations count alike.
            assert!(p95 >= ms.min(170_000.0) && p95 <= ms * 1.2 + 0.1, "{ms}: {p95}");
            assert!(figures.percentile_ms(1.0).unwrap() <= 20_000_000.0);
        }
    }

    #[test]
    fn a_refusal_is_an_error_and_takes_no_time() {
        let mut figures = Figures::default();
        figures.count("PERMISSION_DENIED", Duration::from_secs(1));
        figures.count("input_required", Duration::from_secs(1));
        assert_eq!((figures.calls(), figures.errors(), figures.refusals()), (2, 1, 1));
        assert_eq!((figures.average_ms(), figures.percentile_ms(0.5)), (None, None));
        figures.count("BACKEND_TIMEOUT", Duration::from_millis(300));
        figures.count("ok", Duration::from_millis(100));
        assert_eq!((figures.calls(), figures.errors(), figures.refusals()), (4, 2, 1));
        assert_eq!(figures.average_ms(), Some(200.0));
        let codes: Vec<_> = figures.errors_by_code().collect();
        assert_eq!(codes, [("BACKEND_TIMEOUT", 1), ("PERMISSION_DENIED", 1)]);
    }
}
