//! The index of a tenant's files: what is in it is compared with what is in the folder before every search,
//! and what differs is read again. Of many new files each look reads a part, so that none takes long.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::folder::{broken, with_tree};
use super::text;
use super::tree::{Found, Tree};
use crate::call::Call;
use crate::database::{Change, Database, View};
use crate::failure::Failure;

/// The most bytes of one file that are searched.
const MOST_OF_A_FILE: usize = 64 * 1024;

/// The most bytes that one look reads.
const MOST_OF_A_LOOK: usize = 512 * 1024;

/// A file as it goes into the index.
struct Read {
    found: Found,
    text: String,
}

/// Brings the index up to date, as far as one look goes, and returns how many files are still to be read.
pub(super) async fn refresh(database: &Arc<Database>, call: &Arc<Call>) -> Result<usize, Failure> {
    let tenant = &call.context.tenant;
    let files = with_tree(database, tenant, |tree| tree.files().map_err(|error| broken("the files", &error)));
    let found = files.await?;
    let (of, there) = (tenant.clone(), found.clone());
    let gone = database.read(move |rows| difference(&View::new(rows, &of), &there)).await?;
    let paths = |name: &str| -> Vec<String> {
        let listed = gone.get(name).and_then(Json::as_array).into_iter().flatten();
        listed.filter_map(|path| path.as_str().map(str::to_owned)).collect()
    };
    let (gone, changed) = (paths("gone"), paths("changed"));
    if gone.is_empty() && changed.is_empty() {
        return Ok(0);
    }
    let mut found: BTreeMap<String, Found> =
        found.into_iter().map(|found| (found.path.clone(), found)).collect();
    let wanted: Vec<Found> = changed.iter().filter_map(|path| found.remove(path)).collect();
    let total = wanted.len();
    let read = with_tree(database, tenant, move |tree| Ok(read(tree, wanted))).await?;
    let pending = total - read.len();
    let noting = Arc::clone(call);
    let note = move |change: &Change<'_>, _: &Call| note(change, &gone, &read);
    database.write(move |rows| Change::run(rows, &noting, note)).await?;
    Ok(pending)
}

/// The paths that are in the index and not in the folder, and those that the index does not know as they are.
fn difference(view: &View<'_>, found: &[Found]) -> Result<Json, Failure> {
    let sql = "SELECT path, size, modified_ns FROM file_entry WHERE tenant = ?1";
    let known = view
        .all(sql, &[], |row| Ok(Found { path: row.get(0)?, size: row.get(1)?, modified_ns: row.get(2)? }))?;
    let known: BTreeMap<&str, &Found> = known.iter().map(|known| (known.path.as_str(), known)).collect();
    let there: BTreeMap<&str, &Found> = found.iter().map(|found| (found.path.as_str(), found)).collect();
    let gone: Vec<&&str> = known.keys().filter(|path| !there.contains_key(**path)).collect();
    let changed: Vec<&&str> =
        there.iter().filter(|(path, found)| known.get(*path) != Some(found)).map(|(path, _)| path).collect();
    Ok(json!({"gone": gone, "changed": changed}))
}

/// Reads files until it has read enough. One that cannot be read is found by its name alone.
fn read(tree: &Tree, wanted: Vec<Found>) -> Vec<Read> {
    let mut bytes = 0;
    let mut read = Vec::new();
    for found in wanted {
        if bytes >= MOST_OF_A_LOOK {
            break;
        }
        let opened = tree.file(&found.path).and_then(|file| text::beginning(file, MOST_OF_A_FILE));
        let text = opened.ok().and_then(|beginning| beginning.text).unwrap_or_default();
        bytes += text.len();
        read.push(Read { found, text });
    }
    read
}

/// Writes down what was read. That is no event: nothing happened but that somebody looked.
fn note(change: &Change<'_>, gone: &[String], read: &[Read]) -> Result<Json, Failure> {
    for path in gone {
        change.mark("DELETE FROM file_entry WHERE tenant = ?1 AND path = ?2", &[&path])?;
    }
    for Read { found, text } in read {
        change.mark(
            "INSERT INTO file_entry (tenant, path, size, modified_ns, text) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, path) DO UPDATE SET size = ?3, modified_ns = ?4, text = ?5",
            &[&found.path, &found.size, &found.modified_ns, &text],
        )?;
    }
    Ok(Json::Null)
}
