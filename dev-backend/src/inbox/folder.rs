//! The folders that messages are in.

use crate::failure::Failure;
use crate::suggestion;

/// A folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// Received, and not answered yet.
    Inbox,
    /// Sent.
    Sent,
    /// Written, and not sent.
    Drafts,
    /// Received, and answered.
    Archive,
}

// === impl Folder ===

impl Folder {
    const ALL: [Self; 4] = [Self::Inbox, Self::Sent, Self::Drafts, Self::Archive];

    /// The name on the wire and in the database.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Sent => "sent",
            Self::Drafts => "drafts",
            Self::Archive => "archive",
        }
    }

    /// The folder that a caller names.
    ///
    /// # Errors
    /// An unknown name, with the valid ones.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|folder| folder.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name);
            let (hint, known) = (suggestion::hint(name, known), known.join(", "));
            Failure::Meaningless(format!("there is no folder {name:?}{hint}; the valid ones are {known}"))
        })
    }
}
