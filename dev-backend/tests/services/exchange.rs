//! Contacts in and out as CSV, and e-mails on record.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::backend::{Backend, each, search};

const IMPORT: &str = "/mcp/crm/import/contacts_csv";
const EXPORT: &str = "/mcp/crm/export/contacts_csv";

fn csv(text: &str) -> Json {
    json!({"csv_text": text})
}

/// The lines that came to this end.
fn lines(report: &Json, outcome: &str) -> Vec<u64> {
    let items = report["items"].as_array().unwrap().iter();
    items.filter(|item| item["outcome"] == outcome).map(|item| item["line"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn ten_thousand_rows_with_37_bad_ones_name_exactly_those() {
    let backend = Backend::start().await;
    let bad = [
        "not an address,Bad,Row,,",
        ",Bad,Row,,",
        "bad{n}@x.example,too,many,cells,in,it",
        "bad{n}@x.example,too few",
        ",,,,",
        "\"bad{n}@x.example,\"open quote,Row,,",
        "bad{n}@x.example,\"open quote,Row,,",
    ];
    let mut text = String::from("email,first_name,last_name,phone,company_name\n");
    let mut expected = Vec::new();
    for number in 0..10_000_u64 {
        let line = number + 2;
        // 37 of them, spread over the file, the last row included.
        if number % 270 == 0 && expected.len() < 36 || number == 9_999 {
            expected.push(line);
            let row = bad[expected.len() % bad.len()].replace("{n}", &number.to_string());
            writeln!(text, "{row}").unwrap();
        } else {
            writeln!(
                text,
                "p{number}@x.example,First{number},Last,+49 30 {:07},Firm {}",
                number,
                number % 50
            )
            .unwrap();
        }
    }
    assert_eq!(expected.len(), 37);
    let report = backend.ok(IMPORT, csv(&text)).await;
    assert_eq!(report["rejected_lines"], json!(expected));
    assert_eq!(lines(&report, "rejected"), expected);
    assert_eq!(
        (report["total"].clone(), report["created"].clone(), report["rejected"].clone()),
        (json!(10_000), json!(9_963), json!(37))
    );
    assert!(
        report["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["problem"].is_string() == (item["outcome"] == "rejected"))
    );
    let found = backend.ok("/mcp/crm/search_customers", search("last first9998")).await;
    assert_eq!(
        (found["total"].clone(), found["items"][0]["company_name"].clone()),
        (json!(1), json!("Firm 48"))
    );
    let again = backend.ok(IMPORT, csv(&text)).await;
    assert_eq!(
        (again["unchanged"].clone(), again["rejected_lines"].clone()),
        (json!(9_963), json!(expected))
    );
}

#[tokio::test]
async fn headers_delimiters_quotes_and_line_ends_of_other_programs_are_read() {
    let backend = Backend::start().await;
    let cases = [
        ("email,first_name\na@x.example,Ada\n", ",", "Ada", 2),
        ("\u{feff}E-Mail;Vorname\r\na@x.example;Ada\r\n", ";", "Ada", 2),
        ("Given Name\tE-Mail Address\nAda\ta@x.example", "\t", "Ada", 2),
        ("First-Name|EMAIL\r\rAda|a@x.example\r", "|", "Ada", 3),
        ("email,forename,notes\na@x.example,\"A \"\"d\"\", a\",x\n", ",", "A \"d\", a", 2),
        ("\n\nemail,first_name\n\n\na@x.example,\"two\nlines\"\n", ",", "two\nlines", 6),
    ];
    for (number, (text, delimiter, first_name, line)) in cases.into_iter().enumerate() {
        let tenant = format!("tenant-{number}");
        let given = json!({"csv_text": text, "delimiter": delimiter, "workspace_id": "w"});
        let report = backend.ok_as(&tenant, IMPORT, given).await;
        assert_eq!(lines(&report, "created"), [line], "{text:?}: {report}");
        let found = backend.ok_as(&tenant, "/mcp/crm/search_customers", search("a@x.example")).await;
        assert_eq!(found["items"][0]["first_name"], first_name, "{text:?}");
    }
    let report = backend.ok(IMPORT, csv("email,Notes,Phone Number\nb@x.example,n,+4930123\n")).await;
    assert_eq!(report["columns"], json!({"email": "email", "phone": "Phone Number"}));
    assert_eq!(report["ignored_columns"], json!(["Notes"]));
    for (given, named) in [
        (csv("name,notes\nAda,x\n"), "name, notes"),
        (csv("emial,notes\nAda,x\n"), "did you mean \"email\"?"),
        (csv("email,E-Mail\nAda,x\n"), "\"email\" and \"E-Mail\" both hold email"),
        (csv(""), "no header"),
        (json!({"csv_text": "email\n", "delimiter": "\""}), "delimiter"),
        (json!({"csv_text": "email\n", "delimiter": "é"}), "delimiter"),
        (json!({"csv_text": "email\n", "delimiter": "ab"}), "delimiter"),
    ] {
        let answer = backend.post(IMPORT, given.clone()).await;
        assert_eq!(answer.status, 422, "{given}: {}", answer.body);
        assert!(answer.message().contains(named), "{given}: {}", answer.message());
    }
}

#[tokio::test]
async fn an_open_quote_costs_its_own_row_only() {
    let backend = Backend::start().await;
    let text = "email,first_name,last_name\n\
                a@x.example,\"Ada,Love\n\
                b@x.example,Bo,\"Li\"\n\
                c@x.example,\"Cy,Coe\n\
                d@x.example,\"Di\",Day\n\
                e@x.example,Ed,\"East\n";
    let report = backend.ok(IMPORT, csv(text)).await;
    assert_eq!(lines(&report, "rejected"), [2, 4, 6], "{report}");
    assert_eq!(lines(&report, "created"), [3, 5], "{report}");
    // A file of nothing but open quotes is given back instead of being read again and again.
    let hostile = format!("email,x\n{}", "b\",\"\na@b.example,c\n".repeat(5_000));
    let answer = backend.post(IMPORT, csv(&hostile)).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let many = format!("email\n{}", "a@b.example\n".repeat(20_001));
    assert!(backend.post(IMPORT, csv(&many)).await.message().contains("20000 rows"));
}

#[tokio::test]
async fn people_are_recognised_by_address_and_by_phone() {
    let backend = Backend::start().await;
    let ada = json!({"email": "ada@x.example", "first_name": "Ada", "last_name": "Li", "phone": "+49 (30) 123 4567"});
    let ada = backend.ok("/mcp/crm/upsert_contact", ada).await;
    let text = "email,first_name,last_name,phone,company\n\
                ADA@X.example,,,,Acme\n\
                ,Ada,,+49 30 1234567,\n\
                ada.li@new.example,ada,LI,+49-30-1234567,Acme\n\
                bob@x.example,Bob,Li,+49 30 1234567,\n\
                ,Bob,Ray,+49 30 1234567,\n\
                ,Eve,,+1 555 0000000,\n\
                ,Bob,Li,0,\n\
                c1@x.example,Cy,,+1 555 7777777,\n\
                c2@x.example,Cy,,+1 555 7777777,\n\
                ,,,+1 555 7777777,New\n";
    let report = backend.ok(IMPORT, csv(text)).await;
    let outcomes = each(&report, "outcome");
    let expected = [
        "updated",
        "unchanged",
        "updated",
        "created",
        "rejected",
        "rejected",
        "rejected",
        "created",
        "created",
        "rejected",
    ];
    assert_eq!(outcomes, expected, "{report}");
    for index in 0..3 {
        assert_eq!(report["items"][index]["contact_id"], ada["id"], "{index}");
    }
    let note = report["items"][2]["note"].as_str().unwrap();
    assert!(note.contains("ada@x.example") && note.contains("ada.li@new.example"), "{note}");
    for (index, problem) in
        [(4, "another name"), (5, "no contact"), (6, "no contact"), (9, "several contacts")]
    {
        assert!(report["items"][index]["problem"].as_str().unwrap().contains(problem), "{report}");
    }
    // What a row leaves empty stays.
    let ada = backend.ok("/mcp/crm/lookup_customer", json!({"customer_id": ada["id"]})).await;
    assert_eq!(
        (ada["phone"].clone(), ada["company_name"].clone()),
        (json!("+49 (30) 123 4567"), json!("Acme"))
    );
}

#[tokio::test]
async fn an_export_comes_back_as_it_was_and_calculates_nothing() {
    let backend = Backend::start().await;
    let names = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "'=1",
        "''+1",
        "'quoted'",
        "a,b;c\td",
        "say \"hi\"",
        "two\nlines\r\nand three",
        "\u{202e}right",
        "Ünï 中文",
        "x",
        "marker\u{0}nul",
        "O'Hara",
        "'",
    ];
    for (number, name) in names.iter().enumerate() {
        let phone = if number % 2 == 0 { "+49 30 1234567" } else { "-1" };
        let contact = json!({"email": format!("+{number}=x@x.example"), "first_name": name, "last_name": name, "phone": phone, "company_name": name});
        backend.ok("/mcp/crm/upsert_contact", contact).await;
    }
    backend.ok("/mcp/crm/upsert_contact", json!({"email": "bare@x.example"})).await;
    let exported = backend.ok(EXPORT, json!({})).await;
    assert_eq!(
        (exported["count"].clone(), exported["next_offset"].clone()),
        (json!(names.len() + 1), json!(null))
    );
    let text = exported["csv_text"].as_str().unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
    let report = backend.ok_as("other", IMPORT, csv(text)).await;
    assert_eq!(report["created"], names.len() + 1, "{report}");
    assert_eq!(backend.ok_as("other", EXPORT, json!({})).await["csv_text"], exported["csv_text"]);
    let first = backend.ok(EXPORT, json!({"limit": 2})).await;
    assert_eq!((first["count"].clone(), first["total"].clone()), (json!(2), json!(names.len() + 1)));
    let rest = backend.ok(EXPORT, json!({"limit": 5000, "offset": first["next_offset"]})).await;
    assert_eq!(rest["count"], names.len() - 1);
    for given in [json!({"limit": 0}), json!({"limit": 5001}), json!({"offset": -1})] {
        assert_eq!(backend.post(EXPORT, given.clone()).await.status, 422, "{given}");
    }
}

#[tokio::test]
async fn an_email_shows_in_the_timeline() {
    let backend = Backend::start().await;
    let contact = backend.ok("/mcp/crm/upsert_contact", json!({"email": "a@b.example"})).await;
    let route = "/mcp/crm/engagements/log_email";
    let email = |more: Json| {
        let mut given = json!({"entity_type": "contact", "entity_id": contact["id"], "subject": "Quote", "body": "Here it is"});
        given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        given
    };
    let sent = backend.ok(route, email(json!({"occurred_at": "2027-02-11T09:30:00+01:00"}))).await;
    assert_eq!(
        (sent["direction"].clone(), sent["occurred_at"].clone()),
        (json!("outbound"), json!("2027-02-11T08:30:00.000Z"))
    );
    backend.ok(route, email(json!({"direction": "inbound", "subject": "", "body": ""}))).await;
    let timeline = json!({"entity_type": "contact", "entity_id": contact["id"]});
    let timeline = backend.ok("/mcp/crm/timeline", timeline).await;
    assert_eq!(each(&timeline, "kind"), ["email.logged", "email.logged", "contact.created"]);
    assert_eq!(timeline["items"][1]["details"]["body"], "Here it is");
    for (given, status) in [
        (email(json!({"direction": "sideways"})), 422),
        (email(json!({"occurred_at": "yesterday"})), 422),
        (email(json!({"entity_id": "con_0"})), 404),
        (email(json!({"entity_type": "contcat"})), 422),
    ] {
        assert_eq!(backend.post(route, given.clone()).await.status, status, "{given}");
    }
}
