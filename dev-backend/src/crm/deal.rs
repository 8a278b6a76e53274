//! Deals: a possible sale in a stage of a pipeline.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::pipeline::{self, Pipeline, Stage};
use super::{company, contact, stage_move};
use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::moment;
use crate::service::Answer;

/// What a deal can be.
const STATUSES: [&str; 3] = ["open", "won", "lost"];

/// A stored deal.
pub(crate) struct Deal {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(super) amount: Option<f64>,
    pub(super) currency: String,
    pub(super) pipeline_id: String,
    pipeline: String,
    pub(super) stage_id: String,
    pub(super) stage: String,
    pub(crate) stage_name: String,
    pub(super) probability: f64,
    pub(super) status: String,
    company_id: Option<String>,
    primary_contact_id: Option<String>,
    expected_close_date: Option<String>,
    pub(super) closed_at: Option<String>,
    created_at: String,
    pub(super) updated_at: String,
}

/// The columns that [`Deal::read`] reads, of [`SOURCE`].
pub(super) const COLUMNS: &str = "deal.id, deal.name, deal.amount, deal.currency, deal.pipeline_id, pipeline.key, deal.stage_id, stage.key, \
     stage.name, stage.probability, deal.status, deal.company_id, deal.primary_contact_id, \
     deal.expected_close_date, deal.closed_at, deal.created_at, deal.updated_at";

/// Deals with their pipelines and stages.
pub(super) const SOURCE: &str = "deal \
     JOIN pipeline ON pipeline.tenant = deal.tenant AND pipeline.id = deal.pipeline_id \
     JOIN stage ON stage.tenant = deal.tenant AND stage.id = deal.stage_id";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    amount: Option<f64>,
    currency: Option<String>,
    pipeline: Option<String>,
    stage: Option<String>,
    status: Option<String>,
    company_id: Option<String>,
    primary_contact_id: Option<String>,
    expected_close_date: Option<String>,
}

/// Creates a deal.
pub(super) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let given: Create = call.input()?;
    let name = input::line("name", &given.name)?;
    let amount = given.amount.map(|amount| money("amount", amount)).transpose()?;
    let currency = currency(given.currency.as_deref().unwrap_or("EUR"))?;
    let pipeline = pipeline::for_deals(change, given.pipeline.as_deref())?;
    let stage = first_stage(&pipeline, given.stage.as_deref(), given.status.as_deref())?;
    let company_id = given.company_id.map(|id| company_of_tenant(change.view(), id)).transpose()?;
    let primary_contact_id =
        given.primary_contact_id.map(|id| contact_of_tenant(change.view(), id)).transpose()?;
    let now = change.now().to_owned();
    let deal = Deal {
        id: change.new_id(EntityKind::Deal),
        name,
        amount,
        currency,
        pipeline_id: pipeline.id.clone(),
        pipeline: pipeline.key.clone(),
        stage_id: stage.id.clone(),
        stage: stage.key.clone(),
        stage_name: stage.name.clone(),
        probability: stage.probability,
        status: stage.outcome.clone(),
        company_id,
        primary_contact_id,
        expected_close_date: given
            .expected_close_date
            .as_deref()
            .map(|given| moment::day("expected_close_date", given))
            .transpose()?,
        closed_at: (stage.outcome != "open").then(|| now.clone()),
        created_at: now.clone(),
        updated_at: now,
    };
    deal.insert(change)?;
    stage_move::store(change, &deal.id, None, &deal.stage_id)?;
    change.record(&Event {
        kind: "deal.created",
        subject: EntityKind::Deal.with_id(&deal.id),
        concerns: deal.parties(),
        summary: format!("Deal {} created in stage {}", deal.name, deal.stage_name),
        details: json!({
            "deal_id": deal.id,
            "amount": deal.amount.map(input::plain),
            "currency": deal.currency,
            "stage": deal.stage,
            "status": deal.status,
        }),
    })?;
    Ok(deal.show())
}

/// The statement that selects the tenant's deals, for more conditions to follow.
pub(super) fn select() -> String {
    format!("SELECT {COLUMNS} FROM {SOURCE} WHERE deal.tenant = ?1")
}

/// The deal with this id.
pub(super) fn by_id(view: &View<'_>, id: &str) -> Result<Option<Deal>, Failure> {
    view.one(&format!("{} AND deal.id = ?2", select()), &[&id], Deal::read)
}

/// The open deals that are about a contact, the newest first.
pub(crate) fn open_of(view: &View<'_>, contact_id: &str, most: u32) -> Result<Vec<Deal>, Failure> {
    let sql = format!(
        "{} AND deal.primary_contact_id = ?2 AND deal.status = 'open' ORDER BY deal.seq DESC LIMIT ?3",
        select()
    );
    view.all(&sql, &[&contact_id, &most], Deal::read)
}

/// An amount of money that can be added up.
pub(super) fn money(field: &str, amount: f64) -> Result<f64, Failure> {
    const MOST: f64 = 1e12;
    if (0.0..=MOST).contains(&amount) {
        return Ok(amount);
    }
    Err(Failure::Meaningless(format!("{field} must be 0 to {MOST}, not {amount}")))
}

/// The stage a new deal starts in. A status that is not open decides it where no stage is named.
fn first_stage<'p>(
    pipeline: &'p Pipeline,
    stage: Option<&str>,
    status: Option<&str>,
) -> Result<&'p Stage, Failure> {
    let status = status.unwrap_or("open");
    if !STATUSES.contains(&status) {
        let known = STATUSES.join(", ");
        return Err(Failure::Meaningless(format!(
            "there is no status {status:?}; the valid ones are {known}"
        )));
    }
    let Some(named) = stage else { return pipeline.first_stage(status) };
    let stage = pipeline.stage(named)?;
    if status != "open" && stage.outcome != status {
        let message = format!(
            "a deal in stage {} is {}, not {status}; leave one of them out",
            stage.key, stage.outcome
        );
        return Err(Failure::Meaningless(message));
    }
    Ok(stage)
}

fn currency(given: &str) -> Result<String, Failure> {
    let code = given.trim().to_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err(Failure::Meaningless(format!("currency {given:?} is no ISO 4217 code such as EUR")))
}

fn company_of_tenant(view: &View<'_>, id: String) -> Result<String, Failure> {
    let found = company::by_id(view, &id)?;
    found
        .map(|company| company.id)
        .ok_or_else(|| Failure::NotFound(format!("there is no company {id:?} (company_id)")))
}

fn contact_of_tenant(view: &View<'_>, id: String) -> Result<String, Failure> {
    let found = contact::by_id(view, &id)?;
    found
        .map(|contact| contact.id)
        .ok_or_else(|| Failure::NotFound(format!("there is no contact {id:?} (primary_contact_id)")))
}

// === impl Deal ===

impl Deal {
    /// The deal in a row that starts with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            amount: row.get(2)?,
            currency: row.get(3)?,
            pipeline_id: row.get(4)?,
            pipeline: row.get(5)?,
            stage_id: row.get(6)?,
            stage: row.get(7)?,
            stage_name: row.get(8)?,
            probability: row.get(9)?,
            status: row.get(10)?,
            company_id: row.get(11)?,
            primary_contact_id: row.get(12)?,
            expected_close_date: row.get(13)?,
            closed_at: row.get(14)?,
            created_at: row.get(15)?,
            updated_at: row.get(16)?,
        })
    }

    /// The deal as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({
            "type": "deal",
            "id": self.id,
            "name": self.name,
            "amount": self.amount.map(input::plain),
            "currency": self.currency,
            "pipeline": self.pipeline,
            "stage": self.stage,
            "stage_name": self.stage_name,
            "probability": input::plain(self.probability),
            "status": self.status,
            "company_id": self.company_id,
            "primary_contact_id": self.primary_contact_id,
            "expected_close_date": self.expected_close_date,
            "closed_at": self.closed_at,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    /// The company and the contact whose timelines tell of this deal.
    pub(super) fn parties(&self) -> Vec<Entity<'_>> {
        let company = self.company_id.as_deref().map(|id| EntityKind::Company.with_id(id));
        let contact = self.primary_contact_id.as_deref().map(|id| EntityKind::Contact.with_id(id));
        company.into_iter().chain(contact).collect()
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO deal (tenant, id, name, amount, currency, pipeline_id, stage_id, status, company_id,
                               primary_contact_id, expected_close_date, closed_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
            &[
                &self.id,
                &self.name,
                &self.amount,
                &self.currency,
                &self.pipeline_id,
                &self.stage_id,
                &self.status,
                &self.company_id,
                &self.primary_contact_id,
                &self.expected_close_date,
                &self.closed_at,
                &self.created_at,
            ],
        )?;
        Ok(())
    }
}
