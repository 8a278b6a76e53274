//! Reading the body of a request, within bounds of kind, size, time and room.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use crate::server::Limits;

/// Longest body, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;
/// A body up to this length always has room, so that many long ones cannot keep a short one out.
const SHORT_BODY: usize = 16 * 1024;

const TOO_LARGE: Refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 1 MiB");
const TOO_SLOW: Refusal = Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly");

/// Reads bodies. Long ones share a room, so that however many come, they take up no more memory than that.
#[derive(Clone, Debug)]
pub(super) struct BodyReader {
    limits: Limits,
    room: Arc<Semaphore>,
}

/// A whole body. A long one gives its room back when it is dropped.
#[derive(Debug)]
pub(super) struct WholeBody {
    pub(super) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl BodyReader {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, room: Arc::new(Semaphore::new(limits.body_room.min(Semaphore::MAX_PERMITS))) }
    }

    /// The whole body, or the refusal.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<WholeBody, Refusal> {
        if !is_json(headers) {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "expected Content-Type: application/json",
            ));
        }
        if headers.contains_key(header::CONTENT_ENCODING) {
            let reason = "expected a body without Content-Encoding";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
        }
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let announced = announced.and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > LONGEST_BODY as u64) {
            return Err(TOO_LARGE);
        }
        let collected = tokio::time::timeout(self.limits.body_total, self.collect(body));
        collected.await.unwrap_or_else(|_| Err(TOO_SLOW))
    }

    async fn collect(&self, mut body: Body) -> Result<WholeBody, Refusal> {
        let mut all = BytesMut::new();
        let mut room = None;
        loop {
            match tokio::time::timeout(self.limits.body_idle, body.frame()).await {
                Err(_) => return Err(TOO_SLOW),
                Ok(None) => return Ok(WholeBody { bytes: all.freeze(), _room: room }),
                Ok(Some(Err(_))) => return Err(Refusal::new(StatusCode::BAD_REQUEST, "the body broke off")),
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if all.len() + data.len() > LONGEST_BODY {
                        return Err(TOO_LARGE);
                    }
                    all.extend_from_slice(&data);
                    if room.is_none() && all.len() > SHORT_BODY {
                        room = Some(self.take_room()?);
                    }
                }
            }
        }
    }

    /// Room for the longest body, since how much is to come may not be known.
    fn take_room(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let room = u32::try_from(LONGEST_BODY).unwrap_or(u32::MAX);
        Arc::clone(&self.room).try_acquire_many_owned(room).map_err(|_| {
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too many long requests at once; try again later")
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json") && values.next().is_none()
}
