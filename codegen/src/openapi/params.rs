//! The parameters of an operation, from its path, query, headers and body.

use diagnostics::Span;
use diagnostics::yaml::{Node, Value};

use super::document::{entries, get, items, text};
use super::names;
use super::notes;
use super::schema::{Schemas, Side};
use crate::check::header;
use crate::check::place::CONTEXT;
use crate::check::privacy;
use crate::check::schema::MAX_DESCRIPTION;
use crate::ir::{Method, Param, Place, Property, Shape};

/// Why an operation cannot become a tool, and where that stands.
pub(super) type LeftOut = (Span, String);

/// Collects the parameters of one operation.
pub(super) struct Params<'a, 'd> {
    pub(super) schemas: Schemas<'a, 'd>,
    pub(super) method: Method,
    /// Whether the document is one of our own, whose texts are taken as they are.
    pub(super) own: bool,
    pub(super) found: Vec<Param>,
    /// The names that the path of the document has, and those that took their place.
    pub(super) in_path: Vec<(String, String)>,
}

impl<'a> Params<'a, '_> {
    /// Takes in the parameters of a path and of its operation, which go before those.
    pub(super) fn parameters(
        &mut self,
        of_path: Option<&'a Node>,
        of_operation: Option<&'a Node>,
    ) -> Result<(), LeftOut> {
        let document = self.schemas.document;
        let resolve = |node: &'a Node| {
            document
                .resolve(node)
                .ok_or((node.span, "a parameter by a reference that leads nowhere".to_owned()))
        };
        let own: Result<Vec<&Node>, LeftOut> = items(of_operation).iter().map(resolve).collect();
        let own = own?;
        let key = |node: &Node| {
            (text(get(node, "name")).map(str::to_owned), text(get(node, "in")).map(str::to_owned))
        };
        let mut all = Vec::new();
        for node in items(of_path) {
            let node = resolve(node)?;
            if !own.iter().any(|one| key(one) == key(node)) {
                all.push(node);
            }
        }
        all.extend(own);
        for node in all {
            self.parameter(node)?;
        }
        Ok(())
    }

    fn parameter(&mut self, node: &'a Node) -> Result<(), LeftOut> {
        let document = self.schemas.document;
        let name = text(get(node, "name")).unwrap_or_default();
        let required = get(node, "required").is_some_and(|node| node.value == Value::Bool(true));
        let word = text(get(node, "in")).unwrap_or_default();
        let place = Place::WORDS.iter().find(|(known, _)| *known == word).map(|(_, place)| *place);
        let drop = |why: &str| -> Result<(), LeftOut> {
            if required {
                return Err((node.span, format!("the required parameter `{name}` {why}")));
            }
            document.lost(node.span, format!("the parameter `{name}` is left out: it {why}"));
            Ok(())
        };
        let Some(place) = place.filter(|place| *place != Place::Body) else {
            return drop(&format!("stands in `{word}`, where a tool has none"));
        };
        if place == Place::Header
            && let Some(why) = header::refusal(name)
        {
            document.lost(node.span, format!("the header `{name}` is left out: {why}"));
            return Ok(());
        }
        let Some(schema) = get(node, "schema") else {
            return drop("has no schema");
        };
        let element = self.schemas.element(schema, &[], 1);
        let fits = match (&element.shape, place) {
            (shape, _) if shape.is_scalar() => true,
            (Shape::List(list), Place::Query) => list.item.shape.is_scalar(),
            _ => false,
        };
        if !fits {
            return drop("is a list, an object or of any type, which cannot stand there");
        }
        let style = text(get(node, "style"));
        let natural = if place == Place::Query { "form" } else { "simple" };
        let joined = get(node, "explode").is_some_and(|node| node.value == Value::Bool(false));
        let list = matches!(element.shape, Shape::List(_));
        if style.is_some_and(|style| style != natural) || (joined && list) {
            return drop("is written in a style that a tool does not have");
        }
        for entry in entries(node) {
            let key = entry.key.value.as_str();
            const KNOWN: [&str; 8] =
                ["name", "in", "required", "description", "schema", "style", "explode", "x-name"];
            if key.starts_with("x-") || ["example", "examples", "deprecated"].contains(&key) {
                document.passed_over(key, entry.key.span);
            } else if !KNOWN.contains(&key) {
                document.lost(entry.key.span, format!("`{key}` has no counterpart here"));
            }
        }
        let default = document.parts(schema, &[]).and_then(|parts| parts.get("default"));
        let presence = self.schemas.presence(required || place == Place::Path, default, &element.shape);
        let described = get(node, "description").and_then(|node| self.schemas.prose(node, MAX_DESCRIPTION));
        let description = described.or(element.description.clone());
        let element = crate::ir::Element { description, ..element };
        let property = Property { name: name.to_owned(), wire: name.to_owned(), presence, element };
        self.add(place, property, text(get(node, "x-name")), node)
    }

    /// Takes in the body, whose properties are parameters.
    pub(super) fn body(&mut self, body: Option<&'a Node>) -> Result<(), LeftOut> {
        let document = self.schemas.document;
        let Some(body) = body else { return Ok(()) };
        let body = document
            .resolve(body)
            .ok_or((body.span, "a body by a reference that leads nowhere".to_owned()))?;
        let required = get(body, "required").is_some_and(|node| node.value == Value::Bool(true));
        let drop = |at: Span, why: &str| -> Result<(), LeftOut> {
            if required || self.method.has_body() {
                return Err((at, why.to_owned()));
            }
            document.lost(at, why);
            Ok(())
        };
        if !self.method.has_body() {
            return drop(body.span, "a body beside GET or DELETE");
        }
        let content = get(body, "content").map(entries).unwrap_or_default();
        let is_json =
            |media: &str| media.starts_with("application/json") || media.ends_with("+json") || media == "*/*";
        let Some(media) = content.iter().find(|entry| is_json(&entry.key.value)) else {
            return drop(body.span, "the body is no JSON");
        };
        for other in content.iter().filter(|other| other.key.value != media.key.value) {
            document.lost(other.key.span, format!("the body is sent as {} only", media.key.value));
        }
        for key in ["example", "examples"] {
            if let Some(node) = get(&media.value, key).filter(|node| node.value != Value::Null) {
                document.passed_over(key, node.span);
            }
        }
        let Some(schema) = get(&media.value, "schema") else {
            return drop(media.key.span, "nothing is known of the body");
        };
        let parts = document.parts(schema, &[]);
        let parts = parts
            .ok_or((schema.span, "the body is of a schema that leads nowhere or in a circle".to_owned()))?;
        let several = parts.get("oneOf").or_else(|| parts.get("anyOf"));
        let properties = parts.all("properties").flat_map(entries).next().is_some();
        if let (Some(node), _) | (None, (false, Some(node))) = (several, (properties, Some(schema))) {
            // An empty object of our own is a body without parameters.
            if self.own && several.is_none() {
                return Ok(());
            }
            return drop(node.span, "the body is not an object with named properties");
        }
        if let Some(node) = parts.get("additionalProperties").filter(|node| node.value != Value::Bool(false))
        {
            document.lost(node.span, "only the properties that are named can be given");
        }
        for (name, node) in
            parts.all("properties").flat_map(entries).map(|entry| (&entry.key.value, &entry.value))
        {
            if CONTEXT.contains(&name.as_str()) {
                document.lost(node.span, format!("`{name}` is left out: the gateway sends it"));
            }
        }
        for property in self.schemas.object(&parts, 1) {
            if CONTEXT.contains(&property.wire.as_str()) {
                continue;
            }
            let own = property.name.clone();
            self.add(Place::Body, property, self.own.then_some(own.as_str()), schema)?;
        }
        Ok(())
    }

    /// Adds a parameter under a name that is not taken.
    fn add(
        &mut self,
        place: Place,
        mut property: Property,
        own: Option<&str>,
        at: &'a Node,
    ) -> Result<(), LeftOut> {
        let document = self.schemas.document;
        if CONTEXT.contains(&property.wire.as_str()) {
            document.lost(at.span, format!("`{}` is left out: the gateway sends it", property.wire));
            return Ok(());
        }
        let mut taken: Vec<String> = self.found.iter().map(|param| param.property.name.clone()).collect();
        taken.extend(CONTEXT.map(str::to_owned));
        property.name = match own {
            Some(own) => own.to_owned(),
            None => names::param(&property.wire, &taken),
        };
        if place == Place::Path {
            self.in_path.push((property.wire.clone(), property.name.clone()));
            property.wire = property.name.clone();
        }
        if !self.own {
            property.element.sensitive |= privacy::looks_secret(&property.name, &property.element.shape);
            if property.element.description.is_none() {
                let words = property.name.replace('_', " ");
                property.element.description = Some(format!("The {words}, as the service takes it"));
                document.note(notes::ADDED, at.span, format!("`{}` has no description", property.wire));
            }
        }
        self.found.push(Param { place, property });
        Ok(())
    }
}

impl Schemas<'_, '_> {
    /// The same for what comes back.
    pub(super) fn of_answers(self) -> Self {
        Self { side: Side::Answer, ..self }
    }
}
