//! TLS to the server as the client of PostgreSQL takes it: rustls, with the server's certificate and name always checked.

use crate::error::trouble;
use crate::messages;
use crate::target::Target;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use signet_app::provision::register::{RegisterError, Trouble};
use signet_domain::visible;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Stream;

/// Connects by TLS.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    /// With these roots, and a certificate and key of this station's.
    pub(crate) fn new(
        target: &Target,
        roots: &Path,
        own: Option<&(std::path::PathBuf, std::path::PathBuf)>,
    ) -> Result<Self, Box<RegisterError>> {
        let wrong = |path: &Path, why: String| {
            let what = format!("{}: {why}", visible::path(path));
            trouble(Trouble::NotSetUp, messages::not_trusted(target, &what), messages::CHECK_URL)
        };
        let certificates = |path: &Path| -> Result<Vec<CertificateDer<'static>>, Box<RegisterError>> {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            match read {
                Ok(found) if found.is_empty() => Err(wrong(path, "no certificate in PEM".to_owned())),
                Ok(found) => Ok(found),
                Err(error) => Err(wrong(path, error.to_string())),
            }
        };
        let mut store = RootCertStore::empty();
        for root in certificates(roots)? {
            store.add(root).map_err(|error| wrong(roots, error.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(roots, error.to_string()))?
            .with_root_certificates(store);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate)?;
                let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
                builder.with_client_auth_cert(chain, key_der).map_err(|error| wrong(certificate, error.to_string()))?
            }
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Connection<S>;
    type TlsConnect = Named;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Named, io::Error> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Named(self.0.clone(), name))
    }
}

/// A connection to be made to a server of this name.
pub(crate) struct Named(TlsConnector, ServerName<'static>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Named {
    type Stream = Connection<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Connection<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { Ok(Connection(self.0.connect(self.1, stream).await?)) })
    }
}

/// One that was made.
pub(crate) struct Connection<S>(Stream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Connection<S> {
    /// The server's name and certificate were checked, which is what the binding would add to a login.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
