//! The people at those companies.

use serde_json::json;

use super::companies::FIRMS;
use super::script::Script;
use super::team::{JONAS, MARA, PRIYA};

/// First name, last name, job title; five for each company, in the companies' order.
const PEOPLE: [[(&str, &str, &str); 5]; 12] = [
    [
        ("Helen", "Marsh", "Head of Procurement"),
        ("Oscar", "Lindgren", "Store Operations Manager"),
        ("Ruth", "Adeyemi", "Accounts Payable"),
        ("Paul", "Keller", "Regional Manager"),
        ("Sofia", "Marino", "Category Buyer"),
    ],
    [
        ("Martin", "Hale", "General Manager"),
        ("Yuki", "Tanaka", "Food and Beverage Director"),
        ("Clara", "Jensen", "Front Office Manager"),
        ("Diego", "Ramos", "Head Barista"),
        ("Nora", "Byrne", "Finance Controller"),
    ],
    [
        ("Ada", "Lovelace", "Chief Operating Officer"),
        ("Grace", "Hopper", "Office Manager"),
        ("Alan", "Turing", "Head of Research"),
        ("Katherine", "Johnson", "Finance Lead"),
        ("Linus", "Berg", "Workplace Assistant"),
    ],
    [
        ("Samuel", "Brook", "Practice Owner"),
        ("Ines", "Ferreira", "Practice Manager"),
        ("Tilda", "Holm", "Reception Lead"),
        ("Victor", "Osei", "Dental Surgeon"),
        ("Wendy", "Clarke", "Bookkeeper"),
    ],
    [
        ("Felix", "Brandt", "Creative Director"),
        ("Amara", "Diallo", "Studio Manager"),
        ("Jules", "Martin", "Producer"),
        ("Kim", "Novak", "Illustrator"),
        ("Rosa", "Vidal", "Accounts"),
    ],
    [
        ("Bert", "Janssen", "Owner"),
        ("Lena", "Janssen", "Shop Manager"),
        ("Omar", "Haddad", "Head Baker"),
        ("Pia", "Sommer", "Shop Manager South"),
        ("Quentin", "Moss", "Driver"),
    ],
    [
        ("Rachel", "Stone", "Facilities Director"),
        ("Stefan", "Kowalski", "Purchasing Manager"),
        ("Tara", "Singh", "Depot Manager North"),
        ("Umar", "Farooq", "Depot Manager South"),
        ("Vera", "Lang", "Works Council"),
    ],
    [
        ("William", "Ash", "Managing Partner"),
        ("Xenia", "Popova", "Office Director"),
        ("Yannick", "Dubois", "Partner"),
        ("Zora", "Neale", "Reception"),
        ("Ben", "Archer", "IT Support"),
    ],
    [
        ("Carla", "Conti", "Head of Workplace"),
        ("Dmitri", "Orlov", "Category Manager"),
        ("Elif", "Demir", "Legal Counsel"),
        ("Frank", "Meyer", "Site Manager"),
        ("Gita", "Rao", "Sustainability Officer"),
    ],
    [
        ("Hanna", "Vogel", "Managing Director"),
        ("Ivan", "Petrov", "Branch Manager"),
        ("Jana", "Kral", "Marketing"),
        ("Karl", "Otto", "Branch Manager East"),
        ("Lucia", "Ricci", "Assistant"),
    ],
    [
        ("Mike", "Ford", "Owner"),
        ("Nadia", "Khan", "Club Manager"),
        ("Owen", "Price", "Trainer"),
        ("Petra", "Horak", "Reception"),
        ("Rafael", "Costa", "Nutrition Coach"),
    ],
    [
        ("Edith", "Moore", "Owner"),
        ("Leo", "Moore", "Shop Assistant"),
        ("Tessa", "Wolf", "Events"),
        ("Urs", "Frei", "Buyer"),
        ("Violet", "Chan", "Bookkeeper"),
    ],
];

/// The contacts with their properties, a person who came in twice, and segments.
pub(super) fn write(script: &mut Script) {
    let mut number = 0;
    for (firm, people) in FIRMS.iter().zip(PEOPLE) {
        for (place, (first, last, title)) in (0..).zip(people) {
            let (local, day) = (first.to_lowercase(), 3 * place - firm.known);
            let who = if number % 3 == 0 { JONAS } else { PRIYA };
            let contact = json!({
                "email": format!("{local}@{}", firm.domain),
                "first_name": first,
                "last_name": last,
                "phone": format!("+44 20 7946 0{:03}", 100 + number),
                "company_name": firm.name,
            });
            script.crm_named(&local, (day, 10, 5), who, "upsert_contact", contact);
            let mut property = |minute, name: &str, value| {
                let property = json!({"object_type": "contact", "record_id": format!("@{local}"), "property_name": name, "value": value});
                script.crm((day, 10, minute), who, "set_property", property);
            };
            property(6, "job_title", json!(title));
            if place == 0 {
                property(7, "seniority", json!("executive"));
            }
            if place < 2 {
                property(8, "newsletter", json!(number % 4 != 1));
            }
            number += 1;
        }
    }
    // She wrote from her own address once, and was entered again.
    let twice = json!({"email": "helen.marsh@example.com", "first_name": "Helen", "last_name": "Marsh"});
    script.crm_named("helen-twice", (-88, 16, 40), PRIYA, "upsert_contact", twice);
    let note = json!({"customer_id": "@helen-twice", "text": "Wrote from her own address: asks whether decaf beans come in 5 kg bags."});
    script.crm((-88, 16, 42), PRIYA, "create_note", note);
    let merge = json!({"source_contact_id": "@helen-twice", "target_contact_id": "@helen", "reason": "Same person, her own address"});
    script.crm((-87, 9, 15), PRIYA, "merge_contacts", merge);
    let same = json!({"email": "y.tanaka@harbourhotels.example", "first_name": "Yuki", "last_name": "Tanaka", "company_name": "Harbour Hotels"});
    script.crm_named("yuki-twice", (-12, 13, 5), JONAS, "upsert_contact", same);
    for (name, title, field, value) in [
        ("decision-makers", "Decision makers", "seniority", json!("executive")),
        ("newsletter", "Newsletter", "newsletter", json!(true)),
    ] {
        let filters = json!([{"field": field, "op": "eq", "value": value}]);
        let segment = json!({"object_type": "contact", "name": title, "is_dynamic": true, "definition": {"filters": filters}});
        script.crm_named(name, (-19, 15, 0), MARA, "create_segment", segment);
    }
}
