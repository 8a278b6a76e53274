//! All tools under the policy that manifests and configuration make together, and each tenant's view of them.
//!
//! Everything is worked out once at start: a listing is bytes that are ready to send, a look-up is one hash.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::audit::sha256;
use crate::config::{ApprovalMode, Config, ToolApproval};
use crate::mcp::mirror::{self, Mirror};
use crate::tool::{Effect, Roles, Target, Tool};

/// A tool and who may call it how.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) tool: &'static Tool,
    /// How each call is approved; `None` where it needs no approval.
    pub(crate) approval: Option<ApprovalMode>,
    /// The OAuth scope that a call needs, where scopes are used.
    pub(crate) scope: String,
    pub(crate) roles: Vec<String>,
    /// Arguments that clients repeat in headers.
    pub(crate) mirrors: Vec<Mirror>,
    /// Names of the parameters.
    pub(crate) parameters: Vec<String>,
    /// SHA-256 of what agents see of the tool and of the policy that holds for it, in hexadecimal.
    pub(crate) manifest_hash: String,
}

impl Entry {
    /// Whether a caller may call the tool, and by which of its roles. One function decides for lists and for
    /// calls, by whatever name the tool is called, so what is listed is what may be called.
    pub(crate) fn authorize<'r>(
        &self,
        roles: Option<&'r [String]>,
        scopes: Option<&[String]>,
    ) -> Result<Option<&'r str>, Denied> {
        if scopes.is_some_and(|scopes| !scopes.iter().any(|scope| self.is_within(scope))) {
            return Err(Denied::Scope);
        }
        let Some(roles) = roles else { return Ok(None) };
        // Role names are compared letter by letter.
        let role = roles.iter().find(|role| self.roles.contains(role));
        role.map(|role| Some(role.as_str())).ok_or(Denied::Role)
    }

    /// Whether a scope covers the tool's own: who may write a service may read it.
    fn is_within(&self, scope: &str) -> bool {
        scope == self.scope
            || self.scope.strip_suffix(":read").is_some_and(|service| scope == format!("{service}:write"))
    }

    /// The tool as an agent sees it under this configuration.
    fn listing(&self, list_outputs: bool) -> Value {
        let mut listing = self.tool.listing();
        if self.approval == Some(ApprovalMode::Argument)
            && let Some(Value::Object(properties)) = listing.pointer_mut("/inputSchema/properties")
        {
            let description = "true only after a person has approved this very call";
            properties
                .insert("user_approved".to_owned(), json!({"type": "boolean", "description": description}));
        }
        if let (true, Some(schema), Some(members)) =
            (list_outputs, self.tool.output_schema(), listing.as_object_mut())
        {
            members.insert("outputSchema".to_owned(), schema);
        }
        listing
    }
}

/// What a caller of one tenant gets to see.
#[derive(Debug)]
pub(crate) struct View {
    /// The `tools` array of `tools/list`, ready to send.
    pub(crate) tools_json: String,
    names: Vec<&'static str>,
}

impl View {
    /// The names that may be suggested to a caller who got one wrong.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }
}

/// Why a caller may not call a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// None of its roles is allowed.
    Role,
    /// Its token lacks the tool's scope.
    Scope,
}

/// Views that are kept ready. Few sets of roles differ in what they may see.
const MOST_VIEWS: usize = 256;

/// All tools.
#[derive(Debug)]
pub(crate) struct Catalog {
    entries: Vec<Entry>,
    /// Positions by name and by alias.
    by_name: HashMap<&'static str, usize>,
    /// What can be listed, by name: the position of its tool, and its JSON.
    rows: BTreeMap<&'static str, (usize, String)>,
    /// Which tools each tenant has the services for.
    tenants: BTreeMap<String, Vec<bool>>,
    /// Views by which tools are in them.
    views: Mutex<HashMap<Vec<bool>, Arc<View>>>,
}

impl Catalog {
    pub(crate) fn new(tools: &[&'static Tool], config: &Config) -> Self {
        let entries: Vec<Entry> = tools.iter().map(|tool| entry(tool, config)).collect();
        let mut by_name = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let spec = entry.tool.spec();
            by_name.extend(spec.aliases.iter().chain([&spec.name]).map(|name| (*name, position)));
        }
        let has_service = |services: &BTreeMap<_, _>, entry: &Entry| match entry.tool.spec().target {
            Target::Backend { service, .. } => services.contains_key(service),
            Target::Native { .. } => true,
        };
        let tenants = config.tenants.iter().map(|(tenant, services)| {
            (tenant.clone(), entries.iter().map(|entry| has_service(services, entry)).collect())
        });
        let tenants = tenants.collect();
        Self { rows: rows(&entries, config), entries, by_name, tenants, views: Mutex::default() }
    }

    /// The tool of this name or alias.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|position| self.entries.get(*position))
    }

    /// What a caller of a tenant sees. A tenant that does not exist has nothing.
    pub(crate) fn view(
        &self,
        tenant: &str,
        roles: Option<&[String]>,
        scopes: Option<&[String]>,
    ) -> Arc<View> {
        let visible: Vec<bool> = self
            .each(tenant)
            .map(|(entry, is_there)| is_there && entry.authorize(roles, scopes).is_ok())
            .collect();
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = views.get(&visible) {
            return Arc::clone(view);
        }
        let view = Arc::new(self.assemble(&visible));
        if views.len() < MOST_VIEWS {
            views.insert(visible, Arc::clone(&view));
        }
        view
    }

    /// The tools that a caller of a tenant sees, by name.
    pub(crate) fn permitted<'c>(
        &'c self,
        tenant: &str,
        roles: Option<&'c [String]>,
        scopes: Option<&'c [String]>,
    ) -> impl Iterator<Item = &'c Entry> {
        let permitted =
            move |(entry, is_there): &(&Entry, bool)| *is_there && entry.authorize(roles, scopes).is_ok();
        self.each(tenant).filter(permitted).map(|(entry, _)| entry)
    }

    /// All tools by name, with whether a tenant has what they need.
    fn each(&self, tenant: &str) -> impl Iterator<Item = (&Entry, bool)> + use<'_> {
        let of_tenant = self.tenants.get(tenant).map(Vec::as_slice).unwrap_or_default();
        self.entries.iter().zip(of_tenant.iter().copied())
    }

    /// All scopes that any tool needs.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let scopes: BTreeSet<&str> = self.entries.iter().map(|entry| entry.scope.as_str()).collect();
        scopes.into_iter().map(str::to_owned).collect()
    }

    fn assemble(&self, visible: &[bool]) -> View {
        let rows = self.rows.iter().filter(|(_, (position, _))| visible.get(*position) == Some(&true));
        let (names, texts): (Vec<&'static str>, Vec<&str>) =
            rows.map(|(name, (_, json))| (*name, json.as_str())).unzip();
        View { tools_json: format!("[{}]", texts.join(",")), names }
    }
}

fn entry(tool: &'static Tool, config: &Config) -> Entry {
    let spec = tool.spec();
    let policy = config.security.tools.get(spec.name);
    let roles = match (policy.and_then(|policy| policy.allowed_roles.clone()), spec.roles) {
        (Some(roles), _) => roles,
        (None, Roles::Default) => config.security.default_allowed_roles.clone(),
        (None, Roles::Only(roles)) => roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    let mirrors = tool.listing().get("inputSchema").map(mirror::of_schema).unwrap_or_default();
    let properties = tool.listing().pointer("/inputSchema/properties").cloned().unwrap_or_default();
    let parameters = properties.as_object().map(|names| names.keys().cloned().collect()).unwrap_or_default();
    let mut entry = Entry {
        tool,
        approval: approval(tool, config),
        scope: scope(tool),
        roles,
        mirrors,
        parameters,
        manifest_hash: String::new(),
    };
    entry.manifest_hash = manifest_hash(&entry);
    entry
}

fn manifest_hash(entry: &Entry) -> String {
    let spec = entry.tool.spec();
    let whole = json!({
        "listing": entry.listing(true),
        "effect": spec.effect.as_str(),
        "approval": entry.approval.map(|mode| format!("{mode:?}")),
        "scope": entry.scope,
        "roles": entry.roles,
        "sensitive": spec.sensitive,
        "target": format!("{:?}", spec.target),
        "timeout_ms": spec.timeout.as_millis(),
        "rate_limit": spec.rate_limit,
    });
    sha256(whole.to_string().as_bytes())
}

/// How calls of a tool are approved: as the tool's own configuration says, else its manifest and the mode of all.
fn approval(tool: &'static Tool, config: &Config) -> Option<ApprovalMode> {
    let policy = config.security.tools.get(tool.spec().name);
    match policy.and_then(|policy| policy.approval) {
        Some(ToolApproval::None) => None,
        Some(ToolApproval::By(mode)) => Some(mode),
        None => {
            let required = policy.and_then(|policy| policy.approval_required);
            required.unwrap_or(tool.spec().approval).then_some(config.security.approval.mode)
        }
    }
}

/// The scope of a tool: its service, or for a native tool the first part of its name, and what it does there.
fn scope(tool: &'static Tool) -> String {
    let spec = tool.spec();
    let of = match spec.target {
        Target::Backend { service, .. } => service,
        Target::Native { .. } => spec.name.split('_').next().unwrap_or(spec.name),
    };
    let access = if spec.effect == Effect::Read { "read" } else { "write" };
    format!("{of}:{access}")
}

fn rows(entries: &[Entry], config: &Config) -> BTreeMap<&'static str, (usize, String)> {
    let mut rows = BTreeMap::new();
    for (position, entry) in entries.iter().enumerate() {
        let spec = entry.tool.spec();
        let mut listing = entry.listing(config.server.list_outputs);
        rows.insert(spec.name, (position, listing.to_string()));
        for alias in spec.aliases.iter().filter(|_| config.server.list_aliases) {
            if let Some(members) = listing.as_object_mut() {
                members.insert("name".to_owned(), Value::from(*alias));
            }
            rows.insert(alias, (position, listing.to_string()));
        }
    }
    rows
}
