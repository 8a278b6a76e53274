//! JSON that keeps its spelling, because `5`, `5.0` and `5e0` are one value and three texts.

use serde_json::Value;

/// A JSON value as it will be written.
#[derive(Clone, Debug)]
pub(super) enum Document {
    /// Anything, already spelled.
    Spelled(String),
    List(Vec<Document>),
    Object(Vec<(String, Document)>),
}

impl Document {
    pub(super) fn spelled(text: impl Into<String>) -> Self {
        Self::Spelled(text.into())
    }

    /// The JSON text.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// The value without those members that count as absent: null for a parameter that is not required.
    pub(super) fn value_without_absent(&self, schema: &Value) -> Value {
        let mut out = String::new();
        self.write(&mut out, Some(schema));
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("generated {out}: {error}"))
    }

    fn write(&self, out: &mut String, without_absent: Option<&Value>) {
        match self {
            Self::Spelled(text) => out.push_str(text),
            Self::List(items) => {
                let schema = without_absent.map(|schema| &schema["items"]);
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out, schema);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let kept = members.iter().filter(|(name, member)| {
                    !without_absent.is_some_and(|schema| is_absent(schema, name, member))
                });
                out.push('{');
                for (index, (name, member)) in kept.enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::from(name.as_str()).to_string());
                    out.push(':');
                    member.write(out, without_absent.map(|schema| &schema["properties"][name.as_str()]));
                }
                out.push('}');
            }
        }
    }
}

fn is_absent(schema: &Value, name: &str, member: &Document) -> bool {
    let is_null = matches!(member, Document::Spelled(text) if text == "null");
    let declared = schema["properties"].get(name).is_some();
    is_null && declared && !is_required(schema, name)
}

/// Whether an object's schema asks for the member `name`.
pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}
