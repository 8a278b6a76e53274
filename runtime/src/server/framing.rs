//! Where each request on a connection begins and ends, read from the bytes themselves.
//!
//! The HTTP parser behind this is lenient in ways in which a proxy in front may decide otherwise: it takes
//! bare line feeds, drops `Content-Length` beside `Transfer-Encoding` and a second equal `Content-Length`,
//! and afterwards nothing of that can be seen. Two parties that disagree on where a request ends let one
//! client smuggle requests into another's name, so [`Framing`] follows the bytes along with the parser and
//! keeps a verdict on every head. It changes nothing on the way, and it knows nothing of what requests mean.

use std::collections::VecDeque;

/// How the body of a request is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// So many bytes; none where nothing announces a body.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// The verdict on a head: how its body is delimited, or why the request is refused.
pub(super) type Verdict = Result<BodyKind, &'static str>;

/// Follows the bytes of one connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    place: Place,
    /// What has come of the head that is being read.
    head: Vec<u8>,
    /// Where the head's last line begins.
    line: usize,
    /// Verdicts on heads that nobody has asked for yet.
    verdicts: VecDeque<Verdict>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// The head of a request, or the pause before it.
    #[default]
    Head,
    /// A body with so many bytes to come.
    Body(u64),
    /// A chunked body, or what follows a refused head. The connection ends with its answer, so that nothing
    /// here is ever taken for a request, and its end need not be found.
    Unknown,
}

impl Framing {
    /// Takes note of bytes that came. Returns how many heads they completed.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> usize {
        let mut completed = 0;
        while !bytes.is_empty() {
            bytes = match self.place {
                Place::Unknown => break,
                Place::Body(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let left = left.saturating_sub(here as u64);
                    self.place = if left == 0 { Place::Head } else { Place::Body(left) };
                    bytes.get(here..).unwrap_or_default()
                }
                Place::Head => {
                    let (rest, complete) = self.feed_head(bytes);
                    completed += usize::from(complete);
                    rest
                }
            };
        }
        completed
    }

    /// The verdict on the earliest head that nobody has asked for.
    pub(super) fn next(&mut self) -> Option<Verdict> {
        self.verdicts.pop_front()
    }

    /// Whether the head of a request has begun and not ended.
    pub(super) fn in_head(&self) -> bool {
        !self.head.is_empty()
    }

    /// Whether the client may still be sending what belongs to a request.
    pub(super) fn is_between_requests(&self) -> bool {
        matches!(self.place, Place::Head) && self.head.is_empty()
    }

    /// Takes bytes up to the next end of line, and decides once the empty line that ends a head is there.
    fn feed_head<'b>(&mut self, bytes: &'b [u8]) -> (&'b [u8], bool) {
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        if self.head.is_empty() && line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            // Empty lines before a request are skipped, as some clients end a body with one.
            return (rest, false);
        }
        self.head.extend_from_slice(line);
        if self.head.last() != Some(&b'\n') {
            return (rest, false);
        }
        if !matches!(self.head.get(self.line..), Some(b"\n" | b"\r\n")) {
            self.line = self.head.len();
            return (rest, false);
        }
        let verdict = judge(&self.head);
        self.place = match verdict {
            Ok(BodyKind::Length(0)) => Place::Head,
            Ok(BodyKind::Length(length)) => Place::Body(length),
            Ok(BodyKind::Chunked) | Err(_) => Place::Unknown,
        };
        self.verdicts.push_back(verdict);
        self.head.clear();
        self.line = 0;
        (rest, true)
    }
}

/// Decides on a whole head, its empty last line included.
fn judge(head: &[u8]) -> Verdict {
    let mut length = None;
    let mut chunked = false;
    for (number, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r\n").ok_or("a line ends with a bare line feed")?;
        if line.contains(&b'\r') {
            return Err("a carriage return stands inside a line");
        }
        if number == 0 || line.is_empty() {
            continue;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err("a header is folded over lines");
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or("a header has no colon")?;
        let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            if length.is_some() {
                return Err("Content-Length is given twice");
            }
            length = Some(number_of(value).ok_or("Content-Length is no number")?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if chunked {
                return Err("Transfer-Encoding is given twice");
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err("the only Transfer-Encoding that is understood is chunked");
            }
            chunked = true;
        }
    }
    match (length, chunked) {
        (Some(_), true) => Err("Content-Length and Transfer-Encoding are both given"),
        (length, false) => Ok(BodyKind::Length(length.unwrap_or(0))),
        (None, true) => Ok(BodyKind::Chunked),
    }
}

/// A number in decimal digits and nothing else.
fn number_of(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(bytes: &str, step: usize) -> Vec<Verdict> {
        let mut framing = Framing::default();
        let completed: usize = bytes.as_bytes().chunks(step).map(|part| framing.feed(part)).sum();
        let verdicts: Vec<_> = std::iter::from_fn(|| framing.next()).collect();
        assert_eq!(verdicts.len(), completed);
        verdicts
    }

    #[test]
    fn finds_every_request_however_its_bytes_arrive() {
        let stream = "\r\n\r\nPOST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nGET / \r\n\r\n.\
                      GET /b HTTP/1.1\r\nHost: h\r\n\r\n\
                      POST /c HTTP/1.1\r\nhost: h\r\nTRANSFER-encoding:\tChunked \r\n\r\n\
                      0\r\n\r\nGET /never HTTP/1.1\r\n\r\n";
        let expected = vec![Ok(BodyKind::Length(11)), Ok(BodyKind::Length(0)), Ok(BodyKind::Chunked)];
        for step in 1..stream.len() {
            assert_eq!(verdicts(stream, step), expected, "in parts of {step}");
        }
    }

    #[test]
    fn refuses_every_head_whose_end_two_parties_may_see_differently() {
        for headers in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: \x0bchunked\r\n",
            "A: 1\r\n Content-Length: 5\r\n",
            "A: 1\rContent-Length: 5\r\n",
            "A: 1\nContent-Length: 5\r\n",
            "no colon\r\n",
        ] {
            let found = verdicts(&format!("POST / HTTP/1.1\r\n{headers}\r\nabcde"), 7);
            assert!(matches!(found.as_slice(), [Err(_)]), "{headers:?}: {found:?}");
        }
    }

    #[test]
    fn knows_when_a_client_may_still_be_sending() {
        let mut framing = Framing::default();
        assert!(framing.is_between_requests() && !framing.in_head());
        framing.feed(b"GET / HTTP/1.1\r\n");
        assert!(!framing.is_between_requests() && framing.in_head());
        framing.feed(b"Content-Length: 2\r\n\r\n1");
        assert!(!framing.is_between_requests() && !framing.in_head());
        framing.feed(b"2");
        assert!(framing.is_between_requests());
    }
}
