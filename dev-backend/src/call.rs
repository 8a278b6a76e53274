//! A request as the work behind a route sees it: who asks, for which tenant, with which arguments.

mod context;

use axum::http::{HeaderMap, Method, Uri, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::fetch::Fetch;
use crate::hooks::Hooks;
use crate::ids::Ids;

pub(crate) use context::Context;

/// One request.
pub(crate) struct Call {
    pub(crate) context: Context,
    /// What tells the time while the request is served.
    pub(crate) clock: Clock,
    /// What new things are called.
    pub(crate) ids: Ids,
    /// What opens pages that the arguments name.
    pub(crate) fetch: Option<Fetch>,
    /// The arguments, without the context.
    arguments: Json,
}

// === impl Call ===

impl Call {
    /// Reads a request. A GET carries its arguments in the query and its body is not read; every other
    /// method carries them in a JSON body.
    ///
    /// # Errors
    /// A body that is no JSON object or not declared as JSON, no tenant or actor, a contradiction.
    pub(crate) fn read(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        hooks: &Hooks,
    ) -> Result<Self, Failure> {
        let mut arguments = if method == Method::GET { query(uri)? } else { object(headers, body)? };
        let context = Context::take(headers, &mut arguments)?;
        let Hooks { clock, fetch } = hooks.clone();
        Ok(Self { context, clock, ids: Ids::by_chance(), fetch, arguments: Json::Object(arguments) })
    }

    /// A call that nobody sent: the service's own.
    pub(crate) const fn own(context: Context, clock: Clock, ids: Ids, arguments: Json) -> Self {
        Self { context, clock, ids, fetch: None, arguments }
    }

    /// Another request by the same caller.
    pub(crate) fn with_arguments(&self, arguments: Json) -> Self {
        let Self { context, clock, ids, fetch, .. } = self;
        let (context, clock, ids, fetch) = (context.clone(), clock.clone(), ids.clone(), fetch.clone());
        Self { context, clock, ids, fetch, arguments }
    }

    /// The arguments as the work's own input type.
    ///
    /// # Errors
    /// A missing, unknown or wrongly typed argument.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.arguments).map_err(|error| Failure::Malformed(error.to_string()))
    }
}

fn query(uri: &Uri) -> Result<Map<String, Json>, Failure> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| Failure::Malformed(format!("the query cannot be read: {error}")))?;
    let mut arguments = Map::new();
    for (name, value) in pairs.0 {
        if arguments.insert(name.clone(), Json::String(value)).is_some() {
            return Err(Failure::Malformed(format!("{name} is given twice")));
        }
    }
    Ok(arguments)
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Json>, Failure> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    // Asking for the declared type keeps web pages out: a browser sends JSON elsewhere only after asking.
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::NotJson);
    }
    match serde_json::from_slice(body) {
        Ok(Json::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(Failure::Malformed("the body must be a JSON object".to_owned())),
        Err(error) => Err(Failure::Malformed(format!("the body is not JSON: {error}"))),
    }
}
