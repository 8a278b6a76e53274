//! What authors and reviewers of manifests are promised, through real builds: a product over other manifests is
//! built as this one is, and then asked.

mod contract;
mod growth;
mod imported;
mod served;
mod snapshots;
mod workspace;
