//! How long an answer may be used again, by its own headers.

use std::time::Duration;

use http::{HeaderMap, header};

/// However long a server allows: what a model is told should not be much older than that.
const LONGEST: Duration = Duration::from_secs(600);

/// The time that is left. Only what the server says counts; nothing is guessed.
pub(super) fn lifetime(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    if text(header::VARY).any(|vary| vary.contains('*')) {
        return Duration::ZERO;
    }
    let (mut own, mut shared) = (None, None);
    for directive in text(header::CACHE_CONTROL).flat_map(|value| value.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = || value.trim().trim_matches('"').parse::<u64>().unwrap_or(0);
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" | "private" => return Duration::ZERO,
            "max-age" => own = Some(seconds()),
            "s-maxage" => shared = Some(seconds()),
            _ => {}
        }
    }
    let age = text(header::AGE).next().and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    let left = shared.or(own).unwrap_or(0).saturating_sub(age);
    Duration::from_secs(left).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::lifetime;

    #[test]
    fn only_what_the_server_allows_is_used_again() {
        for (headers, seconds) in [
            (&[][..], 0),
            (&[("cache-control", "max-age=60")], 60),
            (&[("cache-control", "public, Max-Age=\"60\"")], 60),
            (&[("cache-control", "max-age=60"), ("age", "20")], 40),
            (&[("cache-control", "max-age=60, s-maxage=30")], 30),
            (&[("cache-control", "max-age=60"), ("cache-control", "no-store")], 0),
            (&[("cache-control", "private, max-age=60")], 0),
            (&[("cache-control", "no-cache")], 0),
            (&[("cache-control", "max-age=60"), ("vary", "*")], 0),
            (&[("cache-control", "max-age=99999999999999999999")], 0),
            (&[("cache-control", "max-age=31536000")], 600),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            assert_eq!(lifetime(&map).as_secs(), seconds, "{headers:?}");
        }
    }
}
