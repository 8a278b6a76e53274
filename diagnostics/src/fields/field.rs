//! What reading a key gave: its value, nothing, or a problem that has been reported.

/// What reading a key gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<T> {
    /// The key is not there.
    Absent,
    /// There is a problem, and it has been reported; do not report its consequences.
    Wrong,
    /// The value.
    Is(T),
}

// === impl Field ===

impl<T> Field<T> {
    /// The value, where it is there and right.
    pub fn ok(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Whether the key is not there at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same with a reference to the value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Is(value) => Field::Is(value),
            Self::Absent => Field::Absent,
            Self::Wrong => Field::Wrong,
        }
    }

    /// Turns the value into another.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Is(value) => Field::Is(f(value)),
            Self::Absent => Field::Absent,
            Self::Wrong => Field::Wrong,
        }
    }
}
