//! The section `security.approval`: how calls that need a person's approval get it.

use diagnostics::Spanned;
use diagnostics::fields::{Field, Key};

use super::reading::{BAD_VALUE, Reading};
use super::service::Secret;
use crate::auth::AuthMode;

/// How a call is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApprovalMode {
    /// The caller says so in the call itself.
    Argument,
    /// The client asks its user; where it cannot, as [`ApprovalMode::Human`].
    Confirm,
    /// Somebody else decides, with a credential of their own.
    Human,
}

impl ApprovalMode {
    /// The word that configurations use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Confirm => "confirm",
            Self::Human => "human",
        }
    }
}

/// What configuration says of one tool's approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolApproval {
    /// It needs none.
    None,
    /// It needs one, in this way.
    By(ApprovalMode),
}

/// Who is told of a new request for approval.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) url: Secret,
    /// Key of the signature.
    pub(crate) secret: Option<Secret>,
}

/// How approval works unless a tool says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalSection {
    pub(crate) mode: ApprovalMode,
    pub(crate) webhook: Option<Webhook>,
}

/// What holds where a file has no section: whoever has no credential cannot ask anybody else either.
pub(super) fn without_section(auth: &AuthMode) -> ApprovalSection {
    let mode = match auth {
        AuthMode::None => ApprovalMode::Argument,
        AuthMode::Token(_) | AuthMode::Jwt(_) => ApprovalMode::Human,
    };
    ApprovalSection { mode, webhook: None }
}

pub(super) fn read(reading: &Reading<'_>, key: Key<'_>, auth: &AuthMode) -> ApprovalSection {
    let mut section = without_section(auth);
    let Field::Is(mut fields) = key.fields() else { return section };
    if let Field::Is(mode) = fields.key("mode").text() {
        match self::mode(mode.value) {
            Some(mode) => section.mode = mode,
            None => reading.problem(BAD_VALUE, mode.span, "expected argument, confirm or human", None),
        }
    }
    section.webhook = webhook(reading, fields.key("webhook"));
    fields.finish();
    section
}

/// The approval of one tool.
pub(super) fn of_tool(reading: &Reading<'_>, key: Key<'_>) -> Option<ToolApproval> {
    let Field::Is(Spanned { value, span }) = key.text() else { return None };
    let approval = if value == "none" { Some(ToolApproval::None) } else { mode(value).map(ToolApproval::By) };
    if approval.is_none() {
        reading.problem(BAD_VALUE, span, "expected none, argument, confirm or human", None);
    }
    approval
}

fn mode(text: &str) -> Option<ApprovalMode> {
    match text {
        "argument" => Some(ApprovalMode::Argument),
        "confirm" => Some(ApprovalMode::Confirm),
        "human" => Some(ApprovalMode::Human),
        _ => None,
    }
}

fn webhook(reading: &Reading<'_>, key: Key<'_>) -> Option<Webhook> {
    let Field::Is(mut fields) = key.fields() else { return None };
    let (mut url, mut secret) = (String::new(), String::new());
    let at = reading.text(fields.required("url"), &mut url);
    let signed = reading.text(fields.key("secret"), &mut secret).is_some();
    fields.finish();
    reading
        .check_url(at?, &url)
        .then(|| Webhook { url: Secret::new(url), secret: signed.then(|| Secret::new(secret)) })
}
