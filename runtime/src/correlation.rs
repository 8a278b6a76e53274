//! The id that ties a call's answer, its log lines and the backend's own log together.

use http::HeaderMap;
use uuid::Uuid;

/// A correlation id, and the trace it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Correlation {
    id: String,
    trace_id: String,
}

impl Correlation {
    /// Takes the id from `X-Correlation-Id` or from the trace context, where they are valid, else makes one.
    ///
    /// `meta_traceparent` is the request's `_meta.traceparent`, which goes before the header of that name
    /// because it survives proxies that start traces of their own.
    pub(crate) fn of_request(headers: &HeaderMap, meta_traceparent: Option<&str>) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let trace_id =
            meta_traceparent.and_then(trace_id).or_else(|| header("traceparent").and_then(trace_id));
        let given = header("x-correlation-id").filter(|id| is_valid(id)).map(str::to_owned);
        let id = given.or_else(|| trace_id.clone()).unwrap_or_else(|| Uuid::now_v7().to_string());
        Self { id, trace_id: trace_id.unwrap_or_else(|| Uuid::new_v4().simple().to_string()) }
    }

    /// The id as it is shown and logged.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A `traceparent` for one request to a backend: the same trace, a span of its own.
    pub(crate) fn traceparent(&self) -> String {
        let span: String = Uuid::new_v4().simple().to_string().chars().take(16).collect();
        format!("00-{}-{span}-01", self.trace_id)
    }
}

/// Whether a client's own id may be used: 8 to 128 characters that need no escaping anywhere.
fn is_valid(id: &str) -> bool {
    (8..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The trace id of a W3C `traceparent`, if it is well formed and not all zeros.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
    let well_formed = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    (well_formed && (version != "00" || parts.next().is_none()) && nonzero(trace) && nonzero(span))
        .then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_valid_id_of_the_client_is_kept() {
        let correlation = Correlation::of_request(&headers(&[("x-correlation-id", "order-4711.a")]), None);
        assert_eq!(correlation.id(), "order-4711.a");
    }

    #[test]
    fn the_trace_of_the_body_goes_before_that_of_the_header() {
        let other = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-01";
        let correlation = Correlation::of_request(&headers(&[("traceparent", other)]), Some(TRACEPARENT));
        assert_eq!(correlation.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(correlation.traceparent().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    }

    #[test]
    fn an_invalid_id_or_trace_is_replaced() {
        for bad in ["short", "has space in it", "semi;colon;id", "ümlaut-ümlaut"] {
            let mut map = HeaderMap::new();
            map.insert("x-correlation-id", http::HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_ne!(Correlation::of_request(&map, None).id(), bad);
        }
        for bad in [
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "00-4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
    }
}
