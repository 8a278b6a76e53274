//! Webhooks: programs that are told of events by HTTP. Each subscription is told of every event after its
//! making that its filter lets through, in order and at least once.
//!
//! # What a receiver gets
//! A POST with the event as JSON and the headers of the Standard Webhooks convention: `webhook-id`, by which
//! a repetition is recognised, `webhook-timestamp` in seconds since 1970, and for a subscription with a secret
//! `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256, under the bytes of the secret, of
//! `{webhook-id}.{webhook-timestamp}.{body}`. Any 2xx settles it; 410 ends the subscription; anything else is
//! tried again later, and after ten failures in a row the subscription is disabled. Creating it once more by
//! its name goes on where it stopped.
//!
//! This is a service for development: a receiver may be on this machine or in a private network.

mod delivery;
mod dispatch;
mod subscription;

pub(super) use dispatch::dispatch;
pub(super) use subscription::{create, disable, list};
