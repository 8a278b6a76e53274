//! One problem: what is wrong, where, what else has to do with it, and how to mend it.

use std::cell::{Cell, RefCell};

use crate::Report;
use crate::source::{Sources, Span};

/// A stable name of a rule, such as `M012`.
pub type Code = &'static str;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing may be made of the input.
    Error,
    /// The input can be used; somebody should look at it.
    Warning,
}

/// One problem of an input. Its message is a lowercase fragment without a full stop.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The rule that was broken.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Span,
    /// What to say at that place, below the excerpt.
    pub label: Option<String>,
    /// Other places that have to do with it.
    pub also: Vec<(Span, String)>,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
    /// How to mend it, with the corrected text where it can be computed.
    pub help: Option<String>,
}

/// Collects problems, so that all of them can be reported at once. It is shared by everything that reads.
#[derive(Debug, Default)]
pub struct Sink {
    found: RefCell<Vec<Diagnostic>>,
    /// Counted beside them, because every step asks for it.
    errors: Cell<usize>,
}

// === impl Diagnostic ===

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, at: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            at,
            label: None,
            also: Vec::new(),
            suggestion: None,
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: Code, at: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    /// Says something at the place itself.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn with_also(mut self, at: Span, label: impl Into<String>) -> Self {
        self.also.push((at, label.into()));
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the word that was probably meant, if there is one; see [`crate::suggest`].
    #[must_use]
    pub fn with_suggestion(mut self, word: Option<&str>) -> Self {
        self.suggestion = word.map(str::to_owned);
        self
    }
}

// === impl Sink ===

impl Sink {
    /// Takes in a problem.
    pub fn push(&self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors.set(self.errors.get() + 1);
        }
        self.found.borrow_mut().push(diagnostic);
    }

    /// How many errors there are so far. Two counts around a step tell whether that step was clean.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors.get()
    }

    /// Everything that was found, in the order of files and lines.
    #[must_use]
    pub fn into_report(self, sources: Sources) -> Report {
        Report::new(sources, self.found.into_inner())
    }
}
