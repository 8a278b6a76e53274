//! The form of `server.yaml`, from which the JSON Schema for editors is derived.
//!
//! Reading does not go through these types, since they could report neither several problems nor where they
//! stand; the tests below hold reader, schema and the files that are shipped against each other.
#![expect(dead_code, reason = "the types only exist for the schema that is derived from them")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};

/// Configuration of simple-gpt-mcp. `${NAME}` in any text stands for a variable of the environment.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ServerYaml {
    server: Option<Server>,
    dev_backend: Option<DevBackend>,
    /// Tenants by id. A caller that names none belongs to `default`.
    tenants: BTreeMap<String, Tenant>,
    security: Option<Security>,
    fetch: Option<Fetch>,
    rate_limits: Option<RateLimits>,
    audit: Option<Audit>,
    idempotency: Option<Idempotency>,
    /// Where limits and approvals are kept: `memory`.
    state: Option<String>,
    /// Traces. Not available yet.
    telemetry: Option<BTreeMap<String, serde_json::Value>>,
}

/// How the server listens and shows itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Server {
    /// Name that clients are shown.
    name: Option<String>,
    /// IP address to listen on, 127.0.0.1 if left out. The variable MCP_SERVER_HOST goes before it.
    host: Option<String>,
    /// Port to listen on, 9000 if left out. The variable MCP_SERVER_PORT goes before it.
    port: Option<u16>,
    log_level: Option<LogLevel>,
    /// Further values of Host that are accepted, besides loopback names and the listening address.
    allowed_hosts: Option<Vec<String>>,
    /// Values of Origin that are accepted, such as https://app.example.com.
    allowed_origins: Option<Vec<String>>,
    /// Addresses or networks of proxies whose X-Forwarded-For is believed.
    trusted_proxies: Option<Vec<String>>,
    /// URL under which clients reach the server.
    public_url: Option<String>,
    /// Whether tools/list shows aliases as tools of their own.
    list_aliases: Option<bool>,
    /// Whether tools/list shows result schemas.
    list_outputs: Option<bool>,
    /// Role of a caller that names none.
    default_actor_role: Option<String>,
}

/// Least severe level that is logged.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// The embedded backend for development.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DevBackend {
    /// Whether the server starts it.
    enabled: Option<bool>,
    /// Where it listens, 127.0.0.1:8000 if left out.
    listen: Option<String>,
    /// Its database file, data/dev.sqlite if left out.
    data: Option<String>,
    /// Whether the tenant `default` is filled with a believable small business, where it has no data.
    demo: Option<bool>,
}

/// A tenant.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Tenant {
    /// Backend services by name. Tools of a service that is not here are not listed.
    services: BTreeMap<String, Service>,
}

/// A backend service: its URL, or that and more.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Service {
    /// Its URL.
    Url(String),
    /// Its URL and how it is spoken to.
    Full(FullService),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullService {
    /// Absolute http or https URL; the tools' paths are appended to it.
    url: String,
    /// Headers to send with every request, such as the gateway's own credential.
    headers: Option<BTreeMap<String, String>>,
    /// Where the caller's identity goes: into the JSON body and headers, or headers alone.
    context: Option<ContextPlace>,
    /// Longest time for a whole answer, such as 5s. It shortens the tools' own timeouts and lengthens none.
    timeout: Option<String>,
    /// Key, of at least 32 bytes, of the statement that X-Gateway-Statement makes to the service; without one none is.
    signing_key: Option<String>,
    /// PEM file with the only issuers whose certificate the service may show, instead of those that the system trusts.
    ca_file: Option<String>,
    /// Most requests per second; further ones wait for their turn within their tool's timeout.
    max_per_second: Option<u32>,
    /// Most requests at once, 256 if left out; further ones wait for their turn within their tool's timeout.
    max_concurrent: Option<u32>,
    /// Whether the service does a thing once however often it gets the same Idempotency-Key, so that a call whose
    /// outcome is unknown may be made again.
    honours_idempotency_key: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ContextPlace {
    Body,
    Headers,
}

/// Who may call what, and how calls are approved.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Security {
    auth: Option<Auth>,
    approval: Option<Approval>,
    /// Roles that may call a tool whose manifest names none.
    default_allowed_roles: Option<Vec<String>>,
    /// What differs from the manifests, by tool.
    tools: Option<BTreeMap<String, Tool>>,
}

/// How callers show who they are. Without a section nobody does, unless the variable MCP_SERVER_TOKEN is set.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Auth {
    mode: Option<AuthMode>,
    /// Whether the server may listen beyond this machine although nobody has to show who they are.
    allow_unauthenticated: Option<bool>,
    /// Who may call in mode token.
    tokens: Option<Vec<Token>>,
    /// The issuer of tokens in mode jwt.
    issuer: Option<String>,
    /// The URI of this server, which tokens must name as their audience.
    audience: Option<String>,
    /// Where the issuer publishes its keys.
    jwks_url: Option<String>,
    claims: Option<Claims>,
}

/// A caller that shows a fixed token.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Token {
    /// Names the credential in the log; whoever shows it may not approve its own calls.
    name: String,
    /// SHA-256 of the token in hexadecimal; `simple-gpt-mcp token hash` prints it.
    sha256: String,
    tenant: String,
    actor: String,
    roles: Option<Vec<String>>,
    rights: Option<Vec<Right>>,
}

/// What a caller may do beside calling tools.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Right {
    Approver,
    Operator,
}

/// Claims of a token, as names joined by dots.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Claims {
    /// `tenant` if left out.
    tenant: Option<String>,
    /// `sub` if left out.
    actor: Option<String>,
    /// `roles` if left out.
    roles: Option<String>,
    /// Scopes are checked only if their claim is named, such as `scope`.
    scopes: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum AuthMode {
    None,
    Token,
    Jwt,
}

/// How calls that need approval get it: in auth mode none by the call itself, else by a person.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Approval {
    mode: Option<ApprovalMode>,
    webhook: Option<Webhook>,
}

/// Who is told of new requests for approval.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Webhook {
    url: String,
    /// Key of the signature in the header X-Signature.
    secret: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ApprovalMode {
    Argument,
    Confirm,
    Human,
}

/// From where web pages may be fetched, and as whom. Addresses that are not public never are.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Fetch {
    /// Ports besides 80 and 443.
    ports: Option<Vec<u16>>,
    /// What the server calls itself to web sites; its first word is its name in robots.txt.
    user_agent: Option<String>,
    /// Whether robots.txt is respected, true if left out.
    robots: Option<bool>,
    /// Whether a redirect may lead from https to http, false if left out.
    allow_downgrade: Option<bool>,
    /// If there are any, only these hosts: example.com, or *.example.com for all below it.
    allow: Option<Vec<String>>,
    /// Never these hosts.
    deny: Option<Vec<String>>,
    /// Further lists for single tenants; a host has to pass both.
    tenants: Option<BTreeMap<String, HostLists>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct HostLists {
    /// If there are any, only these hosts.
    allow: Option<Vec<String>>,
    /// Never these hosts.
    deny: Option<Vec<String>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Tool {
    /// Whether each call needs a person's approval.
    user_approval_required: Option<bool>,
    /// Roles that may call the tool.
    allowed_roles: Option<Vec<String>>,
    /// How calls of this tool are approved.
    approval: Option<ToolApproval>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ToolApproval {
    None,
    Argument,
    Confirm,
    Human,
}

/// Most calls per window. A call is counted in all of its windows or, where one is full, in none.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RateLimits {
    /// Calls of a tenant.
    default_per_minute: Option<u32>,
    /// Calls of one actor of a tenant.
    per_actor_per_minute: Option<u32>,
    /// Length of the window, 60 if left out.
    window_seconds: Option<u32>,
    /// Calls of a tenant, by its id.
    tenants: Option<BTreeMap<String, u32>>,
    /// Calls of a tool within a tenant.
    tools: Option<BTreeMap<String, ToolLimit>>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum ToolLimit {
    /// For all roles.
    Calls(u32),
    /// For all roles, and for some.
    ByRole(RoleLimits),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RoleLimits {
    limit: Option<u32>,
    roles: Option<BTreeMap<String, u32>>,
}

/// The record of all calls. Without a section the server keeps one in logs/audit.log.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Audit {
    /// The file, logs/audit.log if left out. Its head, its key and rotated files are kept beside it.
    path: Option<String>,
    durability: Option<Durability>,
    /// Length in bytes from which on a new file is begun, 67108864 if left out.
    rotate_bytes: Option<u64>,
    /// Age in hours from which on a new file is begun, 24 if left out.
    rotate_hours: Option<u32>,
    /// Earlier files that are kept, compressed; 30 if left out.
    keep_files: Option<u32>,
}

/// Whether the record of a change is on the disk before the change is made and answered (fsync, as without a
/// setting), or only in the file (written).
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Durability {
    Written,
    Fsync,
}

/// Where it is kept which calls were made under an idempotency key, and how they ended.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Idempotency {
    /// Whether keys of calls that change something outlive the process, true if left out. The file then holds the
    /// answers of those calls for 24 hours, readable for its owner alone.
    durable: Option<bool>,
    /// The file; if left out, the one beside the audit log that ends in .idempotency.
    path: Option<String>,
}

/// The JSON Schema of the whole file.
pub(super) fn schema() -> Schema {
    schemars::schema_for!(ServerYaml)
}
