//! Formats, judged on a fixed corpus: what a standard means by a date or an address is known case by case, and
//! generated strings would test two parsers on noise.

use super::{compile, every_rule};
use serde_json::json;

/// A string and whether it has the format by the standard that JSON Schema names.
type Sample = (&'static str, bool);

/// RFC 5321, section 4.1.2 (Mailbox).
const EMAIL: &[Sample] = &[
    ("anna@example.com", true),
    ("a@b.co", true),
    ("first.last+tag@sub.example.co.uk", true),
    ("o'brien@example.com", true),
    ("x_y-z@example-host.com", true),
    ("UPPER@EXAMPLE.COM", true),
    ("1234567890@example.com", true),
    ("\"quoted local\"@example.com", true),
    ("user@localhost", true),
    ("user@[192.168.0.1]", true),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com", true),
    ("", false),
    ("anna", false),
    ("@example.com", false),
    ("anna@", false),
    ("anna@@example.com", false),
    ("anna@example..com", false),
    (".anna@example.com", false),
    ("anna.@example.com", false),
    ("an..na@example.com", false),
    ("anna example@example.com", false),
    ("anna@exam ple.com", false),
    ("anna@-example.com", false),
    ("anna@example.com ", false),
    (" anna@example.com", false),
    ("anna@example.com\n", false),
    ("Anna <anna@example.com>", false),
    ("anna@example.com, ben@example.com", false),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com", false),
    ("ännä@example.com", false),
    ("anna@exämple.com", false),
];

/// RFC 3339, section 5.6 (full-date).
const DATE: &[Sample] = &[
    ("2026-07-28", true),
    ("0000-01-01", true),
    ("9999-12-31", true),
    ("2024-02-29", true),
    ("2000-02-29", true),
    ("2026-01-31", true),
    ("2026-04-30", true),
    ("", false),
    ("2026-7-28", false),
    ("2026-07-8", false),
    ("26-07-28", false),
    ("2026-02-29", false),
    ("1900-02-29", false),
    ("2026-04-31", false),
    ("2026-13-01", false),
    ("2026-00-10", false),
    ("2026-01-00", false),
    ("2026/07/28", false),
    ("20260728", false),
    ("28.07.2026", false),
    ("2026-07-28T00:00:00Z", false),
    (" 2026-07-28", false),
    ("2026-07-28\n", false),
    ("-2026-07-28", false),
    ("+002026-07-28", false),
    ("2026-W31-2", false),
    ("٢٠٢٦-٠٧-٢٨", false),
];

/// RFC 3339, section 5.6 (date-time).
const DATE_TIME: &[Sample] = &[
    ("2026-07-28T09:30:00Z", true),
    ("2026-07-28t09:30:00z", true),
    ("2026-07-28T09:30:00.5Z", true),
    ("2026-07-28T09:30:00.123456789123Z", true),
    ("2026-07-28T09:30:00+02:00", true),
    ("2026-07-28T09:30:00-11:30", true),
    ("2026-07-28T09:30:00-00:00", true),
    ("2026-07-28T23:59:59+23:59", true),
    ("2016-12-31T23:59:60Z", true),
    ("2016-12-31T15:59:60-08:00", true),
    ("0000-01-01T00:00:00Z", true),
    ("", false),
    ("2026-07-28", false),
    ("2026-07-28T09:30:00", false),
    ("2026-07-28T09:30Z", false),
    ("2026-07-28T9:30:00Z", false),
    ("2026-07-28 09:30:00Z", false),
    ("2026-07-28T09:30:00.Z", false),
    ("2026-07-28T09:30:00,5Z", false),
    ("2026-07-28T24:00:00Z", false),
    ("2026-07-28T09:60:00Z", false),
    ("2026-07-28T09:30:61Z", false),
    ("2026-07-28T09:30:60Z", false),
    ("2026-07-28T09:30:00+24:00", false),
    ("2026-07-28T09:30:00+02:60", false),
    ("2026-07-28T09:30:00+0200", false),
    ("2026-07-28T09:30:00+02", false),
    ("2026-02-30T09:30:00Z", false),
    ("2026-07-28T09:30:00Z ", false),
    ("2026-07-28T09:30:00Z\n", false),
    ("T09:30:00Z", false),
];

/// RFC 3986, section 3 (URI).
const URI: &[Sample] = &[
    ("https://www.example.com/", true),
    ("http://example.com", true),
    ("https://example.com:8443/a/b?x=1&y=%20#top", true),
    ("http://[2001:db8::1]/", true),
    ("http://127.0.0.1:8000/x", true),
    ("https://user:secret@example.com/", true),
    ("HTTP://EXAMPLE.COM/%7Efoo", true),
    ("mailto:anna@example.com", true),
    ("urn:isbn:0451450523", true),
    ("ftp://ftp.example.com/x", true),
    ("a:", true),
    ("http://", true),
    ("http://example.com/a;b=c,d(e)'f*!", true),
    ("", false),
    ("example.com", false),
    ("//example.com/x", false),
    ("/relative/path", false),
    ("?query", false),
    ("#fragment", false),
    ("http://exa mple.com/", false),
    ("http://example.com/a b", false),
    ("http://example.com/%zz", false),
    ("http://example.com/%2", false),
    ("http://example.com/ä", false),
    ("http://exämple.com/", false),
    ("http://example.com/<x>", false),
    ("http://example.com/\"", false),
    ("http://example.com/{id}", false),
    ("http://example.com/a\\b", false),
    ("http://[2001:db8::1/", false),
    ("1http://example.com", false),
    (":no-scheme", false),
    (" http://example.com", false),
    ("http://example.com\n", false),
    ("http://example.com:port/", false),
];

/// RFC 4122, section 3.
const UUID: &[Sample] = &[
    ("2eb8aa08-aa98-11ea-b4aa-73b441d16380", true),
    ("2EB8AA08-AA98-11EA-B4AA-73B441D16380", true),
    ("2eb8AA08-aa98-11EA-b4aa-73b441D16380", true),
    ("00000000-0000-0000-0000-000000000000", true),
    ("ffffffff-ffff-ffff-ffff-ffffffffffff", true),
    ("01890a5d-ac96-774b-bcce-b302099a8057", true),
    ("", false),
    ("2eb8aa08-aa98-11ea-b4aa-73b441d1638", false),
    ("2eb8aa08-aa98-11ea-b4aa-73b441d163800", false),
    ("2eb8aa08aa9811eab4aa73b441d16380", false),
    ("2eb8aa08aa98-11ea-b4aa73b441d16380", false),
    ("2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", false),
    ("{2eb8aa08-aa98-11ea-b4aa-73b441d16380}", false),
    ("urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380", false),
    ("2eb8aa08-aa98-11ea-b4aa-73b441d1638g", false),
    ("2eb8aa08_aa98_11ea_b4aa_73b441d16380", false),
    (" 2eb8aa08-aa98-11ea-b4aa-73b441d16380", false),
    ("2eb8aa08-aa98-11ea-b4aa-73b441d16380\n", false),
    ("２eb8aa08-aa98-11ea-b4aa-73b441d16380", false),
];

/// Name of the format, the argument of [`every_rule`] that has it, and its corpus.
const CORPUS: [(&str, &str, &[Sample]); 5] = [
    ("email", "email", EMAIL),
    ("date", "date", DATE),
    ("date-time", "date_time", DATE_TIME),
    ("uri", "uri", URI),
    ("uuid", "uuid", UUID),
];

/// Where not all three say the same: the string, our verdict, the library's, and why that is well so. The
/// standard's own verdict is in the corpus.
const DIFFERENCES: &[(&str, bool, bool, &str)] = &[(
    "Anna <anna@example.com>",
    false,
    true,
    "RFC 5321 has no display name in a mailbox; the library parses with RFC 5322 and leaves it on",
)];

/// Strings of a format that our rule, the library and the standard judge alike.
pub(super) fn agreed(format: &str) -> impl Iterator<Item = Sample> {
    let row = CORPUS.iter().find(|(name, _, _)| *name == format);
    let (_, _, samples) = row.unwrap_or_else(|| panic!("no corpus for the format {format}"));
    samples.iter().copied().filter(|(text, _)| DIFFERENCES.iter().all(|(other, ..)| other != text))
}

/// A good string of so many characters, for the formats that have no length of their own. That no mailbox is
/// longer than 254 characters is for a schema to say.
pub(super) fn of_length(format: &str, characters: usize) -> Option<String> {
    let pad = |start: &str, filler: &str| {
        // The last character is a letter: a domain does not end in a point.
        let text: String = start.chars().chain(filler.chars().cycle()).take(characters - 1).collect();
        text + "x"
    };
    match format {
        "email" => Some(pad("anna@", "example.")),
        "uri" => Some(pad("https://example.com/", "path/")),
        _ => None,
    }
}

#[test]
fn formats_are_judged_by_their_standard_or_the_difference_is_explained() {
    let mut faults = Vec::new();
    for (format, argument, samples) in CORPUS {
        assert!(samples.len() >= 15, "{format}");
        let library = compile(&json!({"type": "string", "format": format}));
        for (text, standard) in samples {
            let arguments = json!({"text": "ok", "needed": 1, argument: text});
            let ours = every_rule::TOOL.validate(&arguments.to_string()).is_ok();
            let theirs = library.is_valid(&json!(text));
            let explained = DIFFERENCES.iter().find(|(other, ..)| other == text);
            let expected = explained.map_or((*standard, *standard), |(_, ours, theirs, _)| (*ours, *theirs));
            if (ours, theirs) != expected {
                faults.push(format!("{format} {text:?}: standard {standard}, ours {ours}, library {theirs}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (format, lengths) in [("email", 253..=255), ("uri", 2047..=2049)] {
        let library = compile(&json!({"type": "string", "format": format}));
        for text in lengths.map(|length| of_length(format, length).unwrap()) {
            let arguments = json!({"text": "ok", "needed": 1, format: text});
            assert_eq!(every_rule::TOOL.validate(&arguments.to_string()), Ok(()), "{text}");
            assert!(library.is_valid(&json!(text)), "{text}");
        }
    }
}
