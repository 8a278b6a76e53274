//! Where inside the arguments a value stands.

use std::fmt;

/// A name longer than this is cut in messages.
pub(super) const LONGEST_NAME: usize = 64;

/// A path such as `stages[2].name`, written out only when a problem needs it.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The arguments as a whole.
    Root,
    /// A member of an object.
    Member(&'a Place<'a>, &'a str),
    /// An item of an array, counted from 0.
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    /// The place of a member of what stands here.
    pub(crate) fn member(&'a self, name: &'a str) -> Place<'a> {
        Place::Member(self, name)
    }

    /// The place of an item of what stands here.
    pub(crate) fn item(&'a self, index: usize) -> Place<'a> {
        Place::Item(self, index)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Place::Root, name) => formatter.write_str(name),
            Self::Member(parent, name) => write!(formatter, "{parent}.{name}"),
            Self::Item(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}
