//! Services behind TLS: only a certificate that proves the host, from an issuer that is trusted, is taken.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::json;
use tests::gateway::{Gateway, NO_LIMITS, product};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An issuer of certificates that no system knows.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let text = STANDARD.encode(root.self_signed(&key).unwrap().der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        Self { pem, issuer: Issuer::new(root, key) }
    }
}

/// A certificate for this host, to change.
fn certificate(host: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![host.to_owned()]).unwrap();
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (parameters.not_before, parameters.not_after) = (time(-1), time(30));
    parameters
}

/// The time, some days from now.
fn time(days: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc() + time::Duration::days(days)
}

/// A service that shows a certificate, signed by its own key where no authority is given, and answers `{}`; with
/// the number of requests that it has read.
async fn service(
    parameters: CertificateParams,
    authority: Option<&Authority>,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let key = KeyPair::generate().unwrap();
    let certificate = match authority {
        Some(authority) => parameters.signed_by(&key, &authority.issuer).unwrap(),
        None => parameters.self_signed(&key).unwrap(),
    };
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate.der().to_vec())],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
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
    let mut expired = certificate("127.0.0.1");
    (expired.not_before, expired.not_after) = (time(-60), time(-30));
    let files = tempfile::tempdir().unwrap();
    let ca_file = files.path().join("ca.pem");
    std::fs::write(&ca_file, &own.pem).unwrap();
    let with_file = format!(", ca_file: '{}'", ca_file.display());
    for (about, parameters, authority, more, taken) in [
        ("of the private issuer", certificate("127.0.0.1"), Some(&own), &*with_file, true),
        ("of an issuer that nobody named", certificate("127.0.0.1"), Some(&own), "", false),
        ("of another issuer", certificate("127.0.0.1"), Some(&other), &with_file, false),
        ("for another host", certificate("crm.example"), Some(&own), &with_file, false),
        ("expired", expired, Some(&own), &with_file, false),
        ("signed by itself", certificate("127.0.0.1"), None, &with_file, false),
        ("signed by itself, without a file", certificate("127.0.0.1"), None, "", false),
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
