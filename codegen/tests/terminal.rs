//! `manifest new` on a terminal: what was not told is asked for, and asked again where the answer cannot be used.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

/// A folder with one service and no tools.
fn folder() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("manifests")).unwrap();
    fs::write(dir.path().join("manifests/services.yaml"), "demo: a service\n").unwrap();
    dir
}

/// Runs `manifest` with a terminal as its input, on which these lines are typed.
fn typed(args: &[&str], lines: &[&str], current_dir: &Path) -> Output {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let input =
        File::options().read(true).write(true).open(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())));
    let mut command = Command::new(env!("CARGO_BIN_EXE_manifest"));
    command.args(args).current_dir(current_dir).stdin(input.unwrap());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut terminal = File::from(terminal);
    for line in lines {
        terminal.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
    // The end of input, as Ctrl-D types it, should more be asked for than is answered.
    terminal.write_all(b"\x04").unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn what_was_not_told_is_asked_for_until_it_can_be_used() {
    let dir = folder();
    let lines = [
        "",                              // the title
        "",                              // no description: asked again
        "Counts the parts of an order.", // the description
        "raed",                          // no effect: asked again
        "read",                          // the effect
        "maybe",                         // no answer: asked again
        "",                              // no approval
        "",                              // the service
        "FETCH /orders",                 // no method: asked again
        "get /orders/{order_id}/parts",  // the request
        "order_id",                      // no parameter: asked again
        "order_id:uuid=Whose parts",     // a parameter
        "state:open|closed",             // another
        "",                              // no more
    ];
    let output = typed(&["new", "demo", "count_parts"], &lines, dir.path());
    let asked = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{asked}");
    for expected in [
        "Title, for people [Count parts]: ",
        "the effect is read, write or destructive, not `raed`\nEffect",
        "approval is `required` or `none`, not `maybe`\nDoes a person approve",
        "Service [demo]: ",
        "there is no method `FETCH`; there are GET, POST, PUT, PATCH, DELETE\nMethod and path",
        "`order_id` is no parameter; write NAME:TYPE",
    ] {
        assert!(asked.contains(expected), "{expected}: {asked}");
    }
    let written = fs::read_to_string(dir.path().join("manifests/demo/count_parts.yaml")).unwrap();
    assert_eq!(
        written,
        "title: Count parts\n\
         description: Counts the parts of an order.\n\
         effect: read\n\
         aliases: [demo.count_parts]\n\
         backend: demo\n\
         request: GET /orders/{order_id}/parts\n\
         params:\n  \
           order_id: {type: string, format: uuid, required: true, description: Whose parts}\n  \
           state: {type: string, enum: [open, closed], description: 'The state, as the service takes it'}\n"
    );
}

#[test]
fn nothing_is_written_when_the_answers_end() {
    let dir = folder();
    let output = typed(&["new", "demo", "count_parts"], &["", "Counts the parts."], dir.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().ends_with("error: there is nobody to ask\n"));
    assert!(!dir.path().join("manifests/demo").exists());
}

#[test]
fn what_was_told_is_not_asked_for() {
    let dir = folder();
    let told = [
        "new",
        "demo",
        "ping",
        "--title",
        "Ping",
        "--description",
        "Says that it is there.",
        "--effect",
        "read",
        "--approval",
        "none",
        "--backend",
        "demo",
        "--request",
        "GET /ping",
        "--param",
        "text:string",
    ];
    let output = typed(&told, &[], dir.path());
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}
