//! A disk that fills up: nothing is changed that cannot be recorded, and nothing is dropped in silence.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::{Gateway, config_text, product};
use tests::recorder::Recorder;

use super::ledger;
use super::{CONTACT, contact};

/// A small file system of its own, in memory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn new(path: &Path) -> Self {
        let path = path.to_owned();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&path).status();
        assert!(mounted.unwrap().success(), "only root may mount");
        Self(path)
    }

    /// Takes all room but `left` bytes.
    fn fill(&self, left: usize) {
        let room = 64 * 1024 - self.used();
        fs::write(self.0.join("ballast"), vec![0; room.saturating_sub(left)]).unwrap();
    }

    fn used(&self) -> usize {
        use std::os::unix::fs::MetadataExt;
        let files = fs::read_dir(&self.0).unwrap();
        files.map(|file| usize::try_from(file.unwrap().metadata().unwrap().blocks()).unwrap() * 512).sum()
    }

    fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

async fn ready(client: &Client) -> u16 {
    client.get("/ready").await.status
}

#[tokio::test]
#[ignore = "mounts a file system, which only root may; .ci/run does"]
async fn on_a_full_disk_changes_are_refused_at_once_and_made_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::new(folder.path());
    let path = folder.path().join("audit.log");
    let backend = Recorder::start().await;
    let text = config_text(backend.address(), &format!("audit: {{path: '{}'}}\n", path.display()));
    let gateway = Gateway::with_config(&product(), &text).await;
    let client = gateway.client();
    client.call(CONTACT, contact()).await.content();
    assert_eq!(ready(&client).await, 200);
    disk.fill(8 * 1024);

    // Until it is full, each change that is answered was made once; the first that is refused was not made.
    backend.take();
    let mut made = 0;
    let refused = loop {
        let reply = client.call(CONTACT, contact()).await;
        if reply.status != 200 {
            break reply;
        }
        reply.content();
        made += 1;
        assert!(made < 1000, "the disk does not fill");
    };
    assert_eq!(backend.take().len(), made, "a change was made that was refused");
    assert_eq!((refused.status, refused.headers["retry-after"].to_str().unwrap()), (503, "1"));
    assert_eq!(refused.body["error"]["code"], json!(-32000), "{}", refused.text);

    // While it is full, whatever is called is refused within 100 ms, and nothing reaches the backend.
    let mut slowest = Duration::ZERO;
    for (tool, arguments) in
        [(CONTACT, contact()), ("memory_search", json!({"query": "x"})), (CONTACT, json!({}))]
    {
        for _ in 0..20 {
            let asked = Instant::now();
            assert_eq!(client.call(tool, arguments.clone()).await.status, 503, "{tool}");
            slowest = slowest.max(asked.elapsed());
        }
    }
    assert!(slowest < Duration::from_millis(100), "{slowest:?}");
    assert_eq!(backend.take().len(), 0);
    assert_eq!(ready(&client).await, 503);

    // With room it recovers by itself.
    disk.free();
    let freed = Instant::now();
    while client.call(CONTACT, contact()).await.status != 200 {
        assert!(freed.elapsed() < Duration::from_secs(2), "no recovery");
    }
    println!("refused within {slowest:?}, recovered within {:?}", freed.elapsed());
    assert_eq!(ready(&client).await, 200);
    assert!(gateway.stop().await);

    let report = runtime::verify_audit(&path).unwrap();
    assert!(report.faults.is_empty() && report.tail_proven && report.open_intents.is_empty(), "{report:?}");
    let lines = ledger::read(&path);
    let recovery: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "recovery").collect();
    assert_eq!(recovery.len(), 1);
    // All but those that came between the freeing and the recovery were counted before it.
    assert!(recovery[0]["refused"].as_u64().unwrap() >= 61, "{}", recovery[0]);
    assert!(recovery[0]["cause"].as_str().unwrap().contains("No space left"), "{}", recovery[0]);
}
