//! A tool as the text of a manifest: reading it again gives the same tool.

use std::time::Duration;

use crate::check::privacy;
use crate::emit::schema;
use crate::ir::{
    Effect, Element, List, Number, Param, Place, Presence, Property, Roles, Shape, Target, Tool,
};
use crate::manifest::property::Language;

mod yaml;

use yaml::{Mapping, flow, flow_text};

/// What a tool answers within if its manifest says nothing.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The manifest of a tool.
pub(crate) fn manifest(tool: &Tool) -> String {
    let mut out = Mapping::default();
    out.text("title", &tool.title);
    out.text("description", &tool.description);
    out.word("effect", tool.effect.word());
    if tool.approval || tool.effect != Effect::Read {
        out.word("approval", if tool.approval { "required" } else { "none" });
    }
    // `default` written out would say that somebody has decided on it.
    if let Roles::Only(roles) = &tool.roles {
        out.word("roles", &list(roles));
    }
    out.word("aliases", &list(&tool.aliases));
    match &tool.target {
        Target::Backend { service, method, path } => {
            out.word("backend", service);
            // A path may hold braces, which mean nothing outside of flow style.
            out.word("request", &format!("{} {path}", method.word()));
        }
        Target::Native { handler } => out.word("handler", handler),
    }
    if tool.timeout != DEFAULT_TIMEOUT {
        out.word("timeout", &duration(tool.timeout));
    }
    if let Some(limit) = tool.rate_limit {
        out.word("rate_limit", &limit.to_string());
    }
    if !tool.params.is_empty() {
        let mut params = Mapping::default();
        for param in &tool.params {
            params.mapping(&param.property.name, parameter(param, &tool.target));
        }
        out.mapping("params", params);
    }
    if let Some(output) = &tool.output {
        out.mapping("output", properties(output, Language::Output));
    }
    if !tool.examples.is_empty() {
        out.items("examples", tool.examples.iter().map(flow));
    }
    out.render()
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| flow_text(word)).collect();
    format!("[{}]", words.join(", "))
}

fn duration(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

fn parameter(param: &Param, target: &Target) -> Mapping {
    let mut out = property(&param.property, Language::Params);
    if param.place != natural_place(&param.property.name, target) {
        out.word("in", param.place.word());
    }
    out.arrange()
}

/// The place of a parameter that says nothing about it.
pub(crate) fn natural_place(name: &str, target: &Target) -> Place {
    match target {
        Target::Native { .. } => Place::Body,
        Target::Backend { path, .. } if path.contains(&format!("{{{name}}}")) => Place::Path,
        Target::Backend { method, .. } if method.has_body() => Place::Body,
        Target::Backend { .. } => Place::Query,
    }
}

fn properties(list: &[Property], language: Language) -> Mapping {
    let mut out = Mapping::default();
    for one in list {
        out.mapping(&one.name, property(one, language).arrange());
    }
    out
}

fn property(property: &Property, language: Language) -> Mapping {
    let mut out = element(&property.element, language);
    let harmless = language == Language::Params && !property.element.sensitive;
    if harmless && privacy::looks_secret(&property.name, &property.element.shape) {
        out.word("sensitive", "false");
    }
    match &property.presence {
        Presence::Required => out.word("required", "true"),
        Presence::Default(value) => out.word("default", &flow(value)),
        Presence::Optional => {}
    }
    if property.wire != property.name {
        out.word("as", &flow_text(&property.wire));
    }
    out
}

fn element(element: &Element, language: Language) -> Mapping {
    let mut out = Mapping::default();
    out.word("type", element.shape.word());
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            out.word(key, &value);
        }
    };
    match &element.shape {
        Shape::Text(text) => {
            put("minLength", text.min_length.map(|bound| bound.to_string()));
            put("maxLength", text.max_length.map(|bound| bound.to_string()));
            put("pattern", text.pattern.as_deref().map(flow_text));
            put("format", text.format.map(|format| format.word().to_owned()));
        }
        Shape::Choice(choices) => put("enum", Some(list(choices))),
        Shape::Integer { minimum, maximum } => {
            put("minimum", minimum.map(|bound| bound.to_string()));
            put("maximum", maximum.map(|bound| bound.to_string()));
        }
        Shape::Number(Number { minimum, maximum, exclusive_minimum, exclusive_maximum }) => {
            let bound = |bound: Option<f64>| bound.map(|bound| flow(&schema::number(bound)));
            put("minimum", bound(*minimum));
            put("maximum", bound(*maximum));
            put("exclusiveMinimum", bound(*exclusive_minimum));
            put("exclusiveMaximum", bound(*exclusive_maximum));
        }
        Shape::List(List { min_items, max_items, unique, .. }) => {
            put("minItems", min_items.map(|bound| bound.to_string()));
            put("maxItems", max_items.map(|bound| bound.to_string()));
            put("uniqueItems", unique.then(|| "true".to_owned()));
        }
        Shape::Record(_) | Shape::Flag | Shape::FreeObject | Shape::Any => {}
    }
    put("sensitive", element.sensitive.then(|| "true".to_owned()));
    put("description", element.description.as_deref().map(flow_text));
    match &element.shape {
        Shape::List(list) => out.mapping("items", self::element(&list.item, language).arrange()),
        Shape::Record(inner) => out.mapping("properties", properties(inner, language)),
        _ => {}
    }
    out
}
