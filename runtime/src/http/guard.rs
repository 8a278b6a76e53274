//! Refusing requests that are not meant for this server, or that a web page may have made a browser send.
//!
//! A page cannot choose the `Host` of its own requests, nor hide its `Origin`; a name that was rebound to this
//! machine shows in both.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};

use super::refusal::Refusal;
use crate::config::ServerSection;

/// The hosts and origins that are accepted.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
    address: SocketAddr,
}

impl Guard {
    pub(super) fn new(server: &ServerSection, address: SocketAddr) -> Self {
        let lower = |list: &[String]| list.iter().map(|entry| entry.to_ascii_lowercase()).collect();
        Self { hosts: lower(&server.allowed_hosts), origins: lower(&server.allowed_origins), address }
    }

    /// Whether a `Host` names this server: a loopback name, the listening address, or what the operator allows.
    fn accepts_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = without_port(&host);
        let own_name = match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || address == self.address.ip(),
            Err(_) => name == "localhost",
        };
        own_name || self.hosts.iter().any(|allowed| *allowed == host || allowed == name)
    }

    /// Whether an `Origin` is allowed: this server's own, or one the operator names.
    fn accepts_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let own = origin.strip_prefix("http://").is_some_and(|host| {
            self.accepts_host(host) && host.rsplit_once(':').is_some_and(|(_, port)| port == self.port())
        });
        own || self.origins.contains(&origin)
    }

    fn port(&self) -> String {
        self.address.port().to_string()
    }

    fn refusal(&self, target: &Uri, headers: &HeaderMap) -> Option<Refusal> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = match (hosts.next().map(|host| host.to_str().unwrap_or_default()), hosts.next()) {
            (None, _) => return Some(Refusal::new(StatusCode::BAD_REQUEST, "the Host header is missing")),
            (Some(_), Some(_)) => {
                return Some(Refusal::new(StatusCode::BAD_REQUEST, "the Host header is given twice"));
            }
            (Some(host), None) => host,
        };
        if !names_path_of(target, host) {
            return Some(Refusal::new(
                StatusCode::BAD_REQUEST,
                "the target is not a path of the host in the Host header",
            ));
        }
        if !self.accepts_host(host) {
            return Some(Refusal::new(
                StatusCode::FORBIDDEN,
                "this host is not allowed; see server.allowed_hosts",
            ));
        }
        let foreign = |origin: &http::HeaderValue| !self.accepts_origin(origin.to_str().unwrap_or_default());
        if headers.get_all(header::ORIGIN).iter().any(foreign) {
            return Some(Refusal::new(
                StatusCode::FORBIDDEN,
                "this origin is not allowed; see server.allowed_origins",
            ));
        }
        let unknown =
            |expectation: &http::HeaderValue| !expectation.as_bytes().eq_ignore_ascii_case(b"100-continue");
        headers.get_all(header::EXPECT).iter().any(unknown).then_some(Refusal::new(
            StatusCode::EXPECTATION_FAILED,
            "the only expectation that is met is 100-continue",
        ))
    }
}

/// Lets a request pass, or refuses it before anything of it is read.
pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    match guard.refusal(request.uri(), request.headers()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    }
}

/// Whether a request asks for a path, alone or as a whole URL of `host`, and not for a tunnel or for `*`.
fn names_path_of(target: &Uri, host: &str) -> bool {
    let of_host = match (target.scheme_str(), target.authority()) {
        (None, None) => true,
        (Some("http" | "https"), Some(authority)) => authority.as_str().eq_ignore_ascii_case(host),
        _ => false,
    };
    of_host && target.path().starts_with('/')
}

/// The host of `host:port`; the brackets of an IPv6 address stay.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}
