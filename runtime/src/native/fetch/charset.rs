//! Which characters the bytes of a page mean.
//!
//! As browsers do: a byte order mark decides, then the header, then what the page says of itself; without
//! any of them UTF-8 where the bytes are that, and else the Western encoding that old pages are in.

use std::ops::ControlFlow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Where a page has to say what it is written in.
const PRESCAN: usize = 4096;
/// Bytes that are decoded at once.
const STEP: usize = 16 * 1024;

/// Decides on the encoding of `bytes` that came with this content type; a character may be cut at their end.
pub(super) fn detect(content_type: Option<&str>, bytes: &[u8], is_cut: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    let named = content_type.and_then(of_header).or_else(|| of_page(bytes));
    named.unwrap_or_else(|| match is_utf8(bytes, is_cut) {
        true => UTF_8,
        false => WINDOWS_1252,
    })
}

fn is_utf8(bytes: &[u8], is_cut: bool) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| is_cut && error.error_len().is_none(), |_| true)
}

fn of_header(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        name.trim().eq_ignore_ascii_case("charset").then(|| Encoding::for_label(value.as_bytes())).flatten()
    })
}

/// `<meta charset=...>`, `<meta http-equiv ... content="...; charset=...">` or `<?xml encoding=...?>`.
fn of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(bytes.get(..PRESCAN).unwrap_or(bytes)).to_ascii_lowercase();
    let of_xml =
        start.strip_prefix("<?xml").and_then(|rest| value_after(rest.split('>').next()?, "encoding"));
    let of_meta =
        || start.split("<meta").skip(1).find_map(|rest| value_after(rest.split('>').next()?, "charset"));
    let encoding = Encoding::for_label(of_xml.or_else(of_meta)?.as_bytes())?;
    // Whoever could be read so far is not written in UTF-16.
    Some(if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
}

fn value_after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(name)?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    value.split(['"', '\'', ';', ' ', '/', '?']).next()
}

/// Hands the text of `bytes` on, piece by piece, until `take` breaks off.
pub(super) fn decode(
    bytes: &[u8],
    encoding: &'static Encoding,
    mut take: impl FnMut(&str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut piece = String::with_capacity(3 * STEP + 16);
    let mut steps = bytes.chunks(STEP).peekable();
    while let Some(step) = steps.next() {
        let mut rest = step;
        let is_last = steps.peek().is_none();
        loop {
            piece.clear();
            let (result, read, _) = decoder.decode_to_string(rest, &mut piece, is_last);
            rest = rest.get(read..).unwrap_or_default();
            take(&piece)?;
            if result == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::{decode, detect};

    #[test]
    fn the_encoding_is_found_where_browsers_find_it() {
        for (content_type, bytes, expected) in [
            (None, &b"caf\xc3\xa9"[..], "café"),
            (None, b"caf\xe9", "café"),
            (None, b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
            (Some("text/html; charset=iso-8859-1"), b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
            (Some("text/html; charset=\"Shift_JIS\""), b"\x93\xfa\x96\x7b", "日本"),
            (Some("text/html; charset=windows-1251"), b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
            (Some("text/html; charset=nonsense"), b"caf\xc3\xa9", "café"),
            (None, b"<meta charset=\"koi8-r\">\xf0\xd2\xc9", "<meta charset=\"koi8-r\">При"),
            (
                None,
                b"<META content='text/html; CHARSET=gbk'>\xd6\xd0",
                "<META content='text/html; CHARSET=gbk'>中",
            ),
            (
                None,
                b"<?xml version='1.0' encoding='iso-8859-2'?>\xb1",
                "<?xml version='1.0' encoding='iso-8859-2'?>ą",
            ),
            (None, b"<meta charset=utf-16>caf\xc3\xa9", "<meta charset=utf-16>café"),
            (None, b"\xff\xfea\x00b\x00", "ab"),
            (None, b"", ""),
        ] {
            let mut text = String::new();
            let _whole = decode(bytes, detect(content_type, bytes, false), |piece| {
                text.push_str(piece);
                ControlFlow::Continue(())
            });
            assert_eq!(text, expected, "{content_type:?}");
        }
    }
}
