//! Reading what a backend service answers.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use reqwest::Response;
use serde::de::IgnoredAny;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::Failure;
use crate::json::{Json, guard};

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Up to this length an answer needs no room of its own, in bytes.
const SHORT_ANSWER: usize = 64 * 1024;
/// Room for the longer answers of one service that are read at a time, in bytes.
const ROOM: usize = 4 * LONGEST_ANSWER;
/// Longest wait for the next part of an answer that has begun.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);
/// Longest time that a service may ask to be left alone for; a longer one is not told to clients.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Bounds what the long answers of one service take up together, however many calls ask for them.
#[derive(Debug)]
pub(super) struct Room(Semaphore);

impl Room {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(ROOM))
    }

    async fn take(&self, length: usize) -> Option<SemaphorePermit<'_>> {
        // No length is beyond the longest answer, and the room is never closed.
        self.0.acquire_many(u32::try_from(length).ok()?).await.ok()
    }
}

/// The JSON of a successful answer.
pub(super) async fn read(service: &'static str, response: Response, room: &Room) -> Result<Json, Failure> {
    let status = response.status();
    if !status.is_success() {
        return Err(Failure::of_status(service, status.as_u16(), retry_after(response.headers())));
    }
    let unusable = |detail: &str| Failure::of_content(service, status.as_u16(), detail);
    let body = body(service, response, room).await?;
    let text = std::str::from_utf8(&body).map_err(|_| unusable("it is no UTF-8 text"))?;
    guard::check_depth(text).map_err(|error| unusable(&error.to_string()))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| unusable("it is no JSON"))?;
    Ok(Json::from_valid(text.trim_ascii()))
}

/// When the service wants to be asked again, where it says so in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|wait| *wait <= LONGEST_RETRY_AFTER)
}

/// The whole body, or a failure as soon as it is longer than the limit.
async fn body(service: &'static str, mut response: Response, room: &Room) -> Result<Bytes, Failure> {
    let status = response.status().as_u16();
    let too_long = || {
        let detail = format!("it is longer than {LONGEST_ANSWER} bytes; ask for less");
        Failure::of_content(service, status, &detail)
    };
    let announced = response.content_length().map_or(Ok(LONGEST_ANSWER), usize::try_from);
    let Some(longest) = announced.ok().filter(|length| *length <= LONGEST_ANSWER) else {
        return Err(too_long());
    };
    let (mut body, mut taken) = (BytesMut::new(), None);
    loop {
        let chunk = timeout(LONGEST_SILENCE, response.chunk()).await;
        let chunk = chunk.map_err(|_| Failure::of_silence(service, LONGEST_SILENCE))?;
        let Some(chunk) = chunk.map_err(|error| Failure::of_transport(service, error))? else { break };
        let length = body.len() + chunk.len();
        if length > LONGEST_ANSWER {
            return Err(too_long());
        }
        if length > SHORT_ANSWER && taken.is_none() {
            // All at once, since nobody who holds a part may wait for another.
            taken = room.take(longest).await;
            body.reserve(longest.saturating_sub(body.len()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use futures_util::stream::{self, StreamExt};
    use reqwest::Body;

    use super::*;

    /// An answer whose parts come after these pauses.
    fn answer<const N: usize>(parts: [(u64, &str); N]) -> Response {
        let parts = parts.map(|(pause, part)| (pause, part.to_owned()));
        let parts = stream::iter(parts).then(|(pause, part)| async move {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            Ok::<_, std::io::Error>(part)
        });
        http::Response::new(Body::wrap_stream(parts)).into()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_be_slow_and_may_not_stop() {
        let room = Room::new();
        let slow = read("crm", answer([(4, "{\"a\""), (4, ":"), (4, "1}")]), &room).await.unwrap();
        assert_eq!(slow.as_str(), "{\"a\":1}");
        let stopped = read("crm", answer([(1, "{\"a\""), (6, ":1}")]), &room).await.unwrap_err();
        assert_eq!(stopped.error.code.as_str(), "BACKEND_TIMEOUT");
        assert_eq!(stopped.is_well(), Some(false));
    }

    #[tokio::test(start_paused = true)]
    async fn long_answers_wait_for_room_and_short_ones_do_not() {
        let blank = " ".repeat(SHORT_ANSWER + 1);
        let room = Room::new();
        let taken = room.take(ROOM).await.unwrap();
        assert!(read("crm", answer([(0, "{}")]), &room).await.is_ok());
        let long = read("crm", answer([(0, &blank), (1, "1")]), &room);
        let mut long = std::pin::pin!(long);
        assert!(timeout(Duration::from_secs(60), &mut long).await.is_err(), "read without room");
        drop(taken);
        assert_eq!(long.await.unwrap().as_str(), "1");
        assert_eq!(room.0.available_permits(), ROOM);
    }

    #[test]
    fn a_service_says_in_seconds_when_to_come_back() {
        for (text, wait) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("86400", Some(86_400)),
            ("86401", None),
            ("-1", None),
            ("1.5", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
            ("99999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers), wait.map(Duration::from_secs), "{text}");
        }
    }
}
