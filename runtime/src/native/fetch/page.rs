//! A page as it came, before anything is made of it.

use std::time::{Duration, SystemTime};

use encoding_rs::Encoding;
use url::Url;

use super::kind::Kind;

/// What the web answered.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) final_url: Url,
    /// How many redirects led to it.
    pub(super) redirects: usize,
    pub(super) status: u16,
    /// Type and subtype alone.
    pub(super) content_type: String,
    pub(super) kind: Kind,
    pub(super) encoding: &'static Encoding,
    pub(super) bytes: Vec<u8>,
    /// Whether the body was longer than is read.
    pub(super) is_cut: bool,
    pub(super) fetched_at: SystemTime,
    /// How long it may be used again.
    pub(super) lifetime: Duration,
}
