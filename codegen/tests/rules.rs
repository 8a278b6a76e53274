//! Every rule has a failing case, and every failing case yields its code once and nothing else.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::{RULES, Rejected, Report, Style};
use tempfile::TempDir;

fn cases() -> Vec<(String, String)> {
    read_cases("tests/cases")
}

fn passing() -> Vec<(String, String)> {
    read_cases("tests/cases/passing")
}

fn read_cases(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Writes the files of a case into a folder.
fn unpack(case: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    if !case.contains("==> services.yaml\n") && !case.contains("==> without services\n") {
        fs::write(dir.path().join("services.yaml"), "crm: customers and deals\n").unwrap();
    }
    for file in case.split("==> ").filter(|file| !file.is_empty()) {
        let (path, text) = file.split_once('\n').unwrap();
        if path != "without services" {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    dir
}

fn rejected(case: &str) -> Rejected {
    let dir = unpack(case);
    codegen::check_dir_as(dir.path(), "manifests").unwrap_err()
}

/// What a case yields: errors, or warnings beside manifests that may be used.
fn found(case: &str) -> Report {
    let dir = unpack(case);
    match codegen::check_dir_as(dir.path(), "manifests") {
        Ok(checked) => checked.warnings().clone(),
        Err(rejected) => rejected.report,
    }
}

#[test]
fn a_failing_case_yields_its_code_once_and_nothing_else() {
    for (name, case) in cases() {
        let report = found(&case);
        let codes: Vec<&str> = report.diagnostics().iter().map(|found| found.code).collect();
        let expected = name.split('-').next().unwrap();
        assert_eq!(codes, [expected], "{name}:\n{}", report.render(Style::default()));
    }
}

#[test]
fn the_report_of_a_failing_case_is_as_recorded() {
    for (name, case) in cases() {
        let report = found(&case);
        let lines: Vec<String> = report.lines().collect();
        let text = format!("{}\n{}", report.render(Style::default()), lines.join("\n"));
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

#[test]
fn the_place_of_a_problem_is_where_the_wrong_text_stands() {
    for (name, case) in cases() {
        let report = found(&case);
        for found in report.diagnostics() {
            let text = report.sources().get(found.at.file).unwrap().text();
            let before = &text[..found.at.start];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            assert_eq!(found.at.line, before.matches('\n').count() + 1, "{name}");
            assert_eq!(found.at.column, before[line_start..].chars().count() + 1, "{name}");
            let place = format!(
                "--> {}:{}:{}\n",
                report.sources().path(found.at.file),
                found.at.line,
                found.at.column
            );
            assert!(report.render(Style::default()).contains(&place), "{name}: {place}");
        }
    }
}

#[test]
fn every_rule_has_a_failing_case_and_every_case_a_rule() {
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    let cases = cases();
    let shown: BTreeSet<&str> = cases.iter().map(|(name, _)| name.split('-').next().unwrap()).collect();
    assert_eq!(rules, shown);
}

#[test]
fn every_rule_has_a_passing_case_that_yields_nothing() {
    let rules: Vec<String> = RULES.iter().map(|rule| rule.code.to_owned()).collect();
    let cases = passing();
    let shown: Vec<String> = cases.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(rules, shown);
    for (name, case) in cases {
        let report = found(&case);
        assert!(report.diagnostics().is_empty(), "{name}:\n{}", report.render(Style::default()));
    }
}

#[test]
fn codes_are_unique_and_explained() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(!rule.title.is_empty() && rule.explanation.ends_with('.'), "{}", rule.code);
    }
}

#[test]
fn all_problems_of_all_files_come_in_one_run_in_order() {
    let (_, first) = cases().into_iter().find(|(name, _)| name == "M012-unknown_path_parameter").unwrap();
    let (_, second) = cases().into_iter().find(|(name, _)| name == "M051-lengths").unwrap();
    let case = format!(
        "{}{}",
        first.replace("effect: write", "effect: wriet").replace("resize_deal.yaml", "a.yaml"),
        second.replace("crm.resize_deal", "crm.b").replace("resize_deal.yaml", "b.yaml")
    );
    let rejected = rejected(&case);
    let lines: Vec<String> = rejected.report.lines().collect();
    assert_eq!(
        lines,
        [
            "error: manifests/crm/a.yaml:3:9: `effect` is one of `read`, `write`, `destructive`; did you mean `write`? [M006]",
            "error: manifests/crm/a.yaml:7:23: unknown parameter `dealid` in the path; did you mean `deal_id`? [M012]",
            "error: manifests/crm/b.yaml:9:55: no value can meet these bounds [M051]",
        ]
    );
    assert_eq!(rejected.summary(), "3 errors in 2 files, of 2 manifests");
}

#[test]
fn the_neighbours_of_a_part_that_failed_are_still_checked() {
    let (_, case) = cases().into_iter().find(|(name, _)| name == "M012-unknown_path_parameter").unwrap();
    let case = case
        .replace("title: Größe ändern", "title: ''")
        .replace("backend: crm", "backend: cmr")
        .replace("description: Größe}", "type: strin, description: '', minLength: -1}")
        .replace("type: string, ", "")
        + "timeout: 0s\n";
    let report = rejected(&case).report;
    let codes: Vec<&str> = report.diagnostics().iter().map(|found| found.code).collect();
    assert_eq!(
        codes,
        ["M026", "M015", "M012", "M006", "M026", "M024"],
        "{}",
        report.render(Style::default())
    );
}
