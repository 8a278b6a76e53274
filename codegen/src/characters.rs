//! Characters that people do not see, or take for others: the text that a reviewer reads must be the text that
//! an agent gets.
//!
//! The whole file is looked at, comments too, before it is parsed; what an escape brings in is found afterwards.

use diagnostics::yaml::{Node, Value};
use diagnostics::{Diagnostic, FileId, Sink, Span};

use crate::rules;

/// Reports every such character of a file. Whether there was none.
pub(crate) fn check_text(file: FileId, text: &str, sink: &Sink) -> bool {
    if is_plain(text) {
        return true;
    }
    let before = sink.errors();
    let (mut line, mut column) = (1, 1);
    let mut word: Vec<(char, Span)> = Vec::new();
    for (start, c) in text.char_indices() {
        let at = Span { file, start, end: start + c.len_utf8(), line, column };
        if hidden(c).is_some() && !(start == 0 && c == BYTE_ORDER_MARK) {
            sink.push(hidden_character(c, at));
        } else if let Some(looks_like) = disguised(c) {
            sink.push(disguise(c, looks_like, at));
        }
        if c.is_alphabetic() {
            word.push((c, at));
        } else {
            check_word(&word, sink);
            word.clear();
        }
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    check_word(&word, sink);
    sink.errors() == before
}

/// Reports such characters in the values of a file whose text has none: an escape brought them in.
pub(crate) fn check_values(node: &Node, sink: &Sink) {
    match &node.value {
        Value::Text(text) => check_value(text, node.span, sink),
        Value::Sequence(items) => items.iter().for_each(|item| check_values(item, sink)),
        Value::Mapping(entries) => {
            for entry in entries {
                check_value(&entry.key.value, entry.key.span, sink);
                check_values(&entry.value, sink);
            }
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
}

/// A text without characters that nobody sees, and with the letters that others only look like.
pub(crate) fn cleaned(text: &str) -> String {
    let seen = text.chars().filter(|c| hidden(*c).is_none() && *c != '\r');
    let plain: Vec<char> = seen.map(|c| disguised(c).unwrap_or(c)).collect();
    let mut out = String::with_capacity(text.len());
    for word in plain.chunk_by(|a, b| a.is_alphabetic() == b.is_alphabetic()) {
        let latin = word.iter().any(char::is_ascii_alphabetic);
        out.extend(word.iter().map(|c| looks_latin(*c).filter(|_| latin).unwrap_or(*c)));
    }
    out
}

fn check_value(text: &str, at: Span, sink: &Sink) {
    if is_plain(text) {
        return;
    }
    let found = text.chars().find(|c| hidden(*c).is_some() || disguised(*c).is_some());
    match found {
        Some(c) => match disguised(c) {
            Some(looks_like) => sink.push(disguise(c, looks_like, at)),
            None => sink.push(hidden_character(c, at)),
        },
        None => {
            for word in text.split(|c: char| !c.is_alphabetic()) {
                let word: Vec<(char, Span)> = word.chars().map(|c| (c, at)).collect();
                check_word(&word, sink);
            }
        }
    }
}

/// Reports the first letter of a word that looks Latin among Latin ones and is not.
fn check_word(word: &[(char, Span)], sink: &Sink) {
    if !word.iter().any(|(c, _)| c.is_ascii_alphabetic()) || word.iter().all(|(c, _)| c.is_ascii()) {
        return;
    }
    let odd = word.iter().find_map(|(c, at)| looks_latin(*c).map(|latin| (*c, latin, *at)));
    if let Some((c, latin, at)) = odd {
        sink.push(disguise(c, latin, at));
    }
}

/// Whether a text is made of characters of ASCII that are seen, as most are.
fn is_plain(text: &str) -> bool {
    text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control() && !b"\n\t\r".contains(&byte))
}

fn hidden_character(c: char, at: Span) -> Diagnostic {
    let what = hidden(c).unwrap_or_default();
    let message = format!("a character that nobody sees: U+{:04X}, {what}", u32::from(c));
    Diagnostic::error(rules::HIDDEN_CHARACTER, at, message).with_help("delete it")
}

fn disguise(c: char, latin: char, at: Span) -> Diagnostic {
    let message = format!("U+{:04X} looks like the letter `{latin}` and is another", u32::from(c));
    Diagnostic::error(rules::LOOKALIKE_CHARACTER, at, message).with_help(format!("write `{latin}`"))
}

/// It may stand at the very beginning of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What kind of invisible character this is; none if it is seen.
fn hidden(c: char) -> Option<&'static str> {
    Some(match c {
        '\n' | '\t' | '\r' => return None,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "which changes the direction of writing"
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | BYTE_ORDER_MARK => "which has no width",
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' => "a filler",
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            "which only varies the one before it"
        }
        '\u{e0000}'..='\u{e007f}' => "a tag",
        '\u{2028}' | '\u{2029}' => "a separator of lines",
        '\u{206a}'..='\u{206f}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' => "a control of formatting",
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => "of private use",
        _ if c.is_control() => "a control character",
        _ => return None,
    })
}

/// The letter or digit that this one is a font of.
fn disguised(c: char) -> Option<char> {
    let of = |first: char, base: u8, count: u32| {
        let index = u32::from(c).checked_sub(u32::from(first))? % count;
        u8::try_from(index).ok().map(|index| char::from(base + index))
    };
    match c {
        '\u{ff10}'..='\u{ff19}' => of('\u{ff10}', b'0', 10),
        '\u{ff21}'..='\u{ff3a}' => of('\u{ff21}', b'A', 26),
        '\u{ff41}'..='\u{ff5a}' => of('\u{ff41}', b'a', 26),
        // The mathematical alphabets, 26 capitals and 26 small letters in turn.
        '\u{1d400}'..='\u{1d6a3}' => {
            let index = (u32::from(c) - 0x1d400) % 52;
            let (base, index) = if index < 26 { (b'A', index) } else { (b'a', index - 26) };
            u8::try_from(index).ok().map(|index| char::from(base + index))
        }
        '\u{1d7ce}'..='\u{1d7ff}' => of('\u{1d7ce}', b'0', 10),
        _ => None,
    }
}

/// The Latin letter that this Greek or Cyrillic one is drawn like.
fn looks_latin(c: char) -> Option<char> {
    const PAIRS: &str = "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwАAВBЕEКKМMНHОOРPСCТTХXЅSІIЈJУY\
                         οoνvρpυuιiκkαaΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX";
    let mut pairs = PAIRS.chars();
    while let (Some(odd), Some(latin)) = (pairs.next(), pairs.next()) {
        if odd == c {
            return Some(latin);
        }
    }
    None
}
