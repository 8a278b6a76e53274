//! Which files a folder of manifests holds, and which of them do not belong there.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use diagnostics::yaml::{self, Node, YamlCodes};
use diagnostics::{Diagnostic, FileId, Sink, Sources, Span};

use crate::rules;

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
    sources: &'a mut Sources,
    sink: &'a Sink,
    folder: Folder,
}

/// Reads every file below `dir` in the order of names; reports show paths that begin with `shown_as`.
pub(crate) fn read(dir: &Path, shown_as: &str, sources: &mut Sources, sink: &Sink) -> Folder {
    let folder = Folder { manifests: Vec::new(), services: None, count: 0 };
    let mut walk = Walk { sources, sink, folder };
    let mut services = false;
    for (name, is_dir) in walk.list(dir, shown_as) {
        let (path, shown) = (dir.join(&name), format!("{shown_as}/{name}"));
        if is_dir {
            walk.domain(&path, &shown, &name);
        } else if name == SERVICES {
            services = true;
            walk.services(&path, &shown);
        } else if has_extension(&name, &["yaml", "yml"]) {
            walk.misplaced(&shown, "a manifest stands in the folder of its domain");
        }
    }
    if !services {
        let file = walk.sources.add(format!("{shown_as}/{SERVICES}"), "");
        let problem =
            Diagnostic::error(rules::NO_SERVICES, Span::start_of(file), "the list of services is missing");
        walk.sink.push(
            problem.with_help("name each backend service in it: `memory: long-term memory of a tenant`"),
        );
    }
    walk.folder
}

impl Walk<'_> {
    fn domain(&mut self, dir: &Path, shown: &str, domain: &str) {
        for (name, is_dir) in self.list(dir, shown) {
            let (path, shown) = (dir.join(&name), format!("{shown}/{name}"));
            let stem = name.strip_suffix(".yaml").filter(|_| !is_dir);
            if let Some(stem) = stem {
                self.manifest(&path, &shown, domain, stem);
            } else if is_dir {
                self.misplaced(&shown, "folders of domains hold no folders");
            } else if !has_extension(&name, &["md"]) {
                self.misplaced(&shown, "a manifest is called `<tool>.yaml`");
            }
        }
    }

    fn manifest(&mut self, path: &Path, shown: &str, domain: &str, stem: &str) {
        self.folder.count += 1;
        if let Some((file, root)) = self.parse(path, shown) {
            let (domain, stem) = (domain.to_owned(), stem.to_owned());
            self.folder.manifests.push(ManifestFile { domain, stem, root, start: Span::start_of(file) });
        }
    }

    fn services(&mut self, path: &Path, shown: &str) {
        self.folder.services = self.parse(path, shown);
    }

    fn parse(&mut self, path: &Path, shown: &str) -> Option<(FileId, Node)> {
        let text = fs::read(path).map_err(|error| error.to_string());
        let text =
            text.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.utf8_error().to_string()));
        match text {
            Ok(text) => {
                let file = self.sources.add(shown, text);
                let text = self.sources.get(file)?.text();
                let codes = YamlCodes { syntax: rules::SYNTAX, duplicate_key: rules::DUPLICATE_KEY };
                yaml::parse(file, text, codes, self.sink).map(|root| (file, root))
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
    fn list(&mut self, dir: &Path, shown: &str) -> Vec<(String, bool)> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.misplaced(shown, &format!("the folder cannot be read: {error}"));
                return Vec::new();
            }
        };
        let mut names: Vec<(String, bool)> = entries
            .flatten()
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()))
            .filter(|(name, _)| !name.starts_with(['.', '#']) && !name.ends_with('~'))
            .collect();
        names.sort();
        names
    }

    fn misplaced(&mut self, shown: &str, why: &str) {
        let file = self.sources.add(shown, "");
        let message = format!("this does not belong here: {why}");
        self.sink.push(Diagnostic::error(rules::MISPLACED_FILE, Span::start_of(file), message));
    }
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| extensions.contains(&extension))
}
