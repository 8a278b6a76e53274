//! What the people of Kestrel Coffee and their agents have written down, most of it linked to whom it is
//! about.

use serde_json::json;

use super::script::Script;
use super::team::{JONAS, MARA, PRIYA, TOM};

/// How many days ago, by whom, kind, text, tags, and what it is about: kind and name.
type Memory = (
    i32,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<(&'static str, &'static str)>,
);

const MEMORIES: [Memory; 40] = [
    (
        170,
        MARA,
        "preference",
        "Helen Marsh prefers calls before noon and answers e-mail within a day",
        &["helen", "scheduling"],
        Some(("contact", "helen")),
    ),
    (
        165,
        MARA,
        "fact",
        "Northwind Foods closes its books at the end of June; large orders need approval in May",
        &["northwind", "budget"],
        Some(("company", "northwind")),
    ),
    (
        158,
        JONAS,
        "preference",
        "Ada Lovelace prefers calls after 14:00 and wants documents two days ahead",
        &["ada", "scheduling"],
        Some(("contact", "ada")),
    ),
    (
        157,
        JONAS,
        "fact",
        "Analytical Engines has 130 people on two floors; the third floor moves in next quarter",
        &["engines"],
        Some(("company", "engines")),
    ),
    (
        150,
        MARA,
        "preference",
        "Yuki Tanaka likes darker roasts; the Harbour blend was made for her hotels",
        &["yuki", "roast"],
        Some(("contact", "yuki")),
    ),
    (
        148,
        MARA,
        "fact",
        "Harbour Hotels pays within 14 days when given 2 % discount",
        &["harbour", "payment"],
        Some(("company", "harbour")),
    ),
    (
        141,
        TOM,
        "fact",
        "The water at the pier hotel is hard: 18 degrees; filters last four months, not six",
        &["harbour", "water", "service"],
        Some(("company", "harbour")),
    ),
    (
        139,
        JONAS,
        "preference",
        "Brightwater Dental wants silent machines while patients wait; service before 8:00",
        &["brightwater", "service"],
        Some(("company", "brightwater")),
    ),
    (
        133,
        MARA,
        "fact",
        "Bert Janssen starts work at 3:00 and is best met at the bakery before 7:00",
        &["bert", "scheduling"],
        Some(("contact", "bert")),
    ),
    (
        129,
        PRIYA,
        "instruction",
        "Invoices for Northwind need the purchase order number in the first line",
        &["northwind", "billing"],
        Some(("contact", "ruth")),
    ),
    (
        121,
        PRIYA,
        "instruction",
        "Deliver to Northwind stores before 7:00; the ramp is blocked afterwards",
        &["northwind", "delivery"],
        Some(("contact", "oscar")),
    ),
    (
        117,
        MARA,
        "summary",
        "Tasting at Harbour Hotels: six people, four blends, the Harbour blend won",
        &["harbour", "tasting"],
        Some(("deal", "hh-bars")),
    ),
    (
        110,
        JONAS,
        "fact",
        "Cobalt Studios rents a second studio from autumn; Bureau Nord plans it",
        &["cobalt", "partner"],
        Some(("company", "cobalt")),
    ),
    (
        104,
        TOM,
        "fact",
        "The Wren 1 takes a tank kit; the Swift series needs a water inlet",
        &["machines"],
        None,
    ),
    (
        103,
        TOM,
        "instruction",
        "Log the serial number with every repair; it is under the drip tray",
        &["machines", "service"],
        None,
    ),
    (
        99,
        MARA,
        "fact",
        "Diego Ramos of Harbour Hotels would help at our stand at the trade fair",
        &["diego", "trade-fair"],
        Some(("contact", "diego")),
    ),
    (95, MARA, "instruction", "Discounts above 3 % need Mara's consent", &["pricing", "policy"], None),
    (93, PRIYA, "instruction", "Offers are valid for 30 days; renewals for 45", &["pricing", "policy"], None),
    (
        90,
        PRIYA,
        "fact",
        "Delivery within the city takes one working day, elsewhere three",
        &["delivery", "policy"],
        None,
    ),
    (
        88,
        PRIYA,
        "fact",
        "Opening hours of support: 7:00 to 18:00 on working days; emergencies by phone until 22:00",
        &["support", "policy"],
        None,
    ),
    (
        86,
        TOM,
        "instruction",
        "Machine does not heat: check the safety switch behind the tank, then the fuse, then call Tom",
        &["support", "machines"],
        None,
    ),
    (
        85,
        TOM,
        "instruction",
        "Grinder blocked: switch off, empty the hopper, turn the disc one notch coarser",
        &["support", "machines"],
        None,
    ),
    (
        84,
        TOM,
        "instruction",
        "Milk foam too thin: clean the nozzle, milk at 4 degrees, descale if older than three months",
        &["support", "machines"],
        None,
    ),
    (
        83,
        PRIYA,
        "instruction",
        "Wrong beans delivered: keep them, we send the right ones free of charge the same day",
        &["support", "delivery"],
        None,
    ),
    (
        78,
        MARA,
        "fact",
        "Ironbridge Logistics runs nine depots in three shifts; vending must take cards",
        &["ironbridge"],
        Some(("company", "ironbridge")),
    ),
    (
        70,
        MARA,
        "fact",
        "Vera Lang speaks for the works council of Ironbridge and wants free water",
        &["vera", "ironbridge"],
        Some(("contact", "vera")),
    ),
    (
        64,
        MARA,
        "fact",
        "Meridian Insurance is unhappy with its supplier, who raised prices twice this year",
        &["meridian", "competitor"],
        Some(("company", "meridian")),
    ),
    (
        57,
        PRIYA,
        "summary",
        "Quarterly review with Yuki Tanaka: 20 % above plan, asks for seasonal specials",
        &["yuki", "review"],
        Some(("contact", "yuki")),
    ),
    (
        50,
        MARA,
        "preference",
        "Carla Conti decides with Dmitri Orlov; write to both",
        &["carla", "meridian"],
        Some(("contact", "carla")),
    ),
    (
        45,
        JONAS,
        "fact",
        "Hanna Vogel came to us through Edith Moore of Old Mill Books",
        &["hanna", "referral"],
        Some(("contact", "hanna")),
    ),
    (
        37,
        JONAS,
        "instruction",
        "Juniper Law takes offers in its own template only",
        &["juniper", "template"],
        Some(("company", "juniper")),
    ),
    (
        32,
        MARA,
        "fact",
        "Northwind renewal: they ask for 4 % less over two years; our floor is 2 %",
        &["northwind", "renewal", "pricing"],
        Some(("deal", "nw-renewal")),
    ),
    (
        30,
        JONAS,
        "fact",
        "Hilltop Bakery bought used grinders from a colleague; the price decided",
        &["hilltop", "lost"],
        Some(("deal", "hb-second")),
    ),
    (
        18,
        MARA,
        "preference",
        "Gita Rao cares about packaging and transport; bring figures by site",
        &["gita", "sustainability"],
        Some(("contact", "gita")),
    ),
    (
        12,
        JONAS,
        "fact",
        "Lakeside Gym opens its bar in March; oat milk is a must",
        &["lakeside"],
        Some(("company", "lakeside")),
    ),
    (
        9,
        MARA,
        "summary",
        "Northwind renewal: agreed on 2.5 % for two years; management decides next week",
        &["northwind", "renewal"],
        Some(("deal", "nw-renewal")),
    ),
    (
        8,
        JONAS,
        "preference",
        "William Ash prefers porcelain to glass",
        &["william", "juniper"],
        Some(("contact", "william")),
    ),
    (
        7,
        PRIYA,
        "note",
        "Christmas blend: tell Hilltop Bakery in good time",
        &["hilltop", "seasonal"],
        Some(("company", "hilltop")),
    ),
    (180, PRIYA, "note", "Old price list, replaced in spring", &["pricing", "outdated"], None),
    (179, PRIYA, "note", "Stand at last year's trade fair: hall 3, B 12", &["trade-fair", "outdated"], None),
];

/// The memories and their links; the last two are out of date.
pub(super) fn write(script: &mut Script) {
    for (number, (days, actor, kind, content, tags, about)) in MEMORIES.into_iter().enumerate() {
        let (name, minute) = (format!("memory-{number}"), (number % 60) as i8);
        let memory = json!({"content": content, "kind": kind, "tags": tags});
        script.memory(&name, (-days, 17, minute), actor, memory);
        if let Some((entity, about)) = about {
            let link = json!({"from_type": "memory", "from_id": format!("@{name}"), "to_type": entity, "to_id": format!("@{about}"), "association_type": "about"});
            script.crm((-days, 18, minute), actor, "link_entities", link);
        }
        if tags.contains(&"outdated") {
            script.archive((-60, 9, minute), actor, &name);
        }
    }
}
