//! Tools from OpenAPI documents of others answer through the gateway: each document becomes manifests, they are built
//! into a product, and a client calls every tool while the service holds each request against the document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use codegen::{ImportOptions, Style, Tree, import_openapi};
use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};
use tests::gateway::NO_LIMITS;
use tests::recorder::Recorder;

use super::contract::Contract;
use super::served::Served;
use super::workspace::Workspace;
use crate::schema_oracle::good_arguments;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Calls of each tool, each with other arguments.
const CALLS: usize = 8;

/// How a text is refused that a path or a header cannot carry, which no schema says.
const NO_TEXT_FOR: [&str; 2] = ["text that can stand in a path", "as it is sent in a header"];

/// A document, and the service that it describes.
struct Service {
    name: String,
    contract: Contract,
    recorder: Recorder,
}

/// The documents of this repository, and those that lie beside it and are no part of it.
fn documents() -> Vec<PathBuf> {
    let folders = ["codegen/tests/openapi", "../shared/data/openapi"];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(Path::new(ROOT).join(folder)).ok());
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Imports a document as a service of its own, if it can be.
async fn import(path: &Path, index: usize, workspace: &Workspace) -> Option<Service> {
    let text = fs::read_to_string(path).unwrap();
    let (name, file) = (format!("service_{index}"), path.file_name().unwrap().to_str().unwrap());
    let options = ImportOptions { backend: name.clone(), domain: name.clone() };
    let import = import_openapi(file, &text, &options, &Tree::Folder(workspace.manifests()));
    if import.report.errors() > 0 {
        return None;
    }
    for new in &import.files {
        workspace.write(&format!("manifests/{}", new.path), &new.text);
    }
    println!("{name}: {} tools of {file}", import.files.len() - 1);
    Some(Service { name, contract: Contract::read(&text), recorder: Recorder::start().await })
}

#[tokio::test]
#[ignore = "builds a product: cargo test -p tests --test e2e -- --ignored --nocapture authoring::imported"]
async fn tools_of_imported_documents_send_what_their_documents_ask_for() {
    let workspace = Workspace::new("imported");
    let mut services = Vec::new();
    for (index, path) in documents().iter().enumerate() {
        services.extend(import(path, index, &workspace).await);
    }
    assert!(services.len() >= 2);
    let checked = codegen::check_dir(&workspace.manifests())
        .unwrap_or_else(|rejected| panic!("{}", rejected.report.render(Style::default())));
    let (took, binary) = workspace.build();
    println!("{} tools, built in {took:?} of the processors", checked.tool_count());

    // A document says nothing of the gateway's own context, which then goes into headers alone, and credentials for a
    // service are configured.
    let urls: String = services
        .iter()
        .map(|service| {
            let address = service.recorder.address();
            let name = &service.name;
            format!("      {name}: {{url: 'http://{address}', context: headers, headers: {{authorization: key}}}}\n")
        })
        .collect();
    let config = format!("server: {{port: 0}}\ntenants:\n  default:\n    services:\n{urls}{NO_LIMITS}");
    let served = Served::start(&binary, &config);
    let client = served.client().await;
    let (mut called, mut faults) = (BTreeMap::new(), Vec::new());
    for tool in client.list_all_tools().await.expect("a list") {
        let service = services
            .iter()
            .find(|service| tool.name.starts_with(&format!("{}_", service.name)))
            .expect("a tool of a service");
        let mut schema = Value::Object((*tool.input_schema).clone());
        let approval = schema["properties"].as_object_mut().unwrap().remove("user_approved").is_some();
        for mut arguments in good_arguments(&tool.name, &schema, CALLS) {
            if approval {
                arguments.insert("user_approved".to_owned(), json!(true));
            }
            let call = CallToolRequestParams::new(tool.name.clone()).with_arguments(arguments.clone());
            let result = client.call_tool(call).await.expect("an answer");
            let requests = service.recorder.take();
            let arguments = Value::Object(arguments);
            let said = format!("{result:?}");
            if requests.is_empty() && NO_TEXT_FOR.iter().any(|place| said.contains(place)) {
                continue;
            }
            let [request] = &requests[..] else {
                panic!("{} {arguments} made {} requests: {said}", tool.name, requests.len())
            };
            assert_eq!(result.structured_content, Some(json!({"ok": true})), "{}", tool.name);
            let (operation, wrong) = service.contract.judge(request);
            faults.extend(wrong.iter().map(|fault| format!("{} {arguments}: {fault}", tool.name)));
            let operation = operation.map(|operation| format!("{} {}", service.name, operation.name));
            called.entry(tool.name.to_string()).or_insert_with(BTreeSet::new).extend(operation);
        }
    }
    client.cancel().await.expect("an end");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(called.len(), checked.tool_count());
    let operations: BTreeSet<&String> = called.values().flatten().collect();
    assert_eq!(
        operations.len(),
        called.len(),
        "two tools meant one operation, or one tool several: {called:?}"
    );
}
