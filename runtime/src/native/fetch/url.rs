//! From the text of a URL to a place that may be asked, or to the reason why not.
//!
//! The URL library folds every spelling of a host into one: decimal, octal and short IPv4, full-width digits,
//! percent-encoding. What it would silently drop or turn into something else is refused before it gets there.
//! Whether an address is public is not decided here.

use std::net::IpAddr;

use url::{Host, Position, Url};

use super::fault::{Fault, Reason};

/// Longest URL; browsers and servers take no more either.
const LONGEST_URL: usize = 2048;
/// Longest name that DNS can hold.
const LONGEST_HOST: usize = 253;

/// Endings of names that are never public.
const INTERNAL_ENDINGS: [&str; 16] = [
    "cluster.local",
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "metadata.goog",
    "onion",
    "private",
    "svc",
    "test",
];

/// A place on the web that may be asked, as far as its URL tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The URL without a fragment.
    url: Url,
    pub(super) host: Place,
    pub(super) port: u16,
}

/// Where a target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At an address that the URL itself names.
    Address(IpAddr),
    /// At whatever a name resolves to; without its trailing dot.
    Name(String),
}

impl Target {
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Scheme, host and port, in one form.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Path and query, as they are sent.
    pub(super) fn path_and_query(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// The value of the header `Host`.
    pub(super) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// Judges a URL as a caller or a redirect wrote it. `more_ports` are allowed beside 80 and 443.
pub(super) fn judge(text: &str, more_ports: &[u16]) -> Result<Target, Fault> {
    if text.len() > LONGEST_URL {
        return Err(Fault::blocked(Reason::Url, format!("a URL has at most {LONGEST_URL} bytes")));
    }
    refuse_misleading(text)?;
    let (scheme, rest) = text
        .split_once(':')
        .ok_or_else(|| Fault::blocked(Reason::Url, "expected an absolute http or https URL"))?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Fault::blocked(Reason::Scheme, "only http and https are fetched"));
    }
    let rest = rest.strip_prefix("//").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(Fault::blocked(Reason::Url, "expected a host after http:// or https://"));
    }
    if authority.contains('@') {
        return Err(Fault::blocked(Reason::Credentials, "a URL with a user or password is not fetched"));
    }
    let url =
        Url::parse(text).map_err(|error| Fault::blocked(Reason::Url, format!("this is no URL: {error}")))?;
    of_url(url, more_ports)
}

/// Judges where a redirect of `from` leads.
pub(super) fn judge_redirect(from: &Target, location: &str, more_ports: &[u16]) -> Result<Target, Fault> {
    if location.len() > LONGEST_URL {
        return Err(Fault::blocked(Reason::Url, "a redirect leads to a URL that is too long"));
    }
    refuse_misleading(location)?;
    let url = from
        .url
        .join(location)
        .map_err(|_| Fault::blocked(Reason::Url, "a redirect leads to something that is no URL"))?;
    judge(url.as_str(), more_ports)
}

/// Refuses what URL libraries read in different ways, or silently remove.
fn refuse_misleading(text: &str) -> Result<(), Fault> {
    let misleading = |char: char| char.is_control() || char.is_whitespace() || char == '\\';
    if text.contains(misleading) {
        return Err(Fault::blocked(Reason::Url, "a URL has no white space, control character or backslash"));
    }
    Ok(())
}

fn of_url(mut url: Url, more_ports: &[u16]) -> Result<Target, Fault> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::blocked(Reason::Credentials, "a URL with a user or password is not fetched"));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if !matches!(port, 80 | 443) && !more_ports.contains(&port) {
        return Err(Fault::blocked(Reason::Port, "only the ports 80 and 443 are open to fetching"));
    }
    let host = match url.host() {
        Some(Host::Ipv4(address)) => Place::Address(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Place::Address(IpAddr::V6(address)),
        Some(Host::Domain(name)) => Place::Name(public_name(name)?),
        None => return Err(Fault::blocked(Reason::Url, "expected a host")),
    };
    url.set_fragment(None);
    if let Place::Name(name) = &host
        && url.host_str() != Some(name)
    {
        // With and without its trailing dot a name is the same place, and certificates have none.
        url.set_host(Some(name)).map_err(|_| Fault::blocked(Reason::Host, "expected the name of a host"))?;
    }
    Ok(Target { url, host, port })
}

/// The name without its trailing dot, unless it is one that only means something on the inside.
fn public_name(name: &str) -> Result<String, Fault> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let odd = |label: &str| label.is_empty() || label.len() > 63;
    if name.len() > LONGEST_HOST || name.split('.').any(odd) {
        return Err(Fault::blocked(Reason::Host, "expected the name of a host"));
    }
    let internal = INTERNAL_ENDINGS.iter().any(|ending| {
        name.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    if internal || !name.contains('.') {
        return Err(Fault::blocked(Reason::Host, "the host's name is one of internal networks"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests;
