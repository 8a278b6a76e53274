//! The proxies in front of the server whose word on the client's address is taken.

use std::net::IpAddr;

use diagnostics::fields::{Field, Key};
use ipnet::IpNet;

use super::read::{BAD_VALUE, Reading};

/// Networks of trusted proxies.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Reads a list of addresses and networks.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> TrustedProxies {
    let Field::Is(list) = key.texts() else { return TrustedProxies::default() };
    let network =
        |text: &str| text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| address.into()));
    let mut networks = Vec::with_capacity(list.value.len());
    for item in &list.value {
        let Some(text) = reading.expand(item.value, item.span) else { continue };
        match network(&text) {
            Some(network) => networks.push(network),
            None => {
                let message = format!("expected an IP address or a network such as 10.0.0.0/8, got {text:?}");
                reading.problem(BAD_VALUE, item.span, message, None);
            }
        }
    }
    TrustedProxies(networks)
}
