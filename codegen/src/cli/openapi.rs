//! `import-openapi`, `export-openapi` and `export-server-json`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use codegen::{ImportOptions, Tree, import_openapi};

use super::args::Args;
use super::{Done, print, refuse, show};

pub(super) fn import(args: &[String]) -> io::Result<Done> {
    let parsed = Args::parse(args, &["backend", "domain", "out"], &[]).and_then(|args| {
        let file = args.words(1, 1)?.concat();
        Ok((args, file))
    });
    let (args, file) = match parsed {
        Ok(parsed) => parsed,
        Err(_) => {
            return Ok(Done::NotUnderstood("`import-openapi` takes one file and its options".to_owned()));
        }
    };
    let Some(backend) = args.value("backend") else {
        return Ok(Done::NotUnderstood(
            "missing: --backend, the service that the operations go to".to_owned(),
        ));
    };
    let out = Path::new(args.value("out").unwrap_or("manifests"));
    let domain = args.value("domain").unwrap_or(backend);
    let options = ImportOptions { backend: backend.to_owned(), domain: domain.to_owned() };
    let existing = Tree::Folder(out.to_owned());
    let import = import_openapi(&file, &fs::read_to_string(&file)?, &options, &existing);
    show(&import.report)?;
    if import.report.errors() > 0 {
        return Ok(Done::WithProblems);
    }
    // All together must pass as well: names may be taken by others.
    let mut stderr = io::stderr().lock();
    if let Err(rejected) = codegen::check_together(&existing, &import.files, &out.to_string_lossy()) {
        writeln!(stderr, "nothing was written: with these manifests the check would fail\n")?;
        drop(stderr);
        return refuse(&rejected);
    }
    let mut tools = 0;
    for new in &import.files {
        let path = out.join(&new.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if new.path.contains('/') {
            tools += 1;
            OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(new.text.as_bytes())?;
        } else {
            // The list of services grows; what stands there stays.
            fs::write(&path, &new.text)?;
        }
        writeln!(io::stdout().lock(), "{}", path.display())?;
    }
    let notes = import.report.warnings();
    writeln!(stderr, "{tools} tools of {} operations; {notes} notes above", import.operations)?;
    Ok(Done::Well)
}

pub(super) fn export(args: &[String]) -> io::Result<Done> {
    with_tools(args, &[], |_, checked| Ok(format!("{:#}\n", checked.openapi())))
}

pub(super) fn server_json(args: &[String]) -> io::Result<Done> {
    with_tools(args, &["name", "url"], |args, checked| {
        let name = args.value("name").ok_or("missing: --name, such as com.example/tools")?;
        Ok(format!("{:#}\n", checked.server_json(name, args.value("url"))?))
    })
}

fn with_tools(
    args: &[String],
    valued: &[&str],
    make: impl FnOnce(&Args, &codegen::Checked) -> Result<String, String>,
) -> io::Result<Done> {
    let parsed = Args::parse(args, valued, &[]).and_then(|args| {
        let dir = args.words(0, 1)?.first().map_or("manifests".to_owned(), |dir| (*dir).to_owned());
        Ok((args, dir))
    });
    let (args, dir) = match parsed {
        Ok(parsed) => parsed,
        Err(why) => return Ok(Done::NotUnderstood(why)),
    };
    match codegen::check_dir(Path::new(&dir)) {
        Ok(checked) => match make(&args, &checked) {
            Ok(text) => print(&text),
            Err(why) => Ok(Done::NotUnderstood(why)),
        },
        Err(rejected) => refuse(&rejected),
    }
}
