//! The command line: the server itself, and small clients of it for people and scripts.
//!
//! Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

mod approvals;
mod audit;
mod call;
mod check_config;
mod client;
mod dev_backend;
mod discover;
mod dry_run;
mod health;
mod output;
mod serve;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError};
use crate::product::Product;

/// MCP tool server for the tools of a business
#[derive(Debug, Parser)]
#[command(name = "simple-gpt-mcp", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the tools over HTTP (what happens without a command)
    Serve,
    /// Run the embedded backend services alone, for development
    DevBackend(dev_backend::Arguments),
    /// List the tools of a running server
    Tools(Connection),
    /// Call a tool of a running server
    Call(call::Arguments),
    /// Ask a running server whether it is well
    Health(Connection),
    /// Search the tools of a running server by words
    Discover(discover::Arguments),
    /// List the calls that wait for a person's approval, and decide on them
    Approvals(approvals::Arguments),
    /// Verify the audit log, or follow it
    Audit(audit::Arguments),
    /// Check the configuration and report every problem
    CheckConfig,
    /// Make tokens for callers
    #[command(subcommand)]
    Token(token::Action),
}

/// Which configuration to read.
#[derive(Debug, Args)]
struct ConfigFile {
    /// Configuration file
    #[arg(
        long,
        global = true,
        env = "MCP_SERVER_CONFIG",
        default_value = "config/server.yaml",
        value_name = "FILE"
    )]
    config: PathBuf,
}

/// Which server to talk to, and how to print what it says.
#[derive(Debug, Args)]
struct Connection {
    /// Endpoint of the server
    #[arg(long, env = "MCP_SERVER_URL", default_value = "http://127.0.0.1:9000/mcp")]
    url: String,
    /// Bearer token, if the server wants one
    #[arg(long, env = "MCP_SERVER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    json: bool,
}

/// Why a command did not do what it was asked. The text is for the person at the terminal.
type Failure = String;

/// Runs the command that the process was started with.
pub fn main(product: Product) -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start: {error}")),
    };
    match runtime.block_on(run(cli, &product)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => failed(&message),
    }
}

async fn run(cli: Cli, product: &Product) -> Result<bool, Failure> {
    let load = || load(&cli.config, product);
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(product, load()?).await,
        Command::DevBackend(arguments) => dev_backend::run(product, arguments).await,
        Command::Tools(connection) => discover::list(connection).await,
        Command::Call(arguments) if arguments.dry_run => dry_run::run(product, &load()?, &arguments),
        Command::Call(arguments) => call::run(arguments).await,
        Command::Health(connection) => health::run(connection).await,
        Command::Discover(arguments) => discover::search(arguments).await,
        Command::Approvals(arguments) => approvals::run(arguments).await,
        Command::Audit(arguments) => audit::run(arguments, || Ok(load()?.audit.unwrap_or_default())).await,
        Command::CheckConfig => Ok(check_config::run(product, &load()?, &cli.config.config)),
        Command::Token(action) => token::run(&action),
    }
}

fn load(file: &ConfigFile, product: &Product) -> Result<Config, Failure> {
    Config::load(&file.config, product).map_err(|error| match error {
        ConfigError::Unreadable { .. } => format!("error: {error}"),
        ConfigError::Invalid(report) => report,
    })
}

fn failed(message: &str) -> ExitCode {
    output::error(message);
    ExitCode::FAILURE
}
