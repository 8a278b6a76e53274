//! Our protocol layer against the SDK of the protocol's authors: the same requests to an equivalent server built
//! on rmcp, and rmcp's client before our gateway.
//!
//! What the two answer differently is listed in [`DIFFERENCES`] with the reason. A difference that is not in the
//! table fails, and so does a row that no longer differs: then one of the two has changed its mind.

mod client;
mod corpus;
mod differences;
mod echo;

use std::net::SocketAddr;

use serde_json::Value;

use corpus::{Request, corpus};
use differences::DIFFERENCES;

#[tokio::test]
async fn the_same_requests_get_the_same_answers_or_the_difference_is_explained() {
    let ours = echo::gateway().await;
    let theirs = echo::rmcp_server().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let requests = corpus();
    assert!(requests.len() >= 40, "only {} requests", requests.len());
    let (mut faults, mut differing) = (Vec::new(), 0);
    for request in &requests {
        let of_ours = answer(&http, ours.address(), request).await;
        let of_theirs = answer(&http, theirs, request).await;
        let row = DIFFERENCES.iter().find(|row| row.request == request.name);
        let explained = row.is_some_and(|row| (&*of_ours, &*of_theirs) == (row.ours, row.theirs));
        differing += usize::from(of_ours != of_theirs);
        match row {
            None if of_ours == of_theirs => {}
            Some(_) if explained && of_ours != of_theirs => {}
            _ => faults.push(format!("{}\n  ours:   {of_ours}\n  theirs: {of_theirs}", request.name)),
        }
    }
    println!("{} requests, {differing} answered differently", requests.len());
    assert!(faults.is_empty(), "not as the table says:\n{}", faults.join("\n"));
    for row in DIFFERENCES {
        assert!(requests.iter().any(|request| request.name == row.request), "no request {:?}", row.request);
        assert!(row.why.len() > 20, "no reason for {:?}", row.request);
    }
}

/// What came back, in the few words that have to be the same.
async fn answer(http: &reqwest::Client, address: SocketAddr, request: &Request) -> String {
    let mut builder = http.request(request.method.parse().unwrap(), format!("http://{address}/mcp"));
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    let response = builder.body(request.body.clone()).send().await.unwrap();
    let status = response.status().as_u16();
    let allow = response.headers().get("allow").map(|value| format!(", Allow {}", value.to_str().unwrap()));
    let text = response.text().await.unwrap();
    format!("{status} {}{}", kind(&text), allow.unwrap_or_default())
}

/// The kind of a body: nothing, words, an error by its code, or a result by what it carries.
fn kind(text: &str) -> String {
    if text.is_empty() {
        return "without a body".to_owned();
    }
    // A stream of events ends in the answer.
    let last = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap_or(text);
    let Ok(message) = serde_json::from_str::<Value>(last) else { return "words".to_owned() };
    let id = message.get("id").map_or("no id".to_owned(), |id| format!("id {id}"));
    match (message.get("error"), message.get("result")) {
        (Some(error), None) => format!("error {}, {id}", error["code"]),
        (None, Some(result)) => format!("{}, {id}", result_kind(result)),
        _ => "no JSON-RPC".to_owned(),
    }
}

fn result_kind(result: &Value) -> String {
    let named = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let kind = match result {
        _ if result["isError"] == true => "tool error".to_owned(),
        _ if result.get("content").is_some() => format!("tool result {}", result["content"][0]["text"]),
        _ if result.get("tools").is_some() => format!("tools {:?}", named(&result["tools"])),
        _ if result.get("supportedVersions").is_some() => format!("versions {}", result["supportedVersions"]),
        _ if result.get("protocolVersion").is_some() => format!("version {}", result["protocolVersion"]),
        _ => format!("result with {:?}", result.as_object().unwrap().keys().collect::<Vec<_>>()),
    };
    match result["resultType"].as_str() {
        Some(kind_of_result) => format!("{kind} ({kind_of_result})"),
        None => kind,
    }
}
