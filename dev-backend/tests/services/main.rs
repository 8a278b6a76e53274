//! The services through their HTTP surface, on real files.

mod activities;
mod admin;
#[cfg(test)]
mod admin_tenants;
#[cfg(test)]
mod advanced_search;
mod associations;
#[cfg(test)]
mod automation;
// Marked as test code so that the lints' exceptions for tests cover its helpers.
#[cfg(test)]
mod backend;
mod crm;
#[cfg(test)]
mod crm_tenants;
#[cfg(test)]
mod demo;
mod durability;
#[cfg(test)]
mod echo;
#[cfg(test)]
mod exact_search;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod files;
#[cfg(test)]
mod gdpr;
mod hostile_admin;
mod hostile_crm;
#[cfg(test)]
mod hostile_text;
#[cfg(test)]
mod inbox;
mod memory;
#[cfg(test)]
mod merging;
mod objects;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod pipelines;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod start;
mod surface;
mod tenants;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod workflow_onboarding;
#[cfg(test)]
mod workflow_people;
#[cfg(test)]
mod workflow_visits;
#[cfg(test)]
mod workflows;
