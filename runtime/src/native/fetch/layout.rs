//! Laying text out in lines: gaps, prefixes of nested blocks, and marks that wait for the text they mark.
//!
//! Nothing here knows of HTML. A mark is written with the first text after it, so that what turns out to be
//! empty leaves no trace.

/// Space that is due before the next text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    Nothing,
    Space,
    Line,
    Paragraph,
}

/// What lines inside a block start with.
#[derive(Debug)]
struct Prefix {
    /// For the first line, until it is written.
    first: Option<String>,
    rest: String,
    /// Whether a line of the block is there.
    is_begun: bool,
}

/// Text that grows to its bound and no further.
#[derive(Debug)]
pub(super) struct Layout {
    out: String,
    /// Characters that may still be written.
    left: usize,
    /// Whether there was something that did not fit.
    is_full: bool,
    gap: Gap,
    prefixes: Vec<Prefix>,
    /// Marks that no text has followed yet.
    marks: Vec<&'static str>,
    /// Whether breaks are only spaces here, as within a heading or a cell.
    one_line: usize,
}

impl Layout {
    pub(super) fn new(most_chars: usize) -> Self {
        Self {
            out: String::new(),
            left: most_chars,
            is_full: false,
            gap: Gap::Nothing,
            prefixes: Vec::new(),
            marks: Vec::new(),
            one_line: 0,
        }
    }

    /// A layout for a part that will be put into this one.
    pub(super) fn of_part(&self) -> Self {
        Self { one_line: 1, ..Self::new(self.left) }
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// Asks for space before the next text.
    pub(super) fn ask(&mut self, gap: Gap) {
        let gap = if self.one_line > 0 { gap.min(Gap::Space) } else { gap };
        self.gap = self.gap.max(gap);
    }

    pub(super) fn enter_line(&mut self) {
        self.one_line += 1;
    }

    pub(super) fn leave_line(&mut self) {
        self.one_line = self.one_line.saturating_sub(1);
    }

    pub(super) fn is_one_line(&self) -> bool {
        self.one_line > 0
    }

    /// Starts a block whose first line begins with `first` and whose other lines begin with `rest`.
    pub(super) fn enter(&mut self, first: Option<String>, rest: impl Into<String>) {
        self.prefixes.push(Prefix { first, rest: rest.into(), is_begun: false });
    }

    /// How many blocks are open.
    pub(super) fn depth(&self) -> usize {
        self.prefixes.len()
    }

    pub(super) fn leave(&mut self) {
        self.prefixes.pop();
    }

    /// Opens a mark around the text that follows.
    pub(super) fn open(&mut self, mark: &'static str) {
        self.marks.push(mark);
    }

    /// Closes the latest mark; whether there was text inside.
    pub(super) fn close(&mut self, end: &str) -> bool {
        if self.marks.pop().is_some() {
            return false;
        }
        self.write(end);
        true
    }

    /// Writes text in which white space only parts words.
    pub(super) fn flow(&mut self, text: &str) {
        for (at, word) in text.split(char::is_whitespace).enumerate() {
            if at > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    /// Writes text as it is, after whatever is due.
    pub(super) fn word(&mut self, word: &str) {
        self.fill_gap();
        for mark in std::mem::take(&mut self.marks) {
            self.write(mark);
        }
        self.write(word);
    }

    /// Writes lines as they are, each behind the prefixes of its block.
    pub(super) fn lines(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.gap = Gap::Line;
            }
            self.word(line);
        }
    }

    fn fill_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        let is_start = self.out.is_empty();
        if !is_start && gap == Gap::Space {
            return self.write(" ");
        }
        if !is_start && gap < Gap::Line {
            return;
        }
        if !is_start {
            if gap == Gap::Paragraph {
                let blank = self.prefixes.iter().filter(|prefix| prefix.is_begun);
                let blank: String = blank.map(|prefix| prefix.rest.as_str()).collect();
                self.write("\n");
                self.write(blank.trim_end());
            }
            self.write("\n");
        }
        let mut start = String::new();
        for prefix in &mut self.prefixes {
            prefix.is_begun = true;
            match prefix.first.take() {
                Some(first) => start.push_str(&first),
                None => start.push_str(&prefix.rest),
            }
        }
        self.write(&start);
    }

    fn write(&mut self, text: &str) {
        for char in text.chars() {
            if self.left == 0 {
                self.is_full = true;
                return;
            }
            self.left -= 1;
            self.out.push(char);
        }
    }
}
