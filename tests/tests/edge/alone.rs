//! Running a test in a process of its own, where memory, processor time and descriptors are nobody else's.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::time::Duration;

/// Set in the process that is a test's own.
const MARK: &str = "EDGE_TEST_ALONE";

/// The process that a test has to itself.
pub(crate) struct Alone {
    /// Kept open, since a process without descriptors could not open it.
    stat: File,
}

impl Alone {
    /// In a process of its own, that process. Otherwise runs the test of this name in one, with so many
    /// descriptors, and gives back nothing: all is done.
    pub(crate) fn with(test: &str, descriptors: u32) -> Option<Self> {
        if std::env::var_os(MARK).is_some() {
            return Some(Self { stat: File::open("/proc/self/stat").unwrap() });
        }
        let limited = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &limited])
            .arg(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(MARK, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        // The figures that the test measured.
        std::io::stdout().write_all(text.as_bytes()).unwrap();
        None
    }

    /// Bytes of memory in use.
    pub(crate) fn memory(&self) -> usize {
        const PAGE: usize = 4096;
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * PAGE
    }

    /// Processor time that was used so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        const TICK: Duration = Duration::from_millis(10);
        let mut stat = [0; 1024];
        let length = self.stat.read_at(&mut stat, 0).unwrap();
        let stat = String::from_utf8_lossy(&stat[..length]);
        let fields = stat.rsplit_once(')').unwrap().1.split(' ');
        TICK * fields.skip(12).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum::<u32>()
    }
}
