//! The lines of the journal: a key that is reserved, and what became of its call.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::records::Record;
use super::{Kept, Key, Scope};
use crate::approval::Binding;
use crate::json::{Json, write};
use crate::tool_error::ToolError;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// A call is about to be made.
    #[serde(borrow)]
    Reserved(Reserved<'a>),
    /// It ended like this.
    #[serde(borrow)]
    Ended(Ended<'a>),
    /// It was not made after all.
    Released { number: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reserved<'a> {
    pub(super) number: u64,
    #[serde(borrow)]
    tenant: Cow<'a, str>,
    #[serde(borrow)]
    actor: Cow<'a, str>,
    #[serde(borrow)]
    tool: Cow<'a, str>,
    #[serde(borrow)]
    key: Cow<'a, str>,
    /// What the key stands for, as a digest.
    binding: String,
    /// Until when it is kept, in milliseconds since 1970.
    pub(super) until: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ended<'a> {
    number: u64,
    /// The JSON text of a success.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    answer: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, ToolError>>,
}

impl<'a> Line<'a> {
    pub(super) fn reserved(scope: &'a Scope, number: u64, binding: &Binding, until: u64) -> Self {
        Self::Reserved(Reserved {
            number,
            tenant: Cow::Borrowed(&scope.tenant),
            actor: Cow::Borrowed(&scope.actor),
            tool: Cow::Borrowed(&scope.tool),
            key: Cow::Borrowed(scope.key.as_str()),
            binding: binding.hex(),
            until,
        })
    }

    pub(super) fn ended(number: u64, outcome: &'a Kept) -> Self {
        Self::Ended(Ended {
            number,
            answer: outcome.as_ref().as_ref().ok().map(|json| Cow::Borrowed(json.as_str())),
            error: outcome.as_ref().as_ref().err().map(Cow::Borrowed),
        })
    }

    /// Appends the line with its line break.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write::value(out, self);
        out.push(b'\n');
    }

    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// The records of the lines of a journal, read one after the other.
#[derive(Debug, Default)]
pub(super) struct Replay {
    by_number: HashMap<u64, (Arc<Scope>, Record)>,
}

impl Replay {
    /// Takes in a line; false for one that cannot be. `until` says how long a key is kept that has this in its line.
    pub(super) fn take(&mut self, line: Line<'_>, until: impl Fn(u64) -> std::time::Duration) -> bool {
        match line {
            Line::Reserved(reserved) => {
                let (Some(key), Some(binding)) =
                    (Key::new(&reserved.key), Binding::of_hex(&reserved.binding))
                else {
                    return false;
                };
                let scope = Arc::new(Scope {
                    tenant: reserved.tenant.into_owned(),
                    actor: reserved.actor.into_owned(),
                    tool: reserved.tool.into_owned(),
                    key,
                });
                let record = Record::new(reserved.number, binding, true, until(reserved.until));
                // A line that was still on its way when the journal was written anew comes twice.
                self.by_number.entry(reserved.number).or_insert((scope, record));
                true
            }
            Line::Ended(ended) => {
                let outcome = match (ended.answer, ended.error) {
                    (Some(answer), None) => Ok(Json::from_valid(&answer)),
                    (None, Some(error)) => Err(error.into_owned()),
                    _ => return false,
                };
                if let Some((_, record)) = self.by_number.get_mut(&ended.number) {
                    record.outcome = Some(Arc::new(outcome));
                }
                true
            }
            Line::Released { number } => {
                self.by_number.remove(&number);
                true
            }
        }
    }

    /// The records, in the order in which their keys were used.
    pub(super) fn finish(self) -> Vec<(Arc<Scope>, Record)> {
        let mut records: Vec<_> = self.by_number.into_values().collect();
        records.sort_unstable_by_key(|(_, record)| record.number);
        records
    }
}
