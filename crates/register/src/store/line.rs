//! The line to a PostgreSQL server. Entries, handles and times go over it, so to another machine it is encrypted, and the server proves
//! that it is the one that was named.
//!
//! | `sslmode` | what is done |
//! | --- | --- |
//! | left out | a socket or this machine: in the clear; another machine: as `require` |
//! | `disable` | in the clear, wherever it is: for a tunnel |
//! | `prefer`, `allow` | on this machine what the server offers; to another refused: it could be in the clear without a word |
//! | `require`, `verify-ca`, `verify-full` | TLS; certificate and name are always checked |
//!
//! `sslrootcert=FILE` names whose certificates count; left out, those that browsers believe.

use super::Stored;
use crate::error::RegisterError;
use postgres::config::{Host, SslMode};
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use postgres::{Client, Config, NoTls};
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn refuse(why: impl Into<String>) -> RegisterError {
    RegisterError::Store { why: why.into() }
}

/// Connects as the address says.
pub(super) fn connect(url: &str) -> Stored<Client> {
    let (url, [mode, roots]) = without(url, ["sslmode", "sslrootcert"]);
    let mut config: Config = url.parse().map_err(|error: postgres::Error| refuse(error.to_string()))?;
    let is_near = config.get_hosts().iter().all(|host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    });
    let mode = match mode.as_deref() {
        None if is_near => SslMode::Disable,
        Some("disable") => SslMode::Disable,
        Some("prefer" | "allow") if is_near => SslMode::Prefer,
        Some("prefer" | "allow") => {
            let why = "sslmode=prefer could send entries to another machine in the clear; \
                       say sslmode=require, or disable where a tunnel encrypts";
            return Err(refuse(why));
        }
        None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
        Some(other) => return Err(refuse(format!("sslmode=`{other}`: expected disable, prefer, require, verify-ca or verify-full"))),
    };
    config.ssl_mode(mode);
    let connected = if mode == SslMode::Disable { config.connect(NoTls) } else { config.connect(Secured::new(roots.as_deref())?) };
    Ok(connected?)
}

/// An address without some of its parameters, which are handed over.
fn without<const N: usize>(url: &str, names: [&str; N]) -> (String, [Option<String>; N]) {
    let mut found = [const { None }; N];
    let Some((address, query)) = url.split_once('?') else { return (url.to_owned(), found) };
    let mut kept = Vec::new();
    for part in query.split('&') {
        let place = part.split_once('=').and_then(|(name, value)| Some((names.iter().position(|known| *known == name)?, value)));
        match place {
            Some((place, value)) => found[place] = Some(value.to_owned()),
            None => kept.push(part),
        }
    }
    (if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }, found)
}

/// Makes encrypted lines.
#[derive(Clone)]
struct Secured(Arc<ClientConfig>);

impl Secured {
    fn new(roots: Option<&str>) -> Stored<Self> {
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = roots {
            let unreadable = |why: String| RegisterError::File { path: Path::new(path).to_owned(), why };
            store.roots.clear();
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
            for certificate in certificates {
                store.add(certificate.map_err(|error| unreadable(error.to_string()))?).map_err(|error| unreadable(error.to_string()))?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let config = config.map_err(|error| refuse(error.to_string()))?.with_root_certificates(store).with_no_client_auth();
        Ok(Secured(Arc::new(config)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Secured {
    type Stream = Stream<S>;
    type TlsConnect = To;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<To> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(To { connector: TlsConnector::from(Arc::clone(&self.0)), name })
    }
}

/// A line to one server, not made yet.
struct To {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for To {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let connecting = self.connector.connect(self.name, stream);
        Box::pin(async move { Ok(Stream(connecting.await?)) })
    }
}

/// An encrypted line.
struct Stream<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    /// The certificate is checked instead.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_never_spoken_to_in_the_clear_unless_somebody_says_so() {
        let refused = |url: &str| connect(url).err().expect("refused").to_string();
        assert!(
            refused("postgresql://habeas@db.invalid/custody?sslmode=prefer").contains("could send entries to another machine in the clear")
        );
        assert!(refused("postgresql://habeas@db.invalid/custody?sslmode=maybe").contains("expected disable, prefer, require"));
        let missing = refused("postgresql://habeas@db.invalid/custody?sslrootcert=/nowhere/ca.pem");
        assert!(missing.contains("/nowhere/ca.pem"), "without a word of it, it is encrypted: {missing}");
    }

    /// Only where `scripts/with-postgres` has a server with TLS.
    #[test]
    fn a_server_that_proves_its_name_is_spoken_to_and_another_is_not() {
        #[expect(clippy::disallowed_methods, reason = "how a test learns of the server")]
        let Some(url) = std::env::var("DATABASE_TLS_URL").ok().filter(|url| !url.is_empty()) else {
            println!("skipped: DATABASE_TLS_URL names no PostgreSQL; run it with scripts/with-postgres");
            return;
        };
        let encrypted = |client: &mut Client| -> bool {
            client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).expect("a row").get(0)
        };
        let mut client = connect(&format!("{url}&sslmode=require")).expect("a line");
        assert!(encrypted(&mut client));
        let mut near = connect(&url).expect("this machine");
        assert!(!encrypted(&mut near), "on this machine nobody asked for it");
        let stranger = url.split("&sslrootcert").next().expect("an address").to_owned() + "&sslmode=verify-full";
        let refused = connect(&stranger).err().expect("no browser believes a test's certificate").to_string();
        assert!(refused.contains("certificate"), "{refused}");
        let misnamed = format!("{url}&sslmode=verify-full").replace("@localhost:", "@db.example:");
        let refused = connect(&misnamed).err().expect("it is another name").to_string();
        assert!(refused.contains("db.example") || refused.contains("certificate"), "{refused}");
    }
}
