//! The gateway's figures for one tenant, of the tools that the caller may call. Of other tenants, and of tools
//! that are not in the caller's list, nothing is told.

use serde_json::{Map, Value, json};

use super::{Answer, NativeAnswer, NativeCall};
use crate::json::Json;
use crate::metrics::Figures;

/// The tool takes none.
#[derive(Debug)]
pub struct Arguments {}

/// Answers with the figures of the caller's tenant.
pub fn run(call: NativeCall, _: Arguments) -> NativeAnswer {
    Box::pin(async move { Ok(Answer::Json(Json::from_value(&figures(&call)))) })
}

fn figures(call: &NativeCall) -> Value {
    let server = &call.server;
    let names = call.permitted().map(|entry| entry.tool.spec().name);
    let by_tool: Vec<(&str, Figures)> =
        names.filter_map(|tool| Some((tool, server.metrics.figures(tool, &call.tenant)?))).collect();
    let sum = |count: fn(&Figures) -> u64| by_tool.iter().map(|(_, figures)| count(figures)).sum::<u64>();
    json!({
        "tenant_id": call.tenant,
        "uptime_seconds": server.uptime().as_secs_f64().round(),
        "calls": sum(Figures::calls),
        "errors": sum(Figures::errors),
        "refusals": sum(Figures::refusals),
        "metrics": by_tool.iter().map(|(tool, figures)| ((*tool).to_owned(), of_tool(figures))).collect::<Map<_, _>>(),
    })
}

fn of_tool(figures: &Figures) -> Value {
    let by_code: Map<String, Value> =
        figures.errors_by_code().map(|(code, count)| (code.to_owned(), count.into())).collect();
    let mut shown = json!({
        "calls": figures.calls(),
        "errors": figures.errors(),
        "refusals": figures.refusals(),
        "errors_by_code": by_code,
    });
    for (name, ms) in [
        ("avg_latency_ms", figures.average_ms()),
        ("p50_latency_ms", figures.percentile_ms(0.5)),
        ("p95_latency_ms", figures.percentile_ms(0.95)),
    ] {
        if let (Some(ms), Some(members)) = (ms, shown.as_object_mut()) {
            members.insert(name.to_owned(), ((ms * 1000.0).round() / 1000.0).into());
        }
    }
    shown
}
