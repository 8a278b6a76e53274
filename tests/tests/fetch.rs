//! `website_fetch` before a network that means harm. Everything stays on loopback: one address of it is declared
//! public by the test, and what must never be reached is counted by listeners of their own.

mod apart;
mod dns;
mod hostile;
mod judge;
mod manners;
mod names;
mod namespace;
mod pages;
mod redirects;
mod site;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use runtime::Setup;
use runtime::native::fetch::{Addresses, Network, Resolve};
use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tests::gateway::{Gateway, config_text, product};

/// The address that plays the public internet.
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Limits are another test's subject.
const UNLIMITED: &str = "rate_limits: {default_per_minute: 1000000, per_actor_per_minute: 1000000}\n";

/// A network in which [`PUBLIC`] is public.
fn network() -> Network {
    Network { addresses: Addresses::with_also_public([PUBLIC]), ..Network::default() }
}

fn network_with(resolver: impl Resolve + 'static) -> Network {
    Network { resolver: Arc::new(resolver), ..network() }
}

/// A gateway whose section `fetch` has these keys.
async fn gateway(network: Network, fetch: &str) -> Gateway {
    let more = format!("{UNLIMITED}fetch: {{{fetch}}}\n");
    let setup = Setup { network, ..Setup::default() };
    Gateway::with_setup(&product(), &config_text(([127, 0, 0, 1], 9).into(), &more), setup).await
}

async fn fetch(client: &Client, url: &str) -> Reply {
    client.call("website_fetch", json!({"url": url})).await
}

/// The error code and the reason of a refused fetch.
fn refusal(reply: &Reply) -> (String, String) {
    let error = reply.tool_error();
    let text = |member: &Value| member.as_str().unwrap_or_default().to_owned();
    (text(&error["error_code"]), text(&error["reason"]))
}

/// Asserts that a fetch was refused by a rule.
fn assert_blocked(reply: &Reply, reason: &str, about: &str) {
    assert_eq!(refusal(reply), ("FETCH_BLOCKED".to_owned(), reason.to_owned()), "{about}: {}", reply.text);
}
