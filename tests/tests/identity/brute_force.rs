//! Trying out tokens: few are looked at, and nobody else has to wait for it.

use std::time::Duration;

use serde_json::json;
use tests::client::{Client, Reply};
use tests::gateway::Gateway;
use tests::issuer::{Behaviour, Issuer, Key};
use tests::recorder::Recorder;

use super::{Fixed, config, serve, token_section};

const GOOD: &str = "the-good-token";

async fn gateway(backend: &Recorder) -> Gateway {
    let token = Fixed { token: GOOD, tenant: "default", actor: "ann", roles: &["Agent"] };
    let text = config(
        &[("default", backend.address())],
        "  trusted_proxies: [127.0.0.1]\n",
        &token_section(&[token]),
    );
    serve(&text).await
}

/// Calls a tool from an address behind the trusted proxy.
async fn call_from(client: &Client, address: &str) -> Reply {
    let params = json!({"name": "memory_search", "arguments": {"query": "x"}});
    client.modern("tools/call", params, &[("x-forwarded-for", address)]).await
}

/// Whether a token was looked at; if not, the reply says when to come back.
fn was_looked_at(reply: &Reply) -> bool {
    if reply.status == 429 {
        let seconds: u64 = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(!reply.headers.contains_key("www-authenticate"));
        return false;
    }
    assert_eq!(reply.status, 401, "{}", reply.text);
    true
}

/// Lets time pass without waiting for it.
async fn pass(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

#[tokio::test]
async fn of_a_thousand_tries_in_a_minute_ten_are_looked_at() {
    let backend = Recorder::start().await;
    let gateway = gateway(&backend).await;
    let (client, mut looked_at) = (gateway.client(), 0);
    for attempt in 0..1_000 {
        let client = client.with_token(format!("guess-{attempt}"));
        looked_at += usize::from(was_looked_at(&call_from(&client, "198.51.100.7").await));
        if attempt % 20 == 19 {
            // Fifty pauses make up not quite a minute.
            pass(Duration::from_millis(1_190)).await;
        }
        if attempt % 250 == 249 {
            let good = gateway.client().with_token(GOOD);
            assert_eq!(call_from(&good, "198.51.100.8").await.status, 200, "another client had to wait");
        }
    }
    assert!((5..=10).contains(&looked_at), "{looked_at}");
    assert_eq!(backend.take().len(), 4);
    pass(Duration::from_secs(61)).await;
    let good = gateway.client().with_token(GOOD);
    assert_eq!(call_from(&good, "198.51.100.7").await.status, 200, "the address stays shut out");
}

#[tokio::test]
async fn a_client_that_is_shut_out_is_not_let_in_by_a_good_token() {
    let backend = Recorder::start().await;
    let gateway = gateway(&backend).await;
    for attempt in 0..5 {
        let client = gateway.client().with_token(format!("guess-{attempt}"));
        assert!(was_looked_at(&call_from(&client, "198.51.100.7").await), "{attempt}");
    }
    let good = gateway.client().with_token(GOOD);
    assert!(!was_looked_at(&call_from(&good, "198.51.100.7").await), "a guess that is right tells nothing");
    for path in ["/mcp/discovery", "/approvals"] {
        let reply = good.get(path).await;
        assert_ne!(reply.status, 429, "{path} from the proxy's own address");
    }
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn an_ipv6_network_is_one_client() {
    let backend = Recorder::start().await;
    let gateway = gateway(&backend).await;
    let (client, mut looked_at) = (gateway.client(), 0);
    for attempt in 0..100 {
        let client = client.with_token(format!("guess-{attempt}"));
        let address = format!("2001:db8:1:2:{attempt:x}::{attempt:x}");
        looked_at += usize::from(was_looked_at(&call_from(&client, &address).await));
    }
    assert!(looked_at <= 10, "{looked_at} tries from one network");
    let good = gateway.client().with_token(GOOD);
    assert_eq!(call_from(&good, "2001:db8:1:3::1").await.status, 200);
}

#[tokio::test]
async fn tries_at_the_same_time_are_counted_too() {
    let backend = Recorder::start().await;
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    issuer.behave(Behaviour::Silence);
    let section = issuer.auth_section();
    let text = config(&[("default", backend.address())], "  trusted_proxies: [127.0.0.1]\n", &section);
    let gateway = serve(&text).await;
    let stranger = Key::es256("k");
    let bad = stranger.token(&issuer.claims("default", "ann", &["Admin"]));
    // All of them wait for the keys, and then are looked at.
    let (client, mut tries) = (gateway.client().with_token(&bad), tokio::task::JoinSet::new());
    for _ in 0..200 {
        let client = client.clone();
        tries.spawn(async move { call_from(&client, "198.51.100.7").await });
    }
    issuer.fetched(1).await;
    issuer.behave(Behaviour::Keys);
    pass(Duration::from_secs(31)).await;
    let replies = tries.join_all().await;
    let unavailable = replies.iter().filter(|reply| reply.status == 503).count();
    let looked_at = replies.iter().filter(|reply| reply.status != 503 && was_looked_at(reply)).count();
    assert!(looked_at <= 10, "{looked_at} looked at, {unavailable} without keys");
    let good = gateway.client().with_token(key.token(&issuer.claims("default", "ann", &["Agent"])));
    assert_eq!(call_from(&good, "198.51.100.8").await.status, 200);
    assert_eq!(backend.take().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tries_on_many_threads_are_counted_too() {
    let backend = Recorder::start().await;
    let gateway = gateway(&backend).await;
    let (client, started) = (gateway.client(), std::time::Instant::now());
    let mut tries = tokio::task::JoinSet::new();
    for attempt in 0..500 {
        let client = client.with_token(format!("guess-{attempt}"));
        tries.spawn(async move { call_from(&client, "198.51.100.7").await });
    }
    let replies = tries.join_all().await;
    let looked_at = replies.iter().filter(|reply| was_looked_at(reply)).count() as u64;
    let paid = started.elapsed().as_secs() / 12;
    assert!((5..=5 + paid).contains(&looked_at), "{looked_at} in {:?}", started.elapsed());
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn requests_without_a_token_count_for_nothing_and_nothing_is_counted_without_authentication() {
    let backend = Recorder::start().await;
    let gateway = gateway(&backend).await;
    let client = gateway.client();
    for _ in 0..50 {
        assert_eq!(call_from(&client, "198.51.100.7").await.status, 401);
    }
    assert_eq!(call_from(&client.with_token(GOOD), "198.51.100.7").await.status, 200);
    let open = serve(&config(&[("default", backend.address())], "", "")).await;
    let client = open.client();
    for attempt in 0..50 {
        let client = client.with_token(format!("guess-{attempt}"));
        assert_eq!(call_from(&client, "198.51.100.7").await.status, 200);
    }
}
