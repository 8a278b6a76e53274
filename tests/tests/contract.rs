//! Every manifest is a contract between an agent and a backend. Here the development backend is held to all of
//! them, by a client that calls each tool with the least and with the most it takes.

mod story;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::SystemTime;

use runtime::{Effect, Target, Tool};
use serde_json::{Value, json};
use tests::gateway::{Gateway, NO_LIMITS, product};

use story::{Step, Teller, texts};

/// Tools that need optional arguments after all: one of several, or the input of every flow there is.
const MORE_THAN_REQUIRED: [&str; 5] = [
    "automation_run_flow",
    "automation_trigger",
    "crm_assign_owner",
    "crm_gdpr_export_contact_data",
    "crm_gdpr_delete_contact",
];

/// Tools that need more than a tenant's backend; tests of their own call them.
const ELSEWHERE: [&str; 1] = ["website_fetch"];

/// What an author can do about a tool that the development backend does not know.
const UNTOLD: &str = "a tool with a route of its own is served by the development backend and told of in \
    contract/story.yaml; until then its request is `POST /echo`";

/// The tools whose services the development backend has. One that is new still asks for an echo.
fn served() -> impl Iterator<Item = &'static Tool> {
    simple_gpt_mcp::TOOLS.iter().copied().filter(|tool| {
        let spec = tool.spec();
        let echoed = matches!(spec.target, Target::Backend { path: "/echo", .. });
        !echoed && !ELSEWHERE.contains(&spec.name)
    })
}

/// Two tenants of one development backend.
struct Town {
    gateway: Gateway,
    _backend: dev_backend::Running,
    _files: tempfile::TempDir,
}

impl Town {
    async fn start() -> Self {
        Self::with_demo(false).await
    }

    async fn with_demo(demo: bool) -> Self {
        let files = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let data = files.path().join("dev.sqlite");
        let settings = dev_backend::Settings { listen, data, demo, service: None };
        // Reports tell of which moment they are; while the clock stands, the same data make the same report.
        let clock = dev_backend::Clock::standing_at(SystemTime::now());
        let hooks = dev_backend::Hooks { clock, ..dev_backend::Hooks::default() };
        let backend = dev_backend::start_with(settings, hooks).await.unwrap();
        let services: String = simple_gpt_mcp::SERVICES
            .iter()
            .map(|service| {
                let below = if matches!(*service, "memory" | "crm") { "mcp/" } else { "" };
                format!("      {service}: http://{}/{below}{service}\n", backend.address())
            })
            .collect();
        let tenants: String = ["default", "north", "south"]
            .iter()
            .map(|tenant| format!("  {tenant}:\n    services:\n{services}"))
            .collect();
        let config = format!("tenants:\n{tenants}server: {{port: 0}}\n{NO_LIMITS}");
        let gateway = Gateway::with_config(&product(), &config).await;
        Self { gateway, _backend: backend, _files: files }
    }

    fn teller(&self, tenant: &'static str, mark: &str) -> Teller {
        Teller::new(&self.gateway.client(), tenant, mark)
    }
}

fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> BTreeSet<&'a str> {
    names.into_iter().map(String::as_str).collect()
}

#[test]
fn the_story_calls_every_tool_with_the_least_and_with_all_it_takes() {
    let steps = story::steps();
    for tool in served() {
        let name = tool.spec().name;
        let schema = &tool.listing()["inputSchema"];
        let all = names(schema["properties"].as_object().unwrap().keys());
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let given: Vec<BTreeSet<&str>> =
            steps.iter().filter(|step| step.tool == name).map(|step| names(step.arguments.keys())).collect();
        assert!(given.contains(&all), "no step calls {name} with {all:?}: {UNTOLD}");
        let least = given.contains(&required) || MORE_THAN_REQUIRED.contains(&name);
        assert!(least, "no step calls {name} with {required:?} alone: {UNTOLD}");
    }
}

#[tokio::test]
async fn every_tool_answers_as_its_manifest_says() {
    let town = Town::start().await;
    let mut teller = town.teller("north", "Kestrel");
    let mut problems = Vec::new();
    for step in story::steps() {
        let answer = teller.tell(&step).await;
        problems.extend(output_problems(&step.tool, &answer));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[tokio::test]
async fn every_example_of_a_manifest_works_on_the_demo() {
    let town = Town::with_demo(true).await;
    let client = town.gateway.client();
    let mut problems = Vec::new();
    for tool in served() {
        let spec = tool.spec();
        assert!(!spec.examples.is_empty(), "{} has no example", spec.name);
        for example in spec.examples {
            let mut arguments: Value = serde_json::from_str(example).unwrap();
            if spec.approval {
                arguments["user_approved"] = json!(true);
            }
            let reply = client.call(spec.name, arguments).await;
            if reply.result()["isError"] == json!(true) {
                problems.push(format!("{} {example}: {}; {UNTOLD}", spec.name, reply.tool_error()));
            } else {
                problems.extend(output_problems(spec.name, reply.content()));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// What is wrong with an answer by the `output` of its manifest, which names everything that may be in it.
fn output_problems(tool: &str, answer: &Value) -> Vec<String> {
    let found = simple_gpt_mcp::TOOLS.iter().find(|found| found.spec().name == tool);
    let Some(schema) = found.unwrap().output_schema() else {
        return vec![format!("{tool} says nothing of its output")];
    };
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let declared = schema["properties"].as_object().unwrap();
    let untold = answer.as_object().unwrap().keys().filter(|name| !declared.contains_key(*name));
    validator
        .iter_errors(answer)
        .map(|problem| format!("{tool}: {}: {problem}", problem.instance_path()))
        .chain(untold.map(|name| format!("{tool}: {name} is in the answer and not in the manifest")))
        .collect()
}

#[tokio::test]
async fn tenants_with_the_same_addresses_never_see_each_other() {
    let town = Town::start().await;
    let steps = story::steps();
    let mut north = town.teller("north", "Kestrel");
    let mut secrets = BTreeSet::from(["Kestrel".to_owned()]);
    for step in &steps {
        let answer = north.tell(step).await;
        secrets.extend(texts(&answer).into_iter().filter(|text| is_id(text)).map(str::to_owned));
    }
    assert!(secrets.len() > 60, "the story makes few ids: {secrets:?}");
    // What the caller itself has said is nothing that it is shown.
    let unseen = |step: &Step, said: &str, shown: &str| {
        let secrets = secrets.iter().filter(|secret| !said.contains(secret.as_str()));
        let seen: Vec<_> = secrets.filter(|secret| shown.contains(secret.as_str())).collect();
        assert!(seen.is_empty(), "{} shows {seen:?} of another tenant: {shown}", step.tool);
    };
    let reads = reads(&steps);
    let before = answers(&north, &reads).await;

    let mut south = town.teller("south", "Osprey");
    for step in &steps {
        unseen(step, "", &south.tell(step).await.to_string());
    }
    // Now with every id of the other tenant that an agent could have come by.
    let mut thief = north.who_knows_as_much("south");
    thief.mark("Osprey");
    for step in steps.iter().filter(|step| thief.arguments(step) != south.arguments(step)) {
        let reply = thief.call(step).await;
        if reply.result()["isError"] == json!(true) {
            let error = reply.tool_error();
            assert!(matches!(error["status"].as_u64(), Some(404 | 409 | 422)), "{}: {error}", step.tool);
        } else {
            // A name that both have, such as a pipeline's: then it is the own one that is meant.
            let said = Value::Object(thief.arguments(step)).to_string();
            unseen(step, &said, &reply.content().to_string());
        }
    }
    for (before, after) in before.into_iter().zip(answers(&north, &reads).await) {
        assert_eq!(before, after, "something of one tenant was changed by the other");
    }
}

/// Reads whose answers depend on what was read before.
const REMEMBERING: [&str; 4] =
    ["memory_telemetry", "crm_events_pull", "observability_health", "observability_metrics"];

/// The steps that change nothing and whose answers depend on nothing but the data.
fn reads(steps: &[Step]) -> Vec<Step> {
    let steps = steps.iter().filter(|step| {
        let tool = simple_gpt_mcp::TOOLS.iter().find(|tool| tool.spec().name == step.tool).unwrap();
        tool.spec().effect == Effect::Read && !REMEMBERING.contains(&tool.spec().name)
    });
    steps.cloned().collect()
}

async fn answers(teller: &Teller, reads: &[Step]) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for step in reads {
        let reply = teller.call(step).await;
        let failed = reply.result()["isError"] == json!(true);
        // What is told of a failure has an id of its own each time.
        let mut answer = if failed { Value::Null } else { reply.content().clone() };
        for item in answer["items"].as_array_mut().into_iter().flatten() {
            // A word weighs by how rare it is in the whole index.
            item.as_object_mut().unwrap().remove("score");
        }
        answers.push((step.tool.clone(), answer));
    }
    answers
}

/// Whether a text is the id of one tenant's thing: a prefix and a UUID. A file's id says where it is in its
/// tenant's folder, and every folder begins with the same file.
fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, rest)| {
        prefix != "file" && rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
