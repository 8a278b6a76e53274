//! The part of a backend request that a call's arguments decide: path, query, headers and body.
//!
//! Generated code puts each argument in its place; everything is encoded here, so that no argument can reach
//! beyond its own path segment, query value, header or JSON member.

use http::HeaderValue;

use crate::json::{Json, canonical, write};
use crate::problem::Problem;
use crate::tool::{ObjectInput, Spec, Target};

/// What a struct's fields are written into.
#[derive(Debug)]
pub struct RequestParts {
    /// The manifest's path, in which encoded arguments take the place of their names.
    path: String,
    query: String,
    headers: Vec<(&'static str, HeaderValue)>,
    /// Members of the JSON body, each followed by a comma.
    body: Vec<u8>,
    problems: Vec<Problem>,
}

impl RequestParts {
    pub(crate) fn of(spec: &Spec) -> Self {
        let path = match spec.target {
            Target::Backend { path, .. } => path.to_owned(),
            Target::Native { .. } => String::new(),
        };
        Self { path, query: String::new(), headers: Vec::new(), body: Vec::new(), problems: Vec::new() }
    }

    /// Puts an argument into the path, as one whole segment.
    pub fn path(&mut self, name: &'static str, value: &impl Encode) {
        let mut segment = String::new();
        value.texts(&mut |text| segment.push_str(text));
        if matches!(segment.as_str(), "" | "." | "..") || segment.chars().any(char::is_control) {
            let message = format!("expected text that can stand in a path, got {segment:?}");
            self.problems.push(Problem::new(name, message));
            return;
        }
        let mut encoded = String::with_capacity(segment.len() + 8);
        percent_encode(&mut encoded, &segment);
        self.path = self.path.replace(&format!("{{{name}}}"), &encoded);
    }

    /// Puts an argument into the query; a list becomes one pair per item, and what is absent none.
    pub fn query(&mut self, name: &'static str, value: &impl Encode) {
        let query = &mut self.query;
        value.texts(&mut |text| {
            if !query.is_empty() {
                query.push('&');
            }
            percent_encode(query, name);
            query.push('=');
            percent_encode(query, text);
        });
    }

    /// Puts the argument `name` into the request header `header`.
    pub fn header(&mut self, name: &'static str, header: &'static str, value: &impl Encode) {
        let (headers, problems) = (&mut self.headers, &mut self.problems);
        value.texts(&mut |text| {
            // Blanks at the ends are lost on the way, and what is beyond ASCII is read in different ways.
            let arrives = text.trim_ascii() == text && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            match HeaderValue::from_str(text) {
                Ok(value) if arrives => headers.push((header, value)),
                _ => problems.push(Problem::new(
                    name,
                    "expected printable ASCII text without blanks at its ends, as it is sent in a header",
                )),
            }
        });
    }

    /// Puts an argument into the JSON body; what is absent is left out.
    pub fn body(&mut self, name: &'static str, value: &impl Encode) {
        member(&mut self.body, name, value);
    }

    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Path and query below the service's URL.
    pub(crate) fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// Headers that arguments are sent in.
    pub(crate) fn headers(&self) -> &[(&'static str, HeaderValue)] {
        &self.headers
    }

    /// All of the arguments in one form: whatever says the same call gives the same bytes, and nothing else does.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let body = self.body_with(&[]);
        let mut out = Vec::with_capacity(body.len() + self.path.len() + self.query.len() + 64);
        // Each part with its length before it, so that no two sets of parts give the same bytes.
        let mut part = |bytes: &[u8]| {
            out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        part(self.path.as_bytes());
        part(self.query.as_bytes());
        for (name, value) in &self.headers {
            part(name.as_bytes());
            part(value.as_bytes());
        }
        part(canonical(&String::from_utf8_lossy(&body)).as_bytes());
        out
    }

    /// The JSON body: `context`, whole members each followed by a comma, and then the arguments.
    pub(crate) fn body_with(&self, context: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(context.len() + self.body.len() + 2);
        body.push(b'{');
        body.extend_from_slice(context);
        body.extend_from_slice(&self.body);
        close(&mut body);
        body
    }
}

/// Writes the properties of an object inside the arguments.
#[derive(Debug)]
pub struct ObjectWriter<'a>(&'a mut Vec<u8>);

impl ObjectWriter<'_> {
    /// Writes one property; what is absent is left out.
    pub fn field(&mut self, name: &'static str, value: &impl Encode) {
        member(self.0, name, value);
    }
}

/// A value that can stand in a request.
pub trait Encode {
    /// Whether there is something to write.
    fn is_present(&self) -> bool {
        true
    }

    /// Appends the value as JSON.
    fn json(&self, out: &mut Vec<u8>);

    /// Hands over the value as plain text: once, or once per item of a list, or not at all where it is absent.
    fn texts(&self, each: &mut dyn FnMut(&str)) {
        let mut out = Vec::new();
        self.json(&mut out);
        each(&String::from_utf8_lossy(&out));
    }
}

impl Encode for String {
    fn json(&self, out: &mut Vec<u8>) {
        write::value(out, self);
    }

    fn texts(&self, each: &mut dyn FnMut(&str)) {
        each(self);
    }
}

impl Encode for &'static str {
    fn json(&self, out: &mut Vec<u8>) {
        write::value(out, *self);
    }

    fn texts(&self, each: &mut dyn FnMut(&str)) {
        each(self);
    }
}

impl Encode for i64 {
    fn json(&self, out: &mut Vec<u8>) {
        write::value(out, self);
    }
}

impl Encode for f64 {
    fn json(&self, out: &mut Vec<u8>) {
        write::number(out, *self);
    }
}

impl Encode for bool {
    fn json(&self, out: &mut Vec<u8>) {
        write::value(out, self);
    }
}

impl Encode for Json {
    fn json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_str().as_bytes());
    }
}

impl<T: Encode> Encode for Option<T> {
    fn is_present(&self) -> bool {
        self.as_ref().is_some_and(Encode::is_present)
    }

    fn json(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.json(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn texts(&self, each: &mut dyn FnMut(&str)) {
        if let Some(value) = self {
            value.texts(each);
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn json(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            item.json(out);
        }
        out.push(b']');
    }

    fn texts(&self, each: &mut dyn FnMut(&str)) {
        self.iter().for_each(|item| item.texts(each));
    }
}

impl<T: ObjectInput> Encode for T {
    fn json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.encode(&mut ObjectWriter(out));
        close(out);
    }
}

fn member(out: &mut Vec<u8>, name: &str, value: &impl Encode) {
    if value.is_present() {
        write::value(out, name);
        out.push(b':');
        value.json(out);
        out.push(b',');
    }
}

/// Turns the comma after the last member, if there is one, into the closing brace.
fn close(out: &mut Vec<u8>) {
    if out.last() == Some(&b',') {
        out.pop();
    }
    out.push(b'}');
}

/// Appends `text` with every byte encoded that is not unreserved in RFC 3986.
pub(crate) fn percent_encode(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
            continue;
        }
        out.push('%');
        for digit in [byte >> 4, byte & 0xF] {
            out.extend(HEX.get(usize::from(digit)).map(|hex| char::from(*hex)));
        }
    }
}
