//! What is known of a file.

use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::file;
use super::folder::{broken, with_tree};
use super::text;
use super::tree::Tree;
use crate::call::Call;
use crate::database::Database;
use crate::digest;
use crate::service::Pending;
use crate::shown;

/// The largest file whose hash is computed while somebody waits for it.
const LARGEST_HASHED: i64 = 64 * 1024 * 1024;

/// How much of a file tells whether it is text.
const TELLING: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    file_id: String,
}

/// Describes a file. Its hash is null where the file is larger than 64 MiB.
pub(super) fn metadata(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Metadata { file_id } = call.input()?;
        let work = move |tree: &Tree| {
            let found = file::find(tree.files().map_err(|error| broken("the files", &error))?, &file_id)?;
            let open = || tree.file(&found.path).map_err(|_| file::absent(&file_id));
            let beginning = text::beginning(open()?, TELLING).map_err(|error| broken(&found.path, &error))?;
            let hash = if found.size <= LARGEST_HASHED {
                // A file that grows meanwhile is read as far as it was seen.
                let bytes = open()?.take(found.size.unsigned_abs());
                Some(digest::sha256_of(bytes).map_err(|error| broken(&found.path, &error))?)
            } else {
                None
            };
            let shown = shown::with(found.show(), "is_text", json!(beginning.text.is_some()));
            Ok(shown::with(shown, "sha256", json!(hash)))
        };
        with_tree(&database, &call.context.tenant, work).await
    })
}
