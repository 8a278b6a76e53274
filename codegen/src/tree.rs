//! Where manifests are read from: a folder, or files that are not on disk, such as those of a git revision or
//! those that are about to be written.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A folder of manifests.
#[derive(Clone, Debug)]
pub enum Tree {
    /// On disk.
    Folder(PathBuf),
    /// In memory: the bytes of each file by its path below the folder, with `/` between names.
    Files(BTreeMap<String, Vec<u8>>),
}

impl Tree {
    /// The names in a folder, sorted, and whether each is a folder; the root is called by the empty path.
    pub(crate) fn list(&self, dir: &str) -> Result<Vec<(String, bool)>, String> {
        let mut names = match self {
            Self::Folder(root) => {
                let entries = fs::read_dir(root.join(dir)).map_err(|error| error.to_string())?;
                let names = entries
                    .flatten()
                    .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()));
                names.collect::<Vec<_>>()
            }
            Self::Files(files) => {
                let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
                let below = files.keys().filter_map(|path| path.strip_prefix(&prefix));
                let names = below.map(|path| match path.split_once('/') {
                    Some((folder, _)) => (folder.to_owned(), true),
                    None => (path.to_owned(), false),
                });
                names.collect()
            }
        };
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        let bytes = match self {
            Self::Folder(root) => fs::read(root.join(path)).map_err(|error| error.to_string())?,
            Self::Files(files) => files.get(path).cloned().ok_or("there is no such file")?,
        };
        String::from_utf8(bytes).map_err(|error| error.utf8_error().to_string())
    }

    /// The same tree in memory, so that files can be put into it. A folder that cannot be read is empty.
    pub(crate) fn to_files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut open = vec![String::new()];
        while let Some(dir) = open.pop() {
            for (name, is_dir) in self.list(&dir).unwrap_or_default() {
                let path = if dir.is_empty() { name } else { format!("{dir}/{name}") };
                if is_dir {
                    open.push(path);
                } else if let Ok(text) = self.read(&path) {
                    files.insert(path, text.into_bytes());
                }
            }
        }
        files
    }
}
