//! What a client has to bring back with its user's answer, sealed so that it can neither be made nor changed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::store::Binding;

/// How long a person may take to answer.
pub(super) const VALID: Duration = Duration::from_secs(10 * 60);

/// Seals and opens states with a key of this server alone.
#[derive(Debug)]
pub(super) struct Seal(Key);

/// A state that this server sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) nonce: String,
    pub(super) expires_at: SystemTime,
    /// Whether it was sealed for this very call.
    pub(super) fits: bool,
}

impl Seal {
    /// A seal with a new key; `None` where the system has no randomness to give.
    pub(super) fn new() -> Option<Self> {
        Key::generate(HMAC_SHA256, &SystemRandom::new()).ok().map(Self)
    }

    /// A state for a call, with a nonce of its own.
    pub(super) fn seal(&self, binding: &Binding, now: SystemTime) -> String {
        let expires = (now + VALID).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let content = format!("{}.{expires}.{}", binding.hex(), Uuid::new_v4().simple());
        let tag = hmac::sign(&self.0, content.as_bytes());
        format!("{content}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// What a state says; `None` for one that this server did not seal.
    pub(super) fn open(&self, state: &str, binding: &Binding) -> Option<Opened> {
        let (content, tag) = state.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.0, content.as_bytes(), &tag).ok()?;
        let mut parts = content.split('.');
        let (bound_to, expires, nonce) = (parts.next()?, parts.next()?, parts.next()?);
        let expires_at = UNIX_EPOCH.checked_add(Duration::from_millis(expires.parse().ok()?))?;
        Some(Opened { nonce: nonce.to_owned(), expires_at, fits: bound_to == binding.hex() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(arguments: &[u8]) -> Binding {
        Binding::new([b"tool", arguments, b"tenant", b"actor"])
    }

    #[test]
    fn a_state_opens_for_its_call_and_shows_when_it_is_for_another() {
        let seal = Seal::new().unwrap();
        let now = SystemTime::now();
        let state = seal.seal(&binding(b"a"), now);
        let opened = seal.open(&state, &binding(b"a")).unwrap();
        assert!(opened.fits && opened.expires_at > now && opened.expires_at <= now + VALID);
        assert!(!seal.open(&state, &binding(b"b")).unwrap().fits);
        assert_ne!(seal.seal(&binding(b"a"), now), state, "two states are told apart by their nonce");
    }

    #[test]
    fn a_state_with_any_bit_changed_or_cut_does_not_open() {
        let seal = Seal::new().unwrap();
        let state = seal.seal(&binding(b"a"), SystemTime::now());
        for at in 0..state.len() {
            for bit in 0..8 {
                let mut bytes = state.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert_eq!(seal.open(&changed, &binding(b"a")), None, "byte {at} bit {bit}");
            }
            assert_eq!(seal.open(state.get(..at).unwrap(), &binding(b"a")), None);
        }
        assert_eq!(Seal::new().unwrap().open(&state, &binding(b"a")), None, "another server's key");
    }
}
