//! Where a configuration lets through what the manifests would not, or leaves a door to others to guard. That is the
//! operator's choice, and one that should be seen.

use super::{ApprovalMode, Config, ToolApproval};
use crate::auth::AuthMode;
use crate::tool::{Roles, Spec};

impl Config {
    /// A line for each thing that the configuration leaves to trust.
    pub(crate) fn open_doors(&self) -> Vec<&'static str> {
        let is_open = matches!(self.security.auth.mode, AuthMode::None);
        let is_reached_by_others = !self.server.host.is_loopback();
        let mut lines = Vec::new();
        if is_open && self.security.approval.mode == ApprovalMode::Argument {
            lines.push("nobody has to show who they are, and `user_approved` in a call counts as approval");
        } else if is_open {
            lines.push("nobody has to show who they are");
        }
        if is_open && is_reached_by_others {
            lines.push("other machines reach this server: a proxy that authenticates has to stand before it");
        }
        if is_reached_by_others {
            lines.push(
                "clients come over plain HTTP: a proxy that terminates TLS has to stand before this server",
            );
        }
        lines
    }

    /// A line for each tool whose policy is looser than its manifest's.
    pub(crate) fn loosened<'s>(&self, specs: impl IntoIterator<Item = &'s Spec>) -> Vec<String> {
        let mut lines = Vec::new();
        let shows_credentials = !matches!(self.security.auth.mode, AuthMode::None);
        if shows_credentials && self.security.approval.mode == ApprovalMode::Argument {
            lines.push(
                "callers approve their own calls by user_approved (security.approval.mode: argument)"
                    .to_owned(),
            );
        }
        for spec in specs {
            let Some(policy) = self.security.tools.get(spec.name) else { continue };
            let dropped =
                policy.approval == Some(ToolApproval::None) || policy.approval_required == Some(false);
            if spec.approval && dropped && !matches!(policy.approval, Some(ToolApproval::By(_))) {
                lines.push(format!("{} needs no approval, its manifest asks for one", spec.name));
            }
            let by_manifest: Vec<&str> = match spec.roles {
                Roles::Default => self.security.default_allowed_roles.iter().map(String::as_str).collect(),
                Roles::Only(roles) => roles.to_vec(),
            };
            let more = policy.allowed_roles.iter().flatten().map(String::as_str);
            let more: Vec<&str> = more.filter(|role| !by_manifest.contains(role)).collect();
            if !more.is_empty() {
                lines.push(format!(
                    "{} may also be called as {}, its manifest does not say so",
                    spec.name,
                    more.join(", ")
                ));
            }
        }
        lines
    }
}
