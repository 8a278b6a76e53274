//! Reading what a backend service answers.

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use serde::de::IgnoredAny;

use super::Failure;
use crate::json::{Json, guard};

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// The JSON of a successful answer.
pub(super) async fn read(service: &'static str, response: Response) -> Result<Json, Failure> {
    let status = response.status();
    if !status.is_success() {
        return Err(Failure::of_status(service, status.as_u16()));
    }
    let unusable = |detail: &str| Failure::of_content(service, status.as_u16(), detail);
    let body = body(service, response).await?;
    let text = std::str::from_utf8(&body).map_err(|_| unusable("it is no UTF-8 text"))?;
    guard::check_depth(text).map_err(|error| unusable(&error.to_string()))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| unusable("it is no JSON"))?;
    Ok(Json::from_valid(text.trim_ascii()))
}

/// The whole body, or a failure as soon as it is longer than the limit.
async fn body(service: &'static str, mut response: Response) -> Result<Bytes, Failure> {
    let status = response.status().as_u16();
    let too_long = || {
        let detail = format!("it is longer than {LONGEST_ANSWER} bytes; ask for less");
        Failure::of_content(service, status, &detail)
    };
    let announced = response.content_length();
    if announced.is_some_and(|length| length > LONGEST_ANSWER as u64) {
        return Err(too_long());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of_transport(service, error))? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
