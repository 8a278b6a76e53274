//! Which files a folder of manifests holds, and which of them do not belong there.

use std::ffi::OsStr;
use std::path::Path;

use diagnostics::yaml::{self, Node, YamlCodes};
use diagnostics::{Diagnostic, FileId, Sink, Sources, Span};

use crate::tree::Tree;
use crate::{characters, rules};

/// The folder as it was read: every file that could be parsed.
pub(crate) struct Folder {
    pub(crate) manifests: Vec<ManifestFile>,
    /// The services file; none if it is missing or not YAML.
    pub(crate) services: Option<(FileId, Node)>,
    /// How many manifests there are, with those that could not be parsed.
    pub(crate) count: usize,
}

/// One manifest and the names that its place gives it.
pub(crate) struct ManifestFile {
    pub(crate) domain: String,
    pub(crate) stem: String,
    pub(crate) root: Node,
    /// The first character of the file, for problems that concern all of it.
    pub(crate) start: Span,
}

/// The name of the file that names the services.
const SERVICES: &str = "services.yaml";

struct Walk<'a> {
    tree: &'a Tree,
    /// What reports show in front of every path.
    shown_as: &'a str,
    sources: &'a mut Sources,
    sink: &'a Sink,
    folder: Folder,
}

/// Reads every file of a tree in the order of names; reports show paths that begin with `shown_as`.
pub(crate) fn read(tree: &Tree, shown_as: &str, sources: &mut Sources, sink: &Sink) -> Folder {
    let folder = Folder { manifests: Vec::new(), services: None, count: 0 };
    let mut walk = Walk { tree, shown_as, sources, sink, folder };
    let mut services = false;
    for (name, is_dir) in walk.list("") {
        if is_dir {
            walk.domain(&name);
        } else if name == SERVICES {
            services = true;
            walk.services();
        } else if has_extension(&name, &["yaml", "yml"]) {
            walk.misplaced(&name, "a manifest stands in the folder of its domain");
        }
    }
    if !services {
        let file = walk.sources.add(walk.shown(SERVICES), "");
        let problem =
            Diagnostic::error(rules::NO_SERVICES, Span::start_of(file), "the list of services is missing");
        walk.sink.push(
            problem.with_help("name each backend service in it: `memory: long-term memory of a tenant`"),
        );
    }
    walk.folder
}

impl Walk<'_> {
    fn domain(&mut self, domain: &str) {
        for (name, is_dir) in self.list(domain) {
            let path = format!("{domain}/{name}");
            let stem = name.strip_suffix(".yaml").filter(|_| !is_dir);
            if let Some(stem) = stem {
                self.manifest(&path, domain, stem);
            } else if is_dir {
                self.misplaced(&path, "folders of domains hold no folders");
            } else if !has_extension(&name, &["md"]) {
                self.misplaced(&path, "a manifest is called `<tool>.yaml`");
            }
        }
    }

    fn manifest(&mut self, path: &str, domain: &str, stem: &str) {
        self.folder.count += 1;
        if let Some((file, root)) = self.parse(path) {
            let (domain, stem) = (domain.to_owned(), stem.to_owned());
            self.folder.manifests.push(ManifestFile { domain, stem, root, start: Span::start_of(file) });
        }
    }

    fn services(&mut self) {
        self.folder.services = self.parse(SERVICES);
    }

    fn parse(&mut self, path: &str) -> Option<(FileId, Node)> {
        let shown = self.shown(path);
        match self.tree.read(path) {
            Ok(text) => {
                let file = self.sources.add(shown, text);
                let text = self.sources.get(file)?.text();
                // What cannot be seen is no part of what is written, so its consequences are not reported.
                if !characters::check_text(file, text, self.sink) {
                    return None;
                }
                let codes = YamlCodes { syntax: rules::SYNTAX, duplicate_key: rules::DUPLICATE_KEY };
                let root = yaml::parse(file, text, codes, self.sink)?;
                characters::check_values(&root, self.sink);
                Some((file, root))
            }
            Err(error) => {
                let file = self.sources.add(shown, "");
                let message = format!("the file cannot be read: {error}");
                self.sink.push(Diagnostic::error(rules::SYNTAX, Span::start_of(file), message));
                None
            }
        }
    }

    /// The names in a folder, sorted, without what editors leave behind; and whether each is a folder.
    fn list(&mut self, dir: &str) -> Vec<(String, bool)> {
        match self.tree.list(dir) {
            Ok(mut names) => {
                names.retain(|(name, _)| !name.starts_with(['.', '#']) && !name.ends_with('~'));
                names
            }
            Err(error) => {
                self.misplaced(dir, &format!("the folder cannot be read: {error}"));
                Vec::new()
            }
        }
    }

    fn misplaced(&mut self, path: &str, why: &str) {
        let file = self.sources.add(self.shown(path), "");
        let message = format!("this does not belong here: {why}");
        self.sink.push(Diagnostic::error(rules::MISPLACED_FILE, Span::start_of(file), message));
    }

    /// The path that reports show.
    fn shown(&self, path: &str) -> String {
        if path.is_empty() { self.shown_as.to_owned() } else { format!("{}/{path}", self.shown_as) }
    }
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| extensions.contains(&extension))
}
