//! The same small tool twice: on our runtime and on rmcp.

use std::net::SocketAddr;
use std::time::Duration;

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use runtime::native::{Answer, NativeAnswer, NativeCall, NativeInput};
use runtime::{Args, Effect, Product, RequestParts, Roles, Spec, Target, Text, Tool, ToolInput};
use serde_json::{Value, json};
use tests::gateway::Gateway;

const NAME: &str = "echo";
const DESCRIPTION: &str = "Gives back the message.";
const SCHEMA: &str = r#"{"type":"object","properties":{"message":{"type":"string","description":"What to say"}},"required":["message"],"additionalProperties":false}"#;

static TOOL: Tool = Tool::native::<Echo>(&Spec {
    name: NAME,
    aliases: &[],
    title: "Echo",
    description: DESCRIPTION,
    effect: Effect::Read,
    approval: false,
    roles: Roles::Default,
    target: Target::Native { open_world: false },
    timeout: Duration::from_secs(5),
    rate_limit: None,
    input_schema: SCHEMA,
    output_schema: None,
    sensitive: &[],
    examples: &[],
});

struct Echo {
    message: String,
}

impl ToolInput for Echo {
    fn decode(args: &mut Args<'_>) -> Option<Self> {
        let message = args.required("message", &Text::new());
        Some(Self { message: message? })
    }

    fn encode(&self, request: &mut RequestParts) {
        request.body("message", &self.message);
    }
}

impl NativeInput for Echo {
    fn run(self, _: NativeCall) -> NativeAnswer {
        let blocks = vec![json!({"type": "text", "text": self.message})];
        Box::pin(async { Ok(Answer::Content { blocks, is_error: false }) })
    }
}

static TOOLS: &[&Tool] = &[&TOOL];

/// The tool on our runtime.
pub(super) async fn gateway() -> Gateway {
    let product = Product { tools: TOOLS, services: &[], dev_backend: None };
    Gateway::with_config(&product, "tenants:\n  default:\n    services: {}\nserver:\n  port: 0\n").await
}

/// The tool on rmcp, without sessions and with the same check of `Origin` as ours.
pub(super) async fn rmcp_server() -> SocketAddr {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .enforce_origin_validation();
    let service: StreamableHttpService<RmcpEcho, NeverSessionManager> =
        StreamableHttpService::new(|| Ok(RmcpEcho), NeverSessionManager::default().into(), config);
    let router = axum::Router::new().route_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[derive(Clone)]
struct RmcpEcho;

impl ServerHandler for RmcpEcho {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("echo", "1"))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        if request.is_some_and(|request| request.cursor.is_some()) {
            return Err(ErrorData::invalid_params("unknown cursor", None));
        }
        let Ok(Value::Object(schema)) = serde_json::from_str(SCHEMA) else { panic!("{SCHEMA}") };
        Ok(ListToolsResult::with_all_items(vec![rmcp::model::Tool::new(NAME, DESCRIPTION, schema)]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name != NAME {
            return Err(ErrorData::invalid_params("unknown tool", None));
        }
        let arguments = request.arguments.unwrap_or_default();
        let result = match arguments.get("message") {
            Some(Value::String(message)) if arguments.len() == 1 => {
                CallToolResult::success(vec![ContentBlock::text(message)])
            }
            _ => CallToolResult::error(vec![ContentBlock::text("bad arguments")]),
        };
        Ok(result.into())
    }
}
