//! The language as JSON Schema, for editors: they complete its keys, show their meaning and underline mistakes.
//!
//! It refuses nothing that the check takes. The check refuses more, since much of the language lies between
//! keys and files.

use serde_json::{Map, Value, json};

use super::{Form, Key, MANIFEST, Needed, Of, PROPERTY, formats, methods, types};

/// A property and the keys that mean nothing there.
struct Variant {
    name: &'static str,
    text: &'static str,
    without: &'static [&'static str],
    described: bool,
    item: &'static str,
    inner: &'static str,
}

const VARIANTS: [Variant; 5] = [
    Variant {
        name: "parameter",
        text: "A parameter of the tool.",
        without: &[],
        described: true,
        item: "item",
        inner: "property",
    },
    Variant {
        name: "property",
        text: "A property of an object inside a parameter.",
        without: &["in"],
        described: false,
        item: "item",
        inner: "property",
    },
    Variant {
        name: "item",
        text: "What a list inside a parameter holds.",
        without: &["required", "default", "in", "as"],
        described: false,
        item: "item",
        inner: "property",
    },
    Variant {
        name: "result",
        text: "A property of the result.",
        without: &["default", "in", "as", "sensitive"],
        described: false,
        item: "result_item",
        inner: "result",
    },
    Variant {
        name: "result_item",
        text: "What a list of the result holds.",
        without: &["required", "default", "in", "as", "sensitive"],
        described: false,
        item: "result_item",
        inner: "result",
    },
];

/// The JSON Schema of a manifest, as text that ends in a new line.
#[must_use]
pub fn manifest_schema() -> String {
    // The keys of a manifest itself refer to no variant.
    let [variant, ..] = &VARIANTS;
    let definitions: Map<String, Value> =
        VARIANTS.iter().map(|variant| (variant.name.to_owned(), property(variant))).collect();
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Manifest of a tool",
        "description": "One tool, described in one file: manifests/<domain>/<tool>.yaml is the tool <domain>_<tool>.",
        "type": "object",
        "required": names(MANIFEST.iter().filter(|key| key.needed == Needed::Always)),
        "properties": MANIFEST
            .iter()
            .map(|key| (key.name.to_owned(), described(key, form(key.form, variant))))
            .collect::<Map<_, _>>(),
        "additionalProperties": false,
        "allOf": [
            {
                "oneOf": [
                    {"required": ["backend", "request"], "not": {"required": ["handler"]}},
                    {"required": ["handler"], "not": {"anyOf": [{"required": ["backend"]}, {"required": ["request"]}]}},
                ],
            },
            {
                "if": {"properties": {"effect": {"enum": ["write", "destructive"]}}, "required": ["effect"]},
                "then": {"required": ["approval"]},
            },
            {
                "if": {"properties": {"effect": {"const": "destructive"}}, "required": ["effect"]},
                "then": {"properties": {"approval": {"const": "required"}}},
            },
        ],
        "definitions": definitions,
    });
    format!("{schema:#}\n")
}

fn names<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<&'static str> {
    keys.map(|key| key.name).collect()
}

fn property(variant: &Variant) -> Value {
    let known = || PROPERTY.iter().filter(|(_, key)| !variant.without.contains(&key.name));
    let properties: Map<String, Value> =
        known().map(|(_, key)| (key.name.to_owned(), described(key, form(key.form, variant)))).collect();
    let mut required = vec!["type"];
    if variant.described {
        required.push("description");
    }
    let mut rules: Vec<Value> = types().map(|kind| of_type(kind, known())).collect();
    rules.push(json!({
        "if": {"required": ["enum"]},
        "then": {"not": {"anyOf": [
            {"required": ["minLength"]}, {"required": ["maxLength"]},
            {"required": ["pattern"]}, {"required": ["format"]},
        ]}},
    }));
    json!({
        "description": variant.text,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
        "allOf": rules,
    })
}

/// The keys that a type obeys.
fn of_type<'k>(kind: &str, known: impl Iterator<Item = &'k (Of, Key)>) -> Value {
    let obeyed: Vec<&str> = known.filter(|(of, _)| of.holds_for(kind)).map(|(_, key)| key.name).collect();
    let mut then = json!({"propertyNames": {"enum": obeyed}});
    if let (true, Value::Object(then)) = (kind == "array", &mut then) {
        then.insert("required".to_owned(), json!(["items"]));
    }
    json!({"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": then})
}

fn described(key: &Key, form: Value) -> Value {
    let mut described = Map::new();
    described.insert("description".to_owned(), json!(key.text));
    if let Value::Object(form) = form {
        described.extend(form);
    }
    Value::Object(described)
}

fn form(form: Form, variant: &Variant) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/definitions/{name}")});
    let named = |name: &str| json!({"type": "object", "additionalProperties": reference(name)});
    match form {
        Form::Title => json!({"type": "string", "minLength": 1}),
        Form::Description => json!({"type": "string", "minLength": 1}),
        Form::Words(words) => json!({"enum": words}),
        Form::Types => json!({"enum": types().collect::<Vec<_>>()}),
        Form::Formats => json!({"enum": formats().collect::<Vec<_>>()}),
        Form::Roles => json!({
            "oneOf": [
                {"const": "default"},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": true},
            ],
        }),
        Form::Aliases => json!({
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z][a-z0-9_.-]{0,63}$"},
            "minItems": 1,
            "uniqueItems": true,
        }),
        Form::Service | Form::Handler => json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
        Form::Request => {
            let methods = methods().collect::<Vec<_>>().join("|");
            json!({"type": "string", "pattern": format!("^({methods}) /[A-Za-z0-9_.~/{{}}-]*$")})
        }
        Form::Timeout => json!({"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}),
        Form::RateLimit => json!({"type": "integer", "minimum": 1, "maximum": 1_000_000_000}),
        Form::Params => named("parameter"),
        Form::Output => named("result"),
        Form::Examples => json!({"type": "array", "items": {"type": "object"}}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Anything => json!({}),
        Form::WireName => json!({"type": "string", "minLength": 1}),
        Form::Length => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        Form::Pattern => json!({"type": "string", "format": "regex"}),
        Form::Choices => {
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true})
        }
        Form::Bound => json!({"type": "number"}),
        Form::Items => reference(variant.item),
        Form::Properties => {
            json!({"type": "object", "additionalProperties": reference(variant.inner), "minProperties": 1})
        }
    }
}
