//! The companies that Kestrel Coffee sells to, or would like to.

use serde_json::json;

use super::script::Script;
use super::team::{JONAS, MARA};

/// One company.
pub(super) struct Firm {
    /// Its name for references.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    industry: &'static str,
    size: &'static str,
    lifecycle: &'static str,
    /// How many days ago it became known.
    pub(super) known: i32,
    sites: u32,
    /// In how many days its contract ends, where it has one.
    contract_end: Option<i32>,
}

const fn firm(
    (key, name, domain): (&'static str, &'static str, &'static str),
    (industry, size, lifecycle): (&'static str, &'static str, &'static str),
    known: i32,
    sites: u32,
    contract_end: Option<i32>,
) -> Firm {
    Firm { key, name, domain, industry, size, lifecycle, known, sites, contract_end }
}

/// All of them, those known longest first.
pub(super) const FIRMS: [Firm; 12] = [
    firm(
        ("northwind", "Northwind Foods", "northwind.example"),
        ("Food retail", "201-500", "customer"),
        190,
        14,
        Some(42),
    ),
    firm(
        ("harbour", "Harbour Hotels", "harbourhotels.example"),
        ("Hospitality", "201-500", "customer"),
        184,
        6,
        Some(120),
    ),
    firm(
        ("engines", "Analytical Engines", "engines.example"),
        ("Software", "51-200", "customer"),
        171,
        2,
        Some(63),
    ),
    firm(
        ("brightwater", "Brightwater Dental", "brightwater.example"),
        ("Healthcare", "11-50", "customer"),
        160,
        3,
        Some(205),
    ),
    firm(
        ("cobalt", "Cobalt Studios", "cobaltstudios.example"),
        ("Design", "11-50", "customer"),
        147,
        1,
        Some(18),
    ),
    firm(
        ("hilltop", "Hilltop Bakery", "hilltopbakery.example"),
        ("Bakery", "11-50", "customer"),
        133,
        4,
        None,
    ),
    firm(
        ("ironbridge", "Ironbridge Logistics", "ironbridge.example"),
        ("Logistics", "501-1000", "opportunity"),
        96,
        9,
        None,
    ),
    firm(
        ("juniper", "Juniper Law", "juniperlaw.example"),
        ("Legal services", "51-200", "opportunity"),
        81,
        1,
        None,
    ),
    firm(
        ("meridian", "Meridian Insurance", "meridian.example"),
        ("Insurance", "501-1000", "opportunity"),
        66,
        5,
        None,
    ),
    firm(("fernweh", "Fernweh Travel", "fernweh.example"), ("Travel", "11-50", "opportunity"), 52, 7, None),
    firm(("lakeside", "Lakeside Gym", "lakesidegym.example"), ("Fitness", "11-50", "lead"), 34, 2, None),
    firm(("oldmill", "Old Mill Books", "oldmillbooks.example"), ("Book trade", "1-10", "lead"), 21, 1, None),
];

/// The companies with their properties, an owner each, and who they are in segments.
pub(super) fn write(script: &mut Script) {
    for (number, firm) in FIRMS.iter().enumerate() {
        let seller = if number % 2 == 0 { MARA } else { JONAS };
        let company = json!({
            "name": firm.name,
            "domain": firm.domain,
            "industry": firm.industry,
            "company_size": firm.size,
            "lifecycle_stage": firm.lifecycle,
        });
        let day = -firm.known;
        let id = format!("@{}", firm.key);
        script.crm_named(firm.key, (day, 9, 0), seller, "upsert_company", company);
        let sites =
            json!({"object_type": "company", "record_id": id, "property_name": "sites", "value": firm.sites});
        script.crm((day, 9, 2), seller, "set_property", sites);
        if let Some(days) = firm.contract_end {
            let value = script.day(days);
            let end = json!({"object_type": "company", "record_id": id, "property_name": "contract_end", "value": value});
            script.crm((day, 9, 3), seller, "set_property", end);
        }
        let owner = if number % 2 == 0 { "@mara" } else { "@jonas" };
        let owner = json!({"entity_type": "company", "entity_id": id, "owner_user_id": owner, "owner_team_id": "@sales", "visibility": "tenant"});
        script.crm((day, 9, 4), MARA, "admin/assign_owner", owner);
    }
    let customers = json!({"filters": [{"field": "lifecycle_stage", "op": "eq", "value": "customer"}]});
    let customers =
        json!({"object_type": "company", "name": "Customers", "is_dynamic": true, "definition": customers});
    script.crm_named("customers", (-20, 15, 0), MARA, "create_segment", customers);
    let visit: Vec<String> = ["harbour", "cobalt", "juniper"].iter().map(|key| format!("@{key}")).collect();
    let visit = json!({"object_type": "company", "name": "Visit this quarter", "is_dynamic": false, "definition": {"record_ids": visit}});
    script.crm_named("visits", (-20, 15, 10), MARA, "create_segment", visit);
}
