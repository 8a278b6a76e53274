//! An authorization server: keys made for the test, a key set on loopback that can misbehave, and tokens.
//!
//! Tokens are put together by hand and signed by the cryptographic library itself, so that the library that
//! reads them is not the one that wrote them, and so that a token can be as wrong as a test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::sync::watch;

/// The `aud` that gateways of the tests ask for.
pub const AUDIENCE: &str = "https://gateway.example/mcp";

/// What the endpoint of the keys does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It sends the keys.
    Keys,
    /// It fails.
    Status(u16),
    /// It sends what is no key set.
    Garbage,
    /// It takes the request and never answers.
    Silence,
}

/// A running authorization server.
pub struct Issuer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    keys: Mutex<Vec<Value>>,
    behaviour: Mutex<Behaviour>,
    fetches: watch::Sender<usize>,
}

impl Issuer {
    /// Publishes these keys.
    pub async fn start(keys: &[&Key]) -> Self {
        let shared = Arc::new(Shared {
            keys: Mutex::default(),
            behaviour: Mutex::new(Behaviour::Keys),
            fetches: watch::Sender::new(0),
        });
        let router = Router::new().route("/keys", get(send_keys)).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self { address, shared };
        issuer.publish(keys);
        issuer
    }

    /// Publishes these keys from now on, and no others.
    pub fn publish(&self, keys: &[&Key]) {
        self.publish_as_written(keys.iter().map(|key| key.jwk()).collect());
    }

    /// Publishes keys as the test has written them.
    pub fn publish_as_written(&self, keys: Vec<Value>) {
        *self.shared.keys.lock().unwrap() = keys;
    }

    /// Changes what the endpoint of the keys does.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// How often the keys were asked for.
    pub fn fetches(&self) -> usize {
        *self.shared.fetches.borrow()
    }

    /// Returns once the keys were asked for so often.
    pub async fn fetched(&self, times: usize) {
        self.shared.fetches.subscribe().wait_for(|fetches| *fetches >= times).await.unwrap();
    }

    /// What tokens have as `iss`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The section `security.auth` of a gateway that believes this issuer, without the claims.
    pub fn auth_section(&self) -> String {
        let url = self.url();
        format!(
            "  auth:\n    mode: jwt\n    issuer: {url}\n    audience: {AUDIENCE}\n    jwks_url: {url}/keys\n"
        )
    }

    /// Claims of a good token, to change.
    pub fn claims(&self, tenant: &str, actor: &str, roles: &[&str]) -> Value {
        json!({
            "iss": self.url(), "aud": AUDIENCE, "exp": now() + 600, "nbf": now() - 1,
            "tenant": tenant, "sub": actor, "roles": roles,
        })
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

async fn send_keys(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.send_modify(|fetches| *fetches += 1);
    let behaviour = *shared.behaviour.lock().unwrap();
    match behaviour {
        Behaviour::Keys => json!({"keys": *shared.keys.lock().unwrap()}).to_string().into_response(),
        Behaviour::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Behaviour::Garbage => "<html>maintenance</html>".into_response(),
        Behaviour::Silence => std::future::pending().await,
    }
}

/// A key pair.
pub struct Key {
    id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    /// A key for RS256.
    pub fn rs256(id: &str) -> Self {
        Self { id: id.to_owned(), pair: Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) }
    }

    /// A key for ES256.
    pub fn es256(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { id: id.to_owned(), pair: Pair::Ec(pair) }
    }

    /// A key for EdDSA.
    pub fn eddsa(id: &str) -> Self {
        Self { id: id.to_owned(), pair: Pair::Ed(Ed25519KeyPair::generate().unwrap()) }
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// The public half as everybody knows it.
    pub fn public(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ec(pair) => pair.public_key().as_ref(),
            Pair::Ed(pair) => pair.public_key().as_ref(),
        }
    }

    /// The public half as it is published.
    pub fn jwk(&self) -> Value {
        let public = self.public();
        let mut jwk = match self.pair {
            // A sequence of the modulus and the exponent 65537; at this size both stand where they always do.
            Pair::Rsa(_) => json!({"kty": "RSA", "n": encode(&public[9..265]), "e": encode(&[1, 0, 1])}),
            // An uncompressed point: 4, x, y.
            Pair::Ec(_) => {
                json!({"kty": "EC", "crv": "P-256", "x": encode(&public[1..33]), "y": encode(&public[33..65])})
            }
            Pair::Ed(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(public)}),
        };
        jwk["kid"] = json!(self.id);
        jwk["alg"] = json!(self.algorithm());
        jwk["use"] = json!("sig");
        jwk
    }

    /// The header of a good token, to change.
    pub fn header(&self) -> Value {
        json!({"alg": self.algorithm(), "typ": "JWT", "kid": self.id})
    }

    /// A good token of these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }

    /// A token of this header and these claims, whatever they say.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
        };
        format!("{text}.{}", encode(&signature))
    }
}

/// The part of a token that is signed.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()))
}

/// Bytes as tokens and keys spell them.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
