//! The services through their HTTP surface, on real files.

// Marked as test code so that the lints' exceptions for tests cover its helpers.
#[cfg(test)]
mod backend;
mod crm;
mod durability;
mod hostile_text;
mod memory;
#[cfg(test)]
mod start;
mod surface;
mod tenants;
