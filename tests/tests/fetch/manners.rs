//! How the fetcher behaves towards sites and operators: robots.txt, the cache, one fetch per page, lists.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use runtime::{Clock, Setup};
use serde_json::json;
use tests::gateway::{Gateway, config_text, product};
use tokio::sync::Semaphore;

use super::site::{Site, answer, page, send};
use super::{PUBLIC, UNLIMITED, assert_blocked, fetch, gateway, network};

#[tokio::test]
async fn what_a_site_asks_of_robots_is_respected_unless_configured_otherwise() {
    let rules = "User-agent: *\nDisallow: /\n\nUser-agent: simple-gpt-mcp\nDisallow: /private\n";
    let site = Site::start(PUBLIC, move |head, stream| {
        let is_rules = head.starts_with("GET /robots.txt ");
        Box::pin(send(stream, page("text/plain", if is_rules { rules.as_bytes() } else { b"a page" })))
    })
    .await;
    let polite = gateway(network(), &format!("ports: [{}]", site.port())).await;
    let client = polite.client();
    assert_eq!(fetch(&client, &site.url("/open")).await.content()["text"], "a page");
    assert_blocked(&fetch(&client, &site.url("/private/x")).await, "robots", "private");
    // The rules are asked for once.
    assert_eq!((site.connections(), site.requests().len()), (2, 1));
    let other = gateway(network(), &format!("ports: [{}], user_agent: Other/1", site.port())).await;
    assert_blocked(&fetch(&other.client(), &site.url("/open")).await, "robots", "by another name");
    let rude = gateway(network(), &format!("ports: [{}], robots: false", site.port())).await;
    assert_eq!(fetch(&rude.client(), &site.url("/private/x")).await.content()["text"], "a page");
}

#[tokio::test]
async fn a_site_without_rules_is_open_and_one_that_cannot_say_is_not() {
    for (status, blocked) in
        [("404 Not Found", false), ("401 Unauthorized", false), ("503 Service Unavailable", true)]
    {
        let site = Site::start(PUBLIC, move |head, stream| {
            let is_rules = head.starts_with("GET /robots.txt ");
            Box::pin(send(
                stream,
                if is_rules { answer(status, &[], b"") } else { page("text/plain", b"a page") },
            ))
        })
        .await;
        let gateway = gateway(network(), &format!("ports: [{}]", site.port())).await;
        let reply = fetch(&gateway.client(), &site.url("/")).await;
        match blocked {
            true => assert_blocked(&reply, "robots", status),
            false => assert_eq!(reply.content()["text"], "a page"),
        }
    }
}

/// A clock that stands until it is moved.
fn clock() -> (Clock, Arc<AtomicUsize>) {
    let seconds = Arc::new(AtomicUsize::new(0));
    let moved = Arc::clone(&seconds);
    let start = SystemTime::now();
    let now = move || start + Duration::from_secs(u64::try_from(seconds.load(Ordering::SeqCst)).unwrap());
    (Clock::from_fn(now), moved)
}

#[tokio::test]
async fn a_page_is_kept_for_as_long_as_its_site_allows_and_in_whatever_form_it_is_asked_for() {
    let site = Site::of_answers(PUBLIC, |path| {
        let cache = if path == "/kept" { "max-age=60" } else { "no-store" };
        answer("200 OK", &[("content-type", "text/html"), ("cache-control", cache)], b"<p>a <b>page</b></p>")
    })
    .await;
    let (clock, moved) = clock();
    let more = format!("{UNLIMITED}fetch: {{ports: [{}]}}\n", site.port());
    let setup = Setup { network: network(), clock, ..Setup::default() };
    let text = config_text(SocketAddr::from(([127, 0, 0, 1], 9)), &more);
    let gateway = Gateway::with_setup(&product(), &text, setup).await;
    let client = gateway.client();
    let ask = |path: &str, format: &str| {
        let arguments = json!({"url": site.url(path), "format": format});
        let client = client.clone();
        async move { client.call("website_fetch", arguments).await.content()["text"].clone() }
    };
    assert_eq!(ask("/kept", "markdown").await, "a **page**");
    assert_eq!(ask("/kept", "text").await, "a page");
    assert_eq!(ask("/kept#part", "raw").await, "<p>a <b>page</b></p>");
    assert_eq!(site.requests().len(), 1);
    moved.store(59, Ordering::SeqCst);
    ask("/kept", "text").await;
    assert_eq!(site.requests().len(), 1);
    moved.store(60, Ordering::SeqCst);
    ask("/kept", "text").await;
    assert_eq!(site.requests().len(), 2);
    ask("/new", "text").await;
    ask("/new", "text").await;
    assert_eq!(site.requests().len(), 4);
}

#[tokio::test]
async fn whoever_asks_for_a_page_that_is_being_fetched_gets_the_same_answer() {
    let gate = Arc::new(Semaphore::new(0));
    let open = Arc::clone(&gate);
    let site = Site::start(PUBLIC, move |_, stream| {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            send(stream, page("text/plain", b"a page")).await;
        })
    })
    .await;
    let gateway = gateway(network(), &format!("ports: [{}], robots: false", site.port())).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (gateway.client(), site.url("/"));
            tokio::spawn(async move { fetch(&client, &url).await.content()["text"].clone() })
        })
        .collect();
    while site.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    // Enough for all, should more than one come.
    open.add_permits(8);
    for call in calls {
        assert_eq!(call.await.unwrap(), "a page");
    }
    // Calls that came after the answer fetch anew; those that waited did not.
    assert!(site.connections() < 8, "{} connections", site.connections());
}

#[tokio::test]
async fn lists_say_whose_pages_may_be_fetched_and_deny_goes_before_allow() {
    let site = Site::of_answers(PUBLIC, |path| match path {
        "/away" => super::site::redirect("http://denied.example.com/"),
        _ => page("text/plain", b"a page"),
    })
    .await;
    let port = site.port();
    for (lists, url, reason) in [
        ("allow: [127.0.0.2]", site.url("/"), None),
        ("allow: ['127.2']", site.url("/"), None),
        ("allow: [example.com]", site.url("/"), Some("host")),
        ("deny: [127.0.0.2]", site.url("/"), Some("host")),
        ("allow: [127.0.0.2], deny: ['0x7f000002']", site.url("/"), Some("host")),
        ("allow: [127.0.0.2]", site.url("/away"), Some("host")),
        ("deny: [denied.example.com]", site.url("/away"), Some("host")),
        ("deny: ['*.example.com']", "http://www.EXAMPLE.com./".to_owned(), Some("host")),
        ("deny: ['*.example.com'], tenants: {default: {allow: [127.0.0.2]}}", site.url("/"), None),
        ("tenants: {default: {deny: [127.0.0.2]}}", site.url("/"), Some("host")),
        ("allow: [127.0.0.2], tenants: {default: {allow: [other.example]}}", site.url("/"), Some("host")),
    ] {
        let gateway = gateway(network(), &format!("ports: [{port}], {lists}")).await;
        let reply = fetch(&gateway.client(), &url).await;
        match reason {
            Some(reason) => assert_blocked(&reply, reason, lists),
            None => assert_eq!(reply.content()["text"], "a page", "{lists}"),
        }
    }
}

#[tokio::test]
async fn a_status_of_failure_is_told_with_its_page() {
    let site =
        Site::of_answers(PUBLIC, |_| answer("404 Not Found", &[("content-type", "text/html")], b"<h1>Gone"))
            .await;
    let gateway = gateway(network(), &format!("ports: [{}]", site.port())).await;
    let client = gateway.client();
    for tool in ["website_fetch", "website.fetch"] {
        let reply = client.call(tool, json!({"url": site.url("/x")})).await;
        let content = reply.content();
        assert_eq!((&content["status_code"], &content["text"]), (&404.into(), &"# Gone".into()));
        assert!(content["fetched_at"].as_u64().is_some_and(|seconds| seconds > 1_700_000_000));
    }
}
