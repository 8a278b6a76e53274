//! Sites that want to keep the gateway busy or make it large: each fetch ends in its time and in little memory.
//!
//! Memory is measured on a process of its own, since other tests run beside this one.

use std::io::Write;
use std::time::{Duration, Instant};

use rcgen::CertificateParams;
use runtime::native::fetch::Network;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::apart::apart;
use super::site::{Serving, Site, page, redirect, send};
use super::{PUBLIC, assert_blocked, gateway, network, refusal};
use crate::tls::{Authority, acceptor, certificate, good_certificate};

const MIB: usize = 1024 * 1024;
/// Deadline of each fetch.
const DEADLINE: Duration = Duration::from_secs(2);
/// What a busy machine may add to it.
const GRACE: Duration = Duration::from_secs(3);
/// Most memory that one fetch may take.
const MOST_GROWTH: usize = 10 * MIB;

#[test]
fn each_fetch_from_a_hostile_site_ends_in_its_time_and_in_little_memory() {
    let name = "fetch::hostile::each_fetch_from_a_hostile_site_ends_in_its_time_and_in_little_memory";
    apart(name, &[], alone());
}

/// What a fetch has to come to.
enum Ending {
    /// Refused by this rule.
    Blocked(&'static str),
    /// Failed with this code.
    Failed(&'static str),
    /// A page that is cut.
    Cut,
    /// A page.
    Page,
}

async fn alone() {
    use Ending::{Blocked, Cut, Failed, Page};
    let site = Site::start(PUBLIC, |head, stream| {
        let case = head.split(' ').nth(1).unwrap_or_default().to_owned();
        attack(case, stream)
    })
    .await;
    let gateway = gateway(network(), &format!("ports: [{}], robots: false", site.port())).await;
    let client = gateway.client();
    let mut figures = Vec::new();
    // The first is honest: what is set up once is not what a fetch costs.
    for (case, ending) in [
        ("/honest", Page),
        ("/endless-body", Cut),
        ("/endless-chunks", Cut),
        ("/byte-by-byte", Failed("BACKEND_TIMEOUT")),
        ("/silence", Failed("BACKEND_TIMEOUT")),
        ("/bomb-gzip", Blocked("content_encoding")),
        ("/bomb-deflate", Blocked("content_encoding")),
        ("/bomb-br", Blocked("content_encoding")),
        ("/bomb-zstd", Blocked("content_encoding")),
        ("/bomb-in-bomb", Blocked("content_encoding")),
        ("/many-headers", Blocked("headers")),
        ("/long-header", Blocked("headers")),
        ("/headers-never-end", Failed("BACKEND_TIMEOUT")),
        ("/interim-answers", Failed("BACKEND_TIMEOUT")),
        ("/redirect-loop", Blocked("redirect")),
        ("/too-long-length", Failed("BACKEND_ERROR")),
        ("/too-short-length", Page),
        ("/two-lengths", Failed("BACKEND_ERROR")),
        ("/bad-chunk", Failed("BACKEND_ERROR")),
        ("/endless-chunk-extension", Failed("BACKEND_ERROR")),
        ("/no-http", Failed("BACKEND_ERROR")),
        ("/html-nested-div", Cut),
        ("/html-nested-b", Cut),
        ("/html-nested-tables", Page),
        ("/html-text", Cut),
        ("/html-attributes", Cut),
        ("/html-unclosed-tag", Cut),
        ("/html-entities", Cut),
        ("/html-lists", Cut),
    ] {
        reset_peak();
        let (before, started) = (memory("VmRSS:"), Instant::now());
        let arguments = json!({"url": site.url(case), "timeout_seconds": DEADLINE.as_secs()});
        let reply = client.call("website_fetch", arguments).await;
        let (took, growth) = (started.elapsed(), memory("VmHWM:").saturating_sub(before));
        figures.push(format!("{case}: {} ms, {} KiB", took.as_millis(), growth / 1024));
        match ending {
            Blocked(reason) => assert_blocked(&reply, reason, case),
            Failed(code) => assert_eq!(refusal(&reply).0, code, "{case}: {}", reply.text),
            Cut => assert_eq!(reply.content()["truncated"], true, "{case}"),
            Page => assert_eq!(reply.content()["truncated"], false, "{case}: {}", reply.content()["more"]),
        }
        assert!(took < DEADLINE + GRACE, "{case} took {took:?}");
        assert!(case == "/honest" || growth < MOST_GROWTH, "{case} took {} KiB", growth / 1024);
    }
    println!("{}", figures.join("\n"));
}

/// Forgets the largest amount of memory so far.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn memory(key: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

fn attack(case: String, mut stream: TcpStream) -> Serving {
    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n";
    let head = move |more: &str| format!("{OK}{more}\r\n").into_bytes();
    let whole = |body: Vec<u8>| page("text/html", &body);
    Box::pin(async move {
        match case.as_str() {
            "/honest" => send(stream, whole(b"<p>hello</p>".to_vec())).await,
            "/endless-body" => repeat(stream, head(""), &[b'a'; 65_536], usize::MAX).await,
            "/endless-chunks" => {
                repeat(
                    stream,
                    head("transfer-encoding: chunked\r\n"),
                    &[b"1000\r\n", &[b'a'; 4096][..], b"\r\n"].concat(),
                    usize::MAX,
                )
                .await;
            }
            "/byte-by-byte" => drip(stream, head("content-length: 1000\r\n")).await,
            "/silence" => tokio::time::sleep(DEADLINE * 5).await,
            "/bomb-gzip" => {
                repeat(
                    stream,
                    [head("content-encoding: gzip\r\n"), GZIP_HEAD.to_vec()].concat(),
                    &flushed_deflate(),
                    10_240,
                )
                .await
            }
            "/bomb-deflate" => {
                repeat(stream, head("content-encoding: deflate\r\n"), &flushed_deflate(), 10_240).await
            }
            "/bomb-br" => {
                let (first, rest) = flushed_brotli();
                repeat(stream, [head("content-encoding: br\r\n"), first].concat(), &rest, 10_240).await;
            }
            "/bomb-zstd" => {
                repeat(
                    stream,
                    head("content-encoding: zstd\r\n"),
                    &zstd::encode_all(&vec![0; MIB][..], 3).unwrap(),
                    10_240,
                )
                .await;
            }
            "/bomb-in-bomb" => {
                repeat(stream, head("content-encoding: gzip, gzip\r\n"), &flushed_deflate(), 10_240).await
            }
            "/many-headers" => repeat(stream, OK.into(), b"x-a: b\r\n", 100_000).await,
            "/long-header" => {
                repeat(stream, [OK, "x-a: "].concat().into(), &[b'b'; 65_536], usize::MAX).await
            }
            "/headers-never-end" => drip(stream, OK.into()).await,
            "/interim-answers" => {
                repeat(stream, Vec::new(), b"HTTP/1.1 103 Early Hints\r\n\r\n", usize::MAX).await
            }
            "/redirect-loop" => send(stream, redirect("/redirect-loop")).await,
            "/too-long-length" => {
                send(stream, [head("content-length: 1000\r\n"), b"short".to_vec()].concat()).await
            }
            "/too-short-length" => {
                send(stream, [head("content-length: 5\r\n"), b"hello and more".to_vec()].concat()).await
            }
            "/two-lengths" => {
                send(
                    stream,
                    [head("content-length: 5\r\ncontent-length: 6\r\n"), b"hello!".to_vec()].concat(),
                )
                .await
            }
            "/bad-chunk" => {
                send(
                    stream,
                    [head("transfer-encoding: chunked\r\n"), b"FFFFFFFFFFFFFFFFFF\r\nx".to_vec()].concat(),
                )
                .await
            }
            "/endless-chunk-extension" => {
                repeat(
                    stream,
                    [head("transfer-encoding: chunked\r\n"), b"1;".to_vec()].concat(),
                    &[b'x'; 4096],
                    usize::MAX,
                )
                .await;
            }
            "/no-http" => send(stream, b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()).await,
            "/html-nested-div" => send(stream, whole(b"<div>".repeat(100_000))).await,
            "/html-nested-b" => send(stream, whole(b"<b>".repeat(20_000))).await,
            "/html-nested-tables" => send(stream, whole(b"<table><tr><td>".repeat(3_000))).await,
            "/html-text" => send(stream, whole(b"many words ".repeat(180_000))).await,
            "/html-attributes" => {
                send(stream, whole([b"<p ".to_vec(), b"a=b ".repeat(500_000)].concat())).await
            }
            "/html-unclosed-tag" => {
                repeat(stream, [head(""), b"<p a=\"".to_vec()].concat(), &[b'x'; 65_536], usize::MAX).await
            }
            "/html-entities" => {
                send(stream, whole(b"&CounterClockwiseContourIntegral;".repeat(60_000))).await
            }
            "/html-lists" => send(stream, whole(b"<ul><li>a<blockquote>".repeat(90_000))).await,
            other => {
                let _gone = stream.write_all(other.as_bytes()).await;
            }
        }
    })
}

/// Sends `start`, then `piece` again and again, until the client has gone.
async fn repeat(mut stream: TcpStream, start: Vec<u8>, piece: &[u8], times: usize) {
    if stream.write_all(&start).await.is_err() {
        return;
    }
    for _ in 0..times {
        if stream.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// Sends `start`, then one byte a second.
async fn drip(mut stream: TcpStream, start: Vec<u8>) {
    let mut sent = stream.write_all(&start).await;
    while sent.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sent = stream.write_all(b"x").await;
    }
}

const GZIP_HEAD: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";

/// A mebibyte of zeros as one block, after which another can follow.
fn flushed_deflate() -> Vec<u8> {
    let mut encoder = flate2::Compress::new(flate2::Compression::best(), false);
    let mut out = Vec::with_capacity(4096);
    encoder.compress_vec(&vec![0; MIB], &mut out, flate2::FlushCompress::Full).unwrap();
    out
}

/// The start of a stream of zeros, and a mebibyte that can follow again and again.
fn flushed_brotli() -> (Vec<u8>, Vec<u8>) {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
    let mut ends = Vec::new();
    for _ in 0..3 {
        encoder.write_all(&vec![0; MIB]).unwrap();
        encoder.flush().unwrap();
        ends.push(encoder.get_ref().len());
    }
    let all = encoder.get_ref();
    (all[..ends[1]].to_vec(), all[ends[1]..ends[2]].to_vec())
}

/// A site that encrypts, with a certificate that this authority vouches for.
async fn encrypted(parameters: CertificateParams, authority: &Authority) -> Site {
    let acceptor = acceptor(parameters, Some(authority));
    Site::start_raw(PUBLIC, move |stream| {
        let acceptor = acceptor.clone();
        Box::pin(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let head = super::site::head(&mut stream).await;
            let body = if head.starts_with("GET /robots.txt ") { "" } else { "encrypted" };
            let _gone = stream.write_all(&page("text/plain", body.as_bytes())).await;
            let _gone = stream.shutdown().await;
        })
    })
    .await
}

#[tokio::test]
async fn only_a_certificate_that_proves_the_host_is_taken() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let good = encrypted(good_certificate("127.0.0.2"), &known).await;
    let other_name = encrypted(good_certificate("other.example.com"), &known).await;
    let expired = encrypted(certificate("127.0.0.2", -60, -30), &known).await;
    let unknown = encrypted(good_certificate("127.0.0.2"), &stranger).await;
    let plain = Site::start_raw(PUBLIC, |stream| Box::pin(send(stream, page("text/plain", b"plain")))).await;
    let ports =
        [&good, &other_name, &expired, &unknown, &plain].map(|site| site.port().to_string()).join(", ");
    let network = Network { more_roots: vec![known.root], ..network() };
    let gateway = gateway(network, &format!("ports: [{ports}]")).await;
    let client = gateway.client();
    let url = |site: &Site| format!("https://{}/", site.address);
    let fetch = |url: String| {
        let client = client.clone();
        async move { super::fetch(&client, &url).await }
    };
    assert_eq!(fetch(url(&good)).await.content()["text"], "encrypted");
    for (site, about) in [(&other_name, "another name"), (&expired, "expired"), (&unknown, "unknown issuer")]
    {
        assert_blocked(&fetch(url(site)).await, "certificate", about);
    }
    assert_eq!(refusal(&fetch(url(&plain)).await).0, "BACKEND_ERROR");
}
