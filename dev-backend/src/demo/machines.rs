//! The machines that stand at customers': a type of records of Kestrel Coffee's own.

use serde_json::json;

use super::script::Script;
use super::team::{MARA, TOM};

/// Serial number, model, company, groups, and how many days ago it was installed and last serviced.
const MACHINES: [(&str, &str, &str, u32, i32, i32); 8] = [
    ("KC-1042", "Swift 2", "harbour", 2, 95, 20),
    ("KC-1043", "Swift 2", "harbour", 2, 95, 95),
    ("KC-1057", "Swift 3", "harbour", 3, 94, 20),
    ("KC-1066", "Wren 1", "brightwater", 1, 108, 46),
    ("KC-1067", "Wren 1", "brightwater", 1, 108, 108),
    ("KC-1071", "Swift 1", "engines", 1, 125, 30),
    ("KC-1072", "Swift 1", "engines", 1, 125, 30),
    ("KC-1080", "Wren 1", "cobalt", 1, 80, 80),
];

/// The type, its properties, and the records, each linked to where it stands.
pub(super) fn write(script: &mut Script) {
    let machine = json!({"object_type": "machine", "label": "Machine", "plural_label": "Machines", "description": "An espresso machine at a customer's"});
    script.crm((-199, 9, 0), MARA, "define_object_type", machine);
    for (name, label, data_type, required, unique) in [
        ("name", "Serial number", "string", true, true),
        ("model", "Model", "string", true, false),
        ("groups", "Groups", "number", false, false),
        ("installed_on", "Installed on", "date", false, false),
        ("serviced_on", "Last serviced on", "date", false, false),
    ] {
        let property = json!({
            "object_type": "machine",
            "name": name,
            "label": label,
            "data_type": data_type,
            "required": required,
            "unique_property": unique,
        });
        script.crm((-199, 9, 5), MARA, "define_property", property);
    }
    for (minute, (serial, model, company, groups, installed, serviced)) in (0..).zip(MACHINES) {
        let properties =
            json!({"name": serial, "model": model, "groups": groups, "installed_on": script.day(-installed)});
        let record = json!({"object_type": "machine", "properties": properties});
        script.crm_named(serial, (-installed, 13, minute), TOM, "create_object_record", record);
        let place = json!({"from_type": "machine", "from_id": format!("@{serial}"), "to_type": "company", "to_id": format!("@{company}"), "association_type": "installed_at"});
        script.crm((-installed, 14, minute), TOM, "link_entities", place);
        if serviced < installed {
            let patch =
                json!({"record_id": format!("@{serial}"), "patch": {"serviced_on": script.day(-serviced)}});
            script.crm((-serviced, 15, minute), TOM, "update_object_record", patch);
        }
    }
    let due = json!({"filters": [{"field": "serviced_on", "op": "is_set", "value": false}]});
    let due =
        json!({"object_type": "machine", "name": "Never serviced", "is_dynamic": true, "definition": due});
    script.crm((-18, 9, 0), TOM, "create_segment", due);
}
