//! The beginning of a file's text.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::file;
use super::folder::{broken, with_tree};
use super::text;
use super::tree::Tree;
use crate::call::Call;
use crate::database::Database;
use crate::service::Pending;
use crate::shown;

/// The most bytes that a preview shows.
const MOST: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preview {
    file_id: String,
}

/// Shows how a file begins; one that is no text has nothing to show.
pub(super) fn preview(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Preview { file_id } = call.input()?;
        let work = move |tree: &Tree| {
            let found = file::find(tree.files().map_err(|error| broken("the files", &error))?, &file_id)?;
            let opened = tree.file(&found.path).map_err(|_| file::absent(&file_id))?;
            let beginning = text::beginning(opened, MOST).map_err(|error| broken(&found.path, &error))?;
            let is_text = beginning.text.is_some();
            let shown = shown::with(found.show(), "is_text", json!(is_text));
            let shown = shown::with(shown, "truncated", json!(is_text && beginning.is_cut));
            Ok(shown::with(shown, "text", json!(beginning.text)))
        };
        with_tree(&database, &call.context.tenant, work).await
    })
}
