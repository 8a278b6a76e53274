//! What kind of content an answer has, by its content type and, where there is none, by its first bytes.

use super::fault::{Fault, Reason};

/// Bytes that tell text from other things.
const PROBE: usize = 1024;

/// Content that can be shown as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Markup, of which the text is taken.
    Html,
    /// Text as it is.
    Text,
}

/// The type and subtype of a content type, in lower case.
pub(super) fn essence(content_type: Option<&str>) -> String {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    // It is repeated to the caller, so it has to look like one.
    let is_token = |char: char| char.is_ascii_alphanumeric() || "/+-._!#$&^".contains(char);
    essence.chars().filter(|char| is_token(*char)).take(100).collect::<String>().to_ascii_lowercase()
}

/// Decides by the content type alone; nothing where there is none.
pub(super) fn of_type(essence: &str, length: Option<u64>) -> Result<Option<Kind>, Fault> {
    if matches!(essence, "text/html" | "application/xhtml+xml") {
        return Ok(Some(Kind::Html));
    }
    let is_text = essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml") && !essence.starts_with("image/")
        || matches!(
            essence,
            "application/ecmascript"
                | "application/javascript"
                | "application/json"
                | "application/ld+json"
                | "application/toml"
                | "application/x-ndjson"
                | "application/x-yaml"
                | "application/xml"
                | "application/yaml"
        );
    match essence {
        "" => Ok(None),
        _ if is_text => Ok(Some(Kind::Text)),
        _ => Err(no_text(essence, length)),
    }
}

/// Decides with the body at hand.
pub(super) fn of_body(by_type: Option<Kind>, essence: &str, bytes: &[u8]) -> Result<Kind, Fault> {
    let start = bytes.get(..PROBE).unwrap_or(bytes);
    let is_utf16 = start.starts_with(&[0xfe, 0xff]) || start.starts_with(&[0xff, 0xfe]);
    let is_binary = start.contains(&0) && !is_utf16 || start.starts_with(b"%PDF-");
    if is_binary && by_type != Some(Kind::Html) {
        let length = u64::try_from(bytes.len()).ok();
        return Err(no_text(if essence.is_empty() { "an unnamed type" } else { essence }, length));
    }
    Ok(by_type.unwrap_or_else(|| match start.trim_ascii_start().starts_with(b"<") {
        true => Kind::Html,
        false => Kind::Text,
    }))
}

fn no_text(essence: &str, length: Option<u64>) -> Fault {
    let size = length.map_or_else(|| "of unknown size".to_owned(), |bytes| format!("of {bytes} bytes"));
    Fault::blocked(Reason::ContentType, format!("this is no text but {essence} {size}"))
}

#[cfg(test)]
mod tests {
    use super::{Kind, essence, of_body, of_type};

    #[test]
    fn text_is_told_from_what_is_none() {
        for (content_type, body, expected) in [
            (Some("text/html; charset=utf-8"), &b"<p>"[..], Some(Kind::Html)),
            (Some("TEXT/HTML"), b"<p>", Some(Kind::Html)),
            (Some("application/xhtml+xml"), b"<p>", Some(Kind::Html)),
            (Some("text/plain"), b"<p>", Some(Kind::Text)),
            (Some("application/json"), b"{}", Some(Kind::Text)),
            (Some("application/problem+json"), b"{}", Some(Kind::Text)),
            (Some("application/rss+xml"), b"<rss>", Some(Kind::Text)),
            (None, b"  <html>", Some(Kind::Html)),
            (None, b"plain", Some(Kind::Text)),
            (None, b"", Some(Kind::Text)),
            (Some("text/plain; charset=utf-16le"), b"\xff\xfea\0", Some(Kind::Text)),
            (Some("application/pdf"), b"%PDF-1.7", None),
            (Some("text/html"), b"<p>\0", Some(Kind::Html)),
            (Some("text/plain"), b"%PDF-1.7", None),
            (None, b"%PDF-1.7", None),
            (None, b"\x7fELF\0\0", None),
            (Some("text/plain"), b"MZ\0\0", None),
            (Some("image/svg+xml"), b"<svg>", None),
            (Some("image/png"), b"\x89PNG", None),
            (Some("application/octet-stream"), b"text", None),
            (Some("application/zip"), b"PK", None),
            (Some("nonsense"), b"text", None),
        ] {
            let essence = essence(content_type);
            let kind = of_type(&essence, None).and_then(|kind| of_body(kind, &essence, body));
            assert_eq!(kind.ok(), expected, "{content_type:?} {body:?}");
        }
    }
}
