//! Where requests for approval are kept until somebody decides and the call is made.
//!
//! What can happen to one is a small machine: *pending* until a person decides or it expires; *approved* until
//! the call uses it, once, or it expires; *denied* until the caller has been told. A store has to take each of
//! these steps in one piece, also between several servers.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

/// How long a person may take to decide.
pub(crate) const PENDING: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an approval waits for its call.
pub(crate) const APPROVED: Duration = Duration::from_secs(10 * 60);

/// What an approval is bound to: one tool with these very arguments, for one caller.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Binding([u8; 32]);

impl Binding {
    /// The binding of a call. Each part goes in with its length, so that no part can run into the next.
    pub(crate) fn new(parts: [&[u8]; 4]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        let mut binding = [0; 32];
        binding.copy_from_slice(digest(&SHA256, &bytes).as_ref());
        Self(binding)
    }

    /// The binding whose `hex` this is.
    pub(crate) fn of_hex(text: &str) -> Option<Self> {
        let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
        let bytes: Vec<u8> = digits?
            .chunks_exact(2)
            .filter_map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok())
            .collect();
        (text.len() == 64).then(|| bytes.try_into().ok().map(Self)).flatten()
    }

    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where a request for approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Approved,
    Denied,
}

impl State {
    /// The state of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied].into_iter().find(|state| state.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }
}

/// A request for approval as people see it.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub(crate) id: String,
    pub(crate) binding: Binding,
    pub(crate) tool: &'static str,
    pub(crate) tenant: String,
    pub(crate) actor: String,
    /// All credentials that asked; none where nobody shows one.
    pub(crate) asked_by: Vec<String>,
    /// The arguments, sensitive ones masked.
    pub(crate) arguments: Value,
    pub(crate) created_at: SystemTime,
    pub(crate) expires_at: SystemTime,
    pub(crate) state: State,
    /// The credential that decided.
    pub(crate) decided_by: Option<String>,
    /// Why it was denied.
    pub(crate) reason: Option<String>,
}

/// What a caller who comes with a call finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// An approval, which is now used up.
    Granted { id: String },
    /// Nobody has decided yet, or nobody but the caller itself.
    Pending { id: String },
    /// It was asked for just now.
    Asked { id: String },
    /// Somebody refused. That is told once; the same call may then be asked for anew.
    Denied { id: String, reason: Option<String> },
    /// There is no room for another request.
    Full,
}

/// Why a decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecisionError {
    /// There is no such request, or none that this person may see.
    Unknown,
    /// One may not decide on a request that one made or joined.
    Own,
    /// Somebody has decided already.
    Decided,
}

/// Who decides, and whose requests they may see.
#[derive(Clone, Debug)]
pub(crate) struct Approver {
    pub(crate) credential: String,
    /// The tenant whose requests they see; `None` for all.
    pub(crate) tenant: Option<String>,
}

impl Approver {
    pub(crate) fn sees(&self, approval: &Approval) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| *tenant == approval.tenant)
    }
}

/// An answer of a store, which may be on another machine.
pub(crate) type Stored<'s, T> = Pin<Box<dyn Future<Output = T> + Send + 's>>;

/// A place where requests for approval are kept.
pub(crate) trait ApprovalStore: Send + Sync + std::fmt::Debug {
    /// Uses an approval of this call if there is one, else asks for it with `request`.
    fn redeem(&self, request: Approval, now: SystemTime) -> Stored<'_, Standing>;

    /// Takes a decision.
    fn decide<'s>(
        &'s self,
        id: &'s str,
        approver: &'s Approver,
        decision: Result<(), Option<String>>,
        now: SystemTime,
    ) -> Stored<'s, Result<Approval, DecisionError>>;

    /// Everything that an approver may see and that has not expired, oldest first.
    fn list<'s>(&'s self, approver: &'s Approver, now: SystemTime) -> Stored<'s, Vec<Approval>>;

    /// Takes note that a sealed state was used. False where it was used before.
    fn use_once<'s>(&'s self, nonce: &'s str, until: SystemTime, now: SystemTime) -> Stored<'s, bool>;
}
