//! The operator's lists of hosts that may be fetched from, or may not.

use std::collections::BTreeMap;

use url::Host;

use super::fault::{Fault, Reason};
use super::url::Target;

/// A host, or all hosts below a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// This host: a name or an address.
    Exactly(String),
    /// Hosts whose names end in a dot and this.
    Below(String),
}

impl HostPattern {
    /// Reads `example.com`, `*.example.com` or an address, in any spelling that URLs allow.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        if name.contains('*') {
            return None;
        }
        match Host::parse(name).ok()? {
            Host::Domain(name) if below => Some(Self::Below(without_dot(&name))),
            Host::Ipv4(_) | Host::Ipv6(_) if below => None,
            host => Some(Self::Exactly(without_dot(&host.to_string()))),
        }
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exactly(name) => host == name,
            Self::Below(name) => host
                .strip_suffix(name.as_str())
                .is_some_and(|before| before.ends_with('.') && before.len() > 1),
        }
    }
}

fn without_dot(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

/// Lists of hosts.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostLists {
    /// If there are any, only these.
    pub(crate) allow: Vec<HostPattern>,
    /// Never these, even where they are allowed.
    pub(crate) deny: Vec<HostPattern>,
}

impl HostLists {
    fn admit(&self, host: &str) -> bool {
        let any = |patterns: &[HostPattern]| patterns.iter().any(|pattern| pattern.matches(host));
        !any(&self.deny) && (self.allow.is_empty() || any(&self.allow))
    }
}

/// The lists of everybody, and those of single tenants that narrow them further.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostRules {
    pub(crate) everybody: HostLists,
    pub(crate) tenants: BTreeMap<String, HostLists>,
}

impl HostRules {
    /// Refuses a target that the lists keep from `tenant`.
    pub(super) fn check(&self, tenant: &str, target: &Target) -> Result<(), Fault> {
        let host = target.url().host_str().unwrap_or_default();
        let admitted =
            self.everybody.admit(host) && self.tenants.get(tenant).is_none_or(|lists| lists.admit(host));
        match admitted {
            true => Ok(()),
            false => Err(Fault::blocked(Reason::Host, "pages of this host are not open to you")),
        }
    }
}
