//! Whatever stands in a text argument of a tool is text: refused for what it says, or stored
//! and found as it was written. Tools and their arguments are the product's own, so none is forgotten.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tests::client::Client;
use tests::gateway::{Gateway, product};

/// Texts that mean something to SQL, in quotes of both kinds and without.
const TEXTS: [&str; 3] = [
    "x\" OR \"1\"=\"1",
    "Robert'); DELETE FROM event WHERE ('1'='1'); --",
    "1; UPDATE deal SET amount = 0; DROP TABLE contact",
];

/// Where a text can stand in a tool's arguments: the keys and positions that lead there.
type Place = Vec<String>;

/// The full arguments of a tool's richest example, with every other text that it takes.
fn arguments(spec: &runtime::Spec) -> Map<String, Value> {
    let examples = spec.examples.iter().map(|example| serde_json::from_str::<Map<_, _>>(example).unwrap());
    let mut arguments = examples.max_by_key(Map::len).unwrap_or_default();
    let schema: Value = serde_json::from_str(spec.input_schema).unwrap();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if property["type"] == "string" && !arguments.contains_key(name) {
            arguments.insert(name.clone(), Value::Null);
        }
    }
    arguments
}

/// Every place in the arguments where a text stands or could.
fn places(value: &Value, place: &Place, found: &mut Vec<Place>) {
    let mut descend = |key: String, inner: &Value| places(inner, &[place.as_slice(), &[key]].concat(), found);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| descend(key.clone(), inner)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| descend(index.to_string(), inner));
        }
        Value::String(_) | Value::Null => found.push(place.clone()),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The arguments with the text in this place, and without what was only a place for one.
fn with(arguments: &Map<String, Value>, place: &Place, text: &str) -> Value {
    let mut given = json!(arguments);
    let pointer = format!("/{}", place.join("/"));
    *given.pointer_mut(&pointer).unwrap() = json!(text);
    given.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    given["user_approved"] = json!(true);
    given
}

/// The columns of texts in the database, as SQL that counts those with the text `?1` or `?2`.
fn looks(database: &rusqlite::Connection) -> Vec<String> {
    let list = "SELECT listed.name, held.name FROM sqlite_schema AS listed JOIN pragma_table_info(listed.name) AS held
                WHERE listed.type = 'table' AND held.type IN ('TEXT', 'ANY') AND listed.name <> 'operation'";
    let mut columns = database.prepare(list).unwrap();
    let looks = columns.query_map([], |row| {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(format!("SELECT count(*) FROM {table} WHERE instr({column}, ?1) OR instr({column}, ?2)"))
    });
    looks.unwrap().map(Result::unwrap).collect()
}

/// Whether a field of the database holds this text, alone or within another.
fn is_held(database: &rusqlite::Connection, looks: &[String], text: &str) -> bool {
    // Details of events are JSON.
    let quoted = json!(text).to_string();
    let quoted = quoted.trim_matches('"');
    let count = |sql: &String| -> i64 {
        database.prepare_cached(sql).unwrap().query_row([text, quoted], |row| row.get(0)).unwrap()
    };
    looks.iter().any(|sql| count(sql) > 0)
}

#[tokio::test]
async fn text_is_text_in_every_argument_of_every_tool() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("dev.sqlite");
    let settings = dev_backend::Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.clone(),
        demo: true,
        service: None,
    };
    let backend = dev_backend::start(settings).await.unwrap();
    let gateway = Gateway::before(backend.address()).await;
    let client = gateway.client();
    let database = rusqlite::Connection::open(&data).unwrap();
    database.set_prepared_statement_cache_capacity(500);
    let looks = looks(&database);
    let (mut made, mut stored) = (0, BTreeSet::new());
    for tool in product().tools {
        let spec = tool.spec();
        let runtime::Target::Backend { .. } = spec.target else { continue };
        let arguments = arguments(spec);
        let mut all = Vec::new();
        places(&json!(arguments), &Vec::new(), &mut all);
        for place in all {
            for text in TEXTS {
                // No two arguments have the same text, so each is told by its own.
                made += 1;
                let text = format!("{text} {made}");
                let given = with(&arguments, &place, &text);
                if takes(&client, spec.name, given).await && is_held(&database, &looks, &text) {
                    stored.insert(format!("{} {}", spec.name, place.join(".")));
                }
            }
        }
    }
    // So many arguments are free text that is kept.
    assert!(stored.len() >= 45, "{}: {stored:#?}", stored.len());

    // Nothing that was there has gone, and what was written is found.
    let total = async |tool: &str, arguments: Value| {
        client.call(tool, arguments).await.content()["total"].as_i64().unwrap()
    };
    for text in TEXTS {
        assert!(total("memory_search", json!({"query": text})).await > 0, "{text}");
        assert!(total("crm_search_customers", json!({"query": text})).await > 0, "{text}");
        let filters = json!([{"field": "name", "op": "contains", "value": text}]);
        let search = json!({"object_type": "company", "filters": filters});
        assert!(total("crm_search_advanced", search).await > 0, "{text}");
    }
    let renewal =
        json!({"object_type": "deal", "filters": [{"field": "amount", "op": "eq", "value": 54_000}]});
    assert_eq!(total("crm_search_advanced", renewal).await, 1);
    assert!(gateway.stop().await);
    backend.stop().await;
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// Whether the tool takes the arguments. Where it does not, it says why, and that it is the caller's mistake.
async fn takes(client: &Client, tool: &str, arguments: Value) -> bool {
    let reply = client.call(tool, arguments.clone()).await;
    if reply.result()["isError"] != json!(true) {
        return true;
    }
    let error = reply.tool_error();
    let status = error["status"].as_u64().unwrap_or(400);
    assert!((400..500).contains(&status), "{tool} {arguments}: {error}");
    assert!(
        ["VALIDATION_ERROR", "BACKEND_ERROR"].contains(&error["error_code"].as_str().unwrap()),
        "{tool} {arguments}: {error}"
    );
    false
}
