//! Tenants before two real backends, each with a database of its own: whatever the callers of one tenant do, not one
//! connection is made to the other's backend, and its data stays as it is.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::gateway::NO_LIMITS;
use tests::issuer::{Issuer, Key};
use tokio::net::{TcpListener, TcpStream};

use super::{Fixed, calls, code, names, serve, token_section};

/// Actors of both tenants, with names that the other has too.
const ACTORS: [Fixed<'_>; 4] = [
    Fixed { token: "1", tenant: "red", actor: "ann", roles: &["Admin"] },
    Fixed { token: "2", tenant: "red", actor: "blue", roles: &["Orchestrator", "CRM-Supervisor"] },
    Fixed { token: "3", tenant: "blue", actor: "ann", roles: &["Admin", "Orchestrator"] },
    Fixed { token: "4", tenant: "blue", actor: "red", roles: &["Agent"] },
];

/// A development backend behind a door that counts who comes in.
struct House {
    files: TempDir,
    door: SocketAddr,
    visits: Arc<AtomicUsize>,
    _backend: dev_backend::Running,
}

impl House {
    async fn open() -> Self {
        let files = tempfile::tempdir().unwrap();
        let settings = dev_backend::Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: files.path().join("dev.sqlite"),
            demo: false,
            service: None,
        };
        let backend = dev_backend::start(settings).await.unwrap();
        let (inside, visits) = (backend.address(), Arc::new(AtomicUsize::new(0)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = listener.local_addr().unwrap();
        let counted = Arc::clone(&visits);
        tokio::spawn(async move {
            while let Ok((mut visitor, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut backend = TcpStream::connect(inside).await.unwrap();
                    let _gone = tokio::io::copy_bidirectional(&mut visitor, &mut backend).await;
                });
            }
        });
        Self { files, door, visits, _backend: backend }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    /// What all files of the backend hold.
    fn data(&self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        collect(self.files.path(), &mut files);
        files.sort();
        let hash = |path: &PathBuf| digest(&SHA256, &std::fs::read(path).unwrap()).as_ref().to_vec();
        files.iter().filter(|path| !path.to_string_lossy().ends_with("-shm")).map(hash).collect()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// A configuration in which both tenants have all services, each at its own house.
fn config(red: &House, blue: &House, security: &str) -> String {
    let mut text = format!(
        "server:\n  port: 0\n{NO_LIMITS}security:\n  approval: {{mode: argument}}\n{security}tenants:\n"
    );
    for (tenant, house) in [("red", red), ("blue", blue)] {
        text.push_str(&format!("  {tenant}:\n    services:\n"));
        for service in simple_gpt_mcp::SERVICES {
            let below = if ["memory", "crm"].contains(service) { "/mcp" } else { "" };
            text.push_str(&format!("      {service}: http://{}{below}/{service}\n", house.door));
        }
    }
    text
}

/// Has one actor call all tools by all names, as itself and, where a credential says who it is, as if of the other
/// tenant; how many calls succeeded.
async fn call_all(
    security: &str,
    red: &House,
    blue: &House,
    actor: &Fixed<'_>,
    shown: Option<String>,
) -> usize {
    // A gateway of its own, so that no connection is there to be used by mistake.
    let gateway = serve(&config(red, blue, security)).await;
    let client = shown.as_ref().map_or_else(|| gateway.client(), |token| gateway.client().with_token(token));
    let (own, other) = if actor.tenant == "red" { (red, blue) } else { (blue, red) };
    let (visits, data) = (other.visits(), other.data());
    let mut succeeded = 0;
    for (spec, arguments) in calls() {
        for name in names(spec) {
            let mut said = arguments.clone();
            if shown.is_none() {
                let context =
                    json!({"tenant_id": actor.tenant, "actor": actor.actor, "actor_role": actor.roles[0]});
                said.as_object_mut().unwrap().extend(context.as_object().unwrap().clone());
            }
            succeeded += usize::from(code(&client.call(name, said).await).is_none());
            if shown.is_some() {
                let mut foreign: Value = arguments.clone();
                foreign["tenant_id"] = json!(if actor.tenant == "red" { "blue" } else { "red" });
                let code = code(&client.call(name, foreign).await);
                assert_eq!(code.as_deref(), Some("PERMISSION_DENIED"), "{name}");
            }
        }
    }
    assert!(own.visits() > 0);
    assert_eq!(other.visits(), visits, "{} came to the other tenant's backend", actor.actor);
    assert_eq!(other.data(), data, "{} changed the other tenant's data", actor.actor);
    succeeded
}

#[tokio::test]
async fn in_no_mode_does_a_call_of_one_tenant_reach_the_backend_of_another() {
    let (red, blue) = (House::open().await, House::open().await);
    let key = Key::es256("k");
    let issuer = Issuer::start(&[&key]).await;
    let (tokens, signed) = (token_section(&ACTORS), issuer.auth_section());
    let mut succeeded = 0;
    for actor in &ACTORS {
        let jwt = key.token(&issuer.claims(actor.tenant, actor.actor, actor.roles));
        for (section, shown) in [("", None), (&*tokens, Some(actor.token.to_owned())), (&*signed, Some(jwt))]
        {
            succeeded += call_all(section, &red, &blue, actor, shown).await;
        }
    }
    // The examples of many tools name records that a new database does not have.
    assert!(succeeded > 300, "{succeeded}");
}
