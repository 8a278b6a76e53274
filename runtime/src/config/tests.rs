use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::schema;
use super::*;
use crate::args::Args;
use crate::product::Product;
use crate::request_parts::RequestParts;
use crate::tool::{Effect, Roles, Spec, Target, Tool, ToolInput};

struct Nothing;

impl ToolInput for Nothing {
    fn decode(_: &mut Args<'_>) -> Option<Self> {
        Some(Self)
    }

    fn encode(&self, _: &mut RequestParts) {}
}

const SPEC: Spec = Spec {
    name: "notes_delete",
    aliases: &["notes.delete"],
    title: "Delete",
    description: "Delete a note",
    effect: Effect::Destructive,
    approval: true,
    roles: Roles::Default,
    target: Target::Native { open_world: false },
    timeout: Duration::from_secs(1),
    rate_limit: None,
    input_schema: "{}",
    output_schema: None,
    sensitive: &[],
    examples: &[],
};
static TOOL: Tool = Tool::new::<Nothing>(&SPEC);
static TOOLS: &[&Tool] = &[&TOOL];

fn product() -> Product {
    Product { tools: TOOLS, services: &["memory", "notes"], dev_backend: None }
}

fn parse(text: &str) -> Result<Config, Vec<String>> {
    let environment = |name: &str| (name == "NOTES_TOKEN").then(|| "canary-secret".to_owned());
    let config = Config::parse("server.yaml", text, &product(), &environment);
    config.map_err(|error| error.to_string().lines().map(str::to_owned).collect())
}

/// A file that is good but for `more`.
fn with(more: &str) -> Result<Config, Vec<String>> {
    parse(&format!("tenants: {{default: {{services: {{notes: \"http://127.0.0.1:1/n/\"}}}}}}\n{more}"))
}

#[test]
fn every_problem_of_a_file_is_reported_at_its_place() {
    let text = "\
server: {naem: x, port: 70000, host: example.com, log_level: loud}
tenants:
  default:
    services:
      nots: http://127.0.0.1:1
      memory: {url: 'ftp://x', contxt: body}
security:
  auth: {mode: tokn}
  default_allowed_roles: []
  tools:
    notes_delet: {allowed_roles: [Admin]}
    notes_delete: {user_approval_required: yes}
rate_limits: {window_seconds: 0}
statee: memory
";
    let expected = "\
error: server.yaml:1:10: unknown key `naem` in `server`; did you mean `name`? [C003]
error: server.yaml:1:25: expected a port from 0 to 65535 [C006]
error: server.yaml:1:38: expected an IP address [C006]
error: server.yaml:1:62: expected error, warn, info, debug or trace [C006]
error: server.yaml:5:7: there is no backend service `nots`; did you mean `notes`? [C007]
error: server.yaml:6:21: expected http or https [C006]
error: server.yaml:6:32: unknown key `contxt` in `tenants.default.services.memory`; did you mean `context`? [C003]
error: server.yaml:8:16: expected none, token or jwt [C006]
error: server.yaml:9:26: expected at least one role, and none empty [C006]
error: server.yaml:11:5: there is no tool `notes_delet`; did you mean `notes_delete`? [C007]
error: server.yaml:12:44: `security.tools.notes_delete.user_approval_required` must be `true` or `false`, found text [C004]
error: server.yaml:13:31: expected seconds from 1 to 86400 [C006]
error: server.yaml:14:1: unknown key `statee`; did you mean `state`? [C003]";
    let found = parse(text).unwrap_err();
    let errors: Vec<&str> =
        found.iter().map(String::as_str).filter(|line| line.starts_with("error")).collect();
    assert_eq!(errors.join("\n"), expected);
}

#[test]
fn what_is_not_available_yet_is_refused_only_where_it_is_asked_for() {
    for (more, refused) in [
        ("security: {auth: {mode: none}, approval: {mode: argument}}", false),
        ("state: memory", false),
        ("security: {auth: {tokens: []}}", false),
        ("server: {trusted_proxies: [], public_url: 'https://mcp.example.com'}", false),
        ("security: {approval: {mode: human}}", false),
        ("state: redis://127.0.0.1", true),
        ("audit: {path: logs/audit.log}", false),
        ("idempotency: {durable: true, path: logs/audit.idempotency}", false),
        ("telemetry: {otlp_endpoint: 'http://127.0.0.1:4318'}", true),
    ] {
        match with(more) {
            Ok(_) => assert!(!refused, "{more} is accepted"),
            Err(lines) => {
                assert!(refused && lines[0].contains("not available yet [C009]"), "{more}: {lines:?}");
            }
        }
    }
}

#[test]
fn a_backend_may_not_be_reached_through_a_user_a_query_or_a_metadata_address() {
    for (url, good) in [
        ("https://crm.example.com/api", true),
        ("http://10.0.0.7:8080", true),
        ("http://user:canary-secret@10.0.0.7", false),
        ("http://10.0.0.7/?key=canary-secret", false),
        ("http://169.254.169.254/latest", false),
        ("http://[fe80::1]/", false),
        ("http://[::ffff:169.254.169.254]/", false),
        ("http://[fd00:ec2::254]/", false),
        ("http://100.100.100.200/", false),
        ("http://metadata.google.internal/", false),
        ("10.0.0.7:8080", false),
        ("", false),
    ] {
        let text = format!("tenants: {{default: {{services: {{notes: {{url: '{url}'}}}}}}}}");
        match parse(&text) {
            Ok(_) => assert!(good, "{url} is accepted"),
            Err(lines) => {
                assert!(!good, "{url}: {lines:?}");
                assert!(!lines.concat().contains("canary-secret"), "a secret was shown: {lines:?}");
            }
        }
    }
}

#[test]
fn variables_fill_in_for_text_and_a_missing_one_is_named() {
    let header = |value: &str| {
        parse(&format!(
            "tenants: {{default: {{services: {{notes: {{url: 'http://127.0.0.1:1', headers: {{authorization: '{value}'}}}}}}}}}}"
        ))
    };
    let config = header("Bearer ${NOTES_TOKEN}").unwrap();
    let [(_, secret)] = &config.tenants["default"]["notes"].headers[..] else {
        panic!("one header expected")
    };
    assert_eq!(secret.expose(), "Bearer canary-secret");
    assert!(!format!("{config:?}").contains("canary-secret"));
    let lines = header("Bearer ${NO_SUCH}").unwrap_err();
    assert!(lines[0].ends_with("the environment variable NO_SUCH is not set [C008]"), "{lines:?}");
    assert!(header("Bearer ${NOTES_TOKEN").is_err());
}

#[test]
fn without_authentication_the_server_stays_on_this_machine_unless_that_is_asked_for() {
    assert!(with("server: {host: 127.0.0.1}").is_ok());
    assert!(with("server: {host: '::1'}").is_ok());
    let lines = with("server: {host: 0.0.0.0}").unwrap_err();
    assert!(lines[0].contains("server.yaml:2:10") && lines[0].ends_with("[C010]"), "{lines:?}");
    assert!(with("server: {host: 0.0.0.0}\nsecurity: {auth: {allow_unauthenticated: true}}").is_ok());
}

#[test]
fn the_environment_goes_before_host_and_port_of_the_file() {
    let load = |host: &'static str, port: &'static str| {
        let environment = move |name: &str| match name {
            "MCP_SERVER_HOST" => Some(host.to_owned()),
            "MCP_SERVER_PORT" => Some(port.to_owned()),
            _ => None,
        };
        let text = "tenants: {default: {services: {}}}\nserver: {host: 127.0.0.1, port: 1}";
        Config::parse("server.yaml", text, &product(), &environment)
    };
    assert_eq!(load("127.0.0.2", "9100").unwrap().server.address().to_string(), "127.0.0.2:9100");
    assert!(load("0.0.0.0", "9100").is_err(), "the environment opened the server");
    let error = load("127.0.0.1", "many").unwrap_err().to_string();
    assert!(error.contains("the environment variable MCP_SERVER_PORT must be"), "{error}");
}

#[test]
fn the_url_of_a_service_loses_its_last_slash_and_an_alias_names_its_tool() {
    let config = with("security: {tools: {notes.delete: {user_approval_required: false}}}").unwrap();
    assert_eq!(config.tenants["default"]["notes"].url, "http://127.0.0.1:1/n");
    assert_eq!(config.security.tools["notes_delete"].approval_required, Some(false));
}

#[test]
fn from_where_pages_are_fetched_is_checked_and_the_lists_of_hosts_take_any_spelling() {
    for (more, problem) in [
        ("ports: [8080, 8443]", None),
        ("ports: [0]", Some("expected a port from 1 to 65535")),
        ("ports: [70000, x]", Some("expected a port from 1 to 65535")),
        ("user_agent: 'Reader/2.0 (+https://example.com/bot)'", None),
        ("user_agent: ''", Some("expected 1 to 200 printable ASCII characters")),
        ("user_agent: 'Lesegerät'", Some("expected 1 to 200 printable ASCII characters")),
        ("allow: [example.com, '*.BÜCHER.example', '[2606:4700::1]', 8.8.8.8]", None),
        ("deny: ['*.*.example.com']", Some("expected a host such as")),
        ("deny: ['https://example.com/']", Some("expected a host such as")),
        ("tenants: {default: {deny: [example.com]}}", None),
        ("tenants: {defualt: {deny: []}}", Some("did you mean `default`?")),
        ("tenants: {default: {ports: [1]}}", Some("unknown key `ports` in `fetch.tenants.default`")),
        ("addresses: [127.0.0.1]", Some("unknown key `addresses` in `fetch`")),
    ] {
        match (with(&format!("fetch: {{{more}}}")), problem) {
            (Ok(_), None) => {}
            (Err(lines), Some(problem)) => assert!(lines[0].contains(problem), "{more}: {lines:?}"),
            (found, _) => panic!("{more}: {:?}", found.map(|config| config.fetch)),
        }
    }
}

#[test]
fn how_a_service_is_spoken_to_is_checked() {
    let key = "k".repeat(32);
    let file = tempfile::NamedTempFile::new().unwrap();
    let empty = file.path().display();
    for (more, problem) in [
        ("timeout: 3s", None),
        ("timeout: 0s", Some("expected a duration such as 5s")),
        ("timeout: soon", Some("must be a duration")),
        (&format!("signing_key: {key}"), None),
        ("signing_key: '${NOTES_TOKEN}'", Some("expected a key of at least 32 bytes")),
        ("headers: {x-gateway-statement: mine}", Some("the server itself decides the header")),
        ("ca_file: /no/such/file", Some("cannot read /no/such/file")),
        (&format!("ca_file: {empty}"), Some("expected certificates in PEM form")),
    ] {
        let text =
            format!("tenants: {{default: {{services: {{notes: {{url: 'https://n.example', {more}}}}}}}}}");
        match (parse(&text), problem) {
            (Ok(config), None) => assert!(!format!("{config:?}").contains(&key), "a secret was shown"),
            (Err(lines), Some(problem)) => {
                assert!(lines[0].contains(problem), "{more}: {lines:?}");
                assert!(!lines.concat().contains("canary-secret"), "a secret was shown: {lines:?}");
            }
            (found, _) => panic!("{more}: {found:?}"),
        }
    }
    let text = "tenants: {default: {services: {notes: {url: 'http://n.example', ca_file: /no}}}}";
    assert!(parse(text).unwrap_err()[0].contains("ca_file is for an https URL"));
}

#[test]
fn a_tool_named_twice_keeps_neither_rule_in_silence() {
    for section in [
        "security: {tools: {notes_delete: {allowed_roles: [Admin]}, notes.delete: {user_approval_required: true}}}",
        "rate_limits: {tools: {notes_delete: 1, notes.delete: 100}}",
    ] {
        let lines = with(section).unwrap_err();
        assert!(lines[0].contains("`notes.delete` is another name of a tool that has"), "{lines:?}");
    }
}

#[test]
fn the_schema_knows_exactly_the_keys_that_are_read() {
    let schema = serde_json::to_value(schema::schema()).unwrap();
    let mut in_schema = BTreeSet::new();
    keys(&schema, &schema, "", &mut in_schema);
    let everything = "\
server: {}
dev_backend: {}
tenants: {default: {services: {notes: {url: 'http://127.0.0.1:1'}}}}
security: {auth: {tokens: [{}], claims: {}}, approval: {webhook: {}}, tools: {notes_delete: {}}}
rate_limits: {tools: {notes_delete: {}}}
audit: {}
idempotency: {}
fetch: {tenants: {default: {}}}
";
    let read: BTreeSet<String> = read::keys_asked(everything, &product())
        .into_iter()
        .map(|key| {
            key.replace("tenants.default.", "tenants.*.")
                .replace("services.notes.", "services.*.")
                .replace("auth.tokens[].", "auth.tokens.")
                .replace("security.tools.notes_delete.", "security.tools.*.")
                .replace("rate_limits.tools.notes_delete.", "rate_limits.tools.*.")
        })
        .collect();
    assert_eq!(in_schema, read);
}

/// Collects the paths of all keys below a schema; `*` stands for a name of the writer's choice.
fn keys(root: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return keys(root, root.pointer(reference.trim_start_matches('#')).unwrap(), path, found);
    }
    for part in ["anyOf", "oneOf"].iter().filter_map(|part| schema.get(part)?.as_array()).flatten() {
        keys(root, part, path, found);
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{path}{name}");
        keys(root, property, &format!("{path}."), found);
        found.insert(path);
    }
    if let Some(items) = schema.get("items") {
        keys(root, items, path, found);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        keys(root, values, &format!("{path}*."), found);
    }
}

#[test]
fn the_schema_that_editors_use_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config/server.schema.json");
    let schema = serde_json::to_value(schema::schema()).unwrap();
    let text = format!("{schema:#}\n");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "config/server.schema.json is stale; write it anew with: INSTA_UPDATE=always cargo test -p runtime config"
    );
}
