//! Who asks and for which tenant. The gateway says so twice, in headers and in the body, and both must
//! agree. This service believes it: it stands behind the gateway and trusts its word.

use axum::http::HeaderMap;
use serde_json::{Map, Value as Json};

use crate::failure::Failure;

/// The longest context value in characters.
const LONGEST: usize = 200;

/// Who asks, and for whom.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) actor_role: Option<String>,
    pub(crate) correlation_id: Option<String>,
}

// === impl Context ===

impl Context {
    /// Takes the context out of headers and arguments.
    ///
    /// # Errors
    /// A missing tenant or actor, a header and an argument that disagree, an unusable value.
    pub(crate) fn take(headers: &HeaderMap, arguments: &mut Map<String, Json>) -> Result<Self, Failure> {
        // Approval is the gateway's business; whatever reaches this service has it.
        arguments.remove("user_approved");
        Ok(Self {
            tenant: required("x-tenant-id", "tenant_id", headers, arguments)?,
            actor: required("x-actor", "actor", headers, arguments)?,
            actor_role: one("x-actor-role", "actor_role", headers, arguments)?,
            correlation_id: one("x-correlation-id", "correlation_id", headers, arguments)?,
        })
    }
}

fn required(
    header: &str,
    key: &str,
    headers: &HeaderMap,
    arguments: &mut Map<String, Json>,
) -> Result<String, Failure> {
    one(header, key, headers, arguments)?.ok_or_else(|| {
        Failure::Malformed(format!("{key} is missing: send it as the header {header} or in the arguments"))
    })
}

fn one(
    header: &str,
    key: &str,
    headers: &HeaderMap,
    arguments: &mut Map<String, Json>,
) -> Result<Option<String>, Failure> {
    let mut values = headers.get_all(header).iter();
    let in_header = match (values.next(), values.next()) {
        (Some(value), None) => Some(
            std::str::from_utf8(value.as_bytes())
                .map_err(|_| Failure::Malformed(format!("the header {header} is not UTF-8")))?
                .to_owned(),
        ),
        (Some(_), Some(_)) => return Err(Failure::Malformed(format!("the header {header} is given twice"))),
        (None, _) => None,
    };
    let in_arguments = match arguments.remove(key) {
        None | Some(Json::Null) => None,
        Some(Json::String(value)) => Some(value),
        Some(_) => return Err(Failure::Malformed(format!("{key} must be a string"))),
    };
    let value = match (in_header, in_arguments) {
        (Some(one), Some(other)) if one != other => {
            return Err(Failure::Malformed(format!("the header {header} and the argument {key} disagree")));
        }
        (one, other) => one.or(other),
    };
    match value {
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) if text.chars().count() > LONGEST || text.chars().any(char::is_control) => {
            Err(Failure::Malformed(format!(
                "{key} must have at most {LONGEST} characters, none a control character"
            )))
        }
        value => Ok(value),
    }
}
