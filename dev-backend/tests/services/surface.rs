//! The HTTP surface: context, routes, and what is refused how.

use serde_json::{Value as Json, json};

use crate::backend::{Answer, Backend, settings};

#[tokio::test]
async fn context_comes_from_headers_body_or_query_and_must_agree() {
    let backend = Backend::start().await;
    let search = "/mcp/memory/search";
    let telemetry = "/mcp/memory/telemetry";
    let both = |tenant: &str, actor: &str| json!({"query": "", "tenant_id": tenant, "actor": actor, "actor_role": "Agent", "correlation_id": "c-1", "user_approved": true});
    type Headers = &'static [(&'static str, &'static str)];
    let cases: [(&str, Headers, Option<Json>, u16, &str); 15] = [
        (search, &[("X-Tenant-Id", "t"), ("X-Actor", "a")], Some(json!({"query": ""})), 200, ""),
        (search, &[], Some(both("t", "a")), 200, ""),
        (
            search,
            &[("X-Tenant-Id", "t"), ("X-Actor", "a"), ("X-Actor-Role", "Agent"), ("X-Correlation-Id", "c-1")],
            Some(both("t", "a")),
            200,
            "",
        ),
        (search, &[("X-Tenant-Id", "t")], Some(both("u", "a")), 400, "x-tenant-id"),
        (search, &[("X-Actor", "b")], Some(both("t", "a")), 400, "x-actor"),
        (search, &[("X-Actor-Role", "Admin")], Some(both("t", "a")), 400, "x-actor-role"),
        (search, &[("X-Correlation-Id", "c-2")], Some(both("t", "a")), 400, "x-correlation-id"),
        (
            search,
            &[("X-Tenant-Id", "t"), ("X-Tenant-Id", "t"), ("X-Actor", "a")],
            Some(json!({"query": ""})),
            400,
            "twice",
        ),
        (search, &[("X-Tenant-Id", "t")], Some(json!({"query": ""})), 400, "actor"),
        (search, &[("X-Actor", "a")], Some(json!({"query": "", "tenant_id": " "})), 400, "tenant_id"),
        (search, &[], Some(json!({"query": "", "tenant_id": 7, "actor": "a"})), 400, "tenant_id"),
        (telemetry, &[("X-Tenant-Id", "t"), ("X-Actor", "a")], None, 200, ""),
        ("/mcp/memory/telemetry?tenant_id=t&actor=a", &[], None, 200, ""),
        (
            "/mcp/memory/telemetry?tenant_id=u",
            &[("X-Tenant-Id", "t"), ("X-Actor", "a")],
            None,
            400,
            "x-tenant-id",
        ),
        (telemetry, &[], None, 400, "tenant_id"),
    ];
    for (path, headers, body, status, named) in cases {
        let url = backend.url(path);
        let request = match &body {
            Some(body) => backend.client.post(url).json(body),
            None => backend.client.get(url),
        };
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, status, "{path} {headers:?} {body:?}: {}", answer.body);
        assert!(answer.message().contains(named), "{headers:?} {body:?}: {}", answer.message());
    }
}

#[tokio::test]
async fn requests_that_cannot_be_served_say_why() {
    let backend = Backend::start().await;
    let json_type = ("Content-Type", "application/json");
    let large = format!("{{\"query\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let write = "/mcp/memory/write";
    let cases = [
        ("POST", write, json_type, "{\"content\": ", 400, "bad_request"),
        ("POST", write, json_type, "[1]", 400, "bad_request"),
        ("POST", write, json_type, "\u{1}", 400, "bad_request"),
        ("POST", write, json_type, "", 400, "bad_request"),
        (
            "POST",
            write,
            ("Content-Type", "text/plain"),
            "{\"content\": \"x\"}",
            415,
            "unsupported_media_type",
        ),
        ("POST", write, ("X-None", ""), "{\"content\": \"x\"}", 415, "unsupported_media_type"),
        ("POST", write, json_type, &large, 413, "too_large"),
        ("GET", write, json_type, "", 405, "method_not_allowed"),
        ("DELETE", write, json_type, "", 405, "method_not_allowed"),
        ("POST", "/mcp/memory/telemetry", json_type, "{}", 405, "method_not_allowed"),
        ("POST", "/mcp/memory/unknown", json_type, "{}", 404, "not_found"),
        ("POST", "/memory/write", json_type, "{}", 404, "not_found"),
        ("GET", "/", json_type, "", 404, "not_found"),
        ("GET", "/mcp/memory/telemetry?window_minutes=soon", json_type, "", 400, "bad_request"),
        ("GET", "/mcp/memory/telemetry?window_minutes=0", json_type, "", 422, "unprocessable"),
        ("GET", "/mcp/memory/telemetry?window_minutes=1&window_minutes=2", json_type, "", 400, "bad_request"),
        ("GET", "/mcp/memory/telemetry?windowminutes=1", json_type, "", 400, "bad_request"),
    ];
    for (method, path, (header, value), body, status, code) in cases {
        let request =
            backend.client.request(method.parse().unwrap(), backend.url(path)).header(header, value);
        let request = request.header("X-Tenant-Id", "t").header("X-Actor", "a").body(body.to_owned());
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {path}: {}", answer.body);
        assert!(!answer.message().is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn one_service_runs_alone_at_its_usual_prefix() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut settings = settings(&folder.path().join("memory.sqlite"));
    settings.service = Some("memory".to_owned());
    let running = dev_backend::start(settings).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}", running.address());
    let health = Answer::of(client.get(format!("{url}/health"))).await;
    assert_eq!(health.body, json!({"status": "healthy", "service": "memory"}));
    for (path, status) in
        [("/mcp/memory/search", 200), ("/mcp/crm/search_customers", 404), ("/support/workflow", 404)]
    {
        let arguments = json!({"query": "", "tenant_id": "t", "actor": "a"});
        let answer = Answer::of(client.post(format!("{url}{path}")).json(&arguments)).await;
        assert_eq!(answer.status, status, "{path}");
    }
    running.stop().await;
}

#[tokio::test]
async fn all_services_together_are_healthy() {
    let backend = Backend::start().await;
    let health = Answer::of(backend.client.get(backend.url("/health"))).await;
    assert_eq!((health.status, health.body), (200, json!({"status": "healthy", "service": "all"})));
}
