//! `token`: making tokens for auth mode `token`.

use std::io::Read;

use clap::Subcommand;

use super::{Failure, output};
use crate::auth::TokenHash;

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Print the hash that a configuration holds: of a new token, or of one given on standard input as -
    Hash {
        /// - to read the token from standard input; it is never taken from the command line, which others can see
        #[arg(value_parser = ["-"])]
        token: Option<String>,
    },
}

/// Prints the hash, and the token where it is a new one.
pub(super) fn run(action: &Action) -> Result<bool, Failure> {
    let Action::Hash { token } = action;
    if token.is_none() {
        let (token, hash) = TokenHash::generate().ok_or("the system has no randomness to give")?;
        output::line(&format!("token:  {token}"));
        output::line(&format!("sha256: {}", hash.hex()));
        return Ok(true);
    }
    let mut token = String::new();
    std::io::stdin()
        .read_to_string(&mut token)
        .map_err(|error| format!("cannot read standard input: {error}"))?;
    match token.trim() {
        "" => Err("no token on standard input".to_owned()),
        token => {
            output::line(&format!("sha256: {}", TokenHash::of(token).hex()));
            Ok(true)
        }
    }
}
