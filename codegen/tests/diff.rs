//! Every labelled edit of a manifest is classed as its label says, and nothing else is found.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics"
)]

use std::collections::BTreeMap;

use codegen::{Class, Diff, Style, Tree};

const BASE: &str = include_str!("edits/base.yaml");
const EDITS: &str = include_str!("edits/edits.txt");

fn tree(files: &[(&str, &str)]) -> Tree {
    let services = ("services.yaml", "demo: a service\nother: another\n");
    let files = files.iter().chain([&services]);
    Tree::Files(files.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

fn diff(old: &Tree, new: &Tree) -> Diff {
    codegen::diff(old, new, "new")
        .unwrap_or_else(|rejected| panic!("{}", rejected.report.render(Style::default())))
}

fn found(diff: &Diff) -> Vec<String> {
    diff.changes.iter().map(|change| format!("{} {}", change.class.word(), change.at)).collect()
}

#[test]
fn every_edit_is_classed_as_labelled() {
    let (mut edits, mut wrong) = (0, Vec::new());
    for line in EDITS.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split(" |").map(|cell| cell.strip_prefix(' ').unwrap_or(cell)).collect();
        let [class, at, from, to, more @ ..] = cells.as_slice() else { panic!("{line}") };
        let (from, to) = (from.replace("\\n", "\n"), to.replace("\\n", "\n"));
        assert_eq!(BASE.matches(&from).count(), 1, "{line}");
        let new = tree(&[("demo/open.yaml", &BASE.replace(&from, &to))]);
        let mut expected: Vec<String> =
            more.iter().flat_map(|more| more.split(", ")).map(str::to_owned).collect();
        if *class != "nothing" {
            expected.push(format!("{class} {at}"));
        }
        let mut found = found(&diff(&tree(&[("demo/open.yaml", BASE)]), &new));
        expected.sort();
        found.sort();
        if expected != found {
            wrong.push(format!("{line}\n    found {found:?}"));
        }
        edits += 1;
    }
    assert!(wrong.is_empty(), "{} of {edits} edits:\n{}", wrong.len(), wrong.join("\n"));
    assert!(edits >= 80, "{edits}");
}

#[test]
fn a_tool_that_comes_goes_or_changes_its_name_is_told_apart() {
    let (one, both) = (
        tree(&[("demo/open.yaml", BASE)]),
        tree(&[("demo/open.yaml", BASE), ("demo/other.yaml", &other("[demo.other]"))]),
    );
    assert_eq!(found(&diff(&one, &both)), ["compatible "]);
    assert_eq!(found(&diff(&both, &one)), ["breaking "]);
    let renamed = BASE.replace("[demo.open,", "[demo_open, demo.open,");
    let changes = diff(&one, &tree(&[("demo/begin_case.yaml", &renamed)]));
    assert_eq!(found(&changes), ["compatible "], "the old name still answers");
    let moved = tree(&[
        ("demo/open.yaml", &BASE.replace(", demo.begin]", "]")),
        ("demo/other.yaml", &other("[demo.other, demo.begin]")),
    ]);
    assert_eq!(found(&diff(&both, &moved)), ["breaking aliases", "compatible aliases"]);
}

fn other(aliases: &str) -> String {
    BASE.replace("[demo.open, demo.begin]", aliases).replace("/cases/", "/others/")
}

#[test]
fn an_old_manifest_may_break_todays_rules_and_a_new_one_may_not() {
    let broken = tree(&[("demo/open.yaml", "title: no more\n")]);
    let sound = tree(&[("demo/open.yaml", BASE)]);
    let changes = diff(&broken, &sound);
    assert_eq!((changes.changes.len(), changes.not_compared.clone()), (0, vec!["demo/open".to_owned()]));
    assert!(changes.text().contains("not compared"));
    assert!(codegen::diff(&sound, &broken, "new").is_err());
}

#[test]
fn each_form_says_what_changed() {
    let new = BASE.replace("approval: required", "approval: none").replace("Free text", "A | and <b>");
    let diff = diff(&tree(&[("demo/open.yaml", BASE)]), &tree(&[("demo/open.yaml", &new)]));
    assert_eq!(
        diff.text(),
        "loosening   demo_open  approval                 no longer required\n\
         wording     demo_open  params.note.description  \"Free text\" -> \"A | and <b>\"\n\
         \n\
         1 loosening, 1 wording\n"
    );
    assert_eq!(
        diff.markdown(),
        "**Tools:** 1 loosening, 1 wording\n\
         \n\
         | Class | Tool | Key | Change |\n\
         |---|---|---|---|\n\
         | **loosening** | `demo_open` | `approval` | no longer required |\n\
         | wording | `demo_open` | `params.note.description` | \"Free text\" -> \"A \\| and &lt;b>\" |\n"
    );
    let json = diff.json();
    let counts: BTreeMap<String, u64> = serde_json::from_value(json["summary"].clone()).unwrap();
    assert_eq!(counts["loosening"], 1);
    assert_eq!(json["changes"][0]["at"], "approval");
    assert_eq!(diff.count(Class::Breaking), 0);
}
