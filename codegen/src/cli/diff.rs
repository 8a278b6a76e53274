//! `diff`: what changes between two folders or revisions.

use std::io;
use std::path::Path;

use codegen::{Class, Tree};

use super::args::Args;
use super::{Done, print, refuse, revision};

pub(super) fn run(args: &[String]) -> io::Result<Done> {
    let args = match Args::parse(args, &["deny"], &["markdown", "json"]) {
        Ok(args) => args,
        Err(why) => return Ok(Done::NotUnderstood(why)),
    };
    let words = args.words(2, 2).unwrap_or_default();
    let [old, new] = words.as_slice() else {
        return Ok(Done::NotUnderstood("`diff` takes two folders or git revisions".to_owned()));
    };
    let denied = match denied(&args) {
        Ok(denied) => denied,
        Err(why) => return Ok(Done::NotUnderstood(why)),
    };
    let (old, new) = match (tree(old), tree(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => return Ok(Done::NotUnderstood(why)),
    };
    let diff = match codegen::diff(&old, &new, words.get(1).unwrap_or(&"manifests")) {
        Ok(diff) => diff,
        Err(rejected) => return refuse(&rejected),
    };
    let text = match (args.has("markdown"), args.has("json")) {
        (true, true) => {
            return Ok(Done::NotUnderstood("--markdown and --json exclude each other".to_owned()));
        }
        (true, false) => diff.markdown(),
        (false, true) => format!("{:#}\n", diff.json()),
        (false, false) => diff.text(),
    };
    print(&text)?;
    let refused = diff.changes.iter().any(|change| denied.contains(&change.class));
    Ok(if refused { Done::WithProblems } else { Done::Well })
}

/// A folder if there is one, else a revision.
fn tree(name: &str) -> Result<Tree, String> {
    let path = Path::new(name);
    if path.is_dir() { Ok(Tree::Folder(path.to_owned())) } else { revision::read(name) }
}

fn denied(args: &Args) -> Result<Vec<Class>, String> {
    let words = args.values("deny").iter().flat_map(|list| list.split(','));
    let class = |word: &str| Class::ALL.into_iter().find(|class| class.word() == word);
    words.map(|word| class(word).ok_or(format!("there is no class `{word}`"))).collect()
}
