//! Fixtures that ask the client something before they answer.

use runtime::native::{Answer, CallError, NativeAnswer, NativeCall};
use serde_json::{Value, json};

use super::{fixture, now, text};

/// What a state of these fixtures must be. A real one is sealed; to the suite only the refusal matters.
const STATE: &str = "conformance-state";

fixture!(ELICITATION, Elicitation, "test_input_required_result_elicitation", call => {
    match accepted(&call, "user_name").and_then(|content| content.get("name").cloned()) {
        Some(Value::String(name)) => done(&format!("Hello, {name}!")),
        _ => ask(json!({"user_name": name_question("What is your name?")}), None),
    }
});

fixture!(STREAMING_ELICITATION, StreamingElicitation, "test_streaming_elicitation", _call => {
    ask(json!({"user_name": name_question("What is your name?")}), None)
});

fixture!(SAMPLING, Sampling, "test_input_required_result_sampling", call => {
    match response(&call, "capital_question") {
        Some(_) => done("The client sampled an answer"),
        None => ask(json!({"capital_question": sampling("What is the capital of France?")}), None),
    }
});

fixture!(LIST_ROOTS, ListRoots, "test_input_required_result_list_roots", call => {
    match response(&call, "client_roots") {
        Some(roots) => done(&format!("The client's roots: {roots}")),
        None => ask(json!({"client_roots": {"method": "roots/list", "params": {}}}), None),
    }
});

fixture!(REQUEST_STATE, RequestState, "test_input_required_result_request_state", call => {
    confirmed(&call, "state-ok")
});

fixture!(TAMPERED_STATE, TamperedState, "test_input_required_result_tampered_state", call => {
    confirmed(&call, "the state came back unchanged")
});

fixture!(MULTIPLE_INPUTS, MultipleInputs, "test_input_required_result_multiple_inputs", call => {
    let answered = ["user_name", "greeting", "client_roots"].iter().all(|key| response(&call, key).is_some());
    if answered {
        return done("All three were answered");
    }
    let questions = json!({
        "user_name": name_question("What is your name?"),
        "greeting": sampling("Generate a greeting"),
        "client_roots": {"method": "roots/list", "params": {}},
    });
    ask(questions, Some(STATE))
});

fixture!(MULTI_ROUND, MultiRound, "test_input_required_result_multi_round", call => {
    match (response(&call, "step2"), response(&call, "step1"), call.request_state.as_deref()) {
        (Some(_), _, Some("round-2")) => done("Two rounds were made"),
        (_, Some(_), Some("round-1")) => {
            ask(json!({"step2": question("Step 2: What is your favorite color?", "color", "string")}), Some("round-2"))
        }
        _ => ask(json!({"step1": name_question("Step 1: What is your name?")}), Some("round-1")),
    }
});

fixture!(CAPABILITIES, Capabilities, "test_input_required_result_capabilities", call => {
    if call.input_responses.is_some() {
        return done("The client answered what it can");
    }
    let declared = |capability: &str| call.client_capabilities.get(capability).is_some();
    let mut questions = serde_json::Map::new();
    if declared("elicitation") {
        questions.insert("user_name".to_owned(), name_question("What is your name?"));
    }
    if declared("sampling") {
        questions.insert("greeting".to_owned(), sampling("Generate a greeting"));
    }
    if questions.is_empty() { done("Nothing can be asked") } else { ask(Value::Object(questions), None) }
});

/// Asks for a confirmation with a state, and refuses any other state than that.
fn confirmed(call: &NativeCall, text: &str) -> NativeAnswer {
    match (accepted(call, "confirm"), call.request_state.as_deref()) {
        (_, Some(state)) if state != STATE => {
            now(Err(CallError::InvalidParams("the request state was changed".to_owned())))
        }
        (Some(_), Some(_)) => done(text),
        _ => ask(json!({"confirm": question("Please confirm", "ok", "boolean")}), Some(STATE)),
    }
}

fn response<'c>(call: &'c NativeCall, key: &str) -> Option<&'c Value> {
    call.input_responses.as_ref()?.get(key).filter(|response| response.is_object())
}

/// What the user filled in, if the user accepted.
fn accepted<'c>(call: &'c NativeCall, key: &str) -> Option<&'c Value> {
    let response = response(call, key)?;
    response.get("content").filter(|_| response.get("action") == Some(&json!("accept")))
}

fn name_question(message: &str) -> Value {
    question(message, "name", "string")
}

fn question(message: &str, field: &str, kind: &str) -> Value {
    let schema = json!({"type": "object", "properties": {field: {"type": kind}}, "required": [field]});
    json!({"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}})
}

fn sampling(prompt: &str) -> Value {
    let message = json!({"role": "user", "content": {"type": "text", "text": prompt}});
    json!({"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": 100}})
}

fn ask(requests: Value, state: Option<&str>) -> NativeAnswer {
    now(Ok(Answer::InputRequired { requests, state: state.map(str::to_owned) }))
}

fn done(message: &str) -> NativeAnswer {
    now(Ok(Answer::Content { blocks: vec![text(message)], is_error: false }))
}
