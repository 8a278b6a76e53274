//! A tenant's folder: what is in it is found, and nothing leads out of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::backend::{Answer, Backend, assert_sound, each, id};
use crate::hostile_text::TEXTS;

const SEARCH: &str = "/files/search";
const PREVIEW: &str = "/files/preview";
const METADATA: &str = "/files/metadata";

/// The folder of a tenant, which is there.
fn folder(backend: &Backend, tenant: &str) -> PathBuf {
    let folder = backend.file().parent().unwrap().join("files").join(tenant);
    fs::create_dir_all(&folder).unwrap();
    folder
}

async fn found(backend: &Backend, query: &str) -> Json {
    backend.ok(SEARCH, json!({"query": query})).await
}

async fn described(backend: &Backend, path: &str, id: &str) -> Answer {
    backend.get_as("acme", path, &[("file_id", id)]).await
}

#[tokio::test]
async fn files_are_found_by_words_and_names_the_best_first() {
    let backend = Backend::start().await;
    let folder = folder(&backend, "acme");
    fs::create_dir_all(folder.join("sales/2027")).unwrap();
    fs::write(
        folder.join("sales/2027/offer_northwind.txt"),
        format!("{}the renewal costs 12,000 a year{}", "filler ".repeat(100), " tail".repeat(100)),
    )
    .unwrap();
    fs::write(folder.join("renewal.md"), "# Renewal\nAll about it: renewal, renewal.").unwrap();
    fs::write(folder.join("photo of northwind.PNG"), b"\x89PNG\0\0renewal").unwrap();
    fs::write(folder.join("empty.txt"), "").unwrap();
    let cases: [(&str, &[&str]); 7] = [
        ("renewal", &["renewal.md", "sales/2027/offer_northwind.txt"]),
        ("RENEW costs", &["sales/2027/offer_northwind.txt"]),
        ("northwind", &["photo of northwind.PNG", "sales/2027/offer_northwind.txt"]),
        ("offer renewal", &["sales/2027/offer_northwind.txt"]),
        ("photo nowhere", &["photo of northwind.PNG"]),
        ("nowhere", &[]),
        ("scope", &[]),
    ];
    for (query, expected) in cases {
        let found = found(&backend, query).await;
        assert_eq!(each(&found, "path"), expected, "{query}");
        assert_eq!((&found["total"], &found["pending"]), (&json!(expected.len()), &json!(0)), "{query}");
    }
    let offer = found(&backend, "costs").await["items"][0].clone();
    assert_eq!((&offer["name"], &offer["media_type"]), (&json!("offer_northwind.txt"), &json!("text/plain")));
    let snippet = offer["snippet"].as_str().unwrap();
    assert!(snippet.contains("the renewal costs 12,000 a year") && snippet.len() < 300, "{snippet}");
    assert!(offer["score"].as_f64() > Some(0.0));
    let newest = backend.ok(SEARCH, json!({"query": " ", "max_results": 2})).await;
    assert_eq!(
        (newest["items"].as_array().unwrap().len(), &newest["total"], &newest["next_offset"]),
        (2, &json!(4), &json!(2))
    );
    assert_eq!(backend.post(SEARCH, json!({"query": "x", "max_results": 0})).await.status, 422);
}

#[tokio::test]
async fn the_index_follows_the_folder() {
    let backend = Backend::start().await;
    let folder = folder(&backend, "acme");
    let path = folder.join("note.txt");
    fs::write(&path, "first words").unwrap();
    assert_eq!(found(&backend, "first").await["total"], 1);
    fs::write(&path, "now something longer").unwrap();
    assert_eq!(
        (found(&backend, "first").await["total"].clone(), found(&backend, "longer").await["total"].clone()),
        (json!(0), json!(1))
    );
    // As long as before, and written at another time.
    fs::write(&path, "now something LOUDER").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(found(&backend, "louder").await["items"][0]["modified_at"], "1970-01-01T00:00:00.000Z");
    let backend = backend.restart().await;
    assert_eq!(found(&backend, "louder").await["total"], 1);
    fs::rename(&path, folder.join("moved.txt")).unwrap();
    assert_eq!(each(&found(&backend, "louder").await, "path"), ["moved.txt"]);
    fs::remove_file(folder.join("moved.txt")).unwrap();
    assert_eq!(found(&backend, "louder").await["total"], 0);
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
    let left: i64 = database.query_row("SELECT count(*) FROM file_entry", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_folder_begins_with_a_file_that_says_what_it_is_for() {
    let backend = Backend::start().await;
    let first = found(&backend, "folder tenant").await["items"][0].clone();
    assert_eq!((&first["path"], &first["media_type"]), (&json!("README.md"), &json!("text/markdown")));
    let shown = described(&backend, PREVIEW, &id(&first)).await.body;
    assert!(shown["text"].as_str().unwrap().starts_with("# Files of one tenant"), "{shown}");
    // Its id is what manifests and documents name.
    let other = backend.get_as("other", METADATA, &[("file_id", first["id"].as_str().unwrap())]).await;
    assert_eq!((other.status, &other.body["id"]), (200, &first["id"]));
    // Somebody who takes it out does not get it back.
    fs::remove_file(folder(&backend, "acme").join("README.md")).unwrap();
    assert_eq!(found(&backend, "").await["total"], 0);
}

#[tokio::test]
async fn a_file_is_previewed_and_described_within_bounds() {
    let backend = Backend::start().await;
    let folder = folder(&backend, "acme");
    fs::write(folder.join("abc.txt"), "abc").unwrap();
    // Characters of two bytes: a cut after an odd number of bytes goes through one.
    fs::write(folder.join("long.txt"), format!("x{}", "ä".repeat(20_000))).unwrap();
    fs::write(folder.join("data.bin"), [0, 159, 146, 150]).unwrap();
    let large = fs::File::create(folder.join("large.txt")).unwrap();
    large.set_len(200 * 1024 * 1024).unwrap();
    let id_of = async |name: &str| {
        let found = backend.ok(SEARCH, json!({"query": name})).await;
        id(&found["items"][0])
    };
    let abc = id_of("abc.txt").await;
    let preview = described(&backend, PREVIEW, &abc).await.body;
    assert_eq!(
        (&preview["text"], &preview["truncated"], &preview["is_text"]),
        (&json!("abc"), &json!(false), &json!(true))
    );
    let metadata = described(&backend, METADATA, &abc).await.body;
    assert_eq!(metadata["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((&metadata["size"], &metadata["path"]), (&json!(3), &json!("abc.txt")));
    let long = described(&backend, PREVIEW, &id_of("long.txt").await).await.body;
    assert_eq!((long["text"].as_str().unwrap().len(), &long["truncated"]), (8 * 1024 - 1, &json!(true)));
    let binary = described(&backend, PREVIEW, &id_of("data.bin").await).await.body;
    assert_eq!(
        (&binary["text"], &binary["is_text"], &binary["media_type"]),
        (&Json::Null, &json!(false), &json!("application/octet-stream"))
    );
    let large = id_of("large.txt").await;
    assert_eq!(described(&backend, METADATA, &large).await.body["sha256"], Json::Null);
    assert_eq!(described(&backend, PREVIEW, &large).await.body["is_text"], false);
}

#[tokio::test]
async fn nothing_leads_out_of_the_folder() {
    let backend = Backend::start().await;
    let own = folder(&backend, "acme");
    let outside = backend.file().parent().unwrap().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.txt"), "outsidesecret").unwrap();
    fs::write(folder(&backend, "other").join("secret.txt"), "outsidesecret").unwrap();
    fs::write(own.join(".hidden"), "outsidesecret").unwrap();
    fs::create_dir(own.join(".git")).unwrap();
    fs::write(own.join(".git/config"), "outsidesecret").unwrap();
    symlink(outside.join("secret.txt"), own.join("link.txt")).unwrap();
    symlink(&outside, own.join("linked")).unwrap();
    symlink("..", own.join("up")).unwrap();
    symlink("loop", own.join("loop")).unwrap();
    symlink("/dev/zero", own.join("zero.txt")).unwrap();
    assert!(Command::new("mkfifo").arg(own.join("pipe.txt")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(own.join("socket.txt")).unwrap();
    fs::write(own.join("real.txt"), "inside").unwrap();
    for query in ["", "outsidesecret", "secret", "link", "pipe", "zero", "socket", "passwd"] {
        let paths = each(&found(&backend, query).await, "path");
        assert!(paths.iter().all(|path| path == "real.txt"), "{query}: {paths:?}");
    }
    // A file that was found and is a link now.
    let real = id(&found(&backend, "real").await["items"][0]);
    fs::remove_file(own.join("real.txt")).unwrap();
    symlink(outside.join("secret.txt"), own.join("real.txt")).unwrap();
    let foreign = id(&backend.ok_as("other", SEARCH, json!({"query": "secret"})).await["items"][0]);
    let ids = [
        &real,
        &foreign,
        "../other/secret.txt",
        "/etc/passwd",
        "link.txt",
        "real.txt\0",
        "..%2fother%2fsecret.txt",
        "file_",
        "",
    ];
    for id in ids.into_iter().chain(TEXTS) {
        for path in [PREVIEW, METADATA] {
            let answer = described(&backend, path, id).await;
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "{path} {id:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_tenants_folder_that_is_a_link_is_not_followed() {
    let backend = Backend::start().await;
    let other = folder(&backend, "other");
    fs::write(other.join("secret.txt"), "theirs").unwrap();
    symlink(&other, other.with_file_name("acme")).unwrap();
    let answer = backend.post(SEARCH, json!({"query": "theirs"})).await;
    assert_eq!((answer.status, answer.message()), (500, "the service failed; its log says why"));
}

#[tokio::test]
async fn tenants_have_folders_of_their_own_whatever_their_names() {
    let backend = Backend::start().await;
    let tenants = ["acme", "ACME", "..", "../acme", "a/b", "/etc", "files", "ü", "acme' OR '1'='1", "t*"];
    for (number, tenant) in tenants.iter().enumerate() {
        assert_eq!(backend.ok_as(tenant, SEARCH, json!({"query": "words"})).await["total"], 1, "{tenant}");
        let folders: Vec<_> = fs::read_dir(backend.file().with_file_name("files")).unwrap().collect();
        assert_eq!(folders.len(), number + 1, "{tenant}");
        let newest = folders.into_iter().map(|entry| entry.unwrap().path());
        let empty = newest.filter(|path| !path.join("own.txt").exists()).collect::<Vec<_>>();
        let [folder] = &empty[..] else { panic!("{tenant}: {empty:?}") };
        fs::write(folder.join("own.txt"), format!("special words of number {number}")).unwrap();
    }
    for (number, tenant) in tenants.iter().enumerate() {
        let found = backend.ok_as(tenant, SEARCH, json!({"query": "special"})).await;
        assert_eq!(found["total"], 1, "{tenant}");
        assert!(
            found["items"][0]["snippet"].as_str().unwrap().ends_with(&format!("number {number}")),
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn whatever_stands_in_a_file_or_a_query_is_text() {
    let backend = Backend::start().await;
    let folder = folder(&backend, "acme");
    for (number, text) in TEXTS.iter().enumerate().filter(|(_, text)| !text.contains('\0')) {
        fs::write(folder.join(format!("{number}.txt")), text).unwrap();
        let name: String = text.chars().filter(|letter| *letter != '/').take(60).collect();
        fs::write(folder.join(format!("n {name}.dat")), "").unwrap();
        let found = found(&backend, text).await;
        let paths = each(&found, "path");
        assert!(paths.contains(&format!("{number}.txt")), "{text:?}: {paths:?}");
        let first = described(
            &backend,
            PREVIEW,
            &each(&found, "id")[paths.iter().position(|path| *path == format!("{number}.txt")).unwrap()],
        )
        .await;
        assert_eq!(first.body["text"].as_str(), Some(*text));
    }
    let (database, _folder) = backend.stopped_database().await;
    assert_sound(&database);
}

#[tokio::test]
async fn many_files_are_read_a_part_at_a_time() {
    let backend = Backend::start().await;
    let folder = folder(&backend, "acme");
    let text = "some ordinary words. ".repeat(3_000);
    for number in 0..20 {
        fs::write(folder.join(format!("{number:02}.txt")), &text).unwrap();
    }
    let mut pending = Vec::new();
    while pending.last() != Some(&0) {
        pending.push(found(&backend, "ordinary").await["pending"].as_i64().unwrap());
        assert!(pending.len() < 10, "{pending:?}");
    }
    assert!(pending.len() > 1 && pending.is_sorted_by(|one, other| one > other), "{pending:?}");
    assert_eq!(found(&backend, "ordinary").await["total"], 20);
}

#[tokio::test]
async fn erasing_somebody_leaves_nothing_of_files_in_the_database() {
    let backend = Backend::start().await;
    fs::write(folder(&backend, "acme").join("letter.txt"), "Dear Zaphodine Quirrenbach").unwrap();
    let contact = json!({"email": "zq@x.example", "first_name": "Zaphodine", "last_name": "Quirrenbach"});
    let contact = backend.ok("/mcp/crm/upsert_contact", contact).await;
    assert_eq!(found(&backend, "zaphodine").await["total"], 1);
    backend.ok("/mcp/crm/gdpr/delete_contact", json!({"contact_id": contact["id"]})).await;
    let bytes = fs::read(backend.file()).unwrap().to_ascii_lowercase();
    assert!(!bytes.windows(9).any(|window| window == b"zaphodine"));
    // The file itself is somebody else's to erase.
    assert_eq!(found(&backend, "zaphodine").await["total"], 1);
}
