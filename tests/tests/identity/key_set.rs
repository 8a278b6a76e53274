//! The issuer's keys: fetched rarely, dropped when they are withdrawn, kept while the issuer is away.

use std::time::Duration;

use serde_json::json;
use tests::client::Reply;
use tests::gateway::Gateway;
use tests::issuer::{Behaviour, Issuer, Key, encode};
use tests::recorder::Recorder;

use super::{config, serve};

const MINUTE: Duration = Duration::from_secs(60);

/// Lets time pass without waiting for it.
async fn pass(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

/// A gateway that believes an issuer, with a backend of its own.
struct Line {
    issuer: Issuer,
    gateway: Gateway,
    backend: Recorder,
}

impl Line {
    async fn start(keys: &[&Key]) -> Self {
        let (issuer, backend) = (Issuer::start(keys).await, Recorder::start().await);
        let text = config(
            &[("default", backend.address())],
            "  trusted_proxies: [127.0.0.1]\n",
            &issuer.auth_section(),
        );
        Self { gateway: serve(&text).await, issuer, backend }
    }

    fn token(&self, key: &Key) -> String {
        key.token(&self.issuer.claims("default", "ann", &["Agent"]))
    }

    /// Calls a tool from some address, on a connection of its own: time that was made to pass has closed others.
    async fn call_from(&self, address: &str, token: String) -> Reply {
        let params = json!({"name": "memory_search", "arguments": {"query": "x"}});
        let client = self.gateway.client().with_token(token);
        client.modern("tools/call", params, &[("x-forwarded-for", address)]).await
    }

    async fn status(&self, key: &Key) -> u16 {
        self.call_from("198.51.100.1", self.token(key)).await.status
    }
}

#[tokio::test]
async fn unknown_keys_make_the_server_ask_once_in_a_while() {
    let key = Key::es256("known");
    let line = Line::start(&[&key]).await;
    assert_eq!(line.status(&key).await, 200);
    assert_eq!(line.issuer.fetches(), 1);
    for round in 1..=5 {
        pass(Duration::from_secs(31)).await;
        for number in 0..20 {
            let unknown = Key::eddsa(&format!("unknown-{round}-{number}"));
            let reply = line.call_from(&format!("10.0.{round}.{number}"), line.token(&unknown)).await;
            assert_eq!(reply.status, 401, "{}", reply.text);
        }
        assert_eq!(line.issuer.fetches(), 1 + round);
        assert_eq!(line.status(&key).await, 200);
    }
    assert_eq!(line.backend.take().len(), 6);
}

#[tokio::test]
async fn garbage_never_makes_the_server_ask() {
    let key = Key::es256("known");
    let line = Line::start(&[&key]).await;
    for (number, garbage) in ["x", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30."].into_iter().enumerate() {
        let reply = line.call_from(&format!("10.0.0.{number}"), garbage.to_owned()).await;
        assert_eq!(reply.status, 401, "{garbage}");
    }
    assert_eq!(line.issuer.fetches(), 0);
}

#[tokio::test]
async fn a_new_key_is_found_and_a_withdrawn_one_is_dropped() {
    let (old, new) = (Key::rs256("old"), Key::eddsa("new"));
    let line = Line::start(&[&old]).await;
    assert_eq!(line.status(&old).await, 200);
    line.issuer.publish(&[&old, &new]);
    assert_eq!(line.status(&new).await, 401, "asked again too soon");
    pass(Duration::from_secs(31)).await;
    assert_eq!(line.status(&new).await, 200);
    assert_eq!(line.status(&old).await, 200);
    line.issuer.publish(&[&new]);
    pass(5 * MINUTE).await;
    assert_eq!(line.status(&old).await, 401, "a withdrawn key still counts");
    assert_eq!(line.status(&new).await, 200);
    assert_eq!(line.issuer.fetches(), 3);
    assert_eq!(line.backend.take().len(), 4);
}

#[tokio::test]
async fn known_keys_outlast_an_issuer_that_is_away_for_an_hour() {
    let key = Key::es256("k");
    let line = Line::start(&[&key]).await;
    assert_eq!(line.status(&key).await, 200);
    let mut fetches = 1;
    for behaviour in [Behaviour::Status(500), Behaviour::Garbage, Behaviour::Status(302)] {
        line.issuer.behave(behaviour);
        pass(6 * MINUTE).await;
        for _ in 0..10 {
            assert_eq!(line.status(&key).await, 200, "{behaviour:?}");
        }
        fetches += 1;
        assert_eq!(line.issuer.fetches(), fetches, "{behaviour:?}");
    }
    // An hour after they came nobody knows what became of them.
    pass(50 * MINUTE).await;
    let reply = line.call_from("198.51.100.1", line.token(&key)).await;
    assert_eq!(reply.status, 503, "{}", reply.text);
    line.issuer.behave(Behaviour::Keys);
    pass(MINUTE).await;
    assert_eq!(line.status(&key).await, 200);
}

#[tokio::test]
async fn an_issuer_that_says_nothing_keeps_no_known_key_waiting() {
    let key = Key::es256("k");
    let line = Line::start(&[&key]).await;
    assert_eq!(line.status(&key).await, 200);
    line.issuer.behave(Behaviour::Silence);
    pass(6 * MINUTE).await;
    // The fetch hangs for five seconds.
    let calls = async { tokio::join!(line.status(&key), line.status(&key), line.status(&key)) };
    let statuses = tokio::time::timeout(Duration::from_secs(4), calls).await;
    assert_eq!(statuses.expect("answers while the fetch hangs"), (200, 200, 200));
    assert_eq!(line.status(&key).await, 200);
    assert_eq!(line.issuer.fetches(), 2);
    // Who comes with an unknown key waits for what is under way, and keeps nobody else waiting.
    let unknown = Key::eddsa("unknown");
    let (reply, status) = tokio::join!(line.call_from("10.0.0.1", line.token(&unknown)), line.status(&key));
    assert_eq!((reply.status, status), (401, 200));
    assert_eq!(line.issuer.fetches(), 2);
}

#[tokio::test]
async fn without_keys_nobody_gets_in_and_nobody_is_blamed() {
    let key = Key::es256("k");
    let line = Line::start(&[&key]).await;
    for behaviour in [Behaviour::Status(500), Behaviour::Garbage] {
        line.issuer.behave(behaviour);
        let before = line.issuer.fetches();
        for attempt in 0..20 {
            let reply = line.call_from("198.51.100.1", line.token(&key)).await;
            assert_eq!(reply.status, 503, "{behaviour:?} {attempt}: {}", reply.text);
            assert!(reply.headers.contains_key("retry-after"));
            assert!(!reply.headers.contains_key("www-authenticate"), "a good token was called bad");
        }
        assert_eq!(line.issuer.fetches(), before + 1);
        pass(Duration::from_secs(31)).await;
    }
    assert!(line.backend.take().is_empty());
    line.issuer.behave(Behaviour::Keys);
    assert_eq!(line.status(&key).await, 200);
}

#[tokio::test]
async fn a_key_is_used_for_what_it_is_published_for() {
    let key = Key::rs256("k");
    let line = Line::start(&[&key]).await;
    let token = line.token(&key);
    let without = |names: &[&str]| {
        let mut jwk = key.jwk();
        names.iter().for_each(|name| {
            jwk.as_object_mut().unwrap().shift_remove(*name);
        });
        jwk
    };
    let with = |name: &str, value: &str| {
        let mut jwk = key.jwk();
        jwk[name] = json!(value);
        jwk
    };
    let secret = json!({"kty": "oct", "kid": "k", "k": encode(key.public())});
    for (number, (name, keys, accepted)) in [
        ("as it is", vec![key.jwk()], true),
        ("without use and algorithm", vec![without(&["use", "alg"])], true),
        ("for encryption", vec![with("use", "enc")], false),
        ("for another algorithm", vec![with("alg", "PS256")], false),
        ("for encryption by its algorithm", vec![with("alg", "RSA-OAEP")], false),
        ("as a shared secret", vec![secret.clone()], false),
        ("behind keys of unknown kinds", vec![json!({"kty": "PQC"}), json!(7), key.jwk()], true),
        ("of a modulus that is none", vec![with("n", "AQAB")], false),
        ("no keys", vec![], false),
    ]
    .into_iter()
    .enumerate()
    {
        line.issuer.publish_as_written(keys);
        pass(6 * MINUTE).await;
        let reply = line.call_from(&format!("10.0.0.{number}"), token.clone()).await;
        assert_eq!(reply.status, if accepted { 200 } else { 401 }, "{name}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_token_without_a_key_id_is_taken_where_there_is_one_key() {
    let (key, other) = (Key::es256("k"), Key::es256("l"));
    let line = Line::start(&[&key]).await;
    let header = json!({"alg": "ES256"});
    let token = key.sign(&header, &line.issuer.claims("default", "ann", &["Agent"]));
    assert_eq!(line.call_from("10.0.0.1", token.clone()).await.status, 200);
    line.issuer.publish(&[&key, &other]);
    pass(6 * MINUTE).await;
    assert_eq!(line.call_from("10.0.0.1", token).await.status, 401);
}
