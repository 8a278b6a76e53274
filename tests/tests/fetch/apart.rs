//! Running a test of fetching in a process of its own.

use std::process::Command;

/// Set in that process.
const MARK: &str = "FETCH_TEST_APART";

/// In a process of its own, does the work there. Otherwise runs the test of this name in one, which `starter`
/// starts where there is one, and shows what it measured.
pub(super) fn apart(test: &str, starter: &[&str], work: impl Future<Output = ()>) {
    if std::env::var_os(MARK).is_some() {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return threads.unwrap().block_on(work);
    }
    let test_binary = std::env::current_exe().unwrap();
    let mut words = starter.iter().map(std::ffi::OsStr::new).chain([test_binary.as_os_str()]);
    let output = Command::new(words.next().unwrap())
        .args(words)
        .args(["--include-ignored", "--exact", test, "--nocapture"])
        .env(MARK, "1")
        // Obeying it would fail every fetch.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
    println!("{shown}");
}
