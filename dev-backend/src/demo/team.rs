//! Who works at Kestrel Coffee, and how they have set their CRM up.

use serde_json::json;

use super::script::Script;

/// Head of sales.
pub(super) const MARA: &str = "mara.lindqvist";
/// Sells.
pub(super) const JONAS: &str = "jonas.weber";
/// Looks after customers.
pub(super) const PRIYA: &str = "priya.nair";
/// Installs and repairs machines.
pub(super) const TOM: &str = "tom.okafor";

/// Name for references, id in the identity provider, shown name, role.
const USERS: [(&str, &str, &str, &str); 4] = [
    ("mara", MARA, "Mara Lindqvist", "manager"),
    ("jonas", JONAS, "Jonas Weber", "agent"),
    ("priya", PRIYA, "Priya Nair", "agent"),
    ("tom", TOM, "Tom Okafor", "technician"),
];

/// Object type, name, label, data type, options.
const PROPERTIES: [(&str, &str, &str, &str, &[&str]); 7] = [
    ("contact", "job_title", "Job title", "string", &[]),
    ("contact", "seniority", "Seniority", "enum", &["junior", "senior", "executive"]),
    ("contact", "newsletter", "Takes the newsletter", "boolean", &[]),
    ("company", "sites", "Sites", "number", &[]),
    ("company", "contract_end", "End of contract", "date", &[]),
    ("deal", "source", "Source", "enum", &["referral", "trade_fair", "website", "cold_call"]),
    ("deal", "competitor", "Competitor", "string", &[]),
];

/// Users, teams, properties, pipelines and a webhook that is out of use.
pub(super) fn write(script: &mut Script) {
    for (name, external_id, display_name, role) in USERS {
        let user = json!({
            "external_id": external_id,
            "email": format!("{external_id}@kestrel.example"),
            "display_name": display_name,
            "role": role,
        });
        script.crm_named(name, (-200, 8, 0), MARA, "admin/upsert_user", user);
    }
    let teams = [("everybody", "Kestrel Coffee"), ("sales", "Sales"), ("service", "Service")];
    for (minute, (name, title)) in (5..).zip(teams) {
        let parent = (name != "everybody").then_some("@everybody");
        let team = json!({"name": title, "parent_team_id": parent});
        script.crm_named(name, (-200, 8, minute), MARA, "admin/create_team", team);
    }
    for (team, user, role) in [
        ("sales", "mara", "lead"),
        ("sales", "jonas", "member"),
        ("service", "priya", "lead"),
        ("service", "tom", "member"),
    ] {
        let member = json!({"team_id": format!("@{team}"), "user_id": format!("@{user}"), "role": role});
        script.crm((-200, 8, 10), MARA, "admin/add_team_member", member);
    }
    for (object_type, name, label, data_type, options) in PROPERTIES {
        let options: Vec<_> = options.iter().map(|value| json!({"value": value})).collect();
        let property = json!({
            "object_type": object_type,
            "name": name,
            "label": label,
            "data_type": data_type,
            "options": options,
        });
        script.crm((-200, 8, 20), MARA, "define_property", property);
    }
    script.crm((-200, 8, 30), MARA, "list_pipelines", json!({}));
    let stages = json!([
        {"name": "Qualified", "key": "qualified", "probability": 0.2},
        {"name": "Proposal", "key": "proposal", "probability": 0.5},
        {"name": "Won", "key": "won", "probability": 1, "outcome": "won"},
    ]);
    let partners = json!({"object_type": "deal", "name": "Partner sales", "stages": stages});
    script.crm((-150, 9, 0), MARA, "define_pipeline", partners);
    // Nothing that the demo does leaves this machine.
    let webhook = json!({
        "name": "Accounting (old)",
        "endpoint_url": "https://accounting.kestrel.example/hooks/crm",
        "event_types": ["deal.stage_moved"],
    });
    script.crm_named("webhook", (-180, 10, 0), MARA, "webhook_create", webhook);
    script.crm((-120, 10, 0), MARA, "webhook_disable", json!({"subscription_id": "@webhook"}));
    let blocked = json!({"email": "no-more-mail@example.com", "reason": "Objected to advertising by phone"});
    script.crm((-75, 11, 20), PRIYA, "gdpr/blocklist_email", blocked);
}
