//! Additions to what a record shows of itself, where an answer has more to say.

use serde_json::Value as Json;

/// The object with one more field, or another value of it.
pub(crate) fn with(mut object: Json, field: &str, value: Json) -> Json {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    object
}
