//! A log in a folder of its own, and the gateway that writes it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use runtime::AuditReport;
use serde_json::Value;
use tempfile::TempDir;
use tests::gateway::{Gateway, config_text, product};

pub(super) struct Ledger(TempDir);

impl Ledger {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("logs/audit.log")
    }

    /// A gateway before `backend` that writes this log; `more` is appended to its configuration.
    pub(super) async fn gateway(&self, backend: SocketAddr, more: &str) -> Gateway {
        Gateway::with_config(&product(), &self.config(backend, more)).await
    }

    pub(super) fn config(&self, backend: SocketAddr, more: &str) -> String {
        config_text(backend, &format!("audit: {{path: '{}'}}\n{more}", self.path().display()))
    }

    pub(super) fn lines(&self) -> Vec<Value> {
        read(&self.path())
    }

    pub(super) fn report(&self) -> AuditReport {
        runtime::verify_audit(&self.path()).unwrap()
    }
}

/// All records of a log.
pub(super) fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The records of one call.
pub(super) fn of(lines: &[Value], correlation_id: &str) -> Vec<Value> {
    lines.iter().filter(|line| line["correlation_id"] == correlation_id).cloned().collect()
}

/// How many records are of a kind.
pub(super) fn count(lines: &[Value], kind: &str) -> usize {
    lines.iter().filter(|line| line["kind"] == kind).count()
}
