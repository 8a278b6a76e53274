//! Subscriptions: one per name. Their secrets are kept to sign with and shown to nobody.

use std::net::IpAddr;

use reqwest::Url;
use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::{Change, View, json_column};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{self, Differences};
use crate::service::Answer;
use crate::shown;

/// The most subscriptions of one tenant.
const MOST: i64 = 100;

/// The longest endpoint URL.
const LONGEST_URL: usize = 2_048;

/// The events that a subscription is told of: `?2` is what it was told last and `?3` its filter, patterns
/// such as `deal.*`, none for all. Memories are no news of the CRM.
pub(super) const UNTOLD: &str =
    "FROM event WHERE event.tenant = ?1 AND event.seq > ?2 AND event.entity_type <> 'memory'
     AND (?3 = '[]' OR EXISTS (SELECT 1 FROM json_each(?3) AS wanted WHERE event.kind GLOB wanted.value))";

/// A stored subscription, without its secret.
struct Subscription {
    id: String,
    name: String,
    endpoint_url: String,
    event_types: Json,
    status: String,
    disabled_reason: Option<String>,
    is_signed: bool,
    told_seq: i64,
    failures: i64,
    next_attempt_at: Option<String>,
    last_attempt_at: Option<String>,
    last_success_at: Option<String>,
    last_outcome: Option<String>,
    created_at: String,
    updated_at: String,
}

const SELECT: &str = "SELECT id, name, endpoint_url, event_types, status, disabled_reason, secret IS NOT NULL, told_seq, \
            failures, next_attempt_at, last_attempt_at, last_success_at, last_outcome, created_at, updated_at \
     FROM webhook WHERE tenant = ?1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    endpoint_url: String,
    secret: Option<String>,
    event_types: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disable {
    subscription_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {}

/// Creates the subscription, or changes the given parts of the one of this name and makes it active again.
pub(in crate::crm) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let given: Create = call.input()?;
    let name = input::line("name", &given.name)?;
    let endpoint_url = endpoint(&given.endpoint_url)?;
    if given.secret.as_deref().is_some_and(|secret| secret.len() < 16) {
        return Err(Failure::Meaningless("secret must have at least 16 characters".to_owned()));
    }
    let event_types = given.event_types.map(patterns).transpose()?;
    let known = change.view().one(&format!("{SELECT} AND name = ?2"), &[&name], Subscription::read)?;
    let created = known.is_none();
    let mut subscription = match known {
        Some(known) => known,
        None => Subscription::insert(change, name, &endpoint_url)?,
    };
    let mut differences = Differences::default();
    differences.set("endpoint_url", &mut subscription.endpoint_url, Some(endpoint_url));
    differences.set("event_types", &mut subscription.event_types, event_types);
    differences.set("status", &mut subscription.status, Some("active".to_owned()));
    if given.secret.is_some() {
        subscription.is_signed = true;
    }
    if created || given.secret.is_some() || !differences.is_empty() {
        subscription.save(change, given.secret.as_deref())?;
        let (kind, verb) =
            if created { ("webhook.created", "created") } else { ("webhook.updated", "updated") };
        subscription.record(change, kind, format!("Webhook {} {verb}", subscription.name), differences)?;
    }
    if created {
        // What happened before, its own making included, is no news for it.
        change.mark(
            "UPDATE webhook SET told_seq = (SELECT max(seq) FROM event) WHERE tenant = ?1 AND id = ?2",
            &[&subscription.id],
        )?;
    }
    let subscription = Subscription::find(change.view(), &subscription.id)?;
    Ok(shown::with(subscription.show(change.view())?, "created", json!(created)))
}

/// Lists the subscriptions.
pub(in crate::crm) fn list(view: &View<'_>, call: &Call) -> Answer {
    let List {} = call.input()?;
    let found = view.all(&format!("{SELECT} ORDER BY seq"), &[], Subscription::read)?;
    let items = found.iter().map(|found| found.show(view)).collect::<Result<Vec<_>, _>>()?;
    let total = items.len();
    Ok(json!({"items": items, "total": total, "next_offset": null}))
}

/// Stops a subscription; one that is disabled already stays as it is.
pub(in crate::crm) fn disable(change: &Change<'_>, call: &Call) -> Answer {
    let Disable { subscription_id } = call.input()?;
    let subscription = Subscription::find(change.view(), &subscription_id)?;
    if subscription.status == "active" {
        end(change, &subscription.id, &subscription.name, "by request")?;
    }
    Subscription::find(change.view(), &subscription_id)?.show(change.view())
}

/// Disables a subscription and says why.
pub(super) fn end(change: &Change<'_>, id: &str, name: &str, reason: &str) -> Result<(), Failure> {
    change.execute(
        "UPDATE webhook SET status = 'disabled', disabled_reason = ?3, next_attempt_at = NULL, updated_at = ?4
         WHERE tenant = ?1 AND id = ?2",
        &[&id, &reason, &change.now()],
    )?;
    change.record(&Event {
        kind: "webhook.disabled",
        subject: EntityKind::Webhook.with_id(id),
        concerns: Vec::new(),
        summary: format!("Webhook {name} disabled: {reason}"),
        details: json!({"reason": reason}),
    })
}

/// A URL that a delivery can go to.
fn endpoint(given: &str) -> Result<String, Failure> {
    let refused = |reason: &str| Failure::Meaningless(format!("endpoint_url {given:?} {reason}"));
    if given.chars().count() > LONGEST_URL || given.chars().any(char::is_control) {
        return Err(refused("is too long or has control characters"));
    }
    let url = Url::parse(given.trim()).map_err(|error| refused(&format!("is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused("is no http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not carry a user name or password"));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    // Clouds tell their machines secrets at link-local addresses.
    let is_link_local = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_link_local(),
        Ok(IpAddr::V6(address)) => {
            address.is_unicast_link_local() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_link_local())
        }
        Err(_) => false,
    };
    if is_link_local { Err(refused("is a link-local address")) } else { Ok(url.into()) }
}

/// The filter as JSON: `entity.verb`, `entity.*` or `*`, without repetitions.
fn patterns(given: Vec<String>) -> Result<Json, Failure> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut patterns: Vec<String> = Vec::new();
    for pattern in given {
        let pattern = input::line("an event type", &pattern)?;
        let is_pattern = pattern == "*"
            || pattern
                .split_once('.')
                .is_some_and(|(entity, verb)| is_word(entity) && (verb == "*" || is_word(verb)));
        if !is_pattern {
            let message = format!("{pattern:?} is no event type such as deal.created or deal.*");
            return Err(Failure::Meaningless(message));
        }
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    Ok(json!(patterns))
}

// === impl Subscription ===

impl Subscription {
    fn insert(change: &Change<'_>, name: String, endpoint_url: &str) -> Result<Self, Failure> {
        if change.view().count("SELECT count(*) FROM webhook WHERE tenant = ?1", &[])? >= MOST {
            return Err(Failure::Conflict(format!("there are {MOST} webhooks already")));
        }
        let id = change.new_id(EntityKind::Webhook);
        change.execute(
            "INSERT INTO webhook (tenant, id, name, endpoint_url, event_types, status, told_seq, failures,
                                  created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, '[]', 'active', 0, 0, ?5, ?5)",
            &[&id, &name, &endpoint_url, &change.now()],
        )?;
        Self::find(change.view(), &id)
    }

    fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        view.one(&format!("{SELECT} AND id = ?2"), &[&id], Self::read)?
            .ok_or_else(|| Failure::NotFound(format!("there is no webhook subscription {id:?}")))
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            endpoint_url: row.get(2)?,
            event_types: json_column(row, 3)?,
            status: row.get(4)?,
            disabled_reason: row.get(5)?,
            is_signed: row.get(6)?,
            told_seq: row.get(7)?,
            failures: row.get(8)?,
            next_attempt_at: row.get(9)?,
            last_attempt_at: row.get(10)?,
            last_success_at: row.get(11)?,
            last_outcome: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
        })
    }

    /// Saves what a caller sets; whoever does so wants it to work again.
    fn save(&self, change: &Change<'_>, secret: Option<&str>) -> Result<(), Failure> {
        change.execute(
            "UPDATE webhook SET endpoint_url = ?3, event_types = ?4, secret = coalesce(?5, secret), status = 'active',
                                disabled_reason = NULL, failures = 0, next_attempt_at = NULL, updated_at = ?6
             WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &self.endpoint_url, &self.event_types.to_string(), &secret, &change.now()],
        )?;
        Ok(())
    }

    fn record(
        &self,
        change: &Change<'_>,
        kind: &'static str,
        summary: String,
        differences: Differences,
    ) -> Result<(), Failure> {
        change.record(&Event {
            kind,
            subject: EntityKind::Webhook.with_id(&self.id),
            concerns: Vec::new(),
            summary,
            details: differences.into_details(),
        })
    }

    fn show(&self, view: &View<'_>) -> Answer {
        let pending = format!("SELECT count(*) {UNTOLD}");
        Ok(json!({
            "type": "webhook",
            "id": self.id,
            "name": self.name,
            "endpoint_url": self.endpoint_url,
            "event_types": self.event_types,
            "status": self.status,
            "disabled_reason": self.disabled_reason,
            "signed": self.is_signed,
            "pending": view.count(&pending, &[&self.told_seq, &self.event_types.to_string()])?,
            "failures": self.failures,
            "next_attempt_at": self.next_attempt_at,
            "last_attempt_at": self.last_attempt_at,
            "last_success_at": self.last_success_at,
            "last_outcome": self.last_outcome,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }))
    }
}
