//! Redirects: each is a new judgement, and there are few of them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use runtime::Setup;
use runtime::native::fetch::{Addresses, Network};
use tests::gateway::{Gateway, config_text, product};

use super::site::{Site, answer, page, redirect};
use super::{PUBLIC, UNLIMITED, assert_blocked, fetch, gateway, network};

/// A site that redirects `/` to what the test says, `/n` n times, and else has a page.
async fn site(to: Arc<Mutex<String>>) -> Site {
    Site::of_answers(PUBLIC, move |path| match path {
        "/" => redirect(&to.lock().unwrap()),
        "/page" => page("text/plain", b"arrived"),
        "/loop" => redirect("/loop"),
        "/twice" => answer("302 Found", &[("location", "/page"), ("location", "/other")], b""),
        "/nowhere" => answer("302 Found", &[("content-type", "text/plain")], b"nothing said"),
        count => match count[1..].parse::<usize>() {
            Ok(0) => redirect("/page"),
            Ok(count) => redirect(&format!("/{}", count - 1)),
            Err(_) => answer("404 Not Found", &[("content-type", "text/plain")], b"not here"),
        },
    })
    .await
}

#[tokio::test]
async fn a_redirect_to_the_inside_or_to_another_scheme_is_refused() {
    let inside = Site::canary(IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
    let to = Arc::new(Mutex::new(String::new()));
    let public = site(Arc::clone(&to)).await;
    let gateway = gateway(network(), &format!("ports: [{}, {}]", public.port(), inside.port())).await;
    let client = gateway.client();
    let port = inside.port();
    for (location, reason) in [
        (inside.url("/"), "address"),
        (format!("//127.0.0.1:{port}/"), "address"),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), "address"),
        (format!("http://2130706433:{port}/"), "address"),
        (format!("http://0x7f.1:{port}/"), "address"),
        (format!("http://localhost:{port}/"), "host"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "address"),
        ("http://metadata.google.internal/".to_owned(), "host"),
        (format!("http://user:secret@127.0.0.2:{}/page", public.port()), "credentials"),
        (format!("http://127.0.0.2:{}/", gateway.address().port()), "port"),
        ("file:///etc/passwd".to_owned(), "scheme"),
        (format!("gopher://127.0.0.1:{port}/_x"), "scheme"),
        ("javascript:alert(1)".to_owned(), "scheme"),
        ("data:text/html,x".to_owned(), "scheme"),
        ("\\\\127.0.0.1\\".to_owned(), "url"),
        ("http://".to_owned(), "url"),
        (format!("/{}", "a".repeat(3000)), "url"),
    ] {
        *to.lock().unwrap() = location.clone();
        assert_blocked(&fetch(&client, &public.url("/")).await, reason, &location);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_more() {
    let public = site(Arc::default()).await;
    let gateway = gateway(network(), &format!("ports: [{}]", public.port())).await;
    let client = gateway.client();
    for (path, redirects) in [("/page", 0), ("/0", 1), ("/4", 5)] {
        let reply = fetch(&client, &public.url(path)).await;
        assert_eq!(
            (&reply.content()["text"], &reply.content()["redirects"]),
            (&"arrived".into(), &redirects.into())
        );
        assert_eq!(reply.content()["final_url"], public.url("/page"));
        assert_eq!(reply.content()["url"], public.url(path));
    }
    for path in ["/5", "/loop", "/twice"] {
        assert_blocked(&fetch(&client, &public.url(path)).await, "redirect", path);
    }
    let reply = fetch(&client, &public.url("/nowhere")).await;
    assert_eq!(reply.content()["status_code"], 302);
}

#[tokio::test]
async fn the_gateway_never_fetches_from_itself() {
    // Even if its own address and port were open to fetching.
    let addresses = Addresses::with_also_public([PUBLIC, Ipv4Addr::LOCALHOST.into()]);
    let setup = Setup { network: Network { addresses, ..Network::default() }, ..Setup::default() };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let more = format!("{UNLIMITED}fetch: {{ports: [{port}]}}\n");
    let text = config_text(([127, 0, 0, 1], 9).into(), &more).replace("port: 0", &format!("port: {port}"));
    let gateway = Gateway::with_setup(&product(), &text, setup).await;
    let reply = fetch(&gateway.client(), &format!("http://127.0.0.1:{port}/health")).await;
    assert_blocked(&reply, "address", "itself");
}

#[tokio::test]
async fn no_cookie_referer_or_credential_goes_out() {
    let public = Site::of_answers(PUBLIC, |path| match path {
        "/" => answer(
            "302 Found",
            &[("location", "/page"), ("set-cookie", "a=1"), ("refresh", "0; url=/x")],
            b"",
        ),
        _ => answer("200 OK", &[("content-type", "text/plain"), ("set-cookie", "b=2")], b"arrived"),
    })
    .await;
    let gateway = gateway(network(), &format!("ports: [{}], user_agent: 'Reader/2.0'", public.port())).await;
    let client = gateway.client();
    fetch(&client, &public.url("/")).await.content();
    fetch(&client, &public.url("/again")).await.content();
    let requests = public.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        let mut names: Vec<&str> =
            request.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "connection", "host", "user-agent"], "{request}");
        assert!(request.contains("user-agent: Reader/2.0\r\n"), "{request}");
    }
}
