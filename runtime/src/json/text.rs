//! Strings inside JSON that are copied only where they have escapes.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;

/// A string borrowed from the document where that is possible.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Text<'a> {
    pub(crate) fn into_inner(self) -> Cow<'a, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
