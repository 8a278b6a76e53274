//! How much of the server any client may hold, and for how long.

use std::time::Duration;

/// The limits of the HTTP edge. An operator does not choose them; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time, of all clients together.
    pub connections: usize,
    /// Connections at a time from one client; behind a trusted proxy, requests of one client at a time.
    pub per_client: usize,
    /// From a new connection to the first byte of a request.
    pub first_byte: Duration,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// From an answer to the first byte of the next request.
    pub idle: Duration,
    /// Between two parts of a request's body.
    pub body_idle: Duration,
    /// For the whole body of a request.
    pub body_total: Duration,
    /// Bytes that long bodies may take up together, while they are read and answered.
    pub body_room: usize,
    /// How long a client may read nothing of an answer.
    pub write_idle: Duration,
    /// How long what a client goes on sending after a refusal is read and thrown away, so that it gets to see
    /// the refusal.
    pub linger: Duration,
    /// How long calls that are under way may take to finish when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            per_client: 1024,
            first_byte: Duration::from_secs(5),
            head: Duration::from_secs(5),
            idle: Duration::from_secs(60),
            body_idle: Duration::from_secs(10),
            body_total: Duration::from_secs(30),
            body_room: 64 * 1024 * 1024,
            write_idle: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            drain: Duration::from_secs(30),
        }
    }
}
