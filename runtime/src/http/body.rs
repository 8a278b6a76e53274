//! Reading the body of a request, within bounds of kind, size and time.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

/// Longest body, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;
/// Longest pause between two parts of a body.
const IDLE: Duration = Duration::from_secs(10);
/// Longest time for a whole body.
const TOTAL: Duration = Duration::from_secs(30);

/// The whole body, or the refusal.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Response> {
    if !is_json(headers) {
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected Content-Type: application/json"));
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected a body without Content-Encoding"));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > LONGEST_BODY as u64)
    {
        return Err(too_large());
    }
    tokio::time::timeout(TOTAL, collect(body)).await.unwrap_or_else(|_| Err(too_slow()))
}

async fn collect(mut body: Body) -> Result<Bytes, Response> {
    let mut all = BytesMut::new();
    loop {
        match tokio::time::timeout(IDLE, body.frame()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(all.freeze()),
            Ok(Some(Err(_))) => return Err(refusal(StatusCode::BAD_REQUEST, "the body broke off")),
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if all.len() + data.len() > LONGEST_BODY {
                    return Err(too_large());
                }
                all.extend_from_slice(&data);
            }
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json") && values.next().is_none()
}

fn too_large() -> Response {
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 1 MiB")
}

fn too_slow() -> Response {
    refusal(StatusCode::REQUEST_TIMEOUT, "the body came too slowly")
}

/// A refusal after which the connection is closed, since the rest of the body is not read.
fn refusal(status: StatusCode, reason: &'static str) -> Response {
    tracing::info!(status = status.as_u16(), reason, "request refused");
    (status, [(header::CONNECTION, "close")], reason).into_response()
}
