//! Auth mode `jwt`: tokens of an OAuth authorization server, verified by its published keys.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use super::jwks::{Jwks, NoKey};
use super::{Challenge, Principal, Rights};

/// The algorithms that are taken: signatures by a key of which the server only has the public half. With a
/// shared secret, or none, whoever knows the public key could sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Seconds that clocks may differ by.
const LEEWAY: u64 = 30;
/// A longer token is not looked at.
const LONGEST_TOKEN: usize = 16 * 1024;

/// What an operator says about the authorization server.
#[derive(Clone, Debug)]
pub(crate) struct JwtSettings {
    /// The `iss` that tokens must have.
    pub(crate) issuer: String,
    /// The `aud` that tokens must name: the URI of this server.
    pub(crate) audience: String,
    /// Where the issuer publishes its keys.
    pub(crate) jwks_url: String,
    pub(crate) claims: Claims,
}

/// Where in a token the server finds what it needs, as names joined by dots.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) roles: String,
    /// Scopes are checked only where an operator names their claim.
    pub(crate) scopes: Option<String>,
}

impl Default for Claims {
    fn default() -> Self {
        Self { tenant: "tenant".to_owned(), actor: "sub".to_owned(), roles: "roles".to_owned(), scopes: None }
    }
}

/// Verifies tokens of one issuer.
#[derive(Debug)]
pub(crate) struct Jwt {
    pub(crate) settings: JwtSettings,
    keys: Jwks,
}

/// Why a token is no credential; for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum JwtError {
    #[error("the token is longer than {LONGEST_TOKEN} bytes")]
    TooLong,
    #[error("not a token: {0}")]
    Malformed(jsonwebtoken::errors::Error),
    #[error("the algorithm {0:?} is not taken")]
    Algorithm(Algorithm),
    #[error("it has a critical extension, and none is known here")]
    Extension,
    #[error("no key of the issuer has this id")]
    UnknownKey,
    #[error("the issuer's keys are not to be had")]
    KeysAway,
    #[error("refused: {0}")]
    Refused(jsonwebtoken::errors::Error),
    #[error("the claim {0} is missing or not text")]
    Claim(String),
}

/// What it takes to verify a token, once the issuer has said it.
#[derive(Debug)]
pub(super) struct SigningKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtError {
    /// What the caller is told.
    pub(super) fn challenge(&self) -> Challenge {
        match self {
            Self::KeysAway => Challenge::Unavailable,
            _ => Challenge::Invalid,
        }
    }
}

impl Jwt {
    pub(crate) fn new(settings: JwtSettings, client: reqwest::Client) -> Self {
        let keys = Jwks::new(settings.jwks_url.clone(), client);
        Self { settings, keys }
    }

    /// The key by which a token says it was signed, as far as it may be used for that.
    pub(super) async fn key(&self, token: &str) -> Result<SigningKey, JwtError> {
        if token.len() > LONGEST_TOKEN {
            return Err(JwtError::TooLong);
        }
        let header = decode_header(token).map_err(JwtError::Malformed)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(JwtError::Algorithm(header.alg));
        }
        if header.crit.is_some() {
            return Err(JwtError::Extension);
        }
        let key = self.keys.find(header.kid.as_deref()).await.map_err(|no_key| match no_key {
            NoKey::Unknown => JwtError::UnknownKey,
            NoKey::Away => JwtError::KeysAway,
        })?;
        if !suits(&key, header.alg) {
            return Err(JwtError::Algorithm(header.alg));
        }
        let key = DecodingKey::from_jwk(&key).map_err(JwtError::Refused)?;
        Ok(SigningKey { algorithm: header.alg, key })
    }

    /// Who a token speaks for, if this key signed it.
    pub(super) fn verify(&self, token: &str, signed: &SigningKey) -> Result<Arc<Principal>, JwtError> {
        let mut validation = Validation::new(signed.algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.settings.audience]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let claims = decode::<Value>(token, &signed.key, &validation).map_err(JwtError::Refused)?.claims;
        // The library takes a list of issuers too, as long as one of them is the right one.
        if claims.get("iss").and_then(Value::as_str) != Some(&self.settings.issuer) {
            return Err(JwtError::Claim("iss".to_owned()));
        }
        self.principal(&claims).map(Arc::new)
    }

    fn principal(&self, claims: &Value) -> Result<Principal, JwtError> {
        let paths = &self.settings.claims;
        let text = |path: &str| {
            let value = claim(claims, path).and_then(Value::as_str);
            let value = value
                .filter(|text| !text.is_empty() && text.len() <= 128 && !text.chars().any(char::is_control));
            value.map(str::to_owned).ok_or_else(|| JwtError::Claim(path.to_owned()))
        };
        let (tenant, actor) = (text(&paths.tenant)?, text(&paths.actor)?);
        Ok(Principal {
            credential: format!("{tenant}/{actor}"),
            tenant,
            actor,
            roles: claim(claims, &paths.roles).map(roles).unwrap_or_default(),
            scopes: paths.scopes.as_ref().map(|path| claim(claims, path).map(words).unwrap_or_default()),
            rights: rights(claims),
        })
    }
}

/// Whether a key may be used with an algorithm: it must be meant for signatures, and for this one if it names one.
fn suits(key: &Jwk, algorithm: Algorithm) -> bool {
    let for_signatures = !matches!(
        key.common.public_key_use,
        Some(jsonwebtoken::jwk::PublicKeyUse::Encryption | jsonwebtoken::jwk::PublicKeyUse::Other(_))
    );
    let same =
        |named: KeyAlgorithm| named.to_string().parse::<Algorithm>().is_ok_and(|named| named == algorithm);
    for_signatures && key.common.key_algorithm.is_none_or(same)
}

/// The value at a path such as `realm_access.roles`. A claim whose own name has dots is found first.
fn claim<'c>(claims: &'c Value, path: &str) -> Option<&'c Value> {
    claims.get(path).or_else(|| path.split('.').try_fold(claims, |value, step| value.get(step)))
}

/// A list of roles, or a single one. The name of a role may have spaces, and `Former Admin` is no `Admin`.
fn roles(value: &Value) -> Vec<String> {
    match value {
        Value::String(role) => vec![role.clone()],
        other => words(other),
    }
}

/// A list of words, given as an array or, as scopes are, in one text with spaces.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The rights beside calling tools, in the claim `rights`.
fn rights(claims: &Value) -> Rights {
    let words = claims.get("rights").map(words).unwrap_or_default();
    let has = |right: &str| words.iter().any(|word| word == right);
    Rights { approver: has("approver"), operator: has("operator") }
}
