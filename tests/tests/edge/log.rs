//! The log of a gateway that runs on this thread.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) struct Log {
    lines: mpsc::UnboundedReceiver<Value>,
    _until_dropped: tracing::subscriber::DefaultGuard,
}

impl Log {
    /// Collects what is logged on this thread from now on.
    pub(crate) fn start() -> Self {
        let (sender, lines) = mpsc::unbounded_channel();
        let writer = move || Line { sender: sender.clone(), text: Vec::new() };
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(writer).finish();
        Self { lines, _until_dropped: subscriber.set_default() }
    }

    /// How the call with this correlation id ended.
    pub(crate) async fn outcome_of(&mut self, correlation_id: &str) -> String {
        let found = async {
            loop {
                let line = self.lines.recv().await.expect("a log");
                if line["correlation_id"] == correlation_id && line["message"] == "call" {
                    return line["outcome"].as_str().unwrap().to_owned();
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), found).await.expect("a line in the log")
    }

    /// All messages so far.
    pub(crate) fn messages(&mut self) -> Vec<String> {
        let lines = std::iter::from_fn(|| self.lines.try_recv().ok());
        lines.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Id and outcome of all calls so far.
    pub(crate) fn outcomes(&mut self) -> Vec<(String, String)> {
        let lines = std::iter::from_fn(|| self.lines.try_recv().ok());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let calls = lines.filter(|line| line["message"] == "call");
        calls.map(|line| (text(&line["correlation_id"]), text(&line["outcome"]))).collect()
    }
}

/// One line, which is whole when it is dropped.
struct Line {
    sender: mpsc::UnboundedSender<Value>,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Ok(line) = serde_json::from_slice(&self.text) {
            // Nobody reads the log of a test that has ended.
            let _ended = self.sender.send(line);
        }
    }
}
