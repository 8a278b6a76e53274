//! Taking out of text what a reader would not see.
//!
//! Control characters drive terminals, direction marks reorder what is shown, and invisible characters carry
//! messages that only a model reads. What is visible stays as it is.

/// Appends `text` to `out` without what cannot be seen.
pub(super) fn append(out: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' | '\t' => out.push(char),
            // A line ends in one way only.
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\u{1b}' | '\u{9b}' => skip_terminal_sequence(char, &mut chars),
            '\u{200c}' | '\u{200d}' => {
                // Between two letters of scripts that join, and between emoji, these change what is seen.
                let joins =
                    |char: Option<char>| char.is_some_and(|char| !char.is_ascii() && !is_invisible(char));
                if joins(out.chars().next_back()) && joins(chars.peek().copied()) {
                    out.push(char);
                }
            }
            char if char.is_control() || is_invisible(char) => {}
            char => out.push(char),
        }
    }
}

/// Characters without a shape of their own: zero-width, direction, annotation and tag characters.
fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Skips what a terminal would take for a command: `ESC [` to its last letter, `ESC ]` to its end.
fn skip_terminal_sequence(first: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = if first == '\u{9b}' {
        Some('[')
    } else {
        chars.next_if(|char| matches!(char, '[' | ']' | 'P' | '_' | '^'))
    };
    match kind {
        Some('[') => {
            while chars.next_if(|char| matches!(char, ' '..='?')).is_some() {}
            chars.next_if(|char| matches!(char, '@'..='~'));
        }
        // Ended by BEL or by ESC, and by the end of the line lest it swallow the text.
        Some(_) => while chars.next_if(|char| !matches!(char, '\u{7}' | '\u{1b}' | '\n')).is_some() {},
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn what_cannot_be_seen_is_gone_and_what_can_stays() {
        for (text, expected) in [
            ("plain text\n\twith lines", "plain text\n\twith lines"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("ig\u{200b}no\u{2060}re\u{feff}", "ignore"),
            ("safe \u{202e}txt.exe\u{202c}", "safe txt.exe"),
            ("\u{2066}a\u{2069}\u{200e}b\u{200f}", "ab"),
            ("x\u{e0049}\u{e0067}\u{e007f}y\u{e0100}", "xy"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]8;;http://evil.example\u{7}link\u{1b}]8;;\u{7}", "link"),
            ("\u{9b}31mred", "red"),
            ("bell\u{7}, null\u{0}, delete\u{7f}", "bell, null, delete"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("a\u{200d}b \u{200c}c", "ab c"),
            ("سلام\u{200c}\u{200c}\u{200d}دنیا", "سلام\u{200d}دنیا"),
            ("❤\u{fe0f} naïve 漢字 שלום", "❤\u{fe0f} naïve 漢字 שלום"),
        ] {
            let mut out = String::new();
            append(&mut out, text);
            assert_eq!(out, expected, "{text:?}");
        }
    }
}
