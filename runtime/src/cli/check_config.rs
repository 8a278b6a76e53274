//! `check-config`: a configuration that was read without problems, in a few lines.

use std::path::Path;

use super::output;
use crate::config::Config;
use crate::product::Product;

/// Prints what the file means. Always true: a file with problems does not get here.
pub(super) fn run(product: &Product, config: &Config, path: &Path) -> bool {
    for warning in &config.warnings {
        output::line(warning);
    }
    for line in config.loosened(product.tools.iter().map(|tool| tool.spec())) {
        output::line(&format!("looser than its manifest: {line}"));
    }
    for line in config.open_doors() {
        output::line(&format!("left to trust: {line}"));
    }
    for (tenant, services) in &config.tenants {
        let names: Vec<&str> = services.keys().map(String::as_str).collect();
        output::line(&format!("tenant {tenant}: {}", names.join(", ")));
    }
    output::line(&format!("{}: ok, would listen on {}", path.display(), config.server.address()));
    true
}
