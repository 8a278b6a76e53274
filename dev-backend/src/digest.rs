//! Digests of what is recognised again but not kept.

use sha2::{Digest, Sha256};

/// The SHA-256 of the parts in hex. Parts are told apart, so that none can run into the next.
pub(crate) fn sha256(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            hasher.update([0]);
        }
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
