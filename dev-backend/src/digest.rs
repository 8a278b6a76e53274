//! Digests of what is recognised again but not kept.

use std::io::{self, Read};

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

/// The SHA-256 of all that can be read, in hex.
///
/// # Errors
/// What cannot be read.
pub(crate) fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
