//! What reading any section takes: keys in the place of defaults, variables of the environment, and problems at
//! their places.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use diagnostics::fields::{Key, Reader};
use diagnostics::{Code, Diagnostic, Span};

use crate::product::Product;

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

/// What all parts of the reading share.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
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
    pub(super) fn variable<T>(
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
