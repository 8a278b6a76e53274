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

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use crate::approval::Approver;
use metadata::Metadata;

pub(crate) use challenge::Challenge;
pub(crate) use jwt::{Claims, Jwt, JwtSettings};
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
        self.throttled(address, || self.verify(headers)).await.map(Caller::Known)
    }

    /// Who may decide on approvals with these headers, or the refusal.
    pub(crate) async fn approver(&self, headers: &HeaderMap, address: IpAddr) -> Result<Approver, Response> {
        let by_start_token = || async {
            let shown = bearer(headers)?;
            let matches =
                self.approver.as_ref().is_some_and(|approver| approver.matches(&TokenHash::of(shown)));
            Ok(matches)
        };
        if self.throttled(address, by_start_token).await? {
            return Ok(Approver { credential: "start token".to_owned(), tenant: None });
        }
        let principal = self.throttled(address, || self.verify(headers)).await?;
        if !principal.rights.approver {
            let reason = "this credential may not decide on approvals";
            return Err((StatusCode::FORBIDDEN, reason).into_response());
        }
        Ok(Approver { credential: principal.credential.clone(), tenant: Some(principal.tenant.clone()) })
    }

    /// Runs a verification unless the address has shown too many bad tokens.
    async fn throttled<T, F: Future<Output = Result<T, Challenge>>>(
        &self,
        address: IpAddr,
        verify: impl FnOnce() -> F,
    ) -> Result<T, Response> {
        if let Some(wait) = self.throttle.wait(address) {
            tracing::info!(%address, "too many bad tokens");
            let seconds = (wait.as_secs() + 1).to_string();
            let reason = "too many bad tokens; wait before you try again";
            return Err(
                (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], reason).into_response()
            );
        }
        verify().await.map_err(|challenge| {
            if challenge == Challenge::Invalid {
                self.throttle.failed(address);
            }
            self.refuse(&challenge)
        })
    }

    /// The refusal of a request whose credential does not suffice.
    pub(crate) fn refuse(&self, challenge: &Challenge) -> Response {
        challenge.response(self.metadata.as_ref().map(|metadata| metadata.url.as_str()))
    }

    async fn verify(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Challenge> {
        let shown = bearer(headers)?;
        match &self.verifier {
            Verifier::None => Err(Challenge::Invalid),
            Verifier::Token(tokens) => token::find(tokens, shown).ok_or(Challenge::Invalid),
            Verifier::Jwt(jwt) => jwt.verify(shown).await.map_err(|error| {
                tracing::info!(error = error.to_string(), "token refused");
                Challenge::Invalid
            }),
        }
    }
}

/// The token of the request's one `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Result<&str, Challenge> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Challenge::Missing)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Challenge::Invalid)?;
    let token = token.trim();
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Challenge::Invalid);
    }
    Ok(token)
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
