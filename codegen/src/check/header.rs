//! Which HTTP headers a parameter may become.

/// Headers that belong to the connection, to authentication, or to the gateway itself.
const RESERVED: [&str; 26] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "idempotency-key",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-correlation-id",
];

/// Families of such headers.
const RESERVED_PREFIXES: [&str; 6] = ["x-forwarded-", "x-gateway-", "x-tenant", "x-actor", "x-real-", "mcp-"];

/// Why a parameter may not become this header; none if it may.
pub(crate) fn refusal(name: &str) -> Option<&'static str> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Some("a header is made of letters, digits and `-`");
    }
    let name = name.to_ascii_lowercase();
    let reserved = RESERVED.contains(&name.as_str());
    let family = RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    (reserved || family).then_some("this header is not an agent's to set")
}
