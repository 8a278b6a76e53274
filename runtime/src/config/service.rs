//! A backend service of one tenant.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::PaceSettings;

/// Text that no log, error or listing may show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one place that has to send it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Whether a service takes the caller's identity in the JSON body too, or in headers alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ContextPlace {
    /// In the body and in headers, as the original's backends expect.
    #[default]
    Body,
    /// In headers alone.
    Headers,
}

/// Where a service is and how it is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Absolute URL without query, fragment or trailing slash.
    pub(crate) url: String,
    /// Headers to send with every request, such as the gateway's own credential.
    pub(crate) headers: Vec<(http::HeaderName, Secret)>,
    pub(crate) context: ContextPlace,
    /// Longest time for a whole answer, where that is less than the tool's own timeout.
    pub(crate) timeout: Option<Duration>,
    /// Key of the signed statement that goes with each request; without one none goes.
    pub(crate) signing_key: Option<Secret>,
    /// The only issuers whose certificate the service may show; without a file those that the system trusts.
    pub(crate) issuers: Option<Issuers>,
    /// How much it is asked at most.
    pub(crate) pace: PaceSettings,
    /// Whether it does a thing once however often it gets the same `Idempotency-Key`.
    pub(crate) honours_idempotency_key: bool,
}

impl Service {
    /// A service of which only the URL is said.
    pub(crate) fn at(url: String) -> Self {
        Self {
            url,
            headers: Vec::new(),
            context: ContextPlace::default(),
            timeout: None,
            signing_key: None,
            issuers: None,
            pace: PaceSettings::default(),
            honours_idempotency_key: false,
        }
    }
}

/// Certificates of issuers, from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuers {
    pub(crate) path: PathBuf,
    /// The file's text.
    pub(crate) pem: Arc<[u8]>,
}
