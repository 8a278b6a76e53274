//! Section `server`: where the server listens, by which names it is known, and what it lists.

use std::net::{IpAddr, Ipv4Addr};

use diagnostics::fields::{Field, Fields};
use diagnostics::{Code, Span};

use super::reading::{BAD_VALUE, Reading};
use super::{ServerSection, TrustedProxies, proxies};

/// Settings that would leave the server open.
const UNSAFE: Code = "C010";

/// Reads the section `server`, over which the environment goes. `is_open`: whoever reaches the server is believed, and nobody said that this may be from another machine.
pub(super) fn read(reading: &Reading<'_>, root: &mut Fields<'_>, is_open: bool) -> ServerSection {
    let mut section = ServerSection::default();
    let mut at = root.owner();
    if let Field::Is(fields) = root.key("server").fields() {
        at = keys(reading, fields, &mut section);
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
fn keys(reading: &Reading<'_>, mut fields: Fields<'_>, section: &mut ServerSection) -> Span {
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
