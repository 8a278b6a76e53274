//! Who a request comes from.

use std::sync::Arc;

/// What a credential allows beside calling tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Deciding on other callers' requests for approval.
    pub(crate) approver: bool,
    /// Reading metrics.
    pub(crate) operator: bool,
}

/// Somebody whose credential was verified. All of it comes from the credential, nothing from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// Names the credential: two requests with the same one come from the same caller.
    pub(crate) credential: String,
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) roles: Vec<String>,
    /// OAuth scopes; `None` where they are not used.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) rights: Rights,
}

/// The source of a request.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// In auth mode `none`: whoever can reach the server, and who it says it is.
    Anyone,
    /// Somebody who has shown a credential.
    Known(Arc<Principal>),
}

impl Caller {
    /// The OAuth scopes that bound what it may call; `None` where they are not used.
    pub(crate) fn scopes(&self) -> Option<&[String]> {
        match self {
            Self::Anyone => None,
            Self::Known(principal) => principal.scopes.as_deref(),
        }
    }
}
