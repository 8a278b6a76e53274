//! What stands in the pipelines, and what they will bring.

use std::time::{Duration, SystemTime};

use dev_backend::Clock;
use serde_json::{Value as Json, json};

use crate::backend::{Backend, each};

/// 2027-01-15T08:00:00Z.
fn january() -> Clock {
    Clock::standing_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
}

async fn deal(backend: &Backend, stage: &str, amount: Json, currency: &str, day: Json) {
    let deal = json!({"name": "x", "stage": stage, "amount": amount, "currency": currency, "expected_close_date": day});
    backend.ok("/mcp/crm/create_deal", deal).await;
}

#[tokio::test]
async fn the_report_counts_and_weighs_open_deals_by_stage_and_currency() {
    let backend = Backend::start_by(january()).await;
    assert_eq!(backend.ok("/mcp/crm/reports/pipeline", json!({})).await["total"], 0);
    for (stage, amount, currency) in [
        ("new", json!(1000), "EUR"),
        ("new", json!(0.1), "EUR"),
        ("new", json!(0.2), "EUR"),
        ("new", json!(null), "EUR"),
        ("proposal", json!(500), "USD"),
        ("proposal", json!(300), "EUR"),
        ("won", json!(9000), "EUR"),
        ("lost", json!(9000), "EUR"),
    ] {
        deal(&backend, stage, amount, currency, json!(null)).await;
    }
    let report = backend.ok("/mcp/crm/reports/pipeline", json!({"pipeline": "Sales"})).await;
    assert_eq!(each(&report, "stage"), ["new", "qualified", "proposal", "negotiation"]);
    let new = &report["items"][0];
    assert_eq!((new["count"].clone(), new["without_amount"].clone()), (json!(4), json!(1)));
    assert_eq!(
        new["totals"],
        json!([{"currency": "EUR", "count": 4, "amount": 1000.3, "weighted_amount": 100.03}])
    );
    let proposal = json!([
        {"currency": "EUR", "count": 1, "amount": 300, "weighted_amount": 150},
        {"currency": "USD", "count": 1, "amount": 500, "weighted_amount": 250},
    ]);
    assert_eq!(report["items"][2]["totals"], proposal);
    assert_eq!(report["items"][3]["totals"], json!([]));
    assert_eq!(
        (report["count"].clone(), report["as_of"].clone()),
        (json!(6), json!("2027-01-15T08:00:00.000Z"))
    );
    assert_eq!(
        report["totals"],
        json!([
            {"currency": "EUR", "count": 5, "amount": 1300.3, "weighted_amount": 250.03},
            {"currency": "USD", "count": 1, "amount": 500, "weighted_amount": 250},
        ])
    );
    assert_eq!(backend.ok("/mcp/crm/reports/pipeline", json!({})).await, report);
    let answer = backend.post("/mcp/crm/reports/pipeline", json!({"pipeline": "salse"})).await;
    assert_eq!((answer.status, answer.message().contains("did you mean \"sales\"?")), (422, true));
    assert_eq!(backend.ok_as("other", "/mcp/crm/reports/pipeline", json!({})).await["total"], 0);
}

#[tokio::test]
async fn the_forecast_weighs_what_closes_in_each_month_ahead() {
    let clock = january();
    let backend = Backend::start_by(clock.clone()).await;
    for (stage, amount, day) in [
        ("new", 100, json!("2027-01-14")),
        ("new", 200, json!("2027-01-15")),
        ("proposal", 400, json!("2027-01-31")),
        ("negotiation", 1000, json!("2027-03-01")),
        ("new", 300, json!("2027-04-15")),
        ("new", 700, json!("2027-04-16")),
        ("new", 50, json!(null)),
        ("won", 9000, json!("2027-02-01")),
    ] {
        deal(&backend, stage, json!(amount), "EUR", day).await;
    }
    let forecast = backend.ok("/mcp/crm/forecast/pipeline", json!({})).await;
    assert_eq!(
        (forecast["from"].clone(), forecast["until"].clone()),
        (json!("2027-01-15"), json!("2027-04-15"))
    );
    assert_eq!(each(&forecast, "month"), ["2027-01", "2027-02", "2027-03", "2027-04"]);
    let eur = |count: u32, amount: u32, weighted: Json| json!([{"currency": "EUR", "count": count, "amount": amount, "weighted_amount": weighted}]);
    let months: Vec<Json> =
        forecast["items"].as_array().unwrap().iter().map(|month| month["totals"].clone()).collect();
    let expected = [eur(2, 600, json!(220)), json!([]), eur(1, 1000, json!(750)), eur(1, 300, json!(30))];
    assert_eq!(months, expected);
    assert_eq!(
        (forecast["count"].clone(), forecast["totals"].clone()),
        (json!(4), eur(4, 1900, json!(1000)))
    );
    for (apart, amount) in [("overdue", 100), ("undated", 50), ("beyond", 700)] {
        assert_eq!(forecast[apart]["totals"][0]["amount"], amount, "{apart}");
    }
    let day = backend.ok("/mcp/crm/forecast/pipeline", json!({"horizon_days": 1})).await;
    assert_eq!((each(&day, "month"), day["count"].clone()), (vec!["2027-01".to_owned()], json!(1)));
    // The same deals a month later: what was ahead is overdue.
    clock.advance(Duration::from_secs(31 * 24 * 3600));
    let later = backend.ok("/mcp/crm/forecast/pipeline", json!({"pipeline": "sales"})).await;
    assert_eq!((later["from"].clone(), later["overdue"]["count"].clone()), (json!("2027-02-15"), json!(3)));
    for (given, status) in [
        (json!({"horizon_days": 0}), 422),
        (json!({"horizon_days": 1096}), 422),
        (json!({"horizon_days": "soon"}), 400),
        (json!({"pipeline": "x"}), 422),
    ] {
        assert_eq!(backend.post("/mcp/crm/forecast/pipeline", given.clone()).await.status, status, "{given}");
    }
}
