//! What the elements of a page mean for its text.

/// An element, as far as it shows in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Never shown: scripts, styles, forms' choices, and what frames a page instead of being it.
    Unseen,
    /// The page's title.
    Title,
    /// A block of its own, with no mark.
    Block,
    /// A paragraph, which the next block ends.
    Paragraph,
    /// A heading of this level.
    Heading(usize),
    /// A list, numbered or not.
    List {
        /// Whether its items have numbers.
        ordered: bool,
    },
    /// An item of a list.
    Item,
    /// A term of a glossary.
    Term,
    /// What a term means.
    Definition,
    /// A quotation.
    Quote,
    /// Text whose white space counts.
    Verbatim,
    /// Code within a line.
    Code,
    /// Text that stands out.
    Strong,
    /// Text that is stressed.
    Emphasis,
    /// A link.
    Link,
    /// A table.
    Table,
    /// A row of a table.
    Row,
    /// A cell of a table.
    Cell,
    /// Anything else within a line.
    Inline,
}

impl Tag {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "script" | "style" | "noscript" | "template" | "svg" | "math" | "iframe" | "object" | "embed"
            | "canvas" | "audio" | "video" | "nav" | "footer" | "select" | "datalist" | "textarea"
            | "dialog" | "frameset" | "noframes" | "noembed" | "applet" | "map" => Self::Unseen,
            "title" => Self::Title,
            "p" => Self::Paragraph,
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "ul" | "menu" | "dir" => Self::List { ordered: false },
            "ol" => Self::List { ordered: true },
            "li" => Self::Item,
            "dt" => Self::Term,
            "dd" => Self::Definition,
            "blockquote" => Self::Quote,
            "pre" | "listing" | "xmp" | "plaintext" => Self::Verbatim,
            "code" | "kbd" | "samp" | "tt" => Self::Code,
            "b" | "strong" => Self::Strong,
            "i" | "em" | "cite" | "dfn" => Self::Emphasis,
            "a" => Self::Link,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "html" | "head" | "body" | "div" | "section" | "article" | "aside" | "header" | "main"
            | "figure" | "figcaption" | "form" | "fieldset" | "legend" | "address" | "details"
            | "summary" | "dl" | "center" | "hgroup" | "search" | "caption" | "noindex" => Self::Block,
            _ => Self::Inline,
        }
    }

    /// Whether the element starts on a line of its own.
    pub(super) fn is_block(self) -> bool {
        !matches!(
            self,
            Self::Unseen
                | Self::Title
                | Self::Code
                | Self::Strong
                | Self::Emphasis
                | Self::Link
                | Self::Inline
        )
    }

    /// Whether an open element of this kind ends where `next` starts, though nothing says so.
    pub(super) fn ends_before(self, next: Self) -> bool {
        match self {
            Self::Paragraph => next.is_block(),
            Self::Item => next == Self::Item,
            Self::Term | Self::Definition => matches!(next, Self::Term | Self::Definition),
            Self::Cell => matches!(next, Self::Cell | Self::Row),
            Self::Row => next == Self::Row,
            // A link that goes on into a list or a table was never closed.
            Self::Link => matches!(next, Self::Link | Self::List { .. } | Self::Table),
            _ => false,
        }
    }

    /// Whether what is open outside an element of this kind stays open whatever starts inside.
    pub(super) fn shields(self, next: Self) -> bool {
        match self {
            Self::Table | Self::Unseen => true,
            Self::Cell => !matches!(next, Self::Cell | Self::Row),
            Self::List { .. } => next == Self::Item,
            _ => false,
        }
    }
}
