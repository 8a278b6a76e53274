//! Why the service could not start, each with what the operator can do about it.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A reason why the service did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The one service to serve does not exist.
    #[error("there is no service {name:?}{hint}; the services are {known}")]
    UnknownService {
        /// The name as given.
        name: String,
        /// A near name in the form `; did you mean "crm"?`, or nothing.
        hint: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// The address is taken by another process.
    #[error("{address} is in use by another process; stop that one or listen on another port")]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose an address of this machine")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of the data file cannot be made.
    #[error("cannot create the folder {path} for the data file: {source}; choose another data file", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data file cannot be opened for writing.
    #[error("cannot write the data file {path}: {reason}; check its permissions or choose another file", path = path.display())]
    Unwritable {
        /// The data file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The data file is damaged or no SQLite file at all.
    #[error("the data file {path} is damaged or not a SQLite file: {reason}; restore it, move it away or choose another file", path = path.display())]
    Corrupt {
        /// The data file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The data file is the database of another program.
    #[error("the data file {path} belongs to another program; choose another file", path = path.display())]
    Foreign {
        /// The data file.
        path: PathBuf,
    },
    /// The data file was written by a newer version.
    #[error("the data file {path} has schema {found}, this version knows up to {known}; use a newer version or another file", path = path.display())]
    TooNew {
        /// The data file.
        path: PathBuf,
        /// The schema number in the file.
        found: u32,
        /// The newest schema number that this version knows.
        known: u32,
    },
    /// The database refused something else.
    #[error("cannot prepare the data file {path}: {reason}", path = path.display())]
    Database {
        /// The data file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
}
