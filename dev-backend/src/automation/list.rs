//! The tenant's workflows.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::definition::{self, Definition};
use super::run;
use crate::call::Call;
use crate::database::View;
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    query: Option<String>,
    tag: Option<String>,
}

/// Lists the workflows with these words and this tag, each with what it takes and its last run.
pub(super) fn list(view: &View<'_>, call: &Call) -> Answer {
    let List { query, tag } = call.input()?;
    let query = query.unwrap_or_default();
    let tag = tag.filter(|tag| !tag.trim().is_empty());
    let matching = definition::all()?.iter().filter(|definition| definition.matches(&query, tag.as_deref()));
    let show = |definition: &Definition| -> Result<Json, Failure> {
        Ok(shown::with(definition.show(), "last_run", json!(run::last_of(view, &definition.id)?)))
    };
    let items = matching.map(show).collect::<Result<Vec<_>, _>>()?;
    let total = items.len() as i64;
    Ok(Page { limit: u32::MAX, offset: 0 }.answer(items, total))
}
