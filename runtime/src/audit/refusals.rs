//! Requests that were refused before they were calls: without a good credential, too often, from a foreign site, or
//! while there was no room for them.
//!
//! Anybody can make as many of these as the network carries, so their lines are bounded: in each minute the first of
//! every client and reason gets one, up to a number, and all others are counted in one line at its end. A flood can
//! neither fill the disk nor push what matters out of the files that are kept.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::{Audit, Manner};
use crate::server::network;

/// How long refusals are counted together.
const WINDOW: Duration = Duration::from_secs(60);
/// Lines of single refusals in that time.
const MOST_LINES: usize = 60;

/// Records refusals.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    audit: Audit,
    window: Arc<Mutex<Window>>,
}

#[derive(Debug, Default)]
struct Window {
    ends: Option<Instant>,
    /// Who was refused, and why, in a line of its own.
    told: HashSet<(IpAddr, u16)>,
    /// Refusals without one.
    untold: u64,
}

/// A line of the audit log.
#[derive(Serialize)]
struct Record<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    /// How many of these had no line of their own in the minute before.
    #[serde(skip_serializing_if = "Option::is_none")]
    untold: Option<u64>,
}

impl Refusals {
    pub(crate) fn new(audit: Audit) -> Self {
        Self { audit, window: Arc::default() }
    }

    /// Takes note of a request to the route `path` that was refused with this status.
    pub(crate) fn record(&self, status: u16, client: IpAddr, path: Option<&str>) {
        if !self.audit.is_on() {
            return;
        }
        let now = Instant::now();
        let mut window = self.window();
        if window.ends.is_some_and(|ends| ends <= now) {
            self.end(&mut window);
        }
        let ends = *window.ends.get_or_insert(now + WINDOW);
        if window.told.len() < MOST_LINES && window.told.insert((network(client), status)) {
            let record =
                Record { kind: "refusal", status: Some(status), client: Some(client), path, untold: None };
            self.audit.send_unasked(&record, Manner::Happened);
            return;
        }
        window.untold += 1;
        if window.untold == 1 {
            // Somebody has to tell of it even if nobody is refused any more.
            let refusals = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep_until(ends).await;
                let mut window = refusals.window();
                if window.ends == Some(ends) {
                    refusals.end(&mut window);
                }
            });
        }
    }

    /// Tells of what was only counted so far.
    pub(crate) fn flush(&self) {
        self.end(&mut self.window());
    }

    fn end(&self, window: &mut Window) {
        let Window { untold, .. } = std::mem::take(window);
        if untold > 0 {
            let record =
                Record { kind: "refusal", status: None, client: None, path: None, untold: Some(untold) };
            self.audit.send_unasked(&record, Manner::Happened);
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        // Every step leaves the window whole, so a panic elsewhere does not spoil it.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
