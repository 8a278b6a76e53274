//! Where a tenant's files are: `files/<tenant>` in the folder of the data file. It is made at the first look,
//! with a file that says what it is for.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tree::Tree;
use crate::database::Database;
use crate::digest;
use crate::failure::Failure;

/// The longest folder name that is a tenant's own.
const LONGEST: usize = 120;

/// What the first file is called. Its id is the same for all tenants, so that documents can name it.
const FIRST: &str = "README.md";
const FIRST_TEXT: &str = "# Files of one tenant\n\n\
    This folder belongs to one tenant of the development backend. Put text files here, in folders if you like:\n\
    they are found by their words, other files by their names. Links and names that begin with a full stop\n\
    are not looked at.\n";

/// Does work on the tenant's folder, beside the threads that serve requests.
///
/// # Errors
/// A folder that cannot be made or opened, and what the work says.
pub(super) async fn with_tree<T: Send + 'static>(
    database: &Arc<Database>,
    tenant: &str,
    work: impl FnOnce(&Tree) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let path = database.folder().join("files").join(name_of(tenant));
    let opened = move || {
        let tree = open(&path).map_err(|error| broken(&format!("the folder {}", path.display()), &error))?;
        work(&tree)
    };
    tokio::task::spawn_blocking(opened)
        .await
        .map_err(|error| Failure::Broken(format!("work on files ended early: {error}")))?
}

/// The failure behind what the system says about a file or folder.
pub(super) fn broken(what: &str, error: &io::Error) -> Failure {
    Failure::Broken(format!("{what}: {error}"))
}

fn open(path: &Path) -> io::Result<Tree> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    match std::fs::create_dir(path) {
        Ok(()) => std::fs::write(path.join(FIRST), FIRST_TEXT)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Tree::open(path)
}

/// The tenant's name as that of a folder, another one for each tenant whatever the file system makes of upper
/// and lower case: small ASCII letters, digits, `-` and `_` stand for themselves, any other byte is `%` and
/// two digits. A long name is cut, and a hash tells it from others that begin like it.
fn name_of(tenant: &str) -> PathBuf {
    let mut name = String::new();
    for byte in tenant.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    if name.len() > LONGEST {
        name =
            format!("{}~{}", name.chars().take(LONGEST / 3).collect::<String>(), digest::sha256(&[tenant]));
    }
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tenant_has_a_folder_name_of_its_own_that_leads_nowhere_else() {
        let long = "x".repeat(200);
        let longer = format!("{}y", "x".repeat(199));
        let tenants = [
            "acme",
            "ACME",
            "a/b",
            "..",
            ".",
            "../acme",
            "a%2fb",
            "ü",
            "a b",
            "con:",
            "",
            long.as_str(),
            &longer,
        ];
        let names: BTreeSet<PathBuf> = tenants.iter().map(|tenant| name_of(tenant)).collect();
        assert_eq!(names.len(), tenants.len());
        for name in &names {
            let text = name.to_str().unwrap();
            assert!(text.len() < 200 && !text.contains(['/', '.', '\\']), "{text}");
        }
        assert_eq!(name_of("acme-2_x"), PathBuf::from("acme-2_x"));
        assert_eq!(name_of("../A"), PathBuf::from("%2e%2e%2f%41"));
    }
}
