//! Companies: one per web domain, or per name where no domain is known.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{self, Differences};
use crate::service::Answer;

/// A stored company.
pub(super) struct Company {
    pub(super) id: String,
    pub(super) name: String,
    domain: Option<String>,
    industry: Option<String>,
    company_size: Option<String>,
    lifecycle_stage: Option<String>,
    created_at: String,
    updated_at: String,
}

/// The columns that [`Company::read`] reads.
pub(super) const COLUMNS: &str = "company.id, company.name, company.domain, company.industry, company.company_size, \
                                  company.lifecycle_stage, company.created_at, company.updated_at";

/// What somebody says about a company; what is left out stays as it is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upsert {
    name: String,
    domain: Option<String>,
    industry: Option<String>,
    company_size: Option<String>,
    lifecycle_stage: Option<String>,
}

/// Creates the company or changes the given fields of the one that is there.
pub(super) fn upsert(change: &Change<'_>, call: &Call) -> Answer {
    save(change, &call.input()?)
}

/// Creates the company or changes the given fields of the one that is there, and shows it.
pub(crate) fn save(change: &Change<'_>, given: &Upsert) -> Answer {
    let name = input::line("name", &given.name)?;
    let domain = match input::optional_line("domain", given.domain.as_deref())?.flatten() {
        Some(domain) => Some(normal_domain(&domain)?),
        None => None,
    };
    let known = match &domain {
        Some(domain) => by_domain(change.view(), domain)?
            .map_or_else(|| nameless_domain(change.view(), &name), |found| Ok(Some(found)))?,
        None => by_name(change.view(), &name)?,
    };
    let created = known.is_none();
    let mut company = known.unwrap_or_else(|| Company::new(change, name.clone(), domain.clone()));
    let mut differences = Differences::default();
    differences.set("name", &mut company.name, Some(name));
    differences.set("domain", &mut company.domain, domain.map(Some));
    let industry = input::optional_line("industry", given.industry.as_deref())?;
    differences.set("industry", &mut company.industry, industry);
    let size = input::optional_line("company_size", given.company_size.as_deref())?;
    differences.set("company_size", &mut company.company_size, size);
    let lifecycle = input::optional_line("lifecycle_stage", given.lifecycle_stage.as_deref())?;
    differences.set("lifecycle_stage", &mut company.lifecycle_stage, lifecycle);
    let changed = differences.fields();
    if created {
        company.insert(change)?;
    } else if !differences.is_empty() {
        company.update(change, differences)?;
    }
    let mut shown = company.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created".to_owned(), json!(created));
        fields.insert("changed".to_owned(), json!(if created { Vec::new() } else { changed }));
    }
    Ok(shown)
}

/// The company of this name, made where there is none.
///
/// # Errors
/// Several companies of this name.
pub(super) fn named(change: &Change<'_>, name: &str) -> Result<Company, Failure> {
    if let Some(found) = by_name(change.view(), name)? {
        return Ok(found);
    }
    let company = Company::new(change, name.to_owned(), None);
    company.insert(change)?;
    Ok(company)
}

/// The company with this id.
pub(super) fn by_id(view: &View<'_>, id: &str) -> Result<Option<Company>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM company WHERE tenant = ?1 AND id = ?2");
    view.one(&sql, &[&id], Company::read)
}

fn by_domain(view: &View<'_>, domain: &str) -> Result<Option<Company>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM company WHERE tenant = ?1 AND domain = ?2");
    view.one(&sql, &[&domain], Company::read)
}

fn by_name(view: &View<'_>, name: &str) -> Result<Option<Company>, Failure> {
    let sql =
        format!("SELECT {COLUMNS} FROM company WHERE tenant = ?1 AND name_key = ?2 ORDER BY seq LIMIT 2");
    let mut found = view.all(&sql, &[&name_key(name)], Company::read)?;
    if found.len() > 1 {
        let message =
            format!("several companies are called {name:?}; say which one by its domain in upsert_company");
        return Err(Failure::Conflict(message));
    }
    Ok(found.pop())
}

/// A company of this name whose domain is not known yet, which a first mention of its domain completes.
fn nameless_domain(view: &View<'_>, name: &str) -> Result<Option<Company>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM company WHERE tenant = ?1 AND name_key = ?2 AND domain IS NULL ORDER BY seq"
    );
    view.one(&sql, &[&name_key(name)], Company::read)
}

/// Names are the same whatever their case and spacing.
fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The bare host of a domain or web address, in lower case.
fn normal_domain(given: &str) -> Result<String, Failure> {
    let lower = given.to_lowercase();
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| lower.strip_prefix(scheme))
        .map_or(lower.as_str(), |rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let host = host.trim_end_matches(['/', '.']);
    let host = host.strip_prefix("www.").unwrap_or(host);
    if host.is_empty() || host.chars().any(char::is_whitespace) {
        return Err(Failure::Meaningless(format!("domain {given:?} is no web domain such as example.com")));
    }
    Ok(host.to_owned())
}

// === impl Upsert ===

impl Upsert {
    /// What a company is called, and where on the web it is.
    pub(crate) fn named(name: String, domain: Option<String>) -> Self {
        Self { name, domain, ..Self::default() }
    }
}

// === impl Company ===

impl Company {
    fn new(change: &Change<'_>, name: String, domain: Option<String>) -> Self {
        Self {
            id: change.new_id(EntityKind::Company),
            name,
            domain,
            industry: None,
            company_size: None,
            lifecycle_stage: None,
            created_at: change.now().to_owned(),
            updated_at: change.now().to_owned(),
        }
    }

    /// The company in a row that starts with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            domain: row.get(2)?,
            industry: row.get(3)?,
            company_size: row.get(4)?,
            lifecycle_stage: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
        })
    }

    /// The company as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({
            "type": "company",
            "id": self.id,
            "name": self.name,
            "domain": self.domain,
            "industry": self.industry,
            "company_size": self.company_size,
            "lifecycle_stage": self.lifecycle_stage,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO company (tenant, id, name, name_key, domain, industry, company_size, lifecycle_stage,
                                  created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
            &[
                &self.id,
                &self.name,
                &name_key(&self.name),
                &self.domain,
                &self.industry,
                &self.company_size,
                &self.lifecycle_stage,
                &self.created_at,
            ],
        )?;
        change.record(&Event {
            kind: "company.created",
            subject: EntityKind::Company.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("Company {} created", self.name),
            details: json!({"name": self.name, "domain": self.domain}),
        })
    }

    fn update(&mut self, change: &Change<'_>, differences: Differences) -> Result<(), Failure> {
        self.updated_at = change.now().to_owned();
        change.execute(
            "UPDATE company SET name = ?3, name_key = ?4, domain = ?5, industry = ?6, company_size = ?7,
                                lifecycle_stage = ?8, updated_at = ?9
             WHERE tenant = ?1 AND id = ?2",
            &[
                &self.id,
                &self.name,
                &name_key(&self.name),
                &self.domain,
                &self.industry,
                &self.company_size,
                &self.lifecycle_stage,
                &self.updated_at,
            ],
        )?;
        change.record(&Event {
            kind: "company.updated",
            subject: EntityKind::Company.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("Company {} updated: {}", self.name, differences.fields().join(", ")),
            details: differences.into_details(),
        })
    }
}
