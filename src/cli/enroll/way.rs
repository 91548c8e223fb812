//! The way to a CA: the roots that count, the proxy on the way, and what this device authenticates itself by.

use signet_client::{AccountKey, Acme, Client, ClientError, Https, Proxy, Roots};
use signet_domain::enrollment::Failure;
use signet_store::StoredAuthority;
use std::pin::Pin;

/// The CA's directory, over a connection that is trusted.
pub(super) fn connect<'a>(authority: &'a StoredAuthority, proxy: Option<&'a str>) -> Connecting<'a> {
    let opened = async move {
        let https = https(authority, proxy)?;
        let key = AccountKey::read(authority.account_key.expose_secret())?;
        Acme::open(https, &authority.settings.url, key).await
    };
    // Compiled once, and not once more in each caller.
    Box::pin(async { opened.await.map_err(|error: ClientError| error.failure()) })
}

/// [`connect`]'s work.
type Connecting<'a> = Pin<Box<dyn Future<Output = Result<Acme, Failure>> + 'a>>;

/// Calls nobody yet.
pub(super) fn https(authority: &StoredAuthority, proxy: Option<&str>) -> Result<Https, ClientError> {
    let roots = authority.roots.as_deref().map_or(Roots::Public, |roots| Roots::Pem(roots.as_bytes()));
    let wrong =
        |text: &str| ClientError::Proxy { proxy: text.to_owned(), why: "it is not http://HOST:PORT".to_owned() };
    let proxy = proxy.map(|text| Proxy::parse(text).map_err(|_| wrong(text))).transpose()?;
    let client = authority.client.as_ref();
    Https::of(roots, proxy, client.map(|one| Client { key: one.key.expose_secret(), chain: one.chain.as_bytes() }))
}
