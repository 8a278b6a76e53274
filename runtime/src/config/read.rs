//! From the text of `server.yaml` to a [`Config`], or to every problem it has.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use diagnostics::fields::{Field, Fields, Key, Reader, ShapeCodes};
use diagnostics::{Code, Diagnostic, Report, Sink, Sources, Span, Style, yaml};

use super::{
    Config, DevBackendSection, ServerSection, TrustedProxies, audit, fetch, idempotency, pending, proxies,
    rate_limits, security, tenants,
};
use crate::auth::AuthMode;
use crate::product::Product;

const YAML: yaml::YamlCodes = yaml::YamlCodes { syntax: "C001", duplicate_key: "C002" };
const SHAPE: ShapeCodes = ShapeCodes { unknown_key: "C003", wrong_type: "C004", missing_key: MISSING };
/// Something that must be said and is not.
pub(super) const MISSING: Code = "C005";
/// A value that cannot be: no address, no URL, out of range.
pub(super) const BAD_VALUE: Code = "C006";
/// A name of something that does not exist.
pub(super) const UNKNOWN_NAME: Code = "C007";
/// A `${NAME}` that the environment does not have.
const MISSING_VARIABLE: Code = "C008";
/// Something that this version does not offer.
pub(super) const NOT_AVAILABLE: Code = "C009";
/// A setting that changes nothing.
pub(super) const WITHOUT_EFFECT: Code = "C011";
/// Settings that would leave the server open.
const UNSAFE: Code = "C010";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read at all.
    #[error(
        "cannot read the configuration {path}: {cause}; name another file with MCP_SERVER_CONFIG or --config"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file has problems, one a line: `error: path:line:column: message [CODE]`.
    #[error("{0}")]
    Invalid(String),
}

impl Config {
    /// Reads a file. The environment may name another host and port than the file does.
    pub fn load(path: &Path, product: &Product) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { path: shown.clone(), cause })?;
        Self::parse(&shown, &text, product, &|name| std::env::var(name).ok())
    }

    /// Reads the text of a file that is shown as `path`; `environment` gives the variables it may name.
    pub fn parse(
        path: &str,
        text: &str,
        product: &Product,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut sources = Sources::default();
        let file = sources.add(path, text);
        let sink = Sink::default();
        let reader = Reader::new(&sink, SHAPE);
        let config = yaml::parse(file, text, YAML, &sink)
            .and_then(|node| read(&Reading { reader: &reader, environment, product }, &node));
        let report = sink.into_report(sources);
        match config {
            Some(mut config) if report.errors() == 0 => {
                config.warnings = report.lines().collect();
                Ok(config)
            }
            _ => Err(ConfigError::Invalid(written(&report))),
        }
    }
}

/// The report without lines of the file, which may hold secrets.
fn written(report: &Report) -> String {
    report.render(Style { colour: false, without_excerpts: true }).trim_end().to_owned()
}

fn read(reading: &Reading<'_>, node: &yaml::Node) -> Option<Config> {
    let mut root = Fields::of(reading.reader, node, "", node.span)?;
    let security = security::read(reading, root.key("security"));
    let is_open = matches!(security.auth.mode, AuthMode::None) && !security.auth.allow_unauthenticated;
    let server = server(reading, &mut root, is_open);
    let dev_backend = dev_backend(reading, root.key("dev_backend"));
    let tenants = tenants::read(reading, root.required("tenants"));
    let rate_limits = rate_limits::read(reading, root.key("rate_limits"));
    let audit = audit::read(reading, root.key("audit"));
    let idempotency = idempotency::read(reading, root.key("idempotency"));
    let fetch = fetch::read(reading, root.key("fetch"), &tenants);
    pending::read(reading, &mut root);
    root.finish();
    Some(Config {
        server,
        dev_backend,
        tenants,
        security,
        rate_limits,
        audit,
        idempotency,
        fetch,
        warnings: Vec::new(),
    })
}

/// `is_open`: whoever reaches the server is believed, and nobody said that this may be from another machine.
fn server(reading: &Reading<'_>, root: &mut Fields<'_>, is_open: bool) -> ServerSection {
    let mut section = ServerSection::default();
    let mut at = root.owner();
    if let Field::Is(fields) = root.key("server").fields() {
        at = server_keys(reading, fields, &mut section);
    }
    reading.variable("MCP_SERVER_HOST", at, &mut section.host, parse_host, "an IP address");
    reading.variable(
        "MCP_SERVER_PORT",
        at,
        &mut section.port,
        |text| text.parse().ok(),
        "a port from 0 to 65535",
    );
    if !section.host.is_loopback() && is_open {
        let message = format!(
            "without authentication the server does not listen on {}, which other machines reach",
            section.host
        );
        let help = "use 127.0.0.1, or set security.auth.allow_unauthenticated: true behind a proxy that authenticates";
        reading.problem(UNSAFE, at, message, Some(help));
    }
    section
}

/// Reads the section's keys; the place of `host`, or of the section where it names none.
fn server_keys(reading: &Reading<'_>, mut fields: Fields<'_>, section: &mut ServerSection) -> Span {
    let at = fields.span_of("host").unwrap_or(fields.owner());
    reading.text(fields.key("name"), &mut section.name);
    let mut host = section.host.to_string();
    if let Some(span) = reading.text(fields.key("host"), &mut host) {
        match parse_host(&host) {
            Some(host) => section.host = host,
            None => reading.problem(BAD_VALUE, span, "expected an IP address", None),
        }
    }
    if let Field::Is(port) = fields.key("port").integer() {
        match port.value.try_into() {
            Ok(port) => section.port = port,
            Err(_) => reading.problem(BAD_VALUE, port.span, "expected a port from 0 to 65535", None),
        }
    }
    reading.parsed(fields.key("log_level"), &mut section.log_level, "error, warn, info, debug or trace");
    reading.texts(fields.key("allowed_hosts"), &mut section.allowed_hosts);
    reading.texts(fields.key("allowed_origins"), &mut section.allowed_origins);
    reading.flag(fields.key("list_aliases"), &mut section.list_aliases);
    reading.flag(fields.key("list_outputs"), &mut section.list_outputs);
    let mut role = String::new();
    reading.text(fields.key("default_actor_role"), &mut role);
    section.default_actor_role = Some(role).filter(|role| !role.is_empty());
    let mut public_url = String::new();
    if let Some(span) = reading.text(fields.key("public_url"), &mut public_url)
        && reading.check_url(span, &public_url)
    {
        section.public_origin =
            reqwest::Url::parse(&public_url).ok().map(|url| url.origin().ascii_serialization());
    }
    section.trusted_proxies = proxies::read(reading, fields.key("trusted_proxies"));
    fields.finish();
    at
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            name: "simple-gpt-mcp".to_owned(),
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 9000,
            log_level: tracing::Level::INFO,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            list_aliases: false,
            list_outputs: false,
            public_origin: None,
            default_actor_role: None,
        }
    }
}

fn parse_host(text: &str) -> Option<IpAddr> {
    if text == "localhost" { Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { text.parse().ok() }
}

fn dev_backend(reading: &Reading<'_>, key: Key<'_>) -> DevBackendSection {
    let mut section = DevBackendSection {
        enabled: false,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
        data: PathBuf::from("data/dev.sqlite"),
        demo: false,
    };
    let Field::Is(mut fields) = key.fields() else { return section };
    reading.flag(fields.key("enabled"), &mut section.enabled);
    reading.parsed(fields.key("listen"), &mut section.listen, "an address such as 127.0.0.1:8000");
    reading.parsed(fields.key("data"), &mut section.data, "the path of a file");
    reading.flag(fields.key("demo"), &mut section.demo);
    fields.finish();
    section
}

/// What all parts of the reading share.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) reader: &'a Reader<'a>,
    environment: &'a dyn Fn(&str) -> Option<String>,
    /// The tools and services that a configuration may name.
    pub(super) product: &'a Product,
}

impl Reading<'_> {
    pub(super) fn problem(&self, code: Code, at: Span, message: impl Into<String>, help: Option<&str>) {
        let problem = Diagnostic::error(code, at, message);
        self.reader.sink().push(match help {
            Some(help) => problem.with_help(help),
            None => problem,
        });
    }

    pub(super) fn not_available(&self, at: Span, what: &str) {
        self.problem(NOT_AVAILABLE, at, format!("{what} is not available yet"), Some("leave it out for now"));
    }

    /// Reports a name that does not exist, with the one that may have been meant.
    pub(super) fn unknown<'n>(
        &self,
        at: Span,
        what: &str,
        name: &str,
        all: impl IntoIterator<Item = &'n str>,
    ) {
        let near = diagnostics::suggest(name, all);
        let problem = Diagnostic::error(UNKNOWN_NAME, at, format!("there is no {what} `{name}`"));
        self.reader.sink().push(problem.with_suggestion(near));
    }

    /// Replaces `target` by the text of a key, if it is there.
    pub(super) fn text(&self, key: Key<'_>, target: &mut String) -> Option<Span> {
        let text = key.text().ok()?;
        *target = self.expand(text.value, text.span)?;
        Some(text.span)
    }

    pub(super) fn texts(&self, key: Key<'_>, target: &mut Vec<String>) -> Option<Span> {
        let list = key.texts().ok()?;
        *target = list.value.iter().filter_map(|item| self.expand(item.value, item.span)).collect();
        Some(list.span)
    }

    pub(super) fn flag(&self, key: Key<'_>, target: &mut bool) -> Option<Span> {
        let flag = key.boolean().ok()?;
        *target = flag.value;
        Some(flag.span)
    }

    pub(super) fn parsed<T: FromStr>(&self, key: Key<'_>, target: &mut T, expected: &str) {
        let mut text = String::new();
        let Some(span) = self.text(key, &mut text) else { return };
        match text.parse() {
            Ok(value) => *target = value,
            Err(_) => self.problem(BAD_VALUE, span, format!("expected {expected}"), None),
        }
    }

    /// Lets the environment decide a value, if it names one.
    fn variable<T>(
        &self,
        variable: &str,
        at: Span,
        target: &mut T,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) {
        let Some(text) = (self.environment)(variable) else { return };
        match parse(&text) {
            Some(value) => *target = value,
            None => {
                let message = format!("the environment variable {variable} must be {expected}");
                self.problem(BAD_VALUE, at, message, None);
            }
        }
    }

    /// The token that the environment asks of every client, if it names one.
    pub(super) fn server_token(&self) -> Option<String> {
        (self.environment)("MCP_SERVER_TOKEN").filter(|token| !token.is_empty())
    }

    /// Puts variables of the environment in the place of `${NAME}`.
    pub(super) fn expand(&self, text: &str, span: Span) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                self.problem(BAD_VALUE, span, "`${` is not closed by `}`", None);
                return None;
            };
            match (self.environment)(name) {
                Some(value) => out.push_str(&value),
                None => {
                    let message = format!("the environment variable {name} is not set");
                    self.problem(MISSING_VARIABLE, span, message, None);
                    return None;
                }
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }

    /// Checks the URL of a service or of this server.
    pub(super) fn check_url(&self, span: Span, text: &str) -> bool {
        let Some(url) = self.parse_url(span, text) else { return false };
        if url.query().is_some() {
            let fault = "expected no query or fragment: the tools' paths are appended to the URL";
            self.problem(BAD_VALUE, span, fault, None);
        }
        url.query().is_none()
    }

    /// Reads a URL that may be asked. It is not repeated in messages: it may hold a secret.
    pub(super) fn parse_url(&self, span: Span, text: &str) -> Option<reqwest::Url> {
        let fault = match reqwest::Url::parse(text) {
            Err(error) => format!("expected an absolute http or https URL: {error}"),
            Ok(url) if !matches!(url.scheme(), "http" | "https") => "expected http or https".to_owned(),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "expected no user or password in a URL; put credentials into headers".to_owned()
            }
            Ok(url) if url.fragment().is_some() => "expected no fragment in a URL".to_owned(),
            Ok(url) if is_metadata(&url) => {
                "link-local and metadata addresses are never a backend service".to_owned()
            }
            Ok(url) => return Some(url),
        };
        self.problem(BAD_VALUE, span, fault, None);
        None
    }
}

/// Whether a URL stays on this machine.
pub(super) fn is_loopback(url: &reqwest::Url) -> bool {
    let host = host(url);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn host(url: &reqwest::Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// Whether a URL leads to an address that only ever serves a machine's own credentials.
fn is_metadata(url: &reqwest::Url) -> bool {
    let host = host(url);
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_link_local() || address == Ipv4Addr::new(100, 100, 100, 200),
        Ok(IpAddr::V6(address)) => {
            address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_link_local())
                || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        }
        Err(_) => host.trim_end_matches('.').eq_ignore_ascii_case("metadata.google.internal"),
    }
}

/// The paths of all keys that reading a file asks for.
#[cfg(test)]
pub(super) fn keys_asked(text: &str, product: &Product) -> std::collections::BTreeSet<String> {
    let mut sources = Sources::default();
    let file = sources.add("server.yaml", text);
    let sink = Sink::default();
    let reader = Reader::new(&sink, SHAPE);
    if let Some(node) = yaml::parse(file, text, YAML, &sink) {
        read(&Reading { reader: &reader, environment: &|_| None, product }, &node);
    }
    reader.asked()
}
