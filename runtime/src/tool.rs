//! What a tool is to the runtime: a static description and one function that reads its arguments.
//!
//! Generated code holds a `static` [`Tool`] per manifest; tests build some by hand. A tool is plain data, so
//! all of them live in read-only memory and cost nothing at start.

use std::time::Duration;

use serde_json::{Value, json};

use crate::args::{Args, Place};
use crate::native::{NativeAnswer, NativeCall, NativeInput};
use crate::problem::Problem;
use crate::request_parts::{ObjectWriter, RequestParts};

/// Whether calling a tool changes something, and whether what it changes can be had back.
///
/// It decides the annotations that clients see and whether a lost call may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds or changes something.
    Write,
    /// Removes or overwrites something for good.
    Destructive,
}

impl Effect {
    /// The word that manifests use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }

    /// Whether a call must be accounted for even when its client goes away.
    pub(crate) fn changes_something(self) -> bool {
        self != Self::Read
    }
}

/// Which roles may call a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Those in `security.default_allowed_roles`.
    Default,
    /// Only these.
    Only(&'static [&'static str]),
}

/// The method of a backend request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Parameters go into the query.
    Get,
    /// Parameters go into a JSON body.
    Post,
    /// Parameters go into a JSON body.
    Put,
    /// Parameters go into a JSON body.
    Patch,
    /// Parameters go into the query.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request of this method carries a JSON body.
    pub(crate) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a backend service of the caller's tenant.
    Backend {
        /// The service's name in `tenants.<id>.services`.
        service: &'static str,
        /// Method of the request.
        method: Method,
        /// Path below the service's URL; `{name}` stands for an argument.
        path: &'static str,
    },
    /// To a function of the runtime itself.
    Native {
        /// Whether that function meets what strangers put there, as one does that fetches a page.
        open_world: bool,
    },
}

/// Everything about a tool that is known when the program is built.
#[derive(Debug)]
pub struct Spec {
    /// Name that agents see and call.
    pub name: &'static str,
    /// Further names that reach the same tool, the dotted one first.
    pub aliases: &'static [&'static str],
    /// Short name for people.
    pub title: &'static str,
    /// What the tool does, for the agent that chooses.
    pub description: &'static str,
    /// What a call does to the world.
    pub effect: Effect,
    /// Whether a person must approve each call.
    pub approval: bool,
    /// Who may call.
    pub roles: Roles,
    /// Where the call goes.
    pub target: Target,
    /// How long the target may take for the whole answer.
    pub timeout: Duration,
    /// Calls per window and tenant, where the manifest sets a limit.
    pub rate_limit: Option<u32>,
    /// JSON Schema of the arguments, as compact JSON text.
    pub input_schema: &'static str,
    /// JSON Schema of the result, as compact JSON text.
    pub output_schema: Option<&'static str>,
    /// Paths of arguments that no log may show, such as `secret` or `keys[].token`.
    pub sensitive: &'static [&'static str],
    /// Example arguments, each as compact JSON text.
    pub examples: &'static [&'static str],
}

impl Spec {
    /// Whether a call is on record before it is made, and not only once it is over: where it changes something, and
    /// where the tool is kept for certain roles, as those are that hand out what others may not see.
    pub(crate) fn announces(&self) -> bool {
        self.effect.changes_something() || self.roles != Roles::Default
    }
}

/// A struct that a tool's arguments are read into.
pub trait ToolInput: Sized + Send + 'static {
    /// Reads all arguments; `None` when there was any problem, and `args` then holds every one of them.
    fn decode(args: &mut Args<'_>) -> Option<Self>;

    /// Writes the arguments to their places in the backend request.
    fn encode(&self, request: &mut RequestParts);
}

/// A struct that an object inside the arguments is read into.
pub trait ObjectInput: Sized + Send + 'static {
    /// Reads all properties; `None` when there was any problem, and `args` then holds every one of them.
    fn decode(args: &mut Args<'_>) -> Option<Self>;

    /// Writes the properties as JSON.
    fn encode(&self, object: &mut ObjectWriter<'_>);
}

/// A call whose arguments are read.
pub(crate) struct Prepared {
    /// The arguments in their places, and so in one form whatever their order, spelling and defaults.
    pub(crate) request: RequestParts,
    /// The function of the runtime that answers, where no backend does.
    pub(crate) native: Option<RunNative>,
}

/// A native tool with its arguments.
pub(crate) type RunNative = Box<dyn FnOnce(NativeCall) -> NativeAnswer + Send>;

/// A tool: its description and the function that reads its arguments.
#[derive(Debug)]
pub struct Tool {
    spec: &'static Spec,
    prepare: fn(&'static Spec, &mut Args<'_>) -> Option<Prepared>,
}

impl Tool {
    /// A tool whose calls are forwarded to a backend service.
    pub const fn new<I: ToolInput>(spec: &'static Spec) -> Self {
        Self { spec, prepare: prepare_request::<I> }
    }

    /// A tool that a function of the runtime answers.
    pub const fn native<I: NativeInput>(spec: &'static Spec) -> Self {
        Self { spec, prepare: prepare_native::<I> }
    }

    /// The tool's description.
    pub fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Reads the arguments; `None` when there was any problem, and `args` then holds every one of them.
    pub(crate) fn prepare(&self, args: &mut Args<'_>) -> Option<Prepared> {
        (self.prepare)(self.spec, args)
    }

    /// Checks arguments, a JSON text, as a call would, and gives back every problem. Context arguments such as
    /// `tenant_id` belong to the call and not to the tool, so here they are unknown.
    pub fn validate(&self, arguments: &str) -> Result<(), Vec<Problem>> {
        let mut args = Args::parse(arguments, Place::Root)
            .ok_or_else(|| vec![Problem::new("arguments", "expected an object")])?;
        self.prepare(&mut args).map(|_| ()).ok_or_else(|| args.into_problems())
    }

    /// The tool as an agent sees it in `tools/list`, without the arguments that configuration may add.
    pub fn listing(&self) -> Value {
        let spec = self.spec;
        json!({
            "name": spec.name,
            "title": spec.title,
            "description": spec.description,
            "inputSchema": schema(spec.input_schema),
            "annotations": {
                "readOnlyHint": spec.effect == Effect::Read,
                "destructiveHint": spec.effect == Effect::Destructive,
                "idempotentHint": spec.effect == Effect::Read,
                "openWorldHint": spec.target == Target::Native { open_world: true },
            },
        })
    }

    /// JSON Schema of the result, where the manifest describes it.
    pub fn output_schema(&self) -> Option<Value> {
        self.spec.output_schema.map(schema)
    }
}

/// A schema of a [`Spec`] as a value. Text that is no JSON shows as itself, which no client takes for a schema.
fn schema(text: &'static str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn prepare_request<I: ToolInput>(spec: &'static Spec, args: &mut Args<'_>) -> Option<Prepared> {
    let (_, request) = read::<I>(spec, args)?;
    Some(Prepared { request, native: None })
}

fn prepare_native<I: NativeInput>(spec: &'static Spec, args: &mut Args<'_>) -> Option<Prepared> {
    let (input, request) = read::<I>(spec, args)?;
    Some(Prepared { request, native: Some(Box::new(move |call| input.run(call))) })
}

/// Reads the arguments and puts them in their places.
fn read<I: ToolInput>(spec: &'static Spec, args: &mut Args<'_>) -> Option<(I, RequestParts)> {
    let input = I::decode(args);
    args.refuse_unknown();
    let input = input.filter(|_| !args.has_problems())?;
    let mut request = RequestParts::of(spec);
    input.encode(&mut request);
    args.absorb(request.take_problems());
    (!args.has_problems()).then_some((input, request))
}
