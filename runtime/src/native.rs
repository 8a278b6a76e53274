//! Tools that the runtime answers itself, and what such a tool gets to see of a call.
//!
//! A manifest names a function of this module by `handler`; the generated code calls it with its typed
//! arguments, so a handler that does not exist is a compile error.

pub mod discovery;
pub mod fetch;
pub mod health;
pub mod metrics;

use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::catalog::Entry;
use crate::json::Json;
use crate::server::Server;
use crate::tool::ToolInput;
use crate::tool_error::ToolError;

/// A tool's input that a function of the runtime takes.
pub trait NativeInput: ToolInput {
    /// Answers the call.
    fn run(self, call: NativeCall) -> NativeAnswer;
}

/// An answer that is under way.
pub type NativeAnswer = Pin<Box<dyn Future<Output = Result<Answer, CallError>> + Send>>;

/// What a native tool knows of a call besides its arguments.
#[derive(Debug)]
pub struct NativeCall {
    /// Capabilities that the client declared with this request; `{}` where it declared none.
    pub client_capabilities: Value,
    /// The user's answers to an earlier [`Answer::InputRequired`], by key.
    pub input_responses: Option<Value>,
    /// What an earlier [`Answer::InputRequired`] gave the client to keep. The client may have changed it.
    pub request_state: Option<String>,
    /// Whose call it is, and by what it may call others.
    pub(crate) tenant: String,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) scopes: Option<Vec<String>>,
    /// The server itself, of which a tool may tell only what concerns the caller.
    pub(crate) server: Arc<Server>,
    /// Where to report progress, if the client asked for it.
    pub(crate) progress: Option<mpsc::Sender<Progress>>,
}

impl NativeCall {
    /// Tells the client how far the call is. Does nothing where the client did not ask, and never waits
    /// longer than the client takes to read.
    pub async fn report(&self, progress: f64, total: Option<f64>, message: &str) {
        if let Some(sender) = &self.progress {
            let report = Progress { progress, total, message: message.to_owned() };
            // A client that has gone away needs no progress.
            let _gone = sender.send(report).await;
        }
    }

    /// The tools that the caller may call, by name: those of its list.
    pub(crate) fn permitted(&self) -> impl Iterator<Item = &Entry> {
        self.server.catalog.permitted(&self.tenant, self.roles.as_deref(), self.scopes.as_deref())
    }
}

/// How far a call is.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) progress: f64,
    pub(crate) total: Option<f64>,
    pub(crate) message: String,
}

/// What a call comes to.
#[derive(Debug)]
pub enum Answer {
    /// A JSON value, shown to the model as text and as structured content.
    Json(Json),
    /// A JSON value that holds text of strangers, and is marked so. No tool may be trusted because it came by it.
    Untrusted {
        /// The value.
        json: Json,
        /// Where the text is from.
        origin: String,
    },
    /// Content blocks of the protocol, already in their wire form.
    Content {
        /// The blocks.
        blocks: Vec<Value>,
        /// Whether they tell of a failure.
        is_error: bool,
    },
    /// Questions to the user; the client asks them and calls again.
    InputRequired {
        /// Requests by key, already in their wire form.
        requests: Value,
        /// What the client has to bring back unchanged.
        state: Option<String>,
    },
}

/// Why a call comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// A refusal or failure that the model should see.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The client would have to declare these capabilities first.
    #[error("the client lacks capabilities that this tool needs")]
    MissingCapability(Value),
    /// The request is not one that the client may send.
    #[error("{0}")]
    InvalidParams(String),
    /// The server cannot take calls now; the same call may be made again a little later.
    #[error("{0}")]
    Unavailable(&'static str),
}

impl CallError {
    /// The refusal of a call that could not be recorded.
    pub(crate) fn unrecorded() -> Self {
        Self::Unavailable("calls cannot be recorded now, so none is made; try again later")
    }
}
