//! All tools under the policy that manifests and configuration make together, and each tenant's view of them.
//!
//! Everything is worked out once at start: a listing is bytes that are ready to send, a look-up is one hash.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::config::Config;
use crate::json::write;
use crate::mcp::mirror::{self, Mirror};
use crate::tool::{Roles, Target, Tool};

/// A tool and who may call it how.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) tool: &'static Tool,
    /// Whether each call needs a person's approval.
    pub(crate) approval: bool,
    pub(crate) roles: Vec<String>,
    /// Arguments that clients repeat in headers.
    pub(crate) mirrors: Vec<Mirror>,
}

impl Entry {
    /// Whether a caller of this role may call the tool. Role names are compared letter by letter.
    pub(crate) fn allows(&self, role: &str) -> bool {
        self.roles.iter().any(|allowed| allowed == role)
    }

    /// The tool as an agent sees it under this configuration.
    fn listing(&self, list_outputs: bool) -> Value {
        let mut listing = self.tool.listing();
        if self.approval
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

/// All tools.
#[derive(Debug)]
pub(crate) struct Catalog {
    entries: Vec<Entry>,
    /// Positions by name and by alias.
    by_name: HashMap<&'static str, usize>,
    views: BTreeMap<String, View>,
}

impl Catalog {
    pub(crate) fn new(tools: &[&'static Tool], config: &Config) -> Self {
        let entries: Vec<Entry> = tools.iter().map(|tool| entry(tool, config)).collect();
        let mut by_name = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let spec = entry.tool.spec();
            by_name.extend(spec.aliases.iter().chain([&spec.name]).map(|name| (*name, position)));
        }
        let views = config
            .tenants
            .iter()
            .map(|(tenant, services)| {
                let visible = |entry: &&Entry| match entry.tool.spec().target {
                    Target::Backend { service, .. } => services.contains_key(service),
                    Target::Native => true,
                };
                (tenant.clone(), view(entries.iter().filter(visible), config))
            })
            .collect();
        Self { entries, by_name, views }
    }

    /// The tool of this name or alias.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|position| self.entries.get(*position))
    }

    /// What callers of a tenant see; `None` where there is no such tenant.
    pub(crate) fn view(&self, tenant: &str) -> Option<&View> {
        self.views.get(tenant)
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
    let approval = policy.and_then(|policy| policy.approval_required).unwrap_or(spec.approval);
    let mirrors = tool.listing().get("inputSchema").map(mirror::of_schema).unwrap_or_default();
    Entry { tool, approval, roles, mirrors }
}

fn view<'a>(entries: impl Iterator<Item = &'a Entry>, config: &Config) -> View {
    let mut listings: Vec<(&'static str, Value)> = Vec::new();
    for entry in entries {
        let spec = entry.tool.spec();
        let listing = entry.listing(config.server.list_outputs);
        if config.server.list_aliases {
            for alias in spec.aliases {
                let mut listing = listing.clone();
                if let Some(members) = listing.as_object_mut() {
                    members.insert("name".to_owned(), Value::String((*alias).to_owned()));
                }
                listings.push((alias, listing));
            }
        }
        listings.push((spec.name, listing));
    }
    listings.sort_by_key(|(name, _)| *name);
    let names = listings.iter().map(|(name, _)| *name).collect();
    let mut out = Vec::new();
    let values: Vec<Value> = listings.into_iter().map(|(_, listing)| listing).collect();
    write::value(&mut out, &values);
    View { tools_json: String::from_utf8_lossy(&out).into_owned(), names }
}
