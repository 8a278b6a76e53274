//! The manifests of a git revision, read by the command `git` without touching the work tree.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use codegen::Tree;

/// Reads `REVISION` or `REVISION:FOLDER`; the folder, `manifests` if left out, is relative to the current one.
pub(super) fn read(name: &str) -> Result<Tree, String> {
    let (revision, folder) = name.split_once(':').unwrap_or((name, "manifests"));
    if revision.is_empty() || revision.starts_with('-') {
        return Err(format!("`{name}` is neither a folder nor a git revision"));
    }
    let listed = git(&["ls-tree", "-r", "-z", &format!("{revision}:./{folder}")], "")
        .map_err(|why| format!("`{name}` is neither a folder nor a git revision with `{folder}`: {why}"))?;
    let entries: Vec<(String, String)> = listed.split(|byte| *byte == 0).filter_map(entry).collect();
    let wanted: String = entries.iter().map(|(object, _)| format!("{object}\n")).collect();
    let mut rest = git(&["cat-file", "--batch"], &wanted)?.into_iter();
    let mut files = BTreeMap::new();
    for (_, path) in entries {
        // Each object comes as `<name> <type> <size>`, a new line, the bytes, a new line.
        let header: Vec<u8> = rest.by_ref().take_while(|byte| *byte != b'\n').collect();
        let header = String::from_utf8_lossy(&header).into_owned();
        let size = header.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.ok_or(format!("git does not have `{path}` of `{name}`"))?;
        files.insert(path, rest.by_ref().take(size).collect());
        rest.next();
    }
    Ok(Tree::Files(files))
}

/// `<mode> blob <object>`, a tab, the path.
fn entry(line: &[u8]) -> Option<(String, String)> {
    let line = String::from_utf8_lossy(line).into_owned();
    let (meta, path) = line.split_once('\t')?;
    let [_, "blob", object] = meta.split(' ').collect::<Vec<_>>()[..] else { return None };
    Some((object.to_owned(), path.to_owned()))
}

fn git(args: &[&str], input: &str) -> Result<Vec<u8>, String> {
    let mut child = Command::new("git")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    let (stdin, input) = (child.stdin.take(), input.to_owned());
    // Written beside the reading: git stops reading while nobody takes what it has to say.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    // That git went away early shows in its exit code.
    let _ = writer.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("git failed").to_owned())
}
