//! Fixtures that answer at once, with every kind of content, or by way of progress.

use std::time::Duration;

use runtime::native::{Answer, CallError};
use serde_json::{Value, json};

use super::{content, fixture, now, text};

/// A picture of one red point.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A sound without samples.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

fixture!(SIMPLE_TEXT, SimpleText, "test_simple_text", _call => {
    content(vec![text("This is a simple text response for testing.")])
});

fixture!(IMAGE, Image, "test_image_content", _call => content(vec![image()]));

fixture!(AUDIO, Audio, "test_audio_content", _call => {
    content(vec![json!({"type": "audio", "data": WAV, "mimeType": "audio/wav"})])
});

fixture!(EMBEDDED_RESOURCE, EmbeddedResource, "test_embedded_resource", _call => {
    let text = "This is an embedded resource content.";
    let resource = json!({"uri": "test://embedded-resource", "mimeType": "text/plain", "text": text});
    content(vec![json!({"type": "resource", "resource": resource})])
});

fixture!(MULTIPLE_CONTENT, MultipleContent, "test_multiple_content_types", _call => {
    let data = json!({"test": "data", "value": 123}).to_string();
    let resource =
        json!({"uri": "test://mixed-content-resource", "mimeType": "application/json", "text": data});
    content(vec![
        text("Multiple content types test:"),
        image(),
        json!({"type": "resource", "resource": resource}),
    ])
});

fixture!(ERROR_HANDLING, ErrorHandling, "test_error_handling", _call => {
    let blocks = vec![text("This tool intentionally returns an error for testing")];
    now(Ok(Answer::Content { blocks, is_error: true }))
});

fixture!(LOGGING, Logging, "test_logging_tool", _call => content(vec![text("Nothing was logged to the client")]));

fixture!(MISSING_CAPABILITY, MissingCapability, "test_missing_capability", call => {
    let declared = call.client_capabilities.get("sampling").is_some();
    now(if declared {
        Ok(Answer::Content { blocks: vec![text("The client can sample")], is_error: false })
    } else {
        Err(CallError::MissingCapability(json!({"sampling": {}})))
    })
});

fixture!(PROGRESS, ProgressReports, "test_tool_with_progress", call => Box::pin(async move {
    for progress in [0.0, 50.0, 100.0] {
        call.report(progress, Some(100.0), "working").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(Answer::Content { blocks: vec![text("Done in three steps")], is_error: false })
}));

fixture!(
    SCHEMA_2020_12,
    Schema202012,
    "json_schema_2020_12_tool",
    concat!(
        r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"address":"##,
        r##"{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"##,
        r##""string"}}}},"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"##,
        r##""contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":"##,
        r##"{"type":"string"}},"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],"if":"##,
        r##"{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":"##,
        r##"["phone"]},"else":{"required":["email"]},"additionalProperties":false}"##
    ),
    _call => content(vec![text("All keywords were kept")])
);

fixture!(
    MIRRORED_HEADERS,
    MirroredHeaders,
    "test_mirrored_headers",
    concat!(
        r#"{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"#,
        r#""priority":{"type":"integer","x-mcp-header":"Priority"},"#,
        r#""urgent":{"type":"boolean","x-mcp-header":"Urgent"}}}"#
    ),
    _call => content(vec![text("The headers say what the arguments say")])
);

fn image() -> Value {
    json!({"type": "image", "data": PNG, "mimeType": "image/png"})
}
