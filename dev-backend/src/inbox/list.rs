//! The threads of a folder.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::folder::Folder;
use super::receive;
use super::thread::participants;
use crate::call::Call;
use crate::database::Change;
use crate::failure::Failure;
use crate::input::number_in_query;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    folder: Option<String>,
    #[serde(default, deserialize_with = "number_in_query")]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "number_in_query")]
    offset: Option<i64>,
}

/// Lists the threads that have a message in the folder, the one with the newest first.
pub(super) fn list(change: &Change<'_>, call: &Call) -> Answer {
    let List { folder, limit, offset } = call.input()?;
    let folder = Folder::named(folder.as_deref().unwrap_or(Folder::Inbox.name()))?.name();
    let page = Page::new(limit, 20, offset)?;
    receive::welcome(change)?;
    let view = change.view();
    let total = view.count(
        "SELECT count(DISTINCT thread_id) FROM mail_message WHERE tenant = ?1 AND folder = ?2",
        &[&folder],
    )?;
    let unread = view.count(
        "SELECT count(*) FROM mail_message WHERE tenant = ?1 AND folder = ?2 AND is_read = 0",
        &[&folder],
    )?;
    let threads = view.all(
        "SELECT thread.id, thread.subject, thread.created_at, thread.updated_at, newest.count, newest.unread,
                last.id, last.sender, substr(last.body, 1, 200)
         FROM (SELECT thread_id, max(seq) AS seq, count(*) AS count, sum(is_read = 0) AS unread FROM mail_message
               WHERE tenant = ?1 AND folder = ?2 GROUP BY thread_id) AS newest
         JOIN mail_message AS last ON last.seq = newest.seq
         JOIN mail_thread AS thread ON thread.tenant = ?1 AND thread.id = newest.thread_id
         ORDER BY newest.seq DESC LIMIT ?3 OFFSET ?4",
        &[&folder, &page.limit, &page.offset],
        item,
    )?;
    let with_participants = |(id, thread): (String, Json)| -> Result<Json, Failure> {
        Ok(shown::with(thread, "participants", json!(participants(view, &id)?)))
    };
    let items = threads.into_iter().map(with_participants).collect::<Result<Vec<_>, _>>()?;
    let answer = shown::with(page.answer(items, total), "folder", json!(folder));
    Ok(shown::with(answer, "unread", json!(unread)))
}

fn item(row: &Row<'_>) -> rusqlite::Result<(String, Json)> {
    let id: String = row.get(0)?;
    let thread = json!({
        "type": "thread",
        "id": id,
        "subject": row.get::<_, String>(1)?,
        "created_at": row.get::<_, String>(2)?,
        "updated_at": row.get::<_, String>(3)?,
        "messages": row.get::<_, i64>(4)?,
        "unread": row.get::<_, i64>(5)?,
        "last_message_id": row.get::<_, String>(6)?,
        "last_from": row.get::<_, String>(7)?,
        "snippet": row.get::<_, String>(8)?,
    });
    Ok((id, thread))
}
