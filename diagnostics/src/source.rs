//! Files as they were read, and places in them.

/// Names one file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// One file: the path it is shown under, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    path: String,
    text: String,
}

/// All files that a report may point into.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A place in a file. Line and column start at 1; columns count characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
    /// Line of the first byte.
    pub line: usize,
    /// Column of the first byte, in characters.
    pub column: usize,
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

// === impl Source ===

impl Source {
    /// The path as it is shown to people.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

// === impl Sources ===

impl Sources {
    /// Takes in a file; `path` is what reports will show.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Source { path: path.into(), text: text.into() });
        FileId(self.files.len() - 1)
    }

    /// The file with this id; none if the id is another registry's.
    #[must_use]
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0)
    }

    /// The path that reports show for this file.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.get(file).map_or("", Source::path)
    }
}

// === impl Span ===

impl Span {
    /// The beginning of a file, for problems that concern all of it.
    #[must_use]
    pub fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0, line: 1, column: 1 }
    }

    /// A part of this place: `len` bytes from `offset` bytes on, where both lie on its first line and
    /// `before` is the text that is passed over.
    #[must_use]
    pub fn part(self, before: &str, len: usize) -> Self {
        let start = self.start + before.len();
        Self { start, end: start + len, column: self.column + before.chars().count(), ..self }
    }
}

// === impl Spanned ===

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}
