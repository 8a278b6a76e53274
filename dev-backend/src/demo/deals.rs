//! What Kestrel Coffee sells, has sold and has not: deals with the stages they passed through.

use serde_json::json;

use super::script::Script;
use super::team::{JONAS, MARA, PRIYA};

/// One deal.
struct Sale {
    /// Its name for references.
    key: &'static str,
    name: &'static str,
    company: &'static str,
    contact: &'static str,
    amount: Option<f64>,
    /// In how many days it is expected to close.
    closes: Option<i32>,
    seller: &'static str,
    source: &'static str,
    /// How many days ago it was made, and how many days ago it came into which stage.
    made: i32,
    moves: &'static [(i32, &'static str)],
}

const fn sale(
    (key, name): (&'static str, &'static str),
    (company, contact): (&'static str, &'static str),
    (amount, closes): (Option<f64>, Option<i32>),
    (seller, source): (&'static str, &'static str),
    made: i32,
    moves: &'static [(i32, &'static str)],
) -> Sale {
    Sale { key, name, company, contact, amount, closes, seller, source, made, moves }
}

/// The deals of the default pipeline.
const SALES: [Sale; 21] = [
    sale(
        ("nw-beans", "Beans for 14 stores"),
        ("northwind", "helen"),
        (Some(48_000.0), Some(-130)),
        (MARA, "trade_fair"),
        185,
        &[(176, "qualified"), (160, "proposal"), (144, "negotiation"), (131, "won")],
    ),
    sale(
        ("hh-bars", "Espresso bars in six hotels"),
        ("harbour", "yuki"),
        (Some(86_500.0), Some(-100)),
        (MARA, "referral"),
        178,
        &[(170, "qualified"), (149, "proposal"), (118, "negotiation"), (101, "won")],
    ),
    sale(
        ("ae-office", "Office coffee, two floors"),
        ("engines", "grace"),
        (Some(13_200.0), Some(-128)),
        (JONAS, "website"),
        165,
        &[(158, "qualified"), (147, "proposal"), (129, "won")],
    ),
    sale(
        ("bd-practices", "Machines for three practices"),
        ("brightwater", "ines"),
        (Some(9_900.0), Some(-110)),
        (JONAS, "referral"),
        152,
        &[(140, "qualified"), (128, "proposal"), (112, "won")],
    ),
    sale(
        ("hh-training", "Barista training"),
        ("harbour", "diego"),
        (Some(4_800.0), Some(-60)),
        (PRIYA, "referral"),
        98,
        &[(90, "proposal"), (62, "won")],
    ),
    sale(
        ("co-studio", "Studio machine"),
        ("cobalt", "amara"),
        (Some(5_600.0), Some(-84)),
        (JONAS, "website"),
        140,
        &[(131, "qualified"), (120, "proposal"), (85, "won")],
    ),
    sale(
        ("hb-wholesale", "Wholesale beans"),
        ("hilltop", "bert"),
        (Some(21_000.0), Some(-70)),
        (MARA, "cold_call"),
        130,
        &[(121, "qualified"), (101, "proposal"), (86, "negotiation"), (71, "won")],
    ),
    sale(
        ("hb-second", "Grinders for four shops"),
        ("hilltop", "lena"),
        (Some(7_400.0), Some(-30)),
        (JONAS, "referral"),
        92,
        &[(80, "qualified"), (61, "proposal"), (31, "lost")],
    ),
    sale(
        ("nw-cups", "Compostable cups"),
        ("northwind", "sofia"),
        (Some(6_300.0), Some(-45)),
        (JONAS, "referral"),
        95,
        &[(88, "qualified"), (46, "lost")],
    ),
    sale(
        ("nw-renewal", "Northwind renewal"),
        ("northwind", "helen"),
        (Some(54_000.0), Some(38)),
        (MARA, "referral"),
        58,
        &[(50, "qualified"), (33, "proposal"), (9, "negotiation")],
    ),
    sale(
        ("ae-renewal", "Analytical Engines renewal"),
        ("engines", "ada"),
        (Some(15_800.0), Some(24)),
        (JONAS, "referral"),
        44,
        &[(38, "qualified"), (16, "proposal")],
    ),
    sale(
        ("ae-third", "Third floor"),
        ("engines", "grace"),
        (Some(6_900.0), Some(75)),
        (JONAS, "referral"),
        15,
        &[(11, "qualified")],
    ),
    sale(
        ("il-depots", "Vending in nine depots"),
        ("ironbridge", "rachel"),
        (Some(112_000.0), Some(52)),
        (MARA, "trade_fair"),
        90,
        &[(77, "qualified"), (49, "proposal"), (13, "negotiation")],
    ),
    sale(
        ("il-pilot", "Pilot in the north depot"),
        ("ironbridge", "tara"),
        (Some(8_700.0), Some(-6)),
        (MARA, "trade_fair"),
        71,
        &[(63, "qualified"), (40, "proposal")],
    ),
    sale(
        ("jl-reception", "Reception bar"),
        ("juniper", "xenia"),
        (Some(18_400.0), Some(20)),
        (JONAS, "website"),
        76,
        &[(69, "qualified"), (37, "proposal"), (8, "negotiation")],
    ),
    sale(
        ("mi-sites", "Five sites, full service"),
        ("meridian", "carla"),
        (Some(96_000.0), Some(84)),
        (MARA, "cold_call"),
        60,
        &[(47, "qualified"), (18, "proposal")],
    ),
    sale(
        ("mi-trial", "Trial on one floor"),
        ("meridian", "frank"),
        (Some(3_200.0), Some(12)),
        (MARA, "cold_call"),
        29,
        &[(22, "qualified"), (10, "proposal")],
    ),
    sale(
        ("ft-branches", "Machines for seven branches"),
        ("fernweh", "hanna"),
        (Some(24_500.0), Some(61)),
        (JONAS, "website"),
        47,
        &[(35, "qualified")],
    ),
    sale(
        ("bd-service", "Service contract"),
        ("brightwater", "samuel"),
        (Some(3_600.0), Some(33)),
        (PRIYA, "referral"),
        26,
        &[(14, "proposal")],
    ),
    sale(
        ("lg-bar", "Juice and coffee bar"),
        ("lakeside", "nadia"),
        (Some(11_500.0), Some(110)),
        (JONAS, "trade_fair"),
        28,
        &[(12, "qualified")],
    ),
    sale(("om-corner", "Reading corner"), ("oldmill", "edith"), (None, None), (JONAS, "website"), 17, &[]),
];

/// The deals that partners brought.
const PARTNERS: [Sale; 4] = [
    sale(
        ("pa-cobalt", "Second studio, by Bureau Nord"),
        ("cobalt", "felix"),
        (Some(7_200.0), Some(45)),
        (MARA, "referral"),
        30,
        &[(11, "proposal")],
    ),
    sale(
        ("pa-fernweh", "Airport lounge, by Bureau Nord"),
        ("fernweh", "ivan"),
        (Some(31_000.0), Some(140)),
        (MARA, "referral"),
        25,
        &[],
    ),
    sale(
        ("pa-harbour", "Roof terrace, by Bureau Nord"),
        ("harbour", "martin"),
        (Some(16_800.0), Some(-20)),
        (MARA, "referral"),
        80,
        &[(55, "proposal"), (21, "won")],
    ),
    sale(
        ("pa-juniper", "Partners' lounge, by Bureau Nord"),
        ("juniper", "william"),
        (Some(12_900.0), Some(70)),
        (MARA, "referral"),
        19,
        &[],
    ),
];

/// The deals with their moves, sources and owners, and who else decides on them.
pub(super) fn write(script: &mut Script) {
    for (pipeline, sales) in [("sales", &SALES[..]), ("Partner sales", &PARTNERS[..])] {
        for sale in sales {
            open(script, pipeline, sale);
        }
    }
    for (contact, deal, role) in [
        ("nora", "hh-bars", "budget"),
        ("paul", "nw-renewal", "decision_maker"),
        ("ruth", "nw-renewal", "billing"),
        ("alan", "ae-renewal", "influencer"),
        ("stefan", "il-depots", "buyer"),
        ("vera", "il-depots", "influencer"),
        ("william", "jl-reception", "decision_maker"),
        ("dmitri", "mi-sites", "buyer"),
        ("elif", "mi-sites", "legal"),
    ] {
        let link = json!({"from_type": "contact", "from_id": format!("@{contact}"), "to_type": "deal", "to_id": format!("@{deal}"), "association_type": role});
        script.crm((-7, 14, 0), JONAS, "link_entities", link);
    }
    let large = json!({"filters": [{"field": "status", "op": "eq", "value": "open"}, {"field": "amount", "op": "gte", "value": 50_000}]});
    let large =
        json!({"object_type": "deal", "name": "Large and open", "is_dynamic": true, "definition": large});
    script.crm_named("large", (-19, 15, 30), MARA, "create_segment", large);
}

fn open(script: &mut Script, pipeline: &str, sale: &Sale) {
    let id = format!("@{}", sale.key);
    let deal = json!({
        "name": sale.name,
        "amount": sale.amount,
        "pipeline": pipeline,
        "company_id": format!("@{}", sale.company),
        "primary_contact_id": format!("@{}", sale.contact),
        "expected_close_date": sale.closes.map(|days| script.day(days)),
    });
    let Sale { seller, made, .. } = *sale;
    script.crm_named(sale.key, (-made, 11, 0), seller, "create_deal", deal);
    let source =
        json!({"object_type": "deal", "record_id": id, "property_name": "source", "value": sale.source});
    script.crm((-made, 11, 1), seller, "set_property", source);
    let owner = if seller == JONAS { "@jonas" } else { "@mara" };
    let owner =
        json!({"entity_type": "deal", "entity_id": id, "owner_user_id": owner, "owner_team_id": "@sales"});
    script.crm((-made, 11, 2), seller, "admin/assign_owner", owner);
    for (days, stage) in sale.moves {
        let step = json!({"opportunity_id": id, "stage": stage});
        script.crm((-days, 16, 0), seller, "update_pipeline", step);
    }
}
