//! The commands that speak to a server.

use std::path::Path;
use std::process::Output;

use crate::serving::{Serving, binary};

/// What a command says to and of a server.
pub(crate) fn run(serving: &Serving, arguments: &[&str]) -> Output {
    binary(Path::new(".")).args(arguments).args(["--url", &serving.url]).output().unwrap()
}
