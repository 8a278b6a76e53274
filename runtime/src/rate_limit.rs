//! Exact limits on how often a tenant, an actor, a tool and a role may call.
//!
//! A call is counted in all of its windows or in none: one that is refused costs nothing. All windows of a call
//! belong to one tenant and are decided under one lock, so no two calls can take the same last place.

mod actors;
mod window;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actors::Actors;
use window::Window;

/// How often calls may be made, in calls per window.
#[derive(Clone, Debug)]
pub(crate) struct RateLimitSettings {
    pub(crate) window: Duration,
    /// Of a tenant that has no limit of its own.
    pub(crate) per_tenant: u32,
    pub(crate) tenants: BTreeMap<String, u32>,
    /// Of one actor of a tenant.
    pub(crate) per_actor: u32,
    /// Of tools within a tenant.
    pub(crate) tools: BTreeMap<String, ToolLimits>,
}

/// The limits of one tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolLimits {
    /// Of all calls.
    pub(crate) limit: Option<u32>,
    /// Of calls by a role.
    pub(crate) roles: BTreeMap<String, u32>,
}

impl RateLimitSettings {
    /// How often a tenant may call.
    pub(crate) fn of_tenant(&self, tenant: &str) -> u32 {
        self.tenants.get(tenant).copied().unwrap_or(self.per_tenant)
    }
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60),
            per_tenant: 120,
            tenants: BTreeMap::new(),
            per_actor: 60,
            tools: BTreeMap::new(),
        }
    }
}

/// A call that wants to be admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) actor: &'a str,
    /// The tool's own name, whatever it was called by.
    pub(crate) tool: &'static str,
    pub(crate) role: Option<&'a str>,
    /// The limit of the tool's manifest; one of the configuration goes before it.
    pub(crate) tool_limit: Option<u32>,
}

/// The window that leaves a caller the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Until a call more may be made; zero while some remain.
    pub(crate) retry_after: Duration,
}

/// All windows of all tenants.
#[derive(Debug)]
pub(crate) struct RateLimits {
    settings: RateLimitSettings,
    tenants: BTreeMap<String, Mutex<Tenant>>,
}

impl RateLimits {
    /// Limits for these tenants; a call of any other is not admitted.
    pub(crate) fn new<'t>(
        settings: RateLimitSettings,
        tenants: impl IntoIterator<Item = &'t String>,
    ) -> Self {
        let tenants = tenants.into_iter().map(|tenant| (tenant.clone(), Mutex::default())).collect();
        Self { settings, tenants }
    }

    /// Counts a call in all of its windows, or says which is full. The time is read under the lock that decides,
    /// so that within a tenant it never goes back.
    pub(crate) fn admit(
        &self,
        request: Request<'_>,
        clock: impl FnOnce() -> Duration,
    ) -> Result<Quota, Quota> {
        let full = Quota { limit: 0, remaining: 0, retry_after: self.settings.window };
        let Some(tenant) = self.tenants.get(request.tenant) else { return Err(full) };
        let mut tenant = tenant.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock();
        tenant.actors.forget_idle(now, self.settings.window);
        tenant.admit(&self.settings, request, now).unwrap_or(Err(full))
    }
}

/// The windows of one tenant.
#[derive(Debug, Default)]
struct Tenant {
    all: Window,
    tools: HashMap<&'static str, Window>,
    roles: HashMap<&'static str, HashMap<String, Window>>,
    actors: Actors,
}

impl Tenant {
    /// `None` where there is no room for another actor.
    fn admit(
        &mut self,
        settings: &RateLimitSettings,
        request: Request<'_>,
        now: Duration,
    ) -> Option<Result<Quota, Quota>> {
        let length = settings.window;
        let Self { all, tools, roles, actors } = self;
        let of_tool = settings.tools.get(request.tool);
        let tool_limit = of_tool.and_then(|limits| limits.limit).or(request.tool_limit);
        let role_limit =
            request.role.zip(of_tool).and_then(|(role, limits)| Some((role, *limits.roles.get(role)?)));
        let tenant_limit = settings.of_tenant(request.tenant);
        let of_actor = actors.window(request.actor, now, length)?;
        let mut windows = [
            Some((all, tenant_limit)),
            Some((of_actor, settings.per_actor)),
            tool_limit.map(|limit| (tools.entry(request.tool).or_default(), limit)),
            role_limit.and_then(|(role, limit)| Some((of_role(roles, request.tool, role)?, limit))),
        ];
        let mut tightest: Option<Quota> = None;
        for (window, limit) in windows.iter_mut().flatten() {
            let used = u32::try_from(window.used(now, length)).unwrap_or(u32::MAX);
            let quota = Quota {
                limit: *limit,
                remaining: limit.saturating_sub(used),
                retry_after: window.wait(now, length, *limit as usize),
            };
            let tighter =
                |other: &Quota| (quota.remaining, other.retry_after) < (other.remaining, quota.retry_after);
            if tightest.as_ref().is_none_or(tighter) {
                tightest = Some(quota);
            }
        }
        let mut quota = tightest?;
        if quota.remaining == 0 {
            return Some(Err(quota));
        }
        windows.iter_mut().flatten().for_each(|(window, _)| window.admit(now));
        quota.remaining -= 1;
        Some(Ok(quota))
    }
}

/// The window of a role for a tool. Its name is copied for the first call alone.
fn of_role<'w>(
    roles: &'w mut HashMap<&'static str, HashMap<String, Window>>,
    tool: &'static str,
    role: &str,
) -> Option<&'w mut Window> {
    let of_tool = roles.entry(tool).or_default();
    if !of_tool.contains_key(role) {
        of_tool.insert(role.to_owned(), Window::default());
    }
    of_tool.get_mut(role)
}

#[cfg(test)]
mod tests;
