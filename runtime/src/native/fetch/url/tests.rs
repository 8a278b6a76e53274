use std::net::IpAddr;

use super::super::fault::{Fault, Reason};
use super::{Place, Target, judge, judge_redirect};

fn reason(result: &Result<Target, Fault>) -> Option<Reason> {
    match result {
        Err(Fault::Blocked(reason, _)) => Some(*reason),
        _ => None,
    }
}

#[test]
fn urls_that_mislead_or_lead_inside_are_refused_each_with_its_reason() {
    use Reason::{Credentials, Host, Port, Scheme, Url};
    for (text, expected) in [
        ("", Url),
        ("example.com", Url),
        ("//example.com/", Url),
        ("/path", Url),
        ("http:", Url),
        ("http:example.com", Url),
        ("http:/example.com", Url),
        ("http:///example.com", Url),
        ("http://", Url),
        ("http://?x", Url),
        ("https://#x", Url),
        (" http://example.com", Url),
        ("http://example.com ", Url),
        ("http://exa\tmple.com/", Url),
        ("http://exa\nmple.com/", Url),
        ("http://example.com/\r\nHost: x", Url),
        ("http://example.com/\u{0}", Url),
        ("http://example.com\\@127.0.0.1/", Url),
        ("http:\\\\example.com", Url),
        ("http://example.com\u{a0}/", Url),
        ("http://example.com\u{2028}/", Url),
        ("http://[::1", Url),
        ("http://[fe80::1%25eth0]/", Url),
        ("http://[fe80::1%eth0]/", Url),
        ("http://256.256.256.256/", Url),
        ("http://1.2.3.4.5/", Url),
        ("http://exa mple.com/", Url),
        ("http://exa%20mple.com/", Url),
        ("http://exam%00ple.com/", Url),
        ("http://example.com:99999/", Url),
        ("http://xn--/", Url),
        ("ftp://example.com/", Scheme),
        ("file:///etc/passwd", Scheme),
        ("gopher://example.com/", Scheme),
        ("javascript:alert(1)", Scheme),
        ("data:text/html,x", Scheme),
        ("dict://example.com/", Scheme),
        ("ldap://example.com/", Scheme),
        ("jar:http://example.com!/", Scheme),
        ("view-source:http://example.com/", Scheme),
        ("ws://example.com/", Scheme),
        ("httpx://example.com/", Scheme),
        ("http://user@example.com/", Credentials),
        ("http://user:secret@example.com/", Credentials),
        ("http://@example.com/", Credentials),
        ("http://:@example.com/", Credentials),
        ("http://example.com@127.0.0.1/", Credentials),
        ("http://example.com:22/", Port),
        ("http://example.com:0/", Port),
        ("http://example.com:8080/", Port),
        ("https://example.com:6379/", Port),
        ("http://localhost/", Host),
        ("http://LOCALHOST/", Host),
        ("http://localhost./", Host),
        ("http://www.localhost/", Host),
        ("http://intranet/", Host),
        ("http://kubernetes.default.svc/", Host),
        ("http://kubernetes.default.svc.cluster.local/", Host),
        ("http://printer.local/", Host),
        ("http://metadata.google.internal/", Host),
        ("http://metadata.google.internal./", Host),
        ("http://router.home.arpa/", Host),
        ("http://fritz.lan/", Host),
        ("http://abc.onion/", Host),
        ("http://metadata.goog/", Host),
        ("http://example..com/", Host),
        ("http://.example.com/", Host),
        ("http://example.com../", Host),
        ("http://127.0.0.1../", Host),
        ("http://ｌｏｃａｌｈｏｓｔ/", Host),
        ("http://loc%61lhost/", Host),
    ] {
        let result = judge(text, &[]);
        assert_eq!(reason(&result), Some(expected), "{text:?}: {result:?}");
    }
    let long = format!("http://example.com/{}", "a".repeat(2048));
    assert_eq!(reason(&judge(&long, &[])), Some(Url));
    let label = format!("http://{}.com/", "a".repeat(64));
    assert!(reason(&judge(&label, &[])).is_some());
}

#[test]
fn every_spelling_of_an_address_is_the_address() {
    for (text, expected) in [
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://0X7F.1/", "127.0.0.1"),
        ("http://017700000001/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://127.0.1/", "127.0.0.1"),
        ("http://0/", "0.0.0.0"),
        ("http://0x/", "0.0.0.0"),
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1"),
        ("http://１２７.０.０.１/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://127．0｡0.1/", "127.0.0.1"),
        ("http://%31%32%37.0.0.1/", "127.0.0.1"),
        ("http://%31%32%37%2e0%2E0%2e1/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://[0:0:0:0:0:0:0:1]/", "::1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("http://[::FFFF:7F00:1]/", "::ffff:127.0.0.1"),
        ("https://93.184.216.34/", "93.184.216.34"),
    ] {
        let target = judge(text, &[]).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(target.host, Place::Address(expected.parse::<IpAddr>().unwrap()), "{text}");
    }
}

#[test]
fn public_urls_pass_in_one_form() {
    for (text, expected, authority, path) in [
        ("http://example.com", "http://example.com/", "example.com", "/"),
        ("HTTP://EXAMPLE.com:80/a?b=c#d", "http://example.com/a?b=c", "example.com", "/a?b=c"),
        ("https://example.com.:443/x/../y", "https://example.com/y", "example.com", "/y"),
        (
            "https://bücher.example/ä?ö",
            "https://xn--bcher-kva.example/%C3%A4?%C3%B6",
            "xn--bcher-kva.example",
            "/%C3%A4?%C3%B6",
        ),
        ("http://example.com:8443/", "http://example.com:8443/", "example.com:8443", "/"),
        ("http://[2606:4700::1]/", "http://[2606:4700::1]/", "[2606:4700::1]", "/"),
        ("https://example.com?q=a/b", "https://example.com/?q=a/b", "example.com", "/?q=a/b"),
        ("https://example.com/@user", "https://example.com/@user", "example.com", "/@user"),
    ] {
        let target = judge(text, &[8443]).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(target.url().as_str(), expected);
        assert_eq!((target.authority().as_str(), target.path_and_query()), (authority, path), "{text}");
    }
}

#[test]
fn a_redirect_is_judged_like_any_url() {
    use Reason::{Credentials, Host, Port, Scheme, Url};
    let from = judge("https://example.com/a/b?c", &[]).unwrap();
    for (location, expected) in [
        ("/x", Ok("https://example.com/x")),
        ("x", Ok("https://example.com/a/x")),
        ("?y", Ok("https://example.com/a/b?y")),
        ("//other.example/", Ok("https://other.example/")),
        ("http://other.example/", Ok("http://other.example/")),
        ("file:///etc/passwd", Err(Scheme)),
        ("gopher://127.0.0.1:70/", Err(Scheme)),
        ("//localhost/", Err(Host)),
        ("http://user@other.example/", Err(Credentials)),
        ("http://other.example:9000/", Err(Port)),
        ("\\\\127.0.0.1\\", Err(Url)),
        ("/a b", Err(Url)),
        ("ht\ttp://127.0.0.1/", Err(Url)),
    ] {
        let result = judge_redirect(&from, location, &[]);
        match expected {
            Ok(url) => assert_eq!(result.unwrap().url().as_str(), url),
            Err(expected) => assert_eq!(reason(&result), Some(expected), "{location}: {result:?}"),
        }
    }
}
