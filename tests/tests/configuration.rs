//! The configuration files that are shipped or promised load as they are.

use runtime::Config;
use tests::gateway::product;

/// The example of the README that this project keeps to, word for word.
const SEED: &str = r#"server:
  name: simple-gpt-mcp

tenants:
  default:
    services:
      memory: "http://127.0.0.1:8000/mcp/memory"
      crm: "http://127.0.0.1:8000/mcp/crm"
      support: "http://127.0.0.1:8000/support"
      marketing: "http://127.0.0.1:8000/marketing"
      website: "http://127.0.0.1:8000/website"
      backoffice: "http://127.0.0.1:8000/backoffice"
      onboarding: "http://127.0.0.1:8000/onboarding"

security:
  tools:
    memory_delete:
      user_approval_required: true
    crm_upsert_contact:
      user_approval_required: true
    # ... more tool permissions
  default_allowed_roles:
    - Admin
    - Orchestrator
    - CRM-Supervisor
    - Agent

rate_limits:
  default_per_minute: 120
  per_actor_per_minute: 60
  window_seconds: 60
"#;

fn load(text: &str) -> Result<Config, String> {
    let environment =
        |name: &str| (name.starts_with("CRM_") || name.starts_with("APPROVAL_")).then(|| "secret ".repeat(8));
    Config::parse("server.yaml", text, &product(), &environment).map_err(|error| error.to_string())
}

#[test]
fn the_file_of_the_seed_loads_unchanged() {
    let config = load(SEED).unwrap();
    assert_eq!(config.server.address().to_string(), "127.0.0.1:9000");
    assert!(!config.dev_backend.enabled);
}

#[test]
fn the_quick_start_serves_the_embedded_backend_on_this_machine() {
    let config = load(include_str!("../../config/server.yaml")).unwrap();
    assert!(config.server.host.is_loopback() && config.dev_backend.enabled);
}

#[test]
fn the_production_example_loads_where_its_variables_are_set() {
    load(include_str!("../../config/server.production.yaml")).unwrap();
}
