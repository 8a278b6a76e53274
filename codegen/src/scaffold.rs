//! A new manifest from a few words, held against all rules before it is handed out.

use crate::check::names::is_snake_case;
use crate::ir::{
    Effect, Element, Format, List, Method, Number, Param, Place, Presence, Property, Roles, Shape, Target,
    Text, Tool,
};
use crate::manifest::Kind;
use crate::write::{DEFAULT_TIMEOUT, natural_place};
use crate::{GeneratedFile, Rejected, Tree, check_together, write};

/// What is known of a tool that is to be.
#[derive(Clone, Debug)]
pub struct NewTool {
    /// Its folder.
    pub domain: String,
    /// Its file, without domain.
    pub stem: String,
    /// Short name for people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// `read`, `write` or `destructive`.
    pub effect: String,
    /// Whether a person approves each call.
    pub approval: bool,
    /// A service of `services.yaml`.
    pub backend: String,
    /// Method and path.
    pub request: String,
    /// Parameters, each as [`NewTool::PARAM`] says.
    pub params: Vec<String>,
}

/// Why there is no new manifest.
#[derive(Debug)]
pub enum NotMade {
    /// Something of a [`NewTool`] that cannot be read.
    NotUnderstood(String),
    /// There is such a manifest.
    Taken(String),
    /// With it, the manifests would have these problems.
    Refused(Rejected),
}

impl NewTool {
    /// How a parameter is written.
    pub const PARAM: &str = "NAME:TYPE[!][=DESCRIPTION], where `!` makes it required and TYPE is string, integer, \
                             number, boolean, object, any, email, date, date-time, uri, uuid, a list of words such \
                             as open|closed, or one of these with [] for a list";

    /// The new manifest and its path below the folder of the others.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn make(&self, manifests: &Tree, shown_as: &str) -> Result<GeneratedFile, NotMade> {
        for name in [&self.domain, &self.stem] {
            // A name may not lead out of the folder.
            if !is_snake_case(name) {
                return Err(NotMade::NotUnderstood(format!("`{name}` is not snake_case")));
            }
        }
        let file = GeneratedFile {
            path: format!("{}/{}.yaml", self.domain, self.stem),
            text: write::manifest(&self.tool().map_err(NotMade::NotUnderstood)?),
        };
        if manifests.read(&file.path).is_ok() {
            return Err(NotMade::Taken(file.path));
        }
        check_together(manifests, std::slice::from_ref(&file), shown_as).map_err(NotMade::Refused)?;
        Ok(file)
    }

    /// Whether this is an effect.
    ///
    /// # Errors
    /// What would be one.
    pub fn reads_effect(word: &str) -> Result<(), String> {
        effect(word).map(|_| ())
    }

    /// Whether this is a method and a path.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn reads_request(request: &str) -> Result<(), String> {
        self::request(request).map(|_| ())
    }

    /// Whether this is a parameter, as [`NewTool::PARAM`] says.
    ///
    /// # Errors
    /// How one is written.
    pub fn reads_param(spec: &str) -> Result<(), String> {
        ParamSpec::read(spec).map(|_| ())
    }

    fn tool(&self) -> Result<Tool, String> {
        let (method, path) = request(&self.request)?;
        let target = Target::Backend { service: self.backend.clone(), method, path: path.to_owned() };
        let params: Result<Vec<Param>, String> =
            self.params.iter().map(|spec| param(spec, &target)).collect();
        Ok(Tool {
            domain: self.domain.clone(),
            stem: self.stem.clone(),
            name: format!("{}_{}", self.domain, self.stem),
            aliases: vec![format!("{}.{}", self.domain, self.stem)],
            title: self.title.clone(),
            description: self.description.clone(),
            effect: effect(&self.effect)?,
            approval: self.approval,
            roles: Roles::Default,
            target,
            timeout: DEFAULT_TIMEOUT,
            rate_limit: None,
            params: params?,
            output: None,
            examples: Vec::new(),
        })
    }
}

/// A parameter as it is written, taken apart.
struct ParamSpec<'s> {
    name: &'s str,
    shape: Shape,
    required: bool,
    description: Option<&'s str>,
}

fn effect(word: &str) -> Result<Effect, String> {
    let found = Effect::WORDS.iter().find(|(name, _)| *name == word);
    found.map(|(_, effect)| *effect).ok_or(format!("the effect is read, write or destructive, not `{word}`"))
}

fn request(text: &str) -> Result<(Method, &str), String> {
    let (word, path) =
        text.split_once(' ').ok_or("a request is a method and a path, such as `POST /count`")?;
    let method = Method::WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    let methods = || Method::WORDS.map(|(name, _)| name).join(", ");
    let (_, method) =
        method.ok_or_else(|| format!("there is no method `{word}`; there are {}", methods()))?;
    Ok((*method, path.trim()))
}

fn param(spec: &str, target: &Target) -> Result<Param, String> {
    let ParamSpec { name, shape, required, description } = ParamSpec::read(spec)?;
    let place = natural_place(name, target);
    let description = match description {
        Some(description) => description.to_owned(),
        None => format!("The {}, as the service takes it", name.replace('_', " ")),
    };
    let sensitive = crate::check::privacy::looks_secret(name, &shape);
    // A parameter in the path cannot be left out.
    let required = required || place == Place::Path;
    let property = Property {
        name: name.to_owned(),
        wire: name.to_owned(),
        presence: if required { Presence::Required } else { Presence::Optional },
        element: Element { description: Some(description), sensitive, shape },
    };
    Ok(Param { place, property })
}

// === impl ParamSpec ===

impl<'s> ParamSpec<'s> {
    fn read(spec: &'s str) -> Result<Self, String> {
        let wrong = || format!("`{spec}` is no parameter; write {}", NewTool::PARAM);
        let (name, rest) = spec.split_once(':').ok_or_else(wrong)?;
        let (kind, description) = match rest.split_once('=') {
            Some((kind, description)) => (kind, Some(description.trim())),
            None => (rest, None),
        };
        let (kind, required) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
        let shape = shape(kind).ok_or_else(wrong)?;
        Ok(Self { name, shape, required, description })
    }
}

fn shape(kind: &str) -> Option<Shape> {
    if let Some(item) = kind.strip_suffix("[]") {
        let item = Element { description: None, sensitive: false, shape: shape(item)? };
        return Some(Shape::List(List {
            item: Box::new(item),
            min_items: None,
            max_items: None,
            unique: false,
        }));
    }
    if kind.contains('|') {
        return Some(Shape::Choice(kind.split('|').map(str::to_owned).collect()));
    }
    if let Some((_, format)) = Format::WORDS.iter().find(|(word, _)| *word == kind) {
        return Some(Shape::Text(Text { format: Some(*format), ..Text::default() }));
    }
    let (_, kind) = Kind::WORDS.iter().find(|(word, _)| *word == kind)?;
    match kind {
        Kind::String => Some(Shape::Text(Text::default())),
        Kind::Integer => Some(Shape::Integer { minimum: None, maximum: None }),
        Kind::Number => Some(Shape::Number(Number::default())),
        Kind::Boolean => Some(Shape::Flag),
        // What a list holds has to be said: `string[]`.
        Kind::Array => None,
        Kind::Object => Some(Shape::FreeObject),
        Kind::Any => Some(Shape::Any),
    }
}
