//! The commands for authors and reviewers, as seen from outside.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manifests");

fn run(program: &str, args: &[&str], current_dir: &Path) -> Output {
    Command::new(program).args(args).current_dir(current_dir).stdin(Stdio::null()).output().unwrap()
}

fn manifest(args: &[&str], current_dir: &Path) -> (Option<i32>, String, String) {
    let output = run(env!("CARGO_BIN_EXE_manifest"), args, current_dir);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn folder(bad: bool) -> TempDir {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("manifests");
    fs::create_dir_all(root.join("demo")).unwrap();
    fs::write(root.join("services.yaml"), "demo: a service\n").unwrap();
    let text = "title: Größe\ndescription: Reads it.\neffect: read\naliases: [demo.size]\nbackend: demo\nrequest: GET /\n";
    let text = if bad { text.replace("Größe\n", "Größe # \u{200b}\n") } else { text.to_owned() };
    fs::write(root.join("demo/size.yaml"), text).unwrap();
    dir
}

#[test]
fn check_tells_machines_every_problem_with_its_place() {
    let (code, text, _) = manifest(&["check", "--json"], folder(true).path());
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(1));
    assert_eq!((found["errors"].as_u64(), found["manifests"].as_u64()), (Some(1), Some(1)));
    let problem = &found["problems"][0];
    assert_eq!(problem["code"], "M065");
    assert_eq!(
        problem["at"],
        serde_json::json!({"file": "manifests/demo/size.yaml", "line": 1, "column": 16, "end_line": 1, "end_column": 17})
    );
    let (code, text, _) = manifest(&["check", "--github"], folder(true).path());
    assert_eq!(code, Some(1));
    assert_eq!(
        text,
        "::error file=manifests/demo/size.yaml,line=1,col=16,title=M065::a character that nobody sees: U+200B, which has no width%0Ahelp: delete it\n"
    );
    let (code, text, _) = manifest(&["check", "--json"], folder(false).path());
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &found["problems"]), (Some(0), &serde_json::json!([])));
}

#[test]
fn the_manifests_of_the_product_have_neither_errors_nor_warnings() {
    let (code, text, _) = manifest(&["check", "--json"], &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let found: Value = serde_json::from_str(&text).unwrap();
    // A report that is never empty is soon not read.
    assert_eq!((code, &found["problems"]), (Some(0), &serde_json::json!([])));
}

#[test]
fn every_code_is_explained() {
    for rule in codegen::RULES.iter().chain(codegen::NOTES) {
        let (code, text, _) = manifest(&["explain", &rule.code.to_lowercase()], Path::new("."));
        assert_eq!(code, Some(0));
        assert!(text.starts_with(rule.code) && text.contains(rule.explanation), "{text}");
    }
    let (code, _, why) = manifest(&["explain", "M999"], Path::new("."));
    assert_eq!(code, Some(2));
    assert!(why.contains("there is no rule `M999`"), "{why}");
}

#[test]
fn show_has_the_exact_request_of_each_example() {
    let (code, text, _) = manifest(&["show", "demo.everything", "--dir", GOOD], Path::new("."));
    assert_eq!(code, Some(0));
    assert!(text.contains("PUT /things/small/parts/1?dry_run=false\n"), "{text}");
    assert!(text.contains("sensitive   mail, stages[].token\n"), "{text}");
    let (code, _, why) = manifest(&["show", "demo_nothin", "--dir", GOOD], Path::new("."));
    assert_eq!(
        (code, why.as_str()),
        (Some(1), "error: there is no tool `demo_nothin`; did you mean `demo_nothing`?\n")
    );
}

#[test]
fn new_writes_a_manifest_that_passes_and_never_overwrites() {
    let dir = folder(false);
    let new = [
        "new",
        "demo",
        "count_parts",
        "--effect",
        "write",
        "--approval",
        "none",
        "--description",
        "Counts the parts: all of them.",
        "--request",
        "PUT /things/{id}/parts",
        "--param",
        "id:uuid",
        "--param",
        "state:open|closed!=How they stand",
        "--param",
        "tags:string[]",
        "--param",
        "api_key:string",
    ];
    let (code, _, why) = manifest(&new, dir.path());
    assert_eq!(code, Some(0), "{why}");
    let path = dir.path().join("manifests/demo/count_parts.yaml");
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.lines().count() <= 25);
    assert!(
        written.contains(
            "state: {type: string, enum: [open, closed], required: true, description: How they stand}"
        ),
        "{written}"
    );
    assert!(written.contains("api_key: {type: string, sensitive: true"), "{written}");
    let (code, text, _) = manifest(&["check"], dir.path());
    assert_eq!((code, text.as_str()), (Some(0), "2 manifests, no problems\n"));
    fs::write(&path, "mine").unwrap();
    let (code, _, why) = manifest(&new, dir.path());
    assert_eq!(code, Some(1));
    assert!(why.contains("is there already"), "{why}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn new_says_what_is_missing_or_wrong_and_writes_nothing() {
    let dir = folder(false);
    for (args, expected) in [
        (&["new", "demo", "a"][..], "missing: --description, --effect"),
        (&["new", "..", "a", "--description", "x", "--effect", "read"], "is not snake_case"),
        (&["new", "demo", "../a", "--description", "x", "--effect", "read"], "is not snake_case"),
        (&["new", "demo", "a", "--description", "x", "--effect", "red"], "the effect is"),
        (&["new", "demo", "a", "--description", "x", "--effect", "read", "--param", "b"], "is no parameter"),
        (
            &["new", "demo", "a", "--description", "x", "--effect", "read", "--backend", "dmeo"],
            "did you mean `demo`?",
        ),
    ] {
        let (code, _, why) = manifest(args, dir.path());
        assert!(matches!(code, Some(1 | 2)), "{args:?}");
        assert!(why.contains(expected), "{args:?}: {why}");
    }
    assert_eq!(fs::read_dir(dir.path().join("manifests/demo")).unwrap().count(), 1);
}

#[test]
fn diff_reads_revisions_and_denies_classes() {
    let dir = folder(false);
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = run("git", &[&identity, args].concat(), dir.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    let (code, text, _) = manifest(&["diff", "HEAD", "manifests"], dir.path());
    assert_eq!((code, text.as_str()), (Some(0), "no tool changed\n"));
    let path = dir.path().join("manifests/demo/size.yaml");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "roles: [Admin]\n").unwrap();
    let (code, text, _) =
        manifest(&["diff", "HEAD", "manifests", "--deny", "breaking,loosening"], dir.path());
    assert_eq!(code, Some(0));
    assert!(text.starts_with("tightening  demo_size  roles  default -> Admin\n"), "{text}");
    let (code, ..) = manifest(&["diff", "manifests", "HEAD", "--deny", "loosening"], dir.path());
    assert_eq!(code, Some(1));
    let (code, text, _) = manifest(&["diff", "HEAD:manifests", "manifests", "--json"], dir.path());
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, found["summary"]["tightening"].as_u64()), (Some(0), Some(1)));
    let (code, _, why) = manifest(&["diff", "no_such", "manifests"], dir.path());
    assert_eq!(code, Some(2));
    assert!(why.contains("neither a folder nor a git revision"), "{why}");
}

#[test]
fn what_is_exported_can_be_imported_and_is_not_imported_twice() {
    let dir = folder(false);
    let (code, text, _) = manifest(&["export-openapi"], dir.path());
    assert_eq!(code, Some(0));
    fs::write(dir.path().join("tools.json"), text).unwrap();
    let import = ["import-openapi", "tools.json", "--backend", "demo", "--out", "other"];
    let (code, _, why) = manifest(&import, dir.path());
    assert_eq!((code, why.as_str()), (Some(0), "1 tools of 1 operations; 0 notes above\n"));
    let (code, text, _) = manifest(&["diff", "manifests", "other"], dir.path());
    assert_eq!((code, text.as_str()), (Some(0), "no tool changed\n"));
    let (_, _, why) = manifest(&import, dir.path());
    assert!(why.contains("is there already"), "{why}");
}

#[test]
fn the_registry_gets_a_description_of_the_server() {
    // What the registry's schema of 2025-12-11 demands of these fields.
    let schema = jsonschema::validator_for(&serde_json::json!({
        "required": ["$schema", "name", "description", "version", "remotes"],
        "properties": {
            "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
            "name": {"minLength": 3, "maxLength": 200, "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"},
            "description": {"minLength": 1, "maxLength": 100},
            "version": {"pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
            "remotes": {"items": {
                "required": ["type", "url"],
                "properties": {"type": {"const": "streamable-http"}, "url": {"pattern": "^https?://[^\\s]+$"}},
            }},
        },
        "additionalProperties": false,
    }))
    .unwrap();
    let product = concat!(env!("CARGO_MANIFEST_DIR"), "/../manifests");
    for folder in [GOOD, product] {
        let args =
            ["export-server-json", folder, "--name", "com.example/tools", "--url", "https://example.com/mcp"];
        let (code, text, _) = manifest(&args, Path::new("."));
        let server: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(code, Some(0));
        assert_eq!(schema.validate(&server).map_err(|error| error.to_string()), Ok(()), "{text}");
    }
    for refused in [
        &[][..],
        &["--name", "tools"],
        &["--name", "com.example/"],
        &["--name", "com.example/a/b"],
        &["--name", "com.example/größe"],
        &["--name", "com.example/tools", "--url", "example.com"],
        &["--name", "com.example/tools", "--url", "https://example.com/a b"],
    ] {
        let (code, text, why) = manifest(&[&["export-server-json", GOOD], refused].concat(), Path::new("."));
        assert_eq!((code, text.as_str()), (Some(2), ""), "{refused:?}");
        assert!(why.contains("such as"), "{why}");
    }
}
