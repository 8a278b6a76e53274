//! The quick ways of searching find what the slow ones would.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, id};

/// More records than are sorted one by one.
const MANY: usize = 5_200;

/// Texts in which upper and lower case, marks or patterns could be mistaken.
const TEXTS: [&str; 21] = [
    "\u{212b}ngstr\u{d6}m",
    "Stra\u{1e9e}e",
    "Jo\u{178}ce \u{c6}r\u{d8}",
    "Kelvin \u{212a}2 scale",
    "XY\u{130}stanbul",
    "i\u{307}stanbul",
    "ISTANBUL",
    "Stra\u{df}e",
    "STRASSE",
    "\u{39f}\u{394}\u{39f}\u{3a3} Road",
    "\u{10400}deseret",
    "100% of it",
    "100 percent",
    "under_score",
    "underXscore",
    "back\\slash",
    "a \"quoted\" name",
    "O'Brien-Smith",
    "\u{d6}deg\u{e5}rd",
    "odeg\u{e5}rd",
    "Zo\u{eb} \u{65e5}\u{672c}\u{8a9e}",
];

#[tokio::test]
async fn a_part_of_a_text_is_found_wherever_it_stands() {
    let backend = Backend::start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let contact = json!({"email": format!("c{number}@x.example"), "last_name": text});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    // Every part of up to five letters of every text, as it stands and in capitals.
    let mut parts: Vec<String> = Vec::new();
    for text in TEXTS {
        let letters: Vec<char> = text.chars().collect();
        for width in [1, 2, 3, 5] {
            let windows = letters.windows(width).map(String::from_iter);
            parts.extend(windows.flat_map(|part: String| [part.to_uppercase(), part]));
        }
    }
    parts.sort();
    parts.dedup();
    for part in parts {
        let folded = part.to_lowercase();
        let mut expected: Vec<&str> =
            TEXTS.into_iter().filter(|text| text.to_lowercase().contains(&folded)).collect();
        let filters = json!([{"field": "last_name", "op": "contains", "value": part}]);
        let search = json!({"object_type": "contact", "filters": filters, "limit": 100});
        let found = backend.ok("/mcp/crm/search_advanced", search).await;
        let mut names = each(&found, "last_name");
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected, "{part:?}");
    }
    for text in TEXTS {
        // In capitals it may be another text: two letters for a sharp s.
        let capitals = text.to_uppercase();
        let folded = capitals.to_lowercase();
        let mut expected: Vec<&str> =
            TEXTS.into_iter().filter(|other| other.to_lowercase() == folded).collect();
        let filters = json!([{"field": "last_name", "op": "eq", "value": capitals}]);
        let search = json!({"object_type": "contact", "filters": filters});
        let found = backend.ok("/mcp/crm/search_advanced", search).await;
        let mut names = each(&found, "last_name");
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected, "{text:?}");
    }
}

#[tokio::test]
async fn many_records_come_in_the_order_of_a_property_page_by_page() {
    let backend = Backend::start().await;
    let property = json!({"object_type": "contact", "name": "score", "data_type": "number"});
    let property = id(&backend.ok("/mcp/crm/define_property", property).await);
    // Two share each value, and every fifth has none.
    let value = |number: usize| (!number.is_multiple_of(5)).then_some((number * 37 % MANY / 2) as f64);
    {
        let mut database = rusqlite::Connection::open(backend.file()).unwrap();
        let transaction = database.transaction().unwrap();
        for number in 0..MANY {
            let contact = "INSERT INTO contact (tenant, id, email, email_key, created_at, updated_at)
                           VALUES ('acme', ?1, ?1, ?1, '', '')";
            let contact_id = format!("con_{number:05}");
            transaction.prepare_cached(contact).unwrap().execute([&contact_id]).unwrap();
            if let Some(value) = value(number) {
                let held = "INSERT INTO property_value (tenant, property_id, record_id, value, updated_at)
                            VALUES ('acme', ?1, ?2, ?3, '')";
                transaction.prepare_cached(held).unwrap().execute((&property, contact_id, value)).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
    for direction in ["ASC", "DESC"] {
        let mut expected: Vec<(Option<f64>, String)> =
            (0..MANY).map(|number| (value(number), format!("con_{number:05}"))).collect();
        expected.sort_by(|one, other| {
            let order = one.partial_cmp(other).unwrap();
            let order = if direction == "ASC" { order } else { order.reverse() };
            one.0.is_none().cmp(&other.0.is_none()).then(order)
        });
        let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
        let (mut ids, mut offset) = (Vec::new(), json!(0));
        while offset != Json::Null {
            let page = json!({"object_type": "contact", "filters": [{"field": "email", "op": "contains", "value": "con_"}],
                              "sort_by": "score", "sort_dir": direction, "limit": 700, "offset": offset});
            let page = backend.ok("/mcp/crm/search_advanced", page).await;
            assert_eq!(page["total"], MANY);
            ids.extend(each(&page, "id"));
            offset = page["next_offset"].clone();
        }
        assert_eq!(ids, expected, "{direction}");
    }
}
