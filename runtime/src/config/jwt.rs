//! The part of `security.auth` that is about tokens of an OAuth authorization server.

use diagnostics::Span;
use diagnostics::fields::{Field, Fields};

use super::reading::{BAD_VALUE, MISSING, Reading, is_loopback};
use crate::auth::{Claims, JwtSettings};

/// Reads issuer, audience, key set and claims; `None` where they are not asked for or not whole.
pub(super) fn read(reading: &Reading<'_>, fields: &mut Fields<'_>, wanted: bool) -> Option<JwtSettings> {
    let owner = fields.span_of("mode").unwrap_or(fields.owner());
    let mut text = |name: &'static str| {
        let mut text = String::new();
        let span = reading.text(fields.key(name), &mut text);
        if wanted && span.is_none() {
            reading.problem(MISSING, owner, format!("auth mode jwt needs security.auth.{name}"), None);
        }
        if let (false, Some(span)) = (wanted, span) {
            // Left aside, they would leave a server open that its operator takes for closed.
            let help = "add security.auth.mode: jwt, or leave issuer, audience and jwks_url out";
            reading.problem(BAD_VALUE, span, format!("security.auth.{name} needs auth mode jwt"), Some(help));
        }
        span.map(|span| (text, span))
    };
    let (issuer, audience, jwks_url) = (text("issuer"), text("audience"), text("jwks_url"));
    if let Some((url, span)) = &jwks_url {
        key_url(reading, url, *span);
    }
    let mut claims = Claims::default();
    if let Field::Is(mut paths) = fields.key("claims").fields() {
        reading.text(paths.key("tenant"), &mut claims.tenant);
        reading.text(paths.key("actor"), &mut claims.actor);
        reading.text(paths.key("roles"), &mut claims.roles);
        let mut scopes = String::new();
        claims.scopes = reading.text(paths.key("scopes"), &mut scopes).map(|_| scopes);
        paths.finish();
    }
    let (issuer, audience, jwks_url) = (issuer?.0, audience?.0, jwks_url?.0);
    wanted.then_some(JwtSettings { issuer, audience, jwks_url, claims })
}

/// Whoever could change the keys on their way could sign as anybody, so they come encrypted or from this machine.
fn key_url(reading: &Reading<'_>, text: &str, span: Span) {
    let Some(url) = reading.parse_url(span, text) else { return };
    if url.scheme() != "https" && !is_loopback(&url) {
        let message = "expected an https URL: who can change the keys on their way can sign as anybody";
        reading.problem(BAD_VALUE, span, message, None);
    }
}
