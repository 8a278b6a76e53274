//! Servers behind TLS, with certificates that are as good or as bad as a test wants them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An issuer of certificates that no system knows.
pub(super) struct Authority {
    /// Its own certificate.
    pub(super) root: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = root.self_signed(&key).unwrap();
        Self { root: certificate.der().to_vec(), issuer: Issuer::new(root, key) }
    }

    /// Its own certificate, as a file holds it.
    pub(super) fn pem(&self) -> String {
        let text = STANDARD.encode(&self.root);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }
}

/// A certificate for this host that holds from some days from now until some other.
pub(super) fn certificate(host: &str, from: i64, until: i64) -> CertificateParams {
    let day = |days| time::OffsetDateTime::now_utc() + time::Duration::days(days);
    let mut parameters = CertificateParams::new(vec![host.to_owned()]).unwrap();
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (parameters.not_before, parameters.not_after) = (day(from), day(until));
    parameters
}

/// A good certificate for this host. The platform's verifier is as strict as browsers about how long one may last.
pub(super) fn good_certificate(host: &str) -> CertificateParams {
    certificate(host, -1, 30)
}

/// The server's side of connections that show a certificate, signed by its own key where no authority is given.
pub(super) fn acceptor(parameters: CertificateParams, authority: Option<&Authority>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = match authority {
        Some(authority) => parameters.signed_by(&key, &authority.issuer).unwrap(),
        None => parameters.self_signed(&key).unwrap(),
    };
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
