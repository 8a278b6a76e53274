//! The rules by which pages are not fetched, as clients read them.

use serde::{Deserialize, Serialize};

/// Why a page may not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchRule {
    /// No URL, or one that is written so as to mislead.
    Url,
    /// Neither http nor https.
    Scheme,
    /// A port that is not open to fetching.
    Port,
    /// A user or password in the URL.
    Credentials,
    /// A name that is internal by its form, or that the operator's lists refuse.
    Host,
    /// An address that is not a public one.
    Address,
    /// One redirect too many, or one that gives up encryption.
    Redirect,
    /// A certificate that does not prove the host.
    Certificate,
    /// The site asks robots to stay away from the page.
    Robots,
    /// Content that is no text.
    ContentType,
    /// A packing that is unknown, nested or a bomb.
    ContentEncoding,
    /// More headers than an honest server sends.
    Headers,
}
