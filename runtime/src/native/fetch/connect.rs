//! A connection to an address that was judged, and to no other.
//!
//! The socket is opened here and not by an HTTP client, so there is no second look-up, no proxy of the
//! environment and no pool, and an address in the URL goes the same way as one that a name resolved to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig};

use super::fault::{Fault, Reason};
use super::network::Network;
use super::url::{Place, Target};

/// Most addresses of one name that are tried.
const MOST_ATTEMPTS: usize = 4;

/// Opens connections.
pub(super) struct Connector {
    network: Network,
    tls: TlsConnector,
    /// Where this server listens: nothing is fetched from there.
    own: SocketAddr,
}

impl Connector {
    pub(super) fn new(network: Network, own: SocketAddr) -> Result<Self, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = network.more_roots.iter().cloned().map(CertificateDer::from);
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            // The platform's own verifier: the word stands for what else could be put here.
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { network, tls: TlsConnector::from(Arc::new(config)), own })
    }

    /// Connects to `target`. Its name is looked up once, and one address that is not public refuses all.
    pub(super) async fn connect(&self, target: &Target) -> Result<Connection, Fault> {
        let addresses = self.judged(target).await?;
        let mut fault = Fault::Unreachable;
        for address in addresses.into_iter().take(MOST_ATTEMPTS) {
            match self.open(address, target).await {
                Ok(connection) => return Ok(connection),
                Err(Fault::Unreachable) => {}
                Err(other) => fault = other,
            }
        }
        Err(fault)
    }

    async fn judged(&self, target: &Target) -> Result<Vec<IpAddr>, Fault> {
        let addresses = match &target.host {
            Place::Address(address) => vec![*address],
            Place::Name(name) => self.network.resolver.resolve(name).await.map_err(|_| Fault::Unreachable)?,
        };
        match addresses.iter().all(|address| self.network.addresses.is_public(*address)) {
            true => Ok(addresses),
            false => Err(Fault::address()),
        }
    }

    async fn open(&self, address: IpAddr, target: &Target) -> Result<Connection, Fault> {
        let wanted = SocketAddr::new(address, target.port);
        if wanted == self.own {
            return Err(Fault::address());
        }
        let stream = TcpStream::connect(wanted).await.map_err(|_| Fault::Unreachable)?;
        // What the socket says counts, before a byte is sent: no rule of the machine may have led it elsewhere.
        let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else {
            return Err(Fault::Unreachable);
        };
        let is_own = remote.port() == self.own.port() && remote.ip() == local.ip();
        if remote.ip() != address || !self.network.addresses.is_public(remote.ip()) || is_own {
            return Err(Fault::address());
        }
        if !target.is_encrypted() {
            return Ok(Connection::Plain(stream));
        }
        let name = match &target.host {
            Place::Address(address) => ServerName::from(*address),
            Place::Name(name) => ServerName::try_from(name.clone())
                .map_err(|_| Fault::blocked(Reason::Host, "expected the name of a host"))?,
        };
        let stream = self.tls.connect(name, stream).await.map_err(|error| of_tls(&error))?;
        Ok(Connection::Encrypted(Box::new(stream)))
    }
}

/// A certificate that does not hold is a refusal; anything else is a host that does not speak TLS.
fn of_tls(error: &io::Error) -> Fault {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            Fault::blocked(Reason::Certificate, "the host's certificate does not prove that it is that host")
        }
        _ => Fault::BadAnswer("no encrypted connection could be made"),
    }
}

/// An open connection.
pub(super) enum Connection {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
