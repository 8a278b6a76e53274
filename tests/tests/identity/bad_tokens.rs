//! Credentials that are none: each is refused with a challenge, and nothing reaches a backend.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tests::issuer::{AUDIENCE, Issuer, Key, encode, now, unsigned};
use tests::recorder::Recorder;

use super::{Fixed, config, serve, token_section};

const TOKEN: &str = "the-fixed-token-canary";
const MESSAGE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_search","arguments":{"query":"x"}}}"#;

/// Calls a tool with these values of `Authorization`, as a legacy client, which needs no other header.
async fn call(client: &Client, authorization: &[&str]) -> Reply {
    let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", *value)).collect();
    client.post(MESSAGE, &headers).await
}

/// The tokens are tried from addresses of their own, or the guard against trying them out would refuse them.
fn from(number: usize) -> String {
    format!("198.51.100.{number}")
}

/// A refusal: 401, a challenge of this kind, and nothing of what was shown.
fn check_refusal(name: &str, reply: &Reply, challenge: &str, shown: &str) {
    assert_eq!(reply.status, 401, "{name}: {}", reply.text);
    let given: Vec<&str> =
        reply.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(given, [challenge], "{name}");
    assert!(shown.is_empty() || !format!("{:?} {}", reply.headers, reply.text).contains(shown), "{name}");
}

fn forwarded(backend: SocketAddr, security: &str) -> String {
    config(&[("default", backend)], "  trusted_proxies: [127.0.0.1]\n", security)
}

/// Requests without a usable bearer token, whatever tokens look like: their headers and the challenge.
fn unusable(good: &str) -> Vec<(&'static str, Vec<String>, bool)> {
    let bearer = format!("Bearer {good}");
    vec![
        ("no credential", vec![], false),
        ("another scheme", vec!["Basic dXNlcjpwYXNz".to_owned()], false),
        ("a scheme that only begins like it", vec![format!("BearerX {good}")], false),
        ("two headers", vec![bearer.clone(), bearer.clone()], true),
        ("two headers, the first one good", vec![bearer.clone(), "Basic dXNlcjpwYXNz".to_owned()], true),
        ("two headers, the last one good", vec!["Bearer wrong".to_owned(), bearer.clone()], true),
        ("two tokens in one header", vec![format!("{bearer}, {bearer}")], true),
        ("a token and more", vec![format!("{bearer} {good}")], true),
        ("no token after the scheme", vec!["Bearer ".to_owned()], true),
        ("nothing after the scheme", vec!["Bearer".to_owned()], true),
        ("the token without a scheme", vec![good.to_owned()], false),
        ("a longer token", vec![format!("{bearer}x")], true),
        ("a shorter token", vec![bearer.split_at(bearer.len() - 1).0.to_owned()], true),
        ("a token of 17 KiB", vec![format!("Bearer {}", "x".repeat(17 * 1024))], true),
        ("garbage", vec!["Bearer ....".to_owned()], true),
    ]
}

#[tokio::test]
async fn what_is_no_fixed_token_is_refused_alike() {
    let backend = Recorder::start().await;
    let token = Fixed { token: TOKEN, tenant: "default", actor: "ann", roles: &["Agent"] };
    let gateway = serve(&forwarded(backend.address(), &token_section(&[token]))).await;
    let client = gateway.client();
    assert_eq!(call(&client, &[&format!("bearer {TOKEN}")]).await.status, 200, "a scheme in small letters");
    assert_eq!(backend.take().len(), 1);
    let mut refusals = Vec::new();
    let upper = vec![format!("Bearer {}", TOKEN.to_uppercase())];
    let hash = vec![format!("Bearer {}", super::sha256(TOKEN))];
    let mut cases = unusable(TOKEN);
    cases.extend([("other letters", upper, true), ("the hash itself", hash, true)]);
    for (number, (name, values, is_token)) in cases.into_iter().enumerate() {
        let address = from(number);
        let mut headers = vec![("x-forwarded-for", address.as_str())];
        headers.extend(values.iter().map(|value| ("authorization", value.as_str())));
        let reply = client.post(MESSAGE, &headers).await;
        check_refusal(
            name,
            &reply,
            if is_token { r#"Bearer error="invalid_token""# } else { "Bearer" },
            TOKEN,
        );
        if is_token {
            let mut headers = reply.headers.clone();
            headers.remove("date");
            refusals.push((format!("{headers:?}"), reply.text));
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "refusals tell tokens apart: {refusals:?}");
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_is_none() {
    let backend = Recorder::start().await;
    let token = Fixed { token: TOKEN, tenant: "default", actor: "ann", roles: &["Agent"] };
    let gateway = serve(&forwarded(backend.address(), &token_section(&[token]))).await;
    let client = gateway.client();
    for path in ["/mcp/discovery?access_token=", "/approvals?access_token="] {
        let reply = client.get(&format!("{path}{TOKEN}")).await;
        check_refusal(path, &reply, "Bearer", TOKEN);
    }
    let raw = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/mcp?access_token={TOKEN}", gateway.address());
    let request = raw.post(url).header("content-type", "application/json").body(MESSAGE);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 401);
    let form = raw
        .post(format!("http://{}/mcp", gateway.address()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("access_token={TOKEN}"));
    assert_eq!(form.send().await.unwrap().status().as_u16(), 401);
    let cookie = client.post(MESSAGE, &[("cookie", &format!("access_token={TOKEN}"))]).await;
    check_refusal("cookie", &cookie, "Bearer", TOKEN);
    assert!(backend.take().is_empty());
}

/// Changes a good token's header and claims.
type Change = fn(&mut Value, &mut Value);

/// Tokens that the issuer's own key signs, and that are still none here.
const WELL_SIGNED: [(&str, Change); 27] = [
    ("expired", |_, claims| claims["exp"] = json!(now() - 61)),
    ("expired, to the fraction", |_, claims| claims["exp"] = json!(now() as f64 - 61.5)),
    ("without expiry", |_, claims| remove(claims, "exp")),
    ("expiry as text", |_, claims| claims["exp"] = json!((now() + 600).to_string())),
    ("expiry of null", |_, claims| claims["exp"] = Value::Null),
    ("negative expiry", |_, claims| claims["exp"] = json!(-1)),
    ("not yet valid", |_, claims| claims["nbf"] = json!(now() + 61)),
    ("not before some text", |_, claims| claims["nbf"] = json!("now")),
    ("another audience", |_, claims| claims["aud"] = json!("https://other.example/mcp")),
    ("an audience below ours", |_, claims| claims["aud"] = json!(format!("{AUDIENCE}/x"))),
    ("an audience above ours", |_, claims| claims["aud"] = json!("https://gateway.example")),
    ("other audiences", |_, claims| claims["aud"] = json!(["a", "b"])),
    ("no audiences", |_, claims| claims["aud"] = json!([])),
    ("without audience", |_, claims| remove(claims, "aud")),
    ("another issuer", |_, claims| claims["iss"] = json!("https://evil.example")),
    ("an issuer with a slash", |_, claims| {
        claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap()))
    }),
    ("several issuers", |_, claims| claims["iss"] = json!(["https://evil.example", claims["iss"].clone()])),
    ("without issuer", |_, claims| remove(claims, "iss")),
    ("without tenant", |_, claims| remove(claims, "tenant")),
    ("an empty tenant", |_, claims| claims["tenant"] = json!("")),
    ("several tenants", |_, claims| claims["tenant"] = json!(["default"])),
    ("without actor", |_, claims| remove(claims, "sub")),
    ("an actor with a line break", |_, claims| claims["sub"] = json!("ann\nx")),
    ("an unknown key", |header, _| header["kid"] = json!("other")),
    ("a key by its URL", |header, _| {
        remove(header, "kid");
        header["jku"] = json!("http://127.0.0.1:9/keys");
    }),
    ("an extension that must be understood", |header, _| header["crit"] = json!(["exp"])),
    ("an unencoded payload", |header, _| {
        header["crit"] = json!(["b64"]);
        header["b64"] = json!(false);
    }),
];

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().shift_remove(name).unwrap();
}

/// Tokens whose signature is not one of the issuer's.
fn badly_signed(key: &Key, good: &str, claims: &Value) -> Vec<(&'static str, String)> {
    let stranger = Key::rs256("rs");
    let header = |alg: &str| json!({"alg": alg, "typ": "JWT", "kid": "rs"});
    let hs256 = |secret: &[u8]| {
        let text = unsigned(&header("HS256"), claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        format!("{text}.{}", encode(tag.as_ref()))
    };
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = signed.split_once('.').unwrap();
    let mut admin = claims.clone();
    admin["roles"] = json!(["Admin"]);
    let mut own_key = header("RS256");
    own_key["jwk"] = stranger.jwk();
    vec![
        ("alg none", format!("{}.", unsigned(&header("none"), claims))),
        ("alg None", format!("{}.{signature}", unsigned(&header("None"), claims))),
        ("alg none with a signature", format!("{}.{signature}", unsigned(&header("none"), claims))),
        ("no alg", format!("{}.{signature}", unsigned(&json!({"kid": "rs"}), claims))),
        ("HS256 by the public key", hs256(key.public())),
        ("HS256 by the published modulus", hs256(key.jwk()["n"].as_str().unwrap().as_bytes())),
        ("HS256 by nothing", hs256(b"")),
        ("another algorithm of the same key", key.sign(&header("RS512"), claims)),
        ("an algorithm of another kind of key", key.sign(&header("ES256"), claims)),
        ("a signature of another key", stranger.sign(&header("RS256"), claims)),
        ("a key that the token brings along", stranger.sign(&own_key, claims)),
        ("no signature", format!("{signed}.")),
        ("two parts", signed.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        ("a cut signature", good.split_at(good.len() - 4).0.to_owned()),
        (
            "other claims under the signature",
            format!("{head}.{}.{signature}", encode(admin.to_string().as_bytes())),
        ),
        ("a signature in base64 with padding", format!("{good}==")),
        ("claims that are no object", key.sign(&header("RS256"), &json!([claims]))),
        ("17 KiB", key.sign(&header("RS256"), &json!({"x": "x".repeat(17 * 1024)}))),
    ]
}

#[tokio::test]
async fn signed_tokens_that_are_none_are_refused_with_the_way_to_one() {
    let backend = Recorder::start().await;
    let key = Key::rs256("rs");
    let issuer = Issuer::start(&[&key, &Key::es256("es")]).await;
    let gateway = serve(&forwarded(backend.address(), &issuer.auth_section())).await;
    let client = gateway.client();
    let claims = issuer.claims("default", "ann", &["Agent"]);
    let good = key.token(&claims);
    let mut cases: Vec<(&str, Vec<String>, bool)> = unusable(&good);
    let token = |token: String| vec![format!("Bearer {token}")];
    for (name, change) in WELL_SIGNED {
        let (mut header, mut claims) = (key.header(), claims.clone());
        change(&mut header, &mut claims);
        cases.push((name, token(key.sign(&header, &claims)), true));
    }
    cases.extend(badly_signed(&key, &good, &claims).into_iter().map(|(name, bad)| (name, token(bad), true)));
    let metadata = format!("http://{}/.well-known/oauth-protected-resource/mcp", gateway.address());
    let (missing, invalid) = (
        format!("Bearer resource_metadata=\"{metadata}\""),
        format!("Bearer error=\"invalid_token\", resource_metadata=\"{metadata}\""),
    );
    assert_eq!(call(&client, &[&format!("Bearer {good}")]).await.status, 200);
    assert_eq!(backend.take().len(), 1);
    let mut taken = Vec::new();
    for (number, (name, values, is_token)) in cases.iter().enumerate() {
        let address = from(number);
        let mut headers = vec![("x-forwarded-for", address.as_str())];
        headers.extend(values.iter().map(|value| ("authorization", value.as_str())));
        let reply = client.post(MESSAGE, &headers).await;
        let shown = values.first().and_then(|value| value.split(' ').nth(1)).unwrap_or_default();
        if reply.status == 200 || !backend.take().is_empty() {
            taken.push(*name);
            continue;
        }
        check_refusal(name, &reply, if *is_token { &invalid } else { &missing }, shown);
    }
    assert!(taken.is_empty(), "taken for good: {taken:?}");
    assert_eq!(cases.len(), 15 + 27 + 19);
}

#[tokio::test]
async fn every_kind_of_key_is_taken_and_clocks_may_differ_a_little() {
    let backend = Recorder::start().await;
    let keys = [Key::rs256("rs"), Key::es256("es"), Key::eddsa("ed")];
    let issuer = Issuer::start(&keys.each_ref()).await;
    let gateway = serve(&forwarded(backend.address(), &issuer.auth_section())).await;
    for key in &keys {
        for (exp, nbf, aud) in [
            (600, -1, json!(AUDIENCE)),
            (-20, -40, json!(AUDIENCE)),
            (600, 20, json!(AUDIENCE)),
            (600, -1, json!(["https://other.example", AUDIENCE])),
        ] {
            let mut claims = issuer.claims("default", "ann", &["Agent"]);
            (claims["exp"], claims["nbf"], claims["aud"]) = (json!(now() + exp), json!(now() + nbf), aud);
            let reply = call(&gateway.client(), &[&format!("Bearer {}", key.token(&claims))]).await;
            assert_eq!(reply.status, 200, "{} {exp} {nbf}: {}", key.algorithm(), reply.text);
        }
    }
    assert_eq!(backend.take().len(), 12);
    assert_eq!(issuer.fetches(), 1);
}
