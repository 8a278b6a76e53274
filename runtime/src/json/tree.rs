//! A JSON text read once, with its numbers as they were written, from which its other forms are made.

use std::collections::BTreeMap;

use serde_json::Value;

use super::write;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree<'a> {
    /// The members of an object, in their order.
    Object(Vec<(String, Tree<'a>)>),
    List(Vec<Tree<'a>>),
    Text(String),
    /// The digits of a number.
    Number(&'a str),
    /// `true`, `false` or `null`.
    Word(&'a str),
}

impl<'a> Tree<'a> {
    /// Reads a text that is known to be well-formed and not too deep; `None` for what is no JSON.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut rest = Rest(text);
        let tree = rest.value()?;
        rest.token().is_none().then_some(tree)
    }

    /// The value with sorted keys, no spaces and each number spelled one way.
    ///
    /// Two texts have the same canonical form exactly when they mean the same value. Numbers are compared by their
    /// digits and not as floats, for which the long numbers of two accounts can be the same.
    pub(crate) fn canonical(&self) -> String {
        let mut out = Vec::new();
        self.append(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn append(&self, out: &mut Vec<u8>) {
        match self {
            Self::Object(members) => {
                let sorted: BTreeMap<&String, &Tree<'_>> =
                    members.iter().map(|(key, value)| (key, value)).collect();
                out.push(b'{');
                for (index, (key, member)) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write::value(out, key);
                    out.push(b':');
                    member.append(out);
                }
                out.push(b'}');
            }
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.append(out);
                }
                out.push(b']');
            }
            Self::Text(text) => write::value(out, text),
            Self::Number(digits) => out.extend_from_slice(number(digits).as_bytes()),
            Self::Word(word) => out.extend_from_slice(word.as_bytes()),
        }
    }

    /// The value for people to read. A number with more digits than a float holds becomes text, as it was written,
    /// so that nobody is shown another one.
    pub(crate) fn readable(&self) -> Value {
        match self {
            Self::Object(members) => {
                Value::Object(members.iter().map(|(key, member)| (key.clone(), member.readable())).collect())
            }
            Self::List(items) => items.iter().map(Tree::readable).collect(),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(digits) => match serde_json::from_str::<Value>(digits) {
                Ok(value) if number(&value.to_string()) == number(digits) => value,
                _ => Value::from(*digits),
            },
            Self::Word("true") => Value::from(true),
            Self::Word("false") => Value::from(false),
            Self::Word(_) => Value::Null,
        }
    }
}

/// A number as its digits without zeros at either end, and the power of ten that they count.
fn number(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_matches('0');
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let exponent = exponent.parse::<i64>().ok().and_then(|exponent| {
        exponent.checked_add(i64::try_from(zeros).ok()?)?.checked_sub(i64::try_from(fraction.len()).ok()?)
    });
    match exponent {
        _ if significant.is_empty() => "0".to_owned(),
        Some(0) => format!("{sign}{significant}"),
        Some(exponent) => format!("{sign}{significant}e{exponent}"),
        // Nobody spells one number in two ways that far out.
        None => text.to_owned(),
    }
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The first character of what comes next.
    fn token(&mut self) -> Option<char> {
        self.0 = self.0.trim_ascii_start();
        self.0.chars().next()
    }

    /// Takes this character if it comes next.
    fn takes(&mut self, character: char) -> bool {
        let rest = self.0.trim_ascii_start().strip_prefix(character);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn value(&mut self) -> Option<Tree<'a>> {
        match self.token()? {
            '{' => self.object(),
            '[' => self.list(),
            '"' => self.text().map(Tree::Text),
            '-' | '0'..='9' => {
                let end = self.0.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'));
                self.take(end.unwrap_or(self.0.len())).map(Tree::Number)
            }
            _ => {
                let word = ["true", "false", "null"].into_iter().find(|word| self.0.starts_with(word))?;
                self.take(word.len()).map(Tree::Word)
            }
        }
    }

    fn object(&mut self) -> Option<Tree<'a>> {
        let mut members = Vec::new();
        self.takes('{');
        while !self.takes('}') {
            if !members.is_empty() && !self.takes(',') || self.token()? != '"' {
                return None;
            }
            let key = self.text()?;
            if !self.takes(':') {
                return None;
            }
            members.push((key, self.value()?));
        }
        Some(Tree::Object(members))
    }

    fn list(&mut self) -> Option<Tree<'a>> {
        let mut items = Vec::new();
        self.takes('[');
        while !self.takes(']') {
            if !items.is_empty() && !self.takes(',') {
                return None;
            }
            items.push(self.value()?);
        }
        Some(Tree::List(items))
    }

    /// A text, of which the quotation mark comes next.
    fn text(&mut self) -> Option<String> {
        let mut is_escaped = true;
        let end = self.0.bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })?;
        serde_json::from_str(self.take(end + 1)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn canonical(text: &str) -> String {
        Tree::parse(text).unwrap().canonical()
    }

    #[test]
    fn key_order_spaces_and_number_spelling_do_not_matter() {
        let expected = r#"{"a":[1,1e2,5e-1,-125e-1,0,1000000000000000000001],"b":{"x":null,"y":"é"}}"#;
        for text in [
            r#"{"a":[1,100,0.5,-12.5,0,1000000000000000000001],"b":{"x":null,"y":"é"}}"#,
            r#" { "b" : {"y":"\u00e9","x":null}, "a" : [1.0, 1e2, 5e-1, -0.125E+2, -0.00e7, 100000000000000000000.1e1] } "#,
        ] {
            assert_eq!(canonical(text), expected);
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (one, other) in [
            ("1", "\"1\""),
            ("[1,2]", "[2,1]"),
            ("{}", "[]"),
            ("0", "null"),
            ("1", "-1"),
            ("1", "10"),
            ("100000000000000000001", "100000000000000000002"),
            ("0.3", "0.30000000000000001"),
            ("1e-400", "0"),
            ("1e99999999999999999999", "2e99999999999999999999"),
        ] {
            assert_ne!(canonical(one), canonical(other));
        }
    }

    #[test]
    fn numbers_are_shown_as_they_are() {
        let text = r#"{"a":[1,1.50,1e2,100000000000000000001],"b":{"c":0.30000000000000001,"d":"x"}}"#;
        let shown = json!({
            "a": [1, 1.5, 100.0, "100000000000000000001"], "b": {"c": "0.30000000000000001", "d": "x"},
        });
        assert_eq!(Tree::parse(text).unwrap().readable(), shown);
    }

    #[test]
    fn what_is_no_json_is_no_tree() {
        for text in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "\"open",
            "\"\\\"",
            "nul",
            "1 1",
            "{1:2}",
        ] {
            assert_eq!(Tree::parse(text), None, "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
            any::<String>().prop_map(Value::from),
            "[\"\\\\/ \u{0}-\u{1f}é\u{2028}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        /// However a value is written, it is read as another reader reads it.
        #[test]
        fn every_value_is_read_as_it_is(value in any_json()) {
            for text in [value.to_string(), format!("{value:#}")] {
                let tree = Tree::parse(&text).unwrap();
                prop_assert_eq!(&tree.readable(), &value);
                prop_assert_eq!(canonical(&tree.canonical()), tree.canonical());
            }
        }
    }
}
