//! The section `security.auth`: how callers show who they are.

use std::sync::Arc;

use diagnostics::Spanned;
use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::Node;

use super::jwt;
use super::reading::{BAD_VALUE, MISSING, Reading};
use crate::auth::{AuthMode, Principal, Rights, Token, TokenHash};

/// What the section comes to.
#[derive(Clone, Debug)]
pub(crate) struct AuthSection {
    pub(crate) mode: AuthMode,
    /// Whether the server may listen where other machines reach it although nobody has to show who they are.
    pub(crate) allow_unauthenticated: bool,
}

/// The mode that a file names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    None,
    Token,
    Jwt,
}

/// What holds where a file has no section.
pub(super) fn without_section(reading: &Reading<'_>, default_roles: &[String]) -> AuthSection {
    let token = reading.server_token().map(|token| of_environment(&token, default_roles));
    let mode = token.map_or(AuthMode::None, |token| AuthMode::Token(vec![token]));
    AuthSection { mode, allow_unauthenticated: false }
}

/// The token that the environment names.
fn of_environment(token: &str, default_roles: &[String]) -> Token {
    Token { hash: TokenHash::of(token), principal: Principal::of_environment(default_roles.to_vec()) }
}

/// Reads the section. A token that the environment names makes the mode `token` unless the file says `jwt`;
/// its holder has `default_roles`.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>, default_roles: &[String]) -> AuthSection {
    let mut allow_unauthenticated = false;
    let mut tokens = Vec::new();
    let mut mode = None;
    let mut issuer = None;
    if let Field::Is(mut fields) = key.fields() {
        reading.flag(fields.key("allow_unauthenticated"), &mut allow_unauthenticated);
        mode = self::mode(reading, fields.key("mode"));
        let at = fields.span_of("mode").unwrap_or(fields.owner());
        tokens = read_tokens(reading, fields.key("tokens"));
        issuer = jwt::read(reading, &mut fields, mode == Some(Mode::Jwt));
        if mode == Some(Mode::Token) && tokens.is_empty() && reading.server_token().is_none() {
            let help = "add one to security.auth.tokens; `simple-gpt-mcp token hash` makes one";
            reading.problem(MISSING, at, "auth mode token needs a token", Some(help));
        }
        if let Some(token) = reading.server_token().map(|token| TokenHash::of(&token))
            && let Some(same) = tokens.iter().find(|other| other.hash.matches(&token))
        {
            let message =
                format!("MCP_SERVER_TOKEN is the same token as that of `{}`", same.principal.credential);
            reading.problem(BAD_VALUE, at, message, Some("whoever shows it can be only one of them"));
        }
        fields.finish();
    }
    tokens.extend(reading.server_token().map(|token| of_environment(&token, default_roles)));
    let mode = match (mode, issuer) {
        (Some(Mode::Jwt), Some(issuer)) => AuthMode::Jwt(issuer),
        // A bad section is a problem already; nobody gets in by it.
        (Some(Mode::Jwt), None) => AuthMode::Token(Vec::new()),
        (Some(Mode::None), _) if reading.server_token().is_none() => AuthMode::None,
        (None, _) if tokens.is_empty() => AuthMode::None,
        _ => AuthMode::Token(tokens),
    };
    AuthSection { mode, allow_unauthenticated }
}

fn mode(reading: &Reading<'_>, key: Key<'_>) -> Option<Mode> {
    let Field::Is(Spanned { value: mode, span }) = key.text() else { return None };
    match mode {
        "none" => Some(Mode::None),
        "token" => Some(Mode::Token),
        "jwt" => Some(Mode::Jwt),
        _ => {
            reading.problem(BAD_VALUE, span, "expected none, token or jwt", None);
            None
        }
    }
}

fn read_tokens(reading: &Reading<'_>, key: Key<'_>) -> Vec<Token> {
    let Field::Is(list) = key.list() else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    let mut tokens = Vec::new();
    for node in list.value {
        let Some(token) = token(reading, node) else { continue };
        if names.contains(&token.principal.credential) {
            let message =
                format!("the name `{}` stands for another token already", token.principal.credential);
            reading.problem(BAD_VALUE, node.span, message, Some("approvals tell callers apart by it"));
        }
        if let Some(same) = tokens.iter().find(|other: &&Token| other.hash.matches(&token.hash)) {
            let message = format!("this is the same token as that of `{}`", same.principal.credential);
            reading.problem(BAD_VALUE, node.span, message, Some("whoever shows it can be only one of them"));
        }
        names.push(token.principal.credential.clone());
        tokens.push(token);
    }
    tokens
}

fn token(reading: &Reading<'_>, node: &Node) -> Option<Token> {
    let mut fields = Fields::of(reading.reader, node, "security.auth.tokens[]", node.span)?;
    let mut required = |name| {
        let mut text = String::new();
        let span = reading.text(fields.required(name), &mut text)?;
        if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
            reading.problem(
                BAD_VALUE,
                span,
                "expected text of 1 to 128 characters without control characters",
                None,
            );
        }
        Some((text, span))
    };
    let (name, sha256) = (required("name"), required("sha256"));
    let (tenant, actor) = (required("tenant"), required("actor"));
    let mut roles = Vec::new();
    reading.texts(fields.key("roles"), &mut roles);
    let rights = rights(reading, fields.key("rights"));
    fields.finish();
    let (sha256, span) = sha256?;
    let Some(hash) = TokenHash::parse(&sha256) else {
        let help = "`simple-gpt-mcp token hash` prints the hash of a token";
        reading.problem(
            BAD_VALUE,
            span,
            "expected the SHA-256 of a token in 64 hexadecimal digits",
            Some(help),
        );
        return None;
    };
    let (credential, tenant, actor) = (name?.0, tenant?.0, actor?.0);
    let principal = Principal { credential, tenant, actor, roles, scopes: None, rights };
    Some(Token { hash, principal: Arc::new(principal) })
}

fn rights(reading: &Reading<'_>, key: Key<'_>) -> Rights {
    let mut rights = Rights::default();
    let Field::Is(list) = key.texts() else { return rights };
    for right in list.value {
        match right.value {
            "approver" => rights.approver = true,
            "operator" => rights.operator = true,
            _ => reading.problem(BAD_VALUE, right.span, "expected approver or operator", None),
        }
    }
    rights
}
