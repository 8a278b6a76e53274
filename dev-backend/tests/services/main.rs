//! The services through their HTTP surface, on real files.

mod backend;
mod crm;
mod durability;
mod hostile_text;
mod memory;
mod start;
mod surface;
mod tenants;
