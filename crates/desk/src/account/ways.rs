//! Ways to sign in besides password and link: which of them this desk has.

use super::passkeys::Passkeys;
use super::provider::{Provider, ProviderSettings};
use crate::desk::Desk;
use axum::Router;
use openidconnect::url::{Host, Url};

/// What the address and the settings of a desk make possible; nothing by default.
#[derive(Default)]
pub struct Ways {
    /// Keys that people hold.
    pub(super) passkeys: Option<Passkeys>,
    /// A provider of identities.
    pub(super) provider: Option<Provider>,
}

/// Whether what is sent there is seen by nobody else: TLS, or this machine alone.
pub(super) fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(number)) => number.is_loopback(),
        Some(Host::Ipv6(number)) => number.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

impl Ways {
    /// The ways of a desk at an address that people type, with a provider of identities or without. Keys work where the address is a name
    /// (not a number) behind TLS, or `localhost`; elsewhere browsers have none.
    ///
    /// # Errors
    /// What cannot be used, of which setting, and what to do.
    pub fn new(address: &str, provider: Option<ProviderSettings>) -> Result<Self, String> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url =
            url.ok_or_else(|| format!("address: `{address}` is no address; write it as people type it: \"https://desk.sahil.example\""))?;
        let provider = provider.map(|settings| Provider::new(settings, &url)).transpose()?;
        let passkeys = if is_private(&url) { Passkeys::new(&url)? } else { None };
        Ok(Self { passkeys, provider })
    }

    /// Where keys work; `None`: nowhere.
    #[must_use]
    pub fn keys_at(&self) -> Option<&str> {
        self.passkeys.as_ref().map(Passkeys::origin)
    }

    /// What the provider of identities is called.
    #[must_use]
    pub fn provider_name(&self) -> Option<&str> {
        self.provider.as_ref().map(Provider::name)
    }

    /// The address of the provider of identities, as it calls itself.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.provider.as_ref().map(Provider::issuer)
    }

    /// Asks the provider of identities whether it is there, as the desk begins.
    ///
    /// # Errors
    /// Why it could not be asked, and of which address.
    pub fn try_provider(&self) -> Result<(), String> {
        self.provider.as_ref().map_or(Ok(()), Provider::is_there)
    }
}

/// The addresses of these ways.
pub fn routes() -> Router<Desk> {
    super::passkeys::routes().merge(super::provider::routes())
}
