//! Finding out who calls, from the credential of each request and from nothing else.

mod challenge;
mod jwks;
mod jwt;
pub(crate) mod metadata;
mod principal;
mod throttle;
mod token;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use crate::approval::Approver;
use metadata::Metadata;

pub(crate) use challenge::Challenge;
pub(crate) use jwt::{Claims, Jwt, JwtSettings};
use jwt::{JwtError, SigningKey};
pub(crate) use principal::{Caller, Principal, Rights};
use throttle::Throttle;
pub(crate) use token::{Token, TokenHash};

/// How callers show who they are.
#[derive(Clone, Debug)]
pub(crate) enum AuthMode {
    /// They do not: whoever reaches the server is believed.
    None,
    /// By a fixed token.
    Token(Vec<Token>),
    /// By a token of an OAuth authorization server.
    Jwt(JwtSettings),
}

impl AuthMode {
    /// Whether somebody can have the right to decide on approvals.
    pub(crate) fn names_an_approver(&self) -> bool {
        match self {
            Self::None => false,
            Self::Token(tokens) => tokens.iter().any(|token| token.principal.rights.approver),
            Self::Jwt(_) => true,
        }
    }
}

/// Verifies credentials.
#[derive(Debug)]
pub(crate) struct Auth {
    verifier: Verifier,
    /// A token for deciding on approvals, made at start where the configuration gives nobody that right.
    approver: Option<TokenHash>,
    throttle: Throttle,
    /// What clients are told about getting a token.
    pub(crate) metadata: Option<Metadata>,
}

#[derive(Debug)]
enum Verifier {
    None,
    Token(Vec<Token>),
    Jwt(Box<Jwt>),
}

impl Auth {
    pub(crate) fn new(
        mode: AuthMode,
        client: reqwest::Client,
        metadata: Option<Metadata>,
        approver: Option<TokenHash>,
    ) -> Self {
        let verifier = match mode {
            AuthMode::None => Verifier::None,
            AuthMode::Token(tokens) => Verifier::Token(tokens),
            AuthMode::Jwt(settings) => Verifier::Jwt(Box::new(Jwt::new(settings, client))),
        };
        Self { verifier, approver, throttle: Throttle::new(), metadata }
    }

    /// Whether callers show who they are at all.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.verifier, Verifier::None)
    }

    /// Who sent a request with these headers from this address, or the refusal.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Caller, Response> {
        if self.is_open() {
            return Ok(Caller::Anyone);
        }
        let principal = self.look(headers, address, |shown| self.verify(shown)).await?;
        Ok(Caller::Known(principal))
    }

    /// Who may decide on approvals with these headers, or the refusal.
    pub(crate) async fn approver(&self, headers: &HeaderMap, address: IpAddr) -> Result<Approver, Response> {
        // Nobody in particular shows the token of the start.
        let verify = |shown: &Shown<'_>| match &self.approver {
            Some(approver) if approver.matches(&TokenHash::of(shown.token)) => Ok(None),
            _ => self.verify(shown).map(Some),
        };
        let Some(principal) = self.look(headers, address, verify).await? else {
            return Ok(Approver { credential: "start token".to_owned(), tenant: None });
        };
        if !principal.rights.approver {
            let reason = "this credential may not decide on approvals";
            return Err((StatusCode::FORBIDDEN, reason).into_response());
        }
        Ok(Approver { credential: principal.credential.clone(), tenant: Some(principal.tenant.clone()) })
    }

    /// Lets through who may read the server's figures: anyone in mode none, else whoever has the right `operator`.
    pub(crate) async fn operator(&self, headers: &HeaderMap, address: IpAddr) -> Result<(), Response> {
        match self.authenticate(headers, address).await? {
            Caller::Known(principal) if !principal.rights.operator => {
                Err((StatusCode::FORBIDDEN, "this credential may not read the server's figures")
                    .into_response())
            }
            Caller::Anyone | Caller::Known(_) => Ok(()),
        }
    }

    /// Looks at what a request shows, unless its client has shown too many bad tokens.
    async fn look<T>(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        verify: impl FnOnce(&Shown<'_>) -> Result<T, Challenge>,
    ) -> Result<T, Response> {
        let shown = match bearer(headers) {
            Err(Challenge::Missing) => return Err(self.refuse(&Challenge::Missing)),
            shown => shown,
        };
        if let Some(wait) = self.throttle.wait(address) {
            return Err(too_many(address, wait));
        }
        // Whatever has to be waited for comes before the look at the token, which nothing then interrupts.
        let shown = match (shown, &self.verifier) {
            (Ok(token), Verifier::Jwt(jwt)) => Ok(Shown { token, key: Some(jwt.key(token).await) }),
            (Ok(token), Verifier::None | Verifier::Token(_)) => Ok(Shown { token, key: None }),
            (Err(challenge), _) => Err(challenge),
        };
        let look = || shown.and_then(|shown| verify(&shown));
        let is_bad = |found: &Result<T, Challenge>| matches!(found, Err(Challenge::Invalid));
        let found = self.throttle.look(address, look, is_bad).map_err(|wait| too_many(address, wait))?;
        found.map_err(|challenge| self.refuse(&challenge))
    }

    /// The refusal of a request whose credential does not suffice.
    pub(crate) fn refuse(&self, challenge: &Challenge) -> Response {
        challenge.response(self.metadata.as_ref())
    }

    fn verify(&self, shown: &Shown<'_>) -> Result<Arc<Principal>, Challenge> {
        let refused = |error: &JwtError| {
            tracing::info!(error = error.to_string(), "token refused");
            error.challenge()
        };
        match (&self.verifier, &shown.key) {
            (Verifier::Token(tokens), _) => token::find(tokens, shown.token).ok_or(Challenge::Invalid),
            (Verifier::Jwt(jwt), Some(Ok(key))) => {
                jwt.verify(shown.token, key).map_err(|error| refused(&error))
            }
            (Verifier::Jwt(_), Some(Err(error))) => Err(refused(error)),
            (Verifier::None, _) | (Verifier::Jwt(_), None) => Err(Challenge::Invalid),
        }
    }
}

/// A token and, in auth mode `jwt`, the key by which it may be verified.
struct Shown<'h> {
    token: &'h str,
    key: Option<Result<SigningKey, JwtError>>,
}

/// The refusal of a client that has shown too many bad tokens.
fn too_many(address: IpAddr, wait: Duration) -> Response {
    tracing::info!(%address, "too many bad tokens");
    let seconds = (wait.as_secs() + 1).to_string();
    let reason = "too many bad tokens; wait before you try again";
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], reason).into_response()
}

/// The token of the request's one `Authorization: Bearer`. With another scheme none is shown.
fn bearer(headers: &HeaderMap) -> Result<&str, Challenge> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Challenge::Missing)?;
    if values.next().is_some() {
        return Err(Challenge::Invalid);
    }
    let value = value.to_str().map_err(|_| Challenge::Invalid)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Challenge::Missing);
    }
    let token = token.trim();
    if token.is_empty() { Err(Challenge::Invalid) } else { Ok(token) }
}

impl Principal {
    /// The tenant, actor and roles of whoever shows the one token that the environment names.
    pub(crate) fn of_environment(roles: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            credential: "MCP_SERVER_TOKEN".to_owned(),
            tenant: crate::context::DEFAULT_TENANT.to_owned(),
            actor: "token".to_owned(),
            roles,
            scopes: None,
            rights: Rights::default(),
        })
    }
}
