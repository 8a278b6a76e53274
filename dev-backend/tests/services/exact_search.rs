//! The quick ways of searching find what the slow ones would.

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, id};

/// More records than are found before they are put in order.
const MANY: usize = 2_600;

/// Texts in which upper and lower case, marks or patterns could be mistaken.
const TEXTS: [&str; 22] = [
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
    "before\0after it",
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

/// A contact as the test knows it.
struct Known {
    id: String,
    first_name: Option<String>,
    score: Option<f64>,
    tier: Option<&'static str>,
}

/// Contacts by SQL of the test's own: names that begin with capitals or not, some without, and properties that
/// many share and every fifth has not.
fn fill(path: &std::path::Path, score: &str, tier: &str) -> Vec<Known> {
    let known = (0..MANY).map(|number| Known {
        id: format!("con_{number:05}"),
        first_name: (number % 7 != 0)
            .then(|| format!("{}-{}", ["Ö", "ö", "A", "b"][number % 4], number % 50)),
        score: (!number.is_multiple_of(5)).then_some((number * 37 % MANY / 2) as f64),
        tier: (!number.is_multiple_of(5)).then_some(["Gold", "silver", "Ärz"][number % 3]),
    });
    let known: Vec<Known> = known.collect();
    let mut database = rusqlite::Connection::open(path).unwrap();
    let transaction = database.transaction().unwrap();
    for Known { id, first_name, score: scored, tier: tiered } in &known {
        let contact =
            "INSERT INTO contact (tenant, id, email, email_key, first_name, first_name_key, created_at,
                                            updated_at)
                       VALUES ('acme', ?1, ?1, ?1, ?2, ?3, '', '')";
        let folded = first_name.as_ref().map(|name| name.to_lowercase());
        transaction.prepare_cached(contact).unwrap().execute((id, first_name, folded)).unwrap();
        let held = "INSERT INTO property_value (tenant, property_id, record_id, value, value_key, updated_at)
                    VALUES ('acme', ?1, ?2, ?3, ?4, '')";
        let mut held = transaction.prepare_cached(held).unwrap();
        if let Some(value) = scored {
            held.execute((score, id, value, value)).unwrap();
        }
        if let Some(value) = tiered {
            held.execute((tier, id, value, value.to_lowercase())).unwrap();
        }
    }
    transaction.commit().unwrap();
    known
}

/// A filter in the words of a caller, and in the test's own.
type Condition = (Json, fn(&Known) -> bool);

fn filter(field: &str, op: &str, value: impl Into<Json>) -> Json {
    json!([{"field": field, "op": op, "value": value.into()}])
}

fn conditions() -> Vec<Condition> {
    vec![
        (json!([]), |_| true),
        (filter("email", "contains", "con_"), |_| true),
        (filter("email", "contains", "_0001"), |known| known.id.contains("_0001")),
        (filter("first_name", "eq", "Ö-4"), |known| {
            known.first_name.as_ref().is_some_and(|name| name.to_lowercase() == "ö-4")
        }),
        (filter("first_name", "contains", "-"), |known| known.first_name.is_some()),
        (filter("first_name", "is_set", false), |known| known.first_name.is_none()),
        (filter("score", "gte", 3), |known| known.score.is_some_and(|score| score >= 3.0)),
        (filter("score", "between", json!([40, 60])), |known| {
            known.score.is_some_and(|score| (40.0..=60.0).contains(&score))
        }),
        (filter("score", "ne", 7), |known| known.score != Some(7.0)),
        (filter("tier", "in", json!(["GOLD", "ärz", "SILVER"])), |known| known.tier.is_some()),
        (filter("tier", "lt", "h"), |known| known.tier == Some("Gold")),
        (
            json!([{"field": "tier", "op": "contains", "value": "L"}, {"field": "score", "op": "gt", "value": 9}]),
            |known| {
                known.tier.is_some_and(|tier| tier != "Ärz") && known.score.is_some_and(|score| score > 9.0)
            },
        ),
    ]
}

/// Compares two records by a field, those without a value behind all others.
fn order(field: &str, ascending: bool, one: &Known, other: &Known) -> std::cmp::Ordering {
    let directed = |order: std::cmp::Ordering| if ascending { order } else { order.reverse() };
    let (absent, values) = match field {
        "score" => (one.score.is_none().cmp(&other.score.is_none()), one.score.partial_cmp(&other.score)),
        "email" => (std::cmp::Ordering::Equal, Some(one.id.cmp(&other.id))),
        _ => {
            let key = |known: &Known| match field {
                "tier" => known.tier.map(str::to_lowercase),
                _ => known.first_name.as_ref().map(|name| name.to_lowercase()),
            };
            (key(one).is_none().cmp(&key(other).is_none()), Some(key(one).cmp(&key(other))))
        }
    };
    absent.then(directed(values.unwrap())).then(directed(one.id.cmp(&other.id)))
}

#[tokio::test]
async fn few_and_many_records_come_in_order() {
    const LIMIT: usize = 30;
    let backend = Backend::start().await;
    let score = json!({"object_type": "contact", "name": "score", "data_type": "number"});
    let score = id(&backend.ok("/mcp/crm/define_property", score).await);
    let tier = json!({"object_type": "contact", "name": "tier", "data_type": "string"});
    let tier = id(&backend.ok("/mcp/crm/define_property", tier).await);
    let known = fill(&backend.file(), &score, &tier);
    for (filters, holds) in conditions() {
        for field in ["first_name", "email", "score", "tier"] {
            for direction in ["ASC", "DESC"] {
                let mut expected: Vec<&Known> = known.iter().filter(|known| holds(known)).collect();
                expected.sort_by(|one, other| order(field, direction == "ASC", one, other));
                let expected: Vec<&str> = expected.into_iter().map(|known| known.id.as_str()).collect();
                let total = expected.len();
                // The beginning, where the values end, the end, and what is behind it.
                for offset in [0, total * 4 / 5, total.saturating_sub(LIMIT / 2), total + 1] {
                    let page = json!({"object_type": "contact", "filters": filters, "sort_by": field,
                                      "sort_dir": direction, "limit": LIMIT, "offset": offset});
                    let page = backend.ok("/mcp/crm/search_advanced", page).await;
                    let wanted = expected.iter().skip(offset).take(LIMIT).map(ToString::to_string).collect();
                    let found = (page["total"].clone(), each(&page, "id"));
                    assert_eq!(found, (json!(total), wanted), "{filters} {field} {direction} {offset}");
                }
            }
        }
    }
}
