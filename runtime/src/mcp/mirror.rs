//! Arguments that a tool's schema asks clients to repeat in headers (`x-mcp-header`), so that a proxy can
//! route by them. As with the other headers, they must say what the body says.

use http::HeaderMap;
use serde_json::Value;

use super::header;
use super::reply::RpcError;

/// The schema's keyword for the name of a header.
const KEYWORD: &str = "x-mcp-header";

/// One argument that is repeated in a header.
#[derive(Debug)]
pub(crate) struct Mirror {
    /// Names of the properties that lead to the argument.
    path: Vec<String>,
    /// Name of the header, in lower case.
    header: String,
}

/// The mirrored arguments of an input schema: only those that a chain of `properties` reaches.
pub(crate) fn of_schema(schema: &Value) -> Vec<Mirror> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found);
    found
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirror>) {
    if let Some(name) = schema.get(KEYWORD).and_then(Value::as_str) {
        found.push(Mirror { path: path.clone(), header: format!("mcp-param-{}", name.to_ascii_lowercase()) });
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        collect(property, path, found);
        path.pop();
    }
}

/// Checks every mirrored header against the arguments, a JSON text.
pub(super) fn check(
    mirrors: &[Mirror],
    headers: &HeaderMap,
    arguments: Option<&str>,
) -> Result<(), RpcError> {
    if mirrors.is_empty() {
        return Ok(());
    }
    let arguments: Value = serde_json::from_str(arguments.unwrap_or("{}")).unwrap_or_default();
    for Mirror { path, header: name } in mirrors {
        let argument =
            path.iter().try_fold(&arguments, |value, step| value.get(step)).filter(|value| !value.is_null());
        let value = header::single(headers, name)?.map(|value| header::decode(&value)).transpose()?;
        let same = match (argument, value.as_deref()) {
            (None, None) => true,
            (Some(Value::String(text)), Some(value)) => text == value,
            (Some(Value::Bool(flag)), Some(value)) => value == if *flag { "true" } else { "false" },
            // Compared as numbers: 7 and 7.0 are one.
            (Some(Value::Number(number)), Some(value)) => {
                number.as_f64().is_some_and(|number| value.parse() == Ok(number))
            }
            _ => false,
        };
        if !same {
            return Err(RpcError::header_mismatch(&format!(
                "{name} differs from the argument {}",
                path.join(".")
            )));
        }
    }
    Ok(())
}
