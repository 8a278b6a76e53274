//! A tool written as a manifest is read as the same tool.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use codegen::{Style, Tree, check_dir, check_tree};

#[test]
fn every_tool_written_anew_is_read_as_the_same() {
    for folder in ["tests/manifests", "../manifests"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let first = check_dir(&folder).unwrap();
        let services = fs::read(folder.join("services.yaml")).unwrap();
        let mut files = BTreeMap::from([("services.yaml".to_owned(), services)]);
        files.extend(first.rewritten().into_iter().map(|file| (file.path, file.text.into_bytes())));
        let again = check_tree(&Tree::Files(files), "again");
        let again = again.map_err(|rejected| panic!("{}", rejected.report.render(Style::default()))).unwrap();
        assert!(first.same_tools(&again), "{}", folder.display());
        assert_eq!(first.rewritten(), again.rewritten());
    }
}

#[test]
fn a_tool_is_written_as_people_write_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let written = check_dir(&folder).unwrap().rewritten();
    for file in written {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(file.path.replace('/', "-"), file.text));
    }
}
