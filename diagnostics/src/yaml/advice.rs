//! What to do about the faults of YAML that authors make most: the parser says what it did not expect, seldom what was
//! meant.

/// Pieces of the parser's messages, and what to do.
const ADVICE: [(&str, &str); 11] = [
    (
        "mapping values are not allowed",
        "a colon and a space begin a value; put a text that has them in quotes",
    ),
    (
        "did not find expected ',' or",
        "between braces or brackets, `,`, `: `, `[`, `]`, `{` and `}` end a plain text; put a text that has one in quotes",
    ),
    ("did not find expected key", "begin all keys of a mapping in the same column"),
    ("simple key expected ':'", "a colon and a space go between a key and its value"),
    ("tabs disallowed", "indent with spaces"),
    ("unexpected character", "put a text that begins with this character in quotes"),
    ("after single-quoted scalar", "inside single quotes, write '' for a quote"),
    (
        "after double-quoted scalar",
        "inside double quotes, write \\\" for a quote, or put all of the text in quotes",
    ),
    ("unknown escape character", "inside single quotes, a backslash stands for itself"),
    ("did not find expected comment or line break", "after `>` or `|` the text begins in the next line"),
    ("unclosed quote", "end the text with the quote that it begins with"),
];

/// What to do about a fault that the parser describes so.
pub(super) fn of(message: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(piece, _)| message.contains(piece)).map(|(_, advice)| *advice)
}
