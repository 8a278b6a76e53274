//! Back office: keeps reminders, and tells what is overdue, what is due soon, how the pipelines stand and what
//! they are expected to bring.

use serde_json::Value as Json;

use super::facts;
use super::reminder::{Day, Reminder};
use super::turn::{self, Turn, told};
use crate::call::Call;
use crate::crm::task::{self, Task};
use crate::crm::{forecast, report};
use crate::database::Change;
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::moment;
use crate::service::Answer;

/// What asks for tasks, for the pipelines, for the forecast.
const TASKS: &[&str] = &["overdue", "late", "due", "task", "tasks", "todo", "to do", "deadline", "deadlines"];
const PIPELINE: &[&str] =
    &["pipeline", "pipelines", "deal", "deals", "sales", "opportunity", "opportunities"];
const FORECAST: &[&str] = &["forecast", "revenue", "expect", "expected", "outlook"];

/// The most tasks that are named.
const MOST_TASKS: u32 = 10;

/// How many seconds ahead is soon: a week.
const SOON: i64 = 7 * 24 * 60 * 60;

/// How many days a forecast covers.
const HORIZON: i64 = 90;

/// Takes a turn with the back office.
pub(super) fn turn(change: &Change<'_>, call: &Call) -> Answer {
    turn::take(change, call, "backoffice", answer)
}

fn answer(turn: &mut Turn<'_>) -> Result<(), Failure> {
    if let Some(reminder) = Reminder::read(&turn.message, turn.today()) {
        return remind(turn, reminder);
    }
    let wanted = [TASKS, PIPELINE, FORECAST].map(|words| turn.message.has_any(words));
    let found = facts::sharing(turn.view(), &turn.message.keywords(""))?;
    turn.quote("This is written down about it", found);
    // Who asks for nothing in particular gets the overview.
    let [tasks, pipeline, forecast] = if wanted.contains(&true) { wanted } else { [true; 3] };
    if tasks {
        tell_tasks(turn)?;
    }
    if pipeline {
        tell_pipelines(turn)?;
    }
    if forecast {
        tell_forecast(turn)?;
    }
    Ok(())
}

fn remind(turn: &mut Turn<'_>, reminder: Reminder) -> Result<(), Failure> {
    let due_at = match reminder.day {
        _ if reminder.subject.is_empty() => {
            turn.say("Say what of: for instance \"remind me to renew the insurance on 2027-01-05\".");
            return Ok(());
        }
        Day::Impossible(given) => {
            turn.say(format!(
                "There is no day {given}, so nothing was noted. Days are written like 2027-01-05."
            ));
            return Ok(());
        }
        Day::On(day) if day < turn.today() => {
            turn.say(format!("{day} is over, so nothing was noted."));
            return Ok(());
        }
        Day::On(day) => Some(Reminder::due_at(day)?),
        Day::Any => None,
    };
    let contact = turn.customer()?;
    let description = turn.message.text.clone();
    turn.task(contact.as_ref(), reminder.subject, description, due_at)
}

fn tell_tasks(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let now = moment::text(turn.moment());
    let soon = turn.change.seconds_later(SOON);
    // Before every moment there is the empty text.
    let (late, late_total) = task::due(turn.view(), "", &now, MOST_TASKS)?;
    let (next, next_total) = task::due(turn.view(), &now, &soon, MOST_TASKS)?;
    list(turn, "Overdue", late, late_total);
    list(turn, "Due within a week", next, next_total);
    Ok(())
}

fn list(turn: &mut Turn<'_>, title: &str, tasks: Vec<Task>, total: i64) {
    let lines: String = tasks.iter().map(|task| format!("\n- {}", told(task))).collect();
    let named = tasks.len() as i64;
    let more = if total > named { format!("\nand {} more", total - named) } else { String::new() };
    let count = if total == 0 { "nothing".to_owned() } else { total.to_string() };
    turn.say(format!("{title}: {count}.{lines}{more}"));
    for task in tasks {
        turn.cite(EntityKind::Task.with_id(&task.id), task.subject);
    }
}

fn tell_pipelines(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let report = report::now(turn.view(), None, turn.moment())?;
    let stages = each(&report, "items")
        .filter(|stage| count(stage) > 0)
        .map(|stage| format!("\n- {}: {}", text(stage, "stage_name"), sums(stage)));
    let lines: String = stages.collect();
    turn.say(format!("Open in the pipelines: {}.{lines}", sums(&report)));
    Ok(())
}

fn tell_forecast(turn: &mut Turn<'_>) -> Result<(), Failure> {
    let forecast = forecast::from(turn.view(), None, HORIZON, turn.moment())?;
    let months = each(&forecast, "items")
        .filter(|month| count(month) > 0)
        .map(|month| format!("\n- {}: {}", text(month, "month"), sums(month)));
    let mut lines: String = months.collect();
    for (part, called) in [("overdue", "past its day"), ("undated", "without a day")] {
        if let Some(apart) = forecast.get(part).filter(|apart| count(apart) > 0) {
            lines.push_str(&format!("\n- {called}: {}", sums(apart)));
        }
    }
    turn.say(format!("Expected within {HORIZON} days: {}.{lines}", sums(&forecast)));
    Ok(())
}

/// The sums of a report or of a part of one, each currency for itself.
fn sums(part: &Json) -> String {
    let total = |total: &Json| {
        let number = |field: &str| total.get(field).map(Json::to_string).unwrap_or_default();
        let currency = text(total, "currency");
        format!("{currency} {} (weighted {})", number("amount"), number("weighted_amount"))
    };
    let totals: Vec<String> = each(part, "totals").map(total).collect();
    match count(part) {
        0 => "nothing".to_owned(),
        1 => format!("1 deal, {}", totals.join(", ")),
        deals => format!("{deals} deals, {}", totals.join(", ")),
    }
}

fn each<'j>(part: &'j Json, field: &str) -> impl Iterator<Item = &'j Json> {
    part.get(field).and_then(Json::as_array).into_iter().flatten()
}

fn count(part: &Json) -> i64 {
    part.get("count").and_then(Json::as_i64).unwrap_or_default()
}

fn text<'j>(part: &'j Json, field: &str) -> &'j str {
    part.get(field).and_then(Json::as_str).unwrap_or_default()
}
