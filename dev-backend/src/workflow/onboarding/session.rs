//! How far an onboarding is. A session is named by its caller and begins with its first turn.

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::site::Visit;
use crate::database::Change;
use crate::failure::Failure;
use crate::workflow::ONBOARDING_NAME;
use crate::workflow::conversation::Conversation;

/// How long a claim holds in seconds, which is longer than any site is read.
const CLAIM: i64 = 30;

/// What is asked for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Company,
    Website,
    Confirm,
    Contact,
    Done,
}

/// What came of the wish to read the website.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reading {
    /// It was never wished.
    None,
    /// The user did not want it.
    Declined,
    /// Nothing here can open pages.
    Unavailable,
    /// It was refused or failed, in words for the user.
    Failed(String),
    /// It was read.
    Read { title: String, text: String },
}

/// One onboarding.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) conversation_id: String,
    pub(super) step: Step,
    pub(super) introduction: Option<String>,
    pub(super) company: Option<String>,
    pub(super) website: Option<String>,
    pub(super) reading: Reading,
    pub(super) email: Option<String>,
    claim: Option<String>,
    claimed_until: Option<String>,
}

// === impl Step ===

impl Step {
    const ALL: [Self; 5] = [Self::Company, Self::Website, Self::Confirm, Self::Contact, Self::Done];

    /// The name on the wire and in the database.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Website => "website",
            Self::Confirm => "confirm",
            Self::Contact => "contact",
            Self::Done => "done",
        }
    }
}

// === impl Reading ===

impl Reading {
    const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Declined => "declined",
            Self::Unavailable => "unavailable",
            Self::Failed(_) => "failed",
            Self::Read { .. } => "read",
        }
    }

    /// What the page is called and says, or why it was not read.
    fn texts(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::None | Self::Declined | Self::Unavailable => (None, None),
            Self::Failed(reason) => (None, Some(reason)),
            Self::Read { title, text } => (Some(title), Some(text)),
        }
    }

    fn stored(name: &str, title: Option<String>, text: Option<String>) -> Self {
        let (title, text) = (title.unwrap_or_default(), text.unwrap_or_default());
        match name {
            "declined" => Self::Declined,
            "unavailable" => Self::Unavailable,
            "failed" => Self::Failed(text),
            "read" => Self::Read { title, text },
            _ => Self::None,
        }
    }
}

// === impl Session ===

impl Session {
    /// The session of this name, begun where there is none; and whether it was.
    pub(super) fn open(change: &Change<'_>, id: String) -> Result<(Self, bool), Failure> {
        let sql =
            "SELECT session_id, conversation_id, step, introduction, company, website, reading, page_title,
                          page_text, email, claim, claimed_until
                   FROM onboarding WHERE tenant = ?1 AND session_id = ?2";
        if let Some(known) = change.view().one(sql, &[&id], Self::read)? {
            return Ok((known, false));
        }
        let conversation_id = Conversation::begin(change, ONBOARDING_NAME)?.id;
        change.execute(
            "INSERT INTO onboarding (tenant, session_id, conversation_id, step, reading, created_at, updated_at)
             VALUES (?1, ?2, ?3, 'company', 'none', ?4, ?4)",
            &[&id, &conversation_id, &change.now()],
        )?;
        let session = Self {
            id,
            conversation_id,
            step: Step::Company,
            introduction: None,
            company: None,
            website: None,
            reading: Reading::None,
            email: None,
            claim: None,
            claimed_until: None,
        };
        Ok((session, true))
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let step: String = row.get(2)?;
        let reading: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            conversation_id: row.get(1)?,
            step: Step::ALL.into_iter().find(|known| known.name() == step).unwrap_or(Step::Company),
            introduction: row.get(3)?,
            company: row.get(4)?,
            website: row.get(5)?,
            reading: Reading::stored(&reading, row.get(7)?, row.get(8)?),
            email: row.get(9)?,
            claim: row.get(10)?,
            claimed_until: row.get(11)?,
        })
    }

    /// Begins anew, with the conversation so far behind it.
    pub(super) fn forget(&mut self) {
        self.step = Step::Company;
        self.reading = Reading::None;
        (self.introduction, self.company, self.website) = (None, None, None);
    }

    /// Turns a turn away that comes while the website is being read.
    ///
    /// # Errors
    /// It is.
    pub(super) fn refuse_claimed(&self, change: &Change<'_>) -> Result<(), Failure> {
        if self.claimed_until.as_deref().is_some_and(|until| until > change.now()) {
            let message =
                "the website is being read for another turn of this session; try again when it is done";
            return Err(Failure::Conflict(message.to_owned()));
        }
        Ok(())
    }

    /// Claims the session for reading its website.
    pub(super) fn claim(&self, change: &Change<'_>) -> Result<Visit, Failure> {
        let claim = uuid::Uuid::new_v4().simple().to_string();
        change.mark(
            "UPDATE onboarding SET claim = ?3, claimed_until = ?4 WHERE tenant = ?1 AND session_id = ?2",
            &[&self.id, &claim, &change.seconds_later(CLAIM)],
        )?;
        let url = self.website.clone();
        url.map(|url| Visit { claim, url })
            .ok_or_else(|| Failure::Broken("a question for permission without an address".to_owned()))
    }

    /// Gives the claim back.
    ///
    /// # Errors
    /// Another turn has gone on meanwhile.
    pub(super) fn release(&mut self, change: &Change<'_>, visit: &Visit) -> Result<(), Failure> {
        if self.claim.as_ref() != Some(&visit.claim) {
            let message =
                "the session went on while its website was read; take its last question as it is now";
            return Err(Failure::Conflict(message.to_owned()));
        }
        change.mark(
            "UPDATE onboarding SET claim = NULL, claimed_until = NULL WHERE tenant = ?1 AND session_id = ?2",
            &[&self.id],
        )?;
        Ok(())
    }

    /// Stores what is known so far. Whatever was claimed and ran out is nobody's any more.
    pub(super) fn store(&self, change: &Change<'_>) -> Result<(), Failure> {
        let (page_title, page_text) = self.reading.texts();
        change.execute(
            "UPDATE onboarding SET step = ?3, introduction = ?4, company = ?5, website = ?6, reading = ?7,
                                   page_title = ?8, page_text = ?9, email = ?10, claim = NULL,
                                   claimed_until = NULL, updated_at = ?11
             WHERE tenant = ?1 AND session_id = ?2",
            &[
                &self.id,
                &self.step.name(),
                &self.introduction,
                &self.company,
                &self.website,
                &self.reading.name(),
                &page_title,
                &page_text,
                &self.email,
                &change.now(),
            ],
        )?;
        Ok(())
    }

    /// The question that is open.
    pub(super) fn question(&self) -> Option<String> {
        let website = self.website.as_deref().unwrap_or_default();
        match self.step {
            Step::Company => Some("What is the company called?".to_owned()),
            Step::Website => {
                Some("What is the address of its website? Say none where there is none.".to_owned())
            }
            Step::Confirm => Some(format!(
                "May {website} be read, once? Answer with confirm_fetch: true, or with false to go on without."
            )),
            Step::Contact => Some(
                "What is the e-mail address of the first contact there? Say skip to leave it out.".to_owned(),
            ),
            Step::Done => None,
        }
    }

    /// What is known so far.
    pub(super) fn known(&self) -> Json {
        let (title, text) = self.reading.texts();
        json!({
            "company": self.company,
            "introduction": self.introduction,
            "website": self.website,
            "website_reading": self.reading.name(),
            "website_title": title,
            "website_problem": text.filter(|_| matches!(self.reading, Reading::Failed(_))),
            "email": self.email,
        })
    }
}
