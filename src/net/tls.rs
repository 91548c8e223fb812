//! TLS as the console speaks it: 1.2 and 1.3, hybrid key exchange first, and an identity that can change while running.
//!
//! The cipher suites are rustls' own, which are those of Mozilla's intermediate profile. It knows DER, not files.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs::{self, Ticketer};
use rustls::crypto::{ActiveKeyExchange, CompletedKeyExchange, CryptoProvider, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{Acceptor, ClientHello, NoServerSessionStorage, ProducesTickets};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{Error, NamedGroup, ProtocolVersion, ServerConfig};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::budget::TLS_ANSWER;
use super::challenge::Challenges;
use super::identity_error::IdentityError;
use super::self_test::{self, Clients};
use super::stream::Wire;

/// What handshakes show from now on; clones share it.
#[derive(Clone)]
pub struct IdentityHandle(Arc<RwLock<Showing>>);

struct Showing {
    shown: Shown,
    /// The last number that was given.
    made: u64,
}

/// One identity as TLS uses it, and the number that says by whose handshake a connection was made.
///
/// Each has keys of its own for session tickets, so that no session of another one resumes under it.
#[derive(Clone)]
pub struct Shown {
    configs: Configs,
    number: u64,
}

/// One identity, for two kinds of clients. rustls uses the first group of the client's list that it knows, and asks for a
/// share of it: a client that names X25519 first would never get the hybrid group that it also knows.
#[derive(Clone)]
struct Configs {
    /// For clients that name the hybrid group: with TLS 1.3 they get that one.
    hybrid: Arc<ServerConfig>,
    /// For all others.
    classical: Arc<ServerConfig>,
}

/// How a connection shook hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake {
    /// The [`Shown::number`] of the identity.
    pub identity: u64,
    /// True when a session was resumed instead of showing the certificate. It started with a full handshake under the
    /// same number: the keys that its ticket was sealed under belong to that identity alone.
    pub resumed: bool,
}

impl Shown {
    /// Given with each connection ([`Handshake::identity`]); each identity has another one.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The handshake of a client that has connected; a CA that checks a name gets the answer to that instead.
    pub(super) async fn accept(
        &self,
        mut stream: Wire,
        challenges: Option<&Challenges>,
    ) -> io::Result<TlsStream<Wire>> {
        stream.begins_handshake();
        let mut begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        begun.io.has_hello();
        let config = self.config_for(&begun.client_hello(), challenges);
        let mut stream = begun.into_stream(config).await?;
        let (wire, session) = stream.get_mut();
        wire.has_shaken_hands();
        session.set_buffer_limit(Some(TLS_ANSWER));
        Ok(stream)
    }

    fn config_for(&self, hello: &ClientHello<'_>, challenges: Option<&Challenges>) -> Arc<ServerConfig> {
        if let Some(answer) = challenges.and_then(|challenges| challenges.proofs().answer(hello)) {
            return answer;
        }
        let groups = hello.named_groups().unwrap_or_default();
        let knows_hybrid = groups.contains(&NamedGroup::X25519MLKEM768);
        Arc::clone(if knows_hybrid { &self.configs.hybrid } else { &self.configs.classical })
    }
}

impl IdentityHandle {
    /// An identity from its certificate chain (DER, the console's own first) and private key (DER of PKCS#8, SEC1 or PKCS#1),
    /// of which no copy is kept but the signer's.
    ///
    /// # Errors
    /// [`IdentityError`] says which of the two is wrong.
    pub fn new(chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Self, IdentityError> {
        let shown = Shown { configs: Configs::new(chain, key)?, number: 1 };
        Ok(Self(Arc::new(RwLock::new(Showing { made: shown.number, shown }))))
    }

    /// Takes another identity for all handshakes from now on. Sessions made under the former one are not resumed;
    /// connections that are open are closed after their next answer.
    ///
    /// # Errors
    /// As [`IdentityHandle::new`]; the former identity stays then.
    pub fn replace(&self, chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Shown, IdentityError> {
        Ok(self.show(Configs::new(chain, key)?))
    }

    /// As [`IdentityHandle::replace`], after a self-test: a client inside this process has shaken hands with it, with what
    /// these clients offer.
    ///
    /// # Errors
    /// As [`IdentityHandle::new`], and [`IdentityError::SelfTest`]; the former identity stays then.
    pub fn replace_tested(&self, chain: Vec<Vec<u8>>, key: &[u8], clients: Clients) -> Result<Shown, IdentityError> {
        Ok(self.show(tested(chain, key, clients)?))
    }

    /// Restores a previous identity, with its number and its sessions.
    pub fn back_to(&self, shown: &Shown) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).shown = shown.clone();
    }

    /// The identity of the next handshake.
    pub fn shown(&self) -> Shown {
        self.0.read().unwrap_or_else(PoisonError::into_inner).shown.clone()
    }

    /// The number of the identity of the next handshake.
    pub fn number(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).shown.number
    }

    fn show(&self, configs: Configs) -> Shown {
        let mut showing = self.0.write().unwrap_or_else(PoisonError::into_inner);
        showing.made += 1;
        showing.shown = Shown { configs, number: showing.made };
        showing.shown.clone()
    }
}

/// Finds out whether browsers could shake hands with an identity, without showing it to anybody.
///
/// # Errors
/// As [`IdentityHandle::replace_tested`].
pub fn self_test_of(chain: Vec<Vec<u8>>, key: &[u8]) -> Result<(), IdentityError> {
    tested(chain, key, Clients::Browsers).map(drop)
}

fn tested(chain: Vec<Vec<u8>>, key: &[u8], clients: Clients) -> Result<Configs, IdentityError> {
    let leaf = chain.first().cloned().unwrap_or_default();
    let configs = Configs::new(chain, key)?;
    for config in [&configs.hybrid, &configs.classical] {
        self_test::run(config, &leaf, clients).map_err(IdentityError::SelfTest)?;
    }
    Ok(configs)
}

impl std::fmt::Debug for IdentityHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityHandle(..)")
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({})", self.number)
    }
}

impl Configs {
    fn new(chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Self, IdentityError> {
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        // Both only borrow the key: no copy of it is left behind.
        let der = PrivateKeyDer::try_from(key).map_err(|_| IdentityError::Key)?;
        let signer = aws_lc_rs::sign::any_supported_type(&der).map_err(|_| IdentityError::Key)?;
        let identity = CertifiedKey::new(chain.into_iter().map(CertificateDer::from).collect(), signer);
        identity.keys_match().map_err(IdentityError::Mismatch)?;

        let identity = Arc::new(SingleCertAndKey::from(identity));
        // Sessions live with the client, sealed under keys that change every six hours: no memory is kept for them.
        let ticketer = Ticketer::new().map_err(IdentityError::Setup)?;
        let provider = aws_lc_rs::default_provider();
        let hybrid = CryptoProvider { kx_groups: HYBRID_FIRST.to_vec(), ..provider.clone() };
        Ok(Self {
            hybrid: server_config(hybrid, &identity, &ticketer)?,
            classical: server_config(provider, &identity, &ticketer)?,
        })
    }
}

fn server_config(
    provider: CryptoProvider,
    identity: &Arc<SingleCertAndKey>,
    ticketer: &Arc<dyn ProducesTickets>,
) -> Result<Arc<ServerConfig>, IdentityError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(IdentityError::Setup)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(identity) as _);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // The strongest cipher suite that both know, whatever a client puts first.
    config.ignore_client_order = true;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Arc::clone(ticketer);
    Ok(Arc::new(config))
}

/// The hybrid group with TLS 1.3, which alone has it, and the classical ones with TLS 1.2.
static HYBRID_FIRST: &[&dyn SupportedKxGroup] = &[
    aws_lc_rs::kx_group::X25519MLKEM768,
    &Tls12Only(aws_lc_rs::kx_group::X25519),
    &Tls12Only(aws_lc_rs::kx_group::SECP256R1),
    &Tls12Only(aws_lc_rs::kx_group::SECP384R1),
];

/// A group that is not used with TLS 1.3.
#[derive(Debug)]
struct Tls12Only(&'static dyn SupportedKxGroup);

impl SupportedKxGroup for Tls12Only {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        self.0.start()
    }

    fn start_and_complete(&self, peer_pub_key: &[u8]) -> Result<CompletedKeyExchange, Error> {
        self.0.start_and_complete(peer_pub_key)
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn name(&self) -> NamedGroup {
        self.0.name()
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_2 && self.0.usable_for_version(version)
    }
}
