//! The proxies in front of the server whose word on the client's address is taken.

use std::net::IpAddr;

use diagnostics::fields::{Field, Key};
use ipnet::IpNet;

use super::reading::{BAD_VALUE, Reading};

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

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::product::Product;

    #[test]
    fn every_entry_that_is_no_address_and_no_network_is_reported_where_it_stands() {
        let text = "tenants: {default: {services: {}}}\n\
                    server:\n  trusted_proxies: [10.0.0.1, proxy.example, 10.0.0.0/8, 10.0.0.0/33, '::1/64', '']\n";
        let product = Product { tools: &[], services: &[], dev_backend: None };
        let report = Config::parse("server.yaml", text, &product, &|_| None).unwrap_err().to_string();
        for (column, entry) in [(31, "proxy.example"), (58, "10.0.0.0/33"), (81, "")] {
            let line = format!(
                "server.yaml:3:{column}: expected an IP address or a network such as 10.0.0.0/8, got {entry:?}"
            );
            assert!(report.contains(&line), "{line}\n{report}");
        }
        assert_eq!(report.matches("error: ").count(), 3, "{report}");
    }
}
