//! Random input for what strangers control: no panic, and the rules hold whatever comes.
//!
//! Each test runs for as many seconds as `FETCH_FUZZ_SECONDS` says, or a few hundred cases where it is not set.
//! What ever failed stays in `proptest-regressions`, and is tried first.

use std::env;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use super::address::Addresses;
use super::fault::Fault;
use super::html::{self, Reading};
use super::url::{Place, judge, judge_redirect};
use super::{clean, kind, robots, unpack};

/// Runs `test` on values of `strategy` until the time is up.
fn run<S: Strategy>(name: &'static str, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seconds = env::var("FETCH_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let mut cases = 0;
    loop {
        let config = Config {
            cases: 256,
            source_file: Some(file!()),
            failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
            ..Config::default()
        };
        if let Err(error) = TestRunner::new(config).run(&strategy, &test) {
            panic!("{name}: {error}");
        }
        cases += 256;
        if Instant::now() >= until {
            println!("{name}: {cases} cases");
            return;
        }
    }
}

/// Text that is nearly a URL: parts of hostile ones, put together anyhow.
fn nearly_a_url() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "http://",
            "https://",
            "http:",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "#",
            "?",
            "%",
            "[",
            "]",
            ".",
            "..",
            "。",
            "．",
            "0x",
            "0",
            "127.0.0.1",
            "2130706433",
            "0177.1",
            "::1",
            "::ffff:",
            "64:ff9b::",
            "2002:7f00:1::",
            "localhost",
            "example.com",
            ".internal",
            ".local",
            ":80",
            ":443",
            ":8080",
            "user:pw@",
            "%31",
            "%00",
            "\u{0}",
            "\t",
            "\r\n",
            " ",
            "①",
            "１",
            "xn--",
            "xn--bcher-kva",
            "%25eth0",
            "ß",
            "\u{200d}",
            "\u{ad}",
            "file:",
            "javascript:",
            "169.254.169.254",
            "8.8.8.8",
        ])
        .prop_map(str::to_owned),
        any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string()),
        any::<u32>().prop_map(|bits| format!("0x{bits:x}")),
        any::<u128>().prop_map(|bits| format!("[{}]", std::net::Ipv6Addr::from_bits(bits))),
        any::<char>().prop_map(String::from),
        "[a-z0-9.-]{1,8}",
    ];
    let start = prop::sample::select(vec!["http://", "https://", "HTTP://", ""]);
    (start, prop::collection::vec(part, 0..8)).prop_map(|(start, parts)| format!("{start}{}", parts.concat()))
}

/// Markup that is nearly a page.
fn nearly_html() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "p",
        "div",
        "b",
        "i",
        "a",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "pre",
        "code",
        "h1",
        "h3",
        "blockquote",
        "title",
        "script",
        "style",
        "textarea",
        "svg",
        "math",
        "template",
        "noscript",
        "select",
        "br",
        "hr",
        "img",
        "base",
        "dl",
        "dt",
        "dd",
        "body",
        "html",
        "nav",
        "x-y",
        "plaintext",
        "iframe",
        "caption",
        "tbody",
    ]);
    let attribute = prop::sample::select(vec![
        "",
        " hidden",
        " style='display:none'",
        " href='/x'",
        " href='javascript:1'",
        " href='https://a.example/(b)'",
        " class='sr-only x'",
        " alt='pic'",
        " start=99999999999999999999",
        " class=language-rust",
        " aria-hidden=true",
        " a=\"",
        " id=x",
        " /",
    ]);
    let piece = prop_oneof![
        4 => (name.clone(), attribute).prop_map(|(name, attribute)| format!("<{name}{attribute}>").into_bytes()),
        3 => name.prop_map(|name| format!("</{name}>").into_bytes()),
        3 => "[a-z |`\\[\\]*#\n]{0,12}".prop_map(String::into_bytes),
        1 => prop::sample::select(vec![
            "&amp;", "&#27;[31m", "&#x202e;", "&nbsp;", "&#0;", "&#xffffffff;", "&", "<!--", "-->", "<![CDATA[", "]]>", "<!doctype", "<", ">",
            "```", ".x{display:none}", "\u{200b}", "\u{e0041}", "\u{feff}", "日本", "עברית",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

#[test]
fn whatever_passes_the_judge_of_urls_is_a_clean_place() {
    run("url", (nearly_a_url(), nearly_a_url()), |(text, location)| {
        let Ok(target) = judge(&text, &[]) else { return Ok(()) };
        let url = target.url();
        prop_assert!(
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        );
        prop_assert!(matches!(target.port, 80 | 443) && url.fragment().is_none());
        prop_assert!(
            target.path_and_query().starts_with('/') && !target.path_and_query().contains(char::is_control)
        );
        if let Place::Name(name) = &target.host {
            // Nothing that a resolver of the system would read as an address, or as a name of the inside.
            prop_assert!(name.parse::<IpAddr>().is_err() && name.contains('.') && name.is_ascii());
            let last = name.rsplit('.').next().unwrap();
            let is_number = last.strip_prefix("0x").map_or_else(
                || last.bytes().all(|byte| byte.is_ascii_digit()),
                |digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
            );
            prop_assert!(!is_number && last != "localhost", "{name}");
        }
        // Judged again, it is the same place.
        let again = judge(url.as_str(), &[]);
        prop_assert_eq!(again.as_ref(), Ok(&target));
        let _judged = judge_redirect(&target, &location, &[]);
        Ok(())
    });
}

#[test]
fn an_address_that_carries_a_private_one_is_never_public() {
    let forms = (any::<u32>(), any::<u32>(), any::<u64>(), 0..6_usize);
    run("address", forms, |(private, server, prefix, form)| {
        let private = std::net::Ipv4Addr::from_bits(private & 0x00ff_ffff | 10 << 24);
        let bits = u128::from(private.to_bits());
        let address = match form {
            0 => bits | 0xffff << 32,
            1 => bits,
            2 => bits | 0x0064_ff9b << 96,
            3 => bits << 80 | 0x2002 << 112 | u128::from(prefix),
            4 => 0x2001 << 112 | u128::from(server) << 64 | (bits ^ u128::from(u32::MAX)),
            _ => u128::from(prefix) << 64 | 0x5efe << 32 | bits,
        };
        prop_assert!(!Addresses::default().is_public(std::net::Ipv6Addr::from_bits(address).into()));
        Ok(())
    });
}

#[test]
fn whatever_html_comes_text_is_bounded_and_shows_nothing_invisible() {
    let forms = (nearly_html(), any::<bool>(), 0..400_usize);
    run("html", forms, |(bytes, markdown, most_chars)| {
        let reading = Reading {
            markdown,
            base: "https://example.com/a/b".parse().unwrap(),
            most_chars,
            deadline: Instant::now() + Duration::from_secs(10),
        };
        let read = html::read(&bytes, encoding_rs::UTF_8, &reading);
        prop_assert!(read.text.chars().count() <= most_chars && read.title.chars().count() <= 200);
        for text in [&read.text, &read.title] {
            let mut cleaned = String::new();
            clean::append(&mut cleaned, text);
            prop_assert_eq!(&cleaned, text);
        }
        prop_assert!(!read.text.contains("](javascript:"));
        Ok(())
    });
}

#[test]
fn whatever_bytes_come_nothing_breaks_and_bounds_hold() {
    let forms = (prop::collection::vec(any::<u8>(), 0..400), 0..6_usize, "[ -~]{0,30}");
    run("bytes", forms, |(bytes, encoding, text)| {
        let names = ["", "gzip", "deflate", "br", "zstd", "identity"];
        let mut unpacked = unpack::Unpacked::new(&[names[encoding]], 300).unwrap();
        let taken: Result<(), Fault> = unpacked.take(&bytes, bytes.len());
        if taken.is_ok()
            && let Ok(body) = unpacked.finish()
        {
            prop_assert!(body.bytes.len() <= 300);
        }
        let _kind =
            kind::of_body(kind::of_type(&kind::essence(Some(&text)), None).unwrap_or(None), "", &bytes);
        let robots = robots::Robots::parse(&String::from_utf8_lossy(&bytes), "me");
        robots.allow(&text);
        Ok(())
    });
}
