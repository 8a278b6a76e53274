//! What was said and done: notes, calls, meetings, e-mails and tasks.

use serde_json::json;

use super::script::{Script, When};
use super::team::{JONAS, MARA, PRIYA, TOM};

/// On what, when and by whom.
type About = (&'static str, &'static str, When, &'static str);

/// Customer, when, author, text.
const NOTES: [(&str, When, &str, &str); 24] = [
    ("helen", (-176, 15, 30), MARA, "Buys for all 14 stores. Wants one invoice a month, not one per store."),
    ("helen", (-33, 14, 10), MARA, "Renewal: asks for 4 % less for two years. Our floor is 2 %."),
    ("oscar", (-120, 10, 30), PRIYA, "Deliveries before 7:00 only; the ramp is blocked afterwards."),
    ("ruth", (-90, 9, 20), PRIYA, "Invoices need the purchase order number in the first line."),
    ("northwind", (-60, 11, 45), MARA, "Two new stores open in spring; they count into the renewal."),
    ("yuki", (-149, 16, 20), MARA, "Tasted the Harbour blend and wants it a little darker."),
    ("martin", (-101, 17, 5), MARA, "Signed in the lobby. Asked us to train the night shift too."),
    ("nora", (-99, 10, 10), MARA, "Pays within 14 days if we give 2 % discount."),
    ("diego", (-62, 15, 0), PRIYA, "Best latte art in the group; would help at the trade fair."),
    ("harbour", (-55, 9, 40), MARA, "Roof terrace opens in May; Bureau Nord plans the bar."),
    ("ada", (-38, 13, 30), JONAS, "Reads every contract herself. Send documents two days before a call."),
    ("grace", (-30, 9, 50), PRIYA, "Third floor moves in next quarter, about 40 people."),
    ("alan", (-16, 11, 0), JONAS, "Prefers tea, but decides on the budget of his floor."),
    ("ines", (-112, 14, 0), JONAS, "Machines must be silent while the waiting room is full."),
    ("samuel", (-14, 12, 15), PRIYA, "Compares our service contract with the manufacturer's."),
    ("amara", (-85, 10, 0), JONAS, "Paid the studio machine at once."),
    ("felix", (-11, 10, 40), MARA, "Second studio has no water inlet; a tank version is needed."),
    ("bert", (-71, 8, 30), MARA, "Roasts cakes with our espresso; wants his logo on the bags."),
    ("lena", (-31, 17, 20), JONAS, "Grinders lost: bought used ones from a colleague."),
    ("rachel", (-49, 10, 20), MARA, "Works council must agree to vending; Vera Lang speaks for it."),
    ("tara", (-40, 15, 15), MARA, "North depot runs three shifts; the pilot should cover the night."),
    ("xenia", (-37, 9, 10), JONAS, "Needs an offer in her own form; sent us the template."),
    ("carla", (-18, 16, 30), MARA, "Full service means beans, machines, repair and milk."),
    ("hanna", (-35, 10, 55), JONAS, "Knows us from Old Mill Books, where she buys her maps."),
];

/// Subject, summary, minutes.
const CALLS: [(About, (&str, &str, u32)); 12] = [
    (
        ("contact", "helen", (-50, 9, 30), MARA),
        (
            "Renewal, first talk",
            "She is content with the beans and complains about two late deliveries in autumn.",
            18,
        ),
    ),
    (
        ("contact", "helen", (-9, 10, 0), MARA),
        ("Renewal, prices", "Agreed on 2.5 % for two years; her management decides next week.", 26),
    ),
    (
        ("contact", "ada", (-16, 14, 0), JONAS),
        ("Renewal offer", "Went through the offer line by line. Wants the third floor as an option.", 35),
    ),
    (
        ("deal", "il-depots", (-48, 11, 0), MARA),
        ("Scope of the depots", "Nine depots, three machines each, card payment only.", 42),
    ),
    (
        ("contact", "vera", (-20, 13, 15), MARA),
        ("Works council", "Wants free water beside paid coffee. Possible without extra cost.", 15),
    ),
    (
        ("contact", "xenia", (-36, 9, 45), JONAS),
        ("Template", "Explained which pages of the template are optional.", 9),
    ),
    (
        ("contact", "carla", (-47, 15, 0), MARA),
        ("First contact", "Present supplier raised prices twice this year.", 22),
    ),
    (
        ("contact", "hanna", (-34, 11, 30), JONAS),
        ("Branches", "Three branches first, four more in summer.", 17),
    ),
    (
        ("contact", "samuel", (-13, 8, 45), PRIYA),
        ("Service contract", "Two inspections a year would do.", 11),
    ),
    (
        ("contact", "nadia", (-11, 16, 0), JONAS),
        ("Bar", "Opening planned for March; oat milk is a must.", 14),
    ),
    (
        ("contact", "edith", (-15, 10, 30), JONAS),
        ("Reading corner", "Dreams of a small machine between the shelves; no budget yet.", 21),
    ),
    (
        ("company", "harbour", (-20, 8, 0), TOM),
        ("Scale in KC-1042", "Water is harder than measured; changed the filter to the larger one.", 12),
    ),
];

/// Subject, summary, hours.
const MEETINGS: [(About, (&str, &str, i8)); 8] = [
    (
        ("deal", "hh-bars", (-118, 13, 0), MARA),
        ("Tasting", "Six people, four blends; the Harbour blend won by five to one.", 2),
    ),
    (
        ("contact", "yuki", (-60, 9, 0), PRIYA),
        ("Quarterly review", "Sells 20 % more coffee than planned. Asked for seasonal specials.", 1),
    ),
    (
        ("deal", "ae-renewal", (-16, 15, 0), JONAS),
        ("Walk through the floors", "Counted 130 people. One machine a floor is too few at nine o'clock.", 1),
    ),
    (
        ("deal", "il-depots", (-13, 10, 0), MARA),
        ("Negotiation with purchasing", "Stefan Kowalski wants a fixed price for three years.", 2),
    ),
    (
        ("deal", "mi-sites", (-18, 14, 0), MARA),
        (
            "Presentation at Meridian",
            "Showed the report on packaging; Gita Rao asked for figures on transport.",
            1,
        ),
    ),
    (
        ("deal", "jl-reception", (-8, 11, 0), JONAS),
        ("Partners' round", "William Ash wants porcelain, not glass. Otherwise agreed.", 1),
    ),
    (
        ("contact", "frank", (-10, 9, 0), MARA),
        ("Site visit for the trial", "Power and water are where we need them.", 1),
    ),
    (
        ("company", "hilltop", (-45, 7, 0), MARA),
        (
            "Breakfast in the bakery",
            "New oven, same spirit. Wants to hear about a Christmas blend in good time.",
            1,
        ),
    ),
];

/// Subject, body, direction.
const EMAILS: [(About, (&str, &str, &str)); 14] = [
    (
        ("contact", "helen", (-33, 16, 5), MARA),
        ("Renewal offer", "Dear Helen, please find our offer for the next two years attached.", "outbound"),
    ),
    (
        ("contact", "helen", (-31, 9, 12), MARA),
        ("Re: Renewal offer", "Thank you. Four percent less and we have a deal.", "inbound"),
    ),
    (
        ("contact", "ada", (-17, 8, 30), JONAS),
        (
            "Documents for our call",
            "Dear Ada, as promised two days ahead: offer, terms and the service plan.",
            "outbound",
        ),
    ),
    (
        ("contact", "ada", (-5, 18, 40), JONAS),
        ("Re: Documents for our call", "Clause 7 should name response times. Then I sign.", "inbound"),
    ),
    (
        ("contact", "grace", (-11, 10, 0), JONAS),
        (
            "Third floor",
            "Hello Grace, forty people need one Swift 2 and a grinder; the offer follows.",
            "outbound",
        ),
    ),
    (
        ("contact", "rachel", (-12, 9, 0), MARA),
        (
            "Minutes of the negotiation",
            "Attached are the minutes; open points are marked in yellow.",
            "outbound",
        ),
    ),
    (
        ("contact", "stefan", (-4, 15, 22), MARA),
        ("Fixed price", "Three years fixed, or we ask others.", "inbound"),
    ),
    (
        ("contact", "xenia", (-7, 12, 10), JONAS),
        ("Offer in your template", "Dear Xenia, here is the offer in your own form.", "outbound"),
    ),
    (
        ("contact", "carla", (-17, 9, 45), MARA),
        (
            "After the presentation",
            "Thank you for your time; the figures on transport follow this week.",
            "outbound",
        ),
    ),
    (
        ("contact", "gita", (-15, 11, 30), MARA),
        ("Figures on transport", "Could you split them by site, please?", "inbound"),
    ),
    (
        ("contact", "hanna", (-33, 9, 0), JONAS),
        ("Catalogue", "Here is the catalogue with the small machines on page 12.", "outbound"),
    ),
    (
        ("contact", "bert", (-40, 7, 50), MARA),
        ("Bags with your logo", "Two drafts attached; which one do you like?", "outbound"),
    ),
    (
        ("contact", "nadia", (-10, 8, 15), JONAS),
        ("Oat milk", "All our machines take it; the Swift 2 cleans itself in between.", "outbound"),
    ),
    (("contact", "nora", (-25, 13, 0), PRIYA), ("Statement of account", "All paid, thank you.", "outbound")),
];

/// Name for references, on what, subject and details, due in days, done how many days ago.
type Task = (&'static str, About, (&'static str, &'static str), i32, Option<i32>);

const TASKS: [Task; 18] = [
    (
        "task-response",
        ("deal", "ae-renewal", (-5, 19, 0), JONAS),
        ("Put response times into clause 7", "4 hours on working days; ask Tom."),
        -2,
        None,
    ),
    (
        "task-nw",
        ("deal", "nw-renewal", (-9, 10, 40), MARA),
        ("Call Helen after her management meeting", "Agreed on 2.5 %."),
        1,
        None,
    ),
    (
        "task-pilot",
        ("deal", "il-pilot", (-20, 9, 0), MARA),
        ("Pick a date for the pilot", "Tara Singh prefers a Monday."),
        -8,
        None,
    ),
    (
        "task-fixed",
        ("deal", "il-depots", (-4, 16, 0), MARA),
        ("Calculate a fixed price for three years", "With and without milk."),
        -1,
        None,
    ),
    (
        "task-transport",
        ("contact", "gita", (-15, 12, 0), MARA),
        ("Split transport figures by site", ""),
        -6,
        None,
    ),
    (
        "task-porcelain",
        ("deal", "jl-reception", (-8, 12, 30), JONAS),
        ("Order porcelain samples", "White, 16 cl."),
        3,
        None,
    ),
    (
        "task-third",
        ("deal", "ae-third", (-11, 10, 30), JONAS),
        ("Write the offer for the third floor", ""),
        4,
        None,
    ),
    (
        "task-trial",
        ("deal", "mi-trial", (-10, 10, 15), TOM),
        ("Install the trial machine", "Fourth floor, kitchen east."),
        6,
        None,
    ),
    (
        "task-filter",
        ("company", "harbour", (-20, 8, 20), TOM),
        ("Check the new water filter", "KC-1042, hotel at the pier."),
        10,
        None,
    ),
    (
        "task-seasonal",
        ("contact", "yuki", (-59, 9, 0), PRIYA),
        ("Send ideas for seasonal specials", ""),
        -45,
        Some(47),
    ),
    (
        "task-training",
        ("deal", "hh-training", (-62, 16, 0), PRIYA),
        ("Plan the training of the night shift", ""),
        -50,
        Some(52),
    ),
    (
        "task-invoice",
        ("contact", "ruth", (-90, 9, 30), PRIYA),
        ("Put order numbers on invoices", ""),
        -80,
        Some(84),
    ),
    (
        "task-studio",
        ("deal", "co-studio", (-85, 11, 0), TOM),
        ("Deliver the studio machine", ""),
        -80,
        Some(80),
    ),
    ("task-logo", ("contact", "bert", (-70, 9, 0), MARA), ("Drafts for bags with logo", ""), -41, Some(41)),
    (
        "task-tank",
        ("deal", "pa-cobalt", (-11, 11, 0), TOM),
        ("Find a tank version of the Wren 1", ""),
        8,
        None,
    ),
    (
        "task-hanna",
        ("deal", "ft-branches", (-34, 12, 0), JONAS),
        ("Offer for the first three branches", ""),
        -14,
        None,
    ),
    ("task-edith", ("contact", "edith", (-15, 11, 0), JONAS), ("Ask again in spring", ""), 100, None),
    (
        "task-service",
        ("deal", "bd-service", (-13, 9, 0), PRIYA),
        ("Compare with the manufacturer's contract", ""),
        2,
        None,
    ),
];

/// All of it.
pub(super) fn write(script: &mut Script) {
    for (customer, when, author, text) in NOTES {
        script.crm(when, author, "create_note", json!({"customer_id": format!("@{customer}"), "text": text}));
    }
    for ((kind, entity, when, actor), (subject, summary, minutes)) in CALLS {
        let call = json!({
            "entity_type": kind,
            "entity_id": format!("@{entity}"),
            "subject": subject,
            "summary": summary,
            "duration_seconds": minutes * 60,
        });
        script.crm(when, actor, "log_call", call);
    }
    for ((kind, entity, (days, hour, minute), actor), (subject, summary, hours)) in MEETINGS {
        let meeting = json!({
            "entity_type": kind,
            "entity_id": format!("@{entity}"),
            "subject": subject,
            "summary": summary,
            "start_at": script.moment((days, hour, minute)),
            "end_at": script.moment((days, hour + hours, minute)),
        });
        script.crm((days, hour + hours, minute + 10), actor, "log_meeting", meeting);
    }
    for ((kind, entity, when, actor), (subject, body, direction)) in EMAILS {
        let email = json!({
            "entity_type": kind,
            "entity_id": format!("@{entity}"),
            "subject": subject,
            "body": body,
            "direction": direction,
        });
        script.crm(when, actor, "engagements/log_email", email);
    }
    for (name, (kind, entity, when, actor), (subject, details), due, done) in TASKS {
        let task = json!({
            "entity_type": kind,
            "entity_id": format!("@{entity}"),
            "subject": subject,
            "description": details,
            "due_at": script.moment((due, 16, 0)),
        });
        script.crm_named(name, when, actor, "create_task", task);
        if let Some(days) = done {
            script.crm((-days, 15, 30), actor, "complete_task", json!({"task_id": format!("@{name}")}));
        }
    }
}
