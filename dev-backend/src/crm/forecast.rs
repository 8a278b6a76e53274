//! What the pipelines will bring: the open deals by the month they are expected to close in, each worth
//! its amount times the probability of its stage.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::money::Sums;
use super::pipeline;
use crate::call::Call;
use crate::database::View;
use crate::failure::Failure;
use crate::moment;
use crate::service::Answer;

/// The longest horizon: three years.
const LONGEST: i64 = 1_095;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forecast {
    pipeline: Option<String>,
    horizon_days: Option<i64>,
}

/// Open deals that are expected to close on one day.
struct Closing {
    pipeline_id: String,
    day: Option<String>,
    currency: String,
    deals: i64,
    amount: f64,
    probability: f64,
}

/// The sums of one month or of what no month can be said of.
struct Month {
    /// `YYYY-MM`.
    name: String,
    sums: Sums,
}

/// Forecasts every month from today's to that of the horizon, those without deals included. What is
/// overdue, has no day or closes later is counted apart.
pub(super) fn forecast(view: &View<'_>, call: &Call) -> Answer {
    let Forecast { pipeline, horizon_days } = call.input()?;
    from(view, pipeline.as_deref(), horizon_days.unwrap_or(90), call.clock.now())
}

/// The forecast from this moment on.
pub(crate) fn from(view: &View<'_>, pipeline: Option<&str>, horizon_days: i64, now: Timestamp) -> Answer {
    if !(1..=LONGEST).contains(&horizon_days) {
        let message = format!("horizon_days must be 1 to {LONGEST}, not {horizon_days}");
        return Err(Failure::Meaningless(message));
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    let end = later(today, horizon_days.days())?;
    let pipelines = pipeline::of_deals(view, pipeline)?;
    let mut months = months(today, end)?;
    let (mut all, mut overdue, mut undated, mut beyond) =
        (Sums::default(), Sums::default(), Sums::default(), Sums::default());
    let (first, last) = (today.to_string(), end.to_string());
    for closing in closings(view)? {
        if !pipelines.iter().any(|pipeline| pipeline.id == closing.pipeline_id) {
            continue;
        }
        let sums = match closing.day.as_deref() {
            None => &mut undated,
            Some(day) if day < &*first => &mut overdue,
            Some(day) if day > &*last => &mut beyond,
            Some(day) => {
                closing.add_to(&mut all);
                match months.iter_mut().find(|month| day.starts_with(&month.name)) {
                    Some(month) => &mut month.sums,
                    None => return Err(Failure::Broken(format!("no month for the day {day}"))),
                }
            }
        };
        closing.add_to(sums);
    }
    let items: Vec<Json> = months.iter().map(Month::show).collect();
    Ok(json!({
        "as_of": moment::text(now),
        "horizon_days": horizon_days,
        "from": first,
        "until": last,
        "total": items.len(),
        "items": items,
        "next_offset": null,
        "count": all.deals(),
        "totals": all.show(),
        "overdue": apart(&overdue),
        "undated": apart(&undated),
        "beyond": apart(&beyond),
    }))
}

fn closings(view: &View<'_>) -> Result<Vec<Closing>, Failure> {
    view.all(
        "SELECT deal.pipeline_id, deal.expected_close_date, deal.currency, count(*), total(deal.amount),
                stage.probability
         FROM deal JOIN stage ON stage.tenant = deal.tenant AND stage.id = deal.stage_id
         WHERE deal.tenant = ?1 AND deal.status = 'open'
         GROUP BY deal.pipeline_id, deal.expected_close_date, deal.currency, stage.probability",
        &[],
        |row: &Row<'_>| {
            Ok(Closing {
                pipeline_id: row.get(0)?,
                day: row.get(1)?,
                currency: row.get(2)?,
                deals: row.get(3)?,
                amount: row.get(4)?,
                probability: row.get(5)?,
            })
        },
    )
}

/// The months from the one of the first day to the one of the last.
fn months(first: Date, last: Date) -> Result<Vec<Month>, Failure> {
    let mut months = Vec::new();
    let mut start = first.first_of_month();
    while start <= last {
        let name = format!("{:04}-{:02}", start.year(), start.month());
        months.push(Month { name, sums: Sums::default() });
        start = later(start, 1.month())?;
    }
    Ok(months)
}

fn later(day: Date, span: Span) -> Result<Date, Failure> {
    day.checked_add(span).map_err(|_| Failure::Meaningless("the horizon is beyond the calendar".to_owned()))
}

fn apart(sums: &Sums) -> Json {
    json!({"count": sums.deals(), "totals": sums.show()})
}

// === impl Closing ===

impl Closing {
    fn add_to(&self, sums: &mut Sums) {
        sums.add(&self.currency, self.deals, self.amount, self.probability);
    }
}

// === impl Month ===

impl Month {
    fn show(&self) -> Json {
        json!({"month": self.name, "count": self.sums.deals(), "totals": self.sums.show()})
    }
}
