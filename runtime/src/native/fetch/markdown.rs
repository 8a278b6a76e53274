//! From the elements and the text of a page to Markdown, or to plain text.
//!
//! It takes events in the order of the document and keeps only what is open, so a page of any size costs what
//! its result costs. Where elements end is decided here: pages leave out end tags, and mix them up.

use url::Url;

use super::clean;
use super::layout::{Gap, Layout};
use super::markup::Tag;

/// Longest title.
const LONGEST_TITLE: usize = 200;
/// Longest link that is kept; longer ones carry data and not a place.
const LONGEST_LINK: usize = 2_048;
/// Open elements that are looked at for one that ends without saying so. Pages nest no deeper between them.
const LOOK_BACK: usize = 32;
/// Most blocks in blocks whose prefixes are written.
const DEEPEST: usize = 12;

/// An element that has started.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) tag: Tag,
    /// Whether it is out of sight.
    pub(super) hidden: bool,
    /// Target of a link, language of code, first number of a list.
    pub(super) detail: Option<String>,
}

/// Identifies an open element.
pub(super) type Id = u64;

#[derive(Debug)]
struct Open {
    id: Id,
    tag: Tag,
    hidden: bool,
    detail: Option<String>,
    /// What its end has to undo in the layout.
    undo: Undo,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Undo {
    #[default]
    Nothing,
    /// A mark, closed by this.
    Mark(&'static str),
    /// A link.
    Link,
    /// A heading, with or without a mark.
    Heading {
        marked: bool,
    },
    /// The prefix of a block.
    Prefix,
    /// The item counter of a list.
    List,
    /// The buffer of verbatim text.
    Verbatim,
    Table,
    Row,
    Cell,
}

/// A table that is under way.
#[derive(Debug, Default)]
struct Table {
    cells: Vec<String>,
    rows: usize,
    /// Whether it only arranges blocks, so that it is no table to a reader.
    is_frame: bool,
}

/// Writes a page.
#[derive(Debug)]
pub(super) struct Writer {
    markdown: bool,
    base: Url,
    layout: Layout,
    /// The layout of the page while a cell is written.
    page: Option<Layout>,
    open: Vec<Open>,
    next_id: Id,
    hidden: usize,
    title: String,
    verbatim: Option<String>,
    lists: Vec<Option<u64>>,
    tables: Vec<Table>,
}

impl Writer {
    pub(super) fn new(markdown: bool, base: Url, most_chars: usize) -> Self {
        Self {
            markdown,
            base,
            layout: Layout::new(most_chars),
            page: None,
            open: Vec::new(),
            next_id: 0,
            hidden: 0,
            title: String::new(),
            verbatim: None,
            lists: Vec::new(),
            tables: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.layout.is_full()
    }

    /// Links are relative to this from now on.
    pub(super) fn set_base(&mut self, href: &str) {
        if let Ok(base) = self.base.join(href) {
            self.base = base;
        }
    }

    /// Title and text, all that is open being ended.
    pub(super) fn finish(mut self) -> (String, String) {
        while let Some(open) = self.open.pop() {
            self.undo(open);
        }
        let title: String = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        (title.chars().take(LONGEST_TITLE).collect(), self.layout.into_text().trim_end().to_owned())
    }

    /// An element starts. Its end has to be told by the id, if it is ever known.
    pub(super) fn start(&mut self, start: Start) -> Id {
        self.end_implied(start.tag);
        let id = self.next_id;
        self.next_id += 1;
        let hidden = start.hidden || start.tag == Tag::Unseen;
        self.hidden += usize::from(hidden);
        let undo = if self.hidden > 0 { Undo::Nothing } else { self.begin(&start) };
        self.open.push(Open { id, tag: start.tag, hidden, detail: start.detail, undo });
        id
    }

    /// An element without content.
    pub(super) fn void(&mut self, name: &str, alt: &str) {
        if self.hidden > 0 {
            return;
        }
        match name {
            "br" => match &mut self.verbatim {
                Some(text) => text.push('\n'),
                None => self.layout.ask(Gap::Line),
            },
            "wbr" => {}
            "hr" => {
                self.layout.ask(Gap::Paragraph);
                if self.markdown && !self.layout.is_one_line() {
                    self.layout.word("---");
                    self.layout.ask(Gap::Paragraph);
                }
            }
            "img" if !alt.trim().is_empty() => {
                let mut seen = String::new();
                clean::append(&mut seen, alt);
                // The picture's own address is left out: a client that shows pictures would fetch it.
                self.write(&format!("(image: {})", seen.trim()));
            }
            _ => {}
        }
    }

    /// An element ends, and with it what is still open inside.
    pub(super) fn end(&mut self, id: Id) {
        if let Ok(at) = self.open.binary_search_by_key(&id, |open| open.id) {
            self.end_down_to(at);
        }
    }

    /// Text, its entities decoded.
    pub(super) fn text(&mut self, text: &str) {
        let mut seen = String::with_capacity(text.len());
        clean::append(&mut seen, text);
        if self.hidden > 0 {
            return;
        }
        if self.open.last().is_some_and(|open| open.tag == Tag::Title) {
            if self.title.len() < 4 * LONGEST_TITLE {
                self.title.push_str(&seen);
            }
            return;
        }
        match &mut self.verbatim {
            Some(text) => text.push_str(&seen),
            None => self.write(&seen),
        }
    }

    fn write(&mut self, text: &str) {
        let in_cell = self.page.is_some() && self.markdown;
        let in_link =
            self.markdown && self.open.iter().rev().take(LOOK_BACK).any(|open| open.undo == Undo::Link);
        if in_cell && text.contains('|') || in_link && text.contains(['[', ']']) {
            let mut escaped = String::with_capacity(text.len() + 8);
            for char in text.chars() {
                if in_cell && char == '|' || in_link && matches!(char, '[' | ']') {
                    escaped.push('\\');
                }
                escaped.push(char);
            }
            return self.layout.flow(&escaped);
        }
        // It would make code of all that follows.
        match self.markdown && text.contains("```") {
            true => self.layout.flow(&text.replace('`', "\\`")),
            false => self.layout.flow(text),
        }
    }

    fn end_implied(&mut self, next: Tag) {
        let mut found = None;
        for (at, open) in self.open.iter().enumerate().rev().take(LOOK_BACK) {
            if open.tag.shields(next) {
                break;
            }
            if open.tag.ends_before(next) {
                found = Some(at);
                // A row ends its cell too, so the outermost of them counts.
                if !matches!(open.tag, Tag::Cell) {
                    break;
                }
            }
        }
        if let Some(at) = found {
            self.end_down_to(at);
        }
    }

    fn end_down_to(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.pop() else { return };
            self.undo(open);
        }
    }

    fn begin(&mut self, start: &Start) -> Undo {
        let arranges =
            matches!(start.tag, Tag::Heading(_) | Tag::List { .. } | Tag::Quote | Tag::Verbatim | Tag::Table);
        if arranges && self.page.is_some() {
            self.leave_table();
        }
        match start.tag {
            Tag::Unseen | Tag::Title | Tag::Inline => Undo::Nothing,
            Tag::Block | Tag::Paragraph => {
                self.layout.ask(Gap::Paragraph);
                Undo::Nothing
            }
            Tag::Heading(level) => self.begin_heading(level),
            Tag::List { ordered } => {
                let nested = !self.lists.is_empty();
                self.layout.ask(if nested { Gap::Line } else { Gap::Paragraph });
                let first = start.detail.as_deref().and_then(|first| first.parse().ok()).unwrap_or(1);
                self.lists.push(ordered.then_some(first));
                Undo::List
            }
            Tag::Item => {
                self.layout.ask(Gap::Line);
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "- ".to_owned(),
                };
                let rest = " ".repeat(marker.len());
                self.begin_prefix(Some(marker), &rest)
            }
            Tag::Term => {
                self.layout.ask(Gap::Paragraph);
                Undo::Nothing
            }
            Tag::Definition => {
                self.layout.ask(Gap::Line);
                self.begin_prefix(Some(": ".to_owned()), "  ")
            }
            Tag::Quote => {
                self.layout.ask(Gap::Paragraph);
                self.begin_prefix(None, "> ")
            }
            Tag::Verbatim => {
                self.layout.ask(Gap::Paragraph);
                if self.verbatim.is_some() {
                    return Undo::Nothing;
                }
                self.verbatim = Some(String::new());
                Undo::Verbatim
            }
            Tag::Code => {
                let block =
                    self.open.iter_mut().rev().take(LOOK_BACK).find(|open| open.undo == Undo::Verbatim);
                if let Some(block) = block {
                    // `<pre><code class="language-...">` names the language of the whole block.
                    block.detail = block.detail.take().or_else(|| start.detail.clone());
                }
                self.begin_mark("`")
            }
            Tag::Strong => self.begin_mark("**"),
            Tag::Emphasis => self.begin_mark("*"),
            Tag::Link => {
                let is_link = start.detail.as_deref().is_some_and(|href| self.link(href).is_some());
                if !self.markdown || !is_link || self.verbatim.is_some() {
                    return Undo::Nothing;
                }
                self.layout.open("[");
                self.layout.enter_line();
                Undo::Link
            }
            Tag::Table => {
                self.layout.ask(Gap::Paragraph);
                self.tables.push(Table::default());
                Undo::Table
            }
            Tag::Row if self.tables.last().is_some_and(|table| !table.is_frame) => Undo::Row,
            Tag::Cell if self.page.is_none() && self.tables.last().is_some_and(|table| !table.is_frame) => {
                if self.layout.is_one_line() {
                    return Undo::Nothing;
                }
                let part = self.layout.of_part();
                self.page = Some(std::mem::replace(&mut self.layout, part));
                Undo::Cell
            }
            Tag::Row | Tag::Cell => {
                self.layout.ask(Gap::Paragraph);
                Undo::Nothing
            }
        }
    }

    fn begin_heading(&mut self, level: usize) -> Undo {
        const MARKS: [&str; 6] = ["# ", "## ", "### ", "#### ", "##### ", "###### "];
        self.layout.ask(Gap::Paragraph);
        let mark = MARKS.get(level.saturating_sub(1)).filter(|_| self.markdown && !self.layout.is_one_line());
        if let Some(mark) = mark {
            self.layout.open(mark);
        }
        self.layout.enter_line();
        Undo::Heading { marked: mark.is_some() }
    }

    fn begin_mark(&mut self, mark: &'static str) -> Undo {
        let already = self.open.iter().rev().take(LOOK_BACK).any(|open| open.undo == Undo::Mark(mark));
        if !self.markdown || self.verbatim.is_some() || already {
            return Undo::Nothing;
        }
        self.layout.open(mark);
        Undo::Mark(mark)
    }

    fn begin_prefix(&mut self, first: Option<String>, rest: &str) -> Undo {
        if self.layout.is_one_line() || self.layout.depth() == DEEPEST {
            return Undo::Nothing;
        }
        self.layout.enter(first, rest);
        Undo::Prefix
    }

    fn undo(&mut self, open: Open) {
        self.hidden -= usize::from(open.hidden);
        match open.undo {
            Undo::Nothing => {}
            Undo::Mark(mark) => {
                self.layout.close(mark);
            }
            Undo::Link => {
                let target = open.detail.as_deref().and_then(|href| self.link(href)).unwrap_or_default();
                self.layout.close(&format!("]({target})"));
                self.layout.leave_line();
            }
            Undo::Heading { marked } => {
                if marked {
                    self.layout.close("");
                }
                self.layout.leave_line();
            }
            Undo::Prefix => self.layout.leave(),
            Undo::List => {
                self.lists.pop();
            }
            Undo::Verbatim => self.end_verbatim(open.detail.as_deref()),
            Undo::Table => {
                self.tables.pop();
            }
            Undo::Row => self.end_row(),
            Undo::Cell => self.end_cell(),
        }
        if open.tag.is_block() && !open.hidden {
            let gap = match (open.tag, open.undo) {
                (_, Undo::Cell) => Gap::Nothing,
                (_, Undo::Row) | (Tag::Item | Tag::Term | Tag::Definition, _) => Gap::Line,
                (Tag::List { .. }, _) if !self.lists.is_empty() => Gap::Line,
                _ => Gap::Paragraph,
            };
            self.layout.ask(gap);
        }
    }

    fn end_verbatim(&mut self, language: Option<&str>) {
        let text = self.verbatim.take().unwrap_or_default();
        let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
        if text.is_empty() {
            return;
        }
        self.layout.ask(Gap::Paragraph);
        if self.layout.is_one_line() {
            return self.layout.flow(text);
        }
        if !self.markdown {
            return self.layout.lines(text);
        }
        // Longer than any run of backticks inside, so that the text cannot end its own block.
        let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.layout.lines(&format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default()));
    }

    fn end_cell(&mut self) {
        let Some(page) = self.page.take() else { return };
        let cell = std::mem::replace(&mut self.layout, page).into_text();
        if let Some(table) = self.tables.last_mut() {
            table.cells.push(cell);
        }
    }

    fn end_row(&mut self) {
        let markdown = self.markdown;
        let Some(table) = self.tables.last_mut().filter(|table| !table.is_frame) else { return };
        let cells = std::mem::take(&mut table.cells);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let is_first = table.rows == 0;
        table.rows += 1;
        if !is_first {
            self.layout.ask(Gap::Line);
        }
        match markdown {
            true => {
                self.layout.word(&format!("| {} |", cells.join(" | ")));
                if is_first {
                    self.layout.ask(Gap::Line);
                    self.layout.word(&format!("|{}", " --- |".repeat(cells.len())));
                }
            }
            false => self.layout.word(&cells.join("\t")),
        }
    }

    /// A cell with blocks in it belongs to a table that arranges the page: its cells become blocks themselves.
    fn leave_table(&mut self) {
        self.end_cell();
        for open in self.open.iter_mut().rev().take_while(|open| open.undo != Undo::Table) {
            if matches!(open.undo, Undo::Cell | Undo::Row) {
                open.undo = Undo::Nothing;
            }
        }
        if let Some(table) = self.tables.last_mut() {
            table.is_frame = true;
            for cell in std::mem::take(&mut table.cells).into_iter().filter(|cell| !cell.is_empty()) {
                self.layout.ask(Gap::Paragraph);
                self.layout.word(&cell);
            }
            self.layout.ask(Gap::Paragraph);
        }
    }

    /// Where a link leads, if a reader can go there.
    fn link(&self, href: &str) -> Option<String> {
        let href = href.trim();
        if href.is_empty() || href.starts_with('#') || href.len() > LONGEST_LINK {
            return None;
        }
        let url = self.base.join(href).ok()?;
        let is_place = matches!(url.scheme(), "http" | "https" | "mailto" | "tel");
        let text = url.as_str().replace('(', "%28").replace(')', "%29");
        (is_place && text.len() <= LONGEST_LINK).then_some(text)
    }
}
