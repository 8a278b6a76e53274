//! Random numbers that spread what would otherwise happen at the same moment everywhere. Nothing is kept secret by
//! them.

/// A random number from 0 to 1.
pub(super) fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the longest wait is the safe one.
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
