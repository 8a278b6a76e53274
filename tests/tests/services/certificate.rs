//! Services behind TLS: only a certificate that proves the host, from an issuer that is trusted, is taken.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::CertificateParams;
use serde_json::json;
use tests::gateway::{Gateway, NO_LIMITS, product};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::tls::{Authority, acceptor, certificate, good_certificate};

/// A service that shows a certificate, signed by its own key where no authority is given, and answers `{}`; with
/// the number of requests that it has read.
async fn service(
    parameters: CertificateParams,
    authority: Option<&Authority>,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let acceptor = acceptor(parameters, authority);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 8192];
            if stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                seen.fetch_add(1, Ordering::SeqCst);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _gone = stream.write_all(answer.as_bytes()).await;
            }
            let _gone = stream.shutdown().await;
        }
    });
    (address, requests)
}

#[tokio::test]
async fn a_service_has_to_prove_its_host_to_an_issuer_of_its_own_file_or_of_the_system() {
    let (own, other) = (Authority::new(), Authority::new());
    let files = tempfile::tempdir().unwrap();
    let ca_file = files.path().join("ca.pem");
    std::fs::write(&ca_file, own.pem()).unwrap();
    let with_file = format!(", ca_file: '{}'", ca_file.display());
    for (about, parameters, authority, more, taken) in [
        ("of the private issuer", good_certificate("127.0.0.1"), Some(&own), &*with_file, true),
        ("of an issuer that nobody named", good_certificate("127.0.0.1"), Some(&own), "", false),
        ("of another issuer", good_certificate("127.0.0.1"), Some(&other), &with_file, false),
        ("for another host", good_certificate("crm.example"), Some(&own), &with_file, false),
        ("expired", certificate("127.0.0.1", -60, -30), Some(&own), &with_file, false),
        ("signed by itself", good_certificate("127.0.0.1"), None, &with_file, false),
        ("signed by itself, without a file", good_certificate("127.0.0.1"), None, "", false),
    ] {
        let (address, requests) = service(parameters, authority).await;
        let text = format!(
            "server: {{port: 0}}\n{NO_LIMITS}tenants: {{default: {{services: {{memory: {{url: 'https://{address}'{more}}}}}}}}}\n"
        );
        let gateway = Gateway::with_config(&product(), &text).await;
        let reply = gateway.client().call("memory_search", json!({"query": "a"})).await;
        if taken {
            assert_eq!(reply.content(), &json!({}), "{about}");
        } else {
            assert_eq!(reply.tool_error()["error_code"], "BACKEND_UNAVAILABLE", "{about}: {}", reply.text);
        }
        assert_eq!(requests.load(Ordering::SeqCst), usize::from(taken), "{about}");
    }
}
