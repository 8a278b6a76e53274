//! Sums of money, each currency for itself: nobody said at what rate one would buy another.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::input;

/// What deals add up to, by currency.
#[derive(Default)]
pub(super) struct Sums(BTreeMap<String, Sum>);

#[derive(Default)]
struct Sum {
    deals: i64,
    amount: f64,
    weighted: f64,
}

// === impl Sums ===

impl Sums {
    /// Adds deals of one currency and one probability.
    pub(super) fn add(&mut self, currency: &str, deals: i64, amount: f64, probability: f64) {
        let sum = self.0.entry(currency.to_owned()).or_default();
        sum.deals += deals;
        sum.amount += amount;
        sum.weighted += amount * probability;
    }

    /// How many deals were added.
    pub(super) fn deals(&self) -> i64 {
        self.0.values().map(|sum| sum.deals).sum()
    }

    /// The sums as answers show them, rounded to hundredths.
    pub(super) fn show(&self) -> Vec<Json> {
        let show = |(currency, sum): (&String, &Sum)| {
            json!({
                "currency": currency,
                "count": sum.deals,
                "amount": hundredths(sum.amount),
                "weighted_amount": hundredths(sum.weighted),
            })
        };
        self.0.iter().map(show).collect()
    }
}

fn hundredths(amount: f64) -> Json {
    input::plain((amount * 100.0).round() / 100.0)
}
