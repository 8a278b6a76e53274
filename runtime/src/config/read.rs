//! From the text of `server.yaml` to a [`Config`], or to every problem it has.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use diagnostics::fields::{Field, Fields, Key, Reader, ShapeCodes};
use diagnostics::{Report, Sink, Sources, Style, yaml};

use super::reading::{MISSING, Reading};
use super::{
    Config, DevBackendSection, audit, fetch, idempotency, pending, rate_limits, security, server, tenants,
};
use crate::auth::AuthMode;
use crate::product::Product;

const YAML: yaml::YamlCodes = yaml::YamlCodes { syntax: "C001", duplicate_key: "C002" };
const SHAPE: ShapeCodes = ShapeCodes { unknown_key: "C003", wrong_type: "C004", missing_key: MISSING };

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
    let server = server::read(reading, &mut root, is_open);
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
