//! What an approval is good for: the call that was approved, however it is spelled, and no other.

use super::call::{ACCEPT, Call, DEAL, Told};
use super::desk::Desk;

/// A call by `agent`, and another by somebody, compared with it.
struct Pair {
    what: &'static str,
    /// Tool and arguments that are approved.
    approved: (&'static str, &'static str),
    /// Who calls then, which tool, with what.
    made: (&'static str, &'static str, &'static str),
}

const NOTE: (&str, &str) = ("crm_create_note", r#"{"customer_id":"ab","text":"c"}"#);
const RECORD: (&str, &str) = (
    "crm_create_object_record",
    r#"{"object_type":"vehicle","properties":{"plate":"AB-123","seats":5,"owners":["a","b"],"deep":{"x":1,"y":[{"k":1,"l":2}]}}}"#,
);
const HOOK: (&str, &str) = (
    "crm_webhook_create",
    r#"{"name":"Billing","endpoint_url":"https://a.example/hook","secret":"correct-horse-battery","event_types":["deal.won","deal.lost"]}"#,
);

const fn deal(what: &'static str, arguments: &'static str) -> Pair {
    Pair { what, approved: DEAL, made: ("agent", DEAL.0, arguments) }
}

const fn record(what: &'static str, arguments: &'static str) -> Pair {
    Pair { what, approved: RECORD, made: ("agent", RECORD.0, arguments) }
}

const fn number(what: &'static str, approved: &'static str, made: &'static str) -> Pair {
    Pair { what, approved: (RECORD.0, approved), made: ("agent", RECORD.0, made) }
}

/// Calls that an approval of the first is not good for.
const OTHERS: &[Pair] = &[
    deal("a changed number", r#"{"name":"Renewal","amount":12001,"currency":"EUR"}"#),
    deal("a number a millionth higher", r#"{"name":"Renewal","amount":12000.000001,"currency":"EUR"}"#),
    deal("a number with the sign of another", r#"{"name":"Renewal","amount":-12000,"currency":"EUR"}"#),
    deal("a changed letter case", r#"{"name":"renewal","amount":12000,"currency":"EUR"}"#),
    deal("a space more", r#"{"name":"Renewal ","amount":12000,"currency":"EUR"}"#),
    deal("a letter that looks the same", r#"{"name":"R\u0435newal","amount":12000,"currency":"EUR"}"#),
    deal("a character that nobody sees", r#"{"name":"Rene\u200bwal","amount":12000,"currency":"EUR"}"#),
    deal("an added argument", r#"{"name":"Renewal","amount":12000,"currency":"EUR","stage":"won"}"#),
    deal(
        "an added argument that is unknown",
        r#"{"name":"Renewal","amount":12000,"currency":"EUR","to":"x"}"#,
    ),
    deal("a removed argument", r#"{"name":"Renewal","currency":"EUR"}"#),
    deal("an argument that is null", r#"{"name":"Renewal","amount":null,"currency":"EUR"}"#),
    deal("another value than the default", r#"{"name":"Renewal","amount":12000,"status":"won"}"#),
    deal("a number as text", r#"{"name":"Renewal","amount":"12000","currency":"EUR"}"#),
    deal("an argument twice", r#"{"name":"Renewal","amount":12000,"currency":"EUR","amount":1}"#),
    deal("an argument twice, once escaped", r#"{"name":"Renewal","amount":12000,"\u0061mount":1}"#),
    deal("arguments that are no object", r#"[{"name":"Renewal","amount":12000,"currency":"EUR"}]"#),
    deal("another tenant in an argument", r#"{"name":"Renewal","amount":12000,"tenant_id":"other"}"#),
    deal("another actor in an argument", r#"{"name":"Renewal","amount":12000,"actor":"colleague"}"#),
    deal("another role in an argument", r#"{"name":"Renewal","amount":12000,"actor_role":"Admin"}"#),
    Pair { what: "another tenant", approved: DEAL, made: ("stranger", DEAL.0, DEAL.1) },
    Pair { what: "another actor", approved: DEAL, made: ("colleague", DEAL.0, DEAL.1) },
    Pair { what: "an approver who is another actor", approved: DEAL, made: ("chief", DEAL.0, DEAL.1) },
    Pair { what: "nobody", approved: DEAL, made: ("", DEAL.0, DEAL.1) },
    Pair {
        what: "another tool with the same arguments",
        approved: ("memory_archive", r#"{"memory_id":"mem_1"}"#),
        made: ("agent", "memory_delete", r#"{"memory_id":"mem_1"}"#),
    },
    Pair {
        what: "text moved to the argument beside it",
        approved: NOTE,
        made: ("agent", NOTE.0, r#"{"customer_id":"a","text":"bc"}"#),
    },
    Pair {
        what: "two values that have changed places",
        approved: NOTE,
        made: ("agent", NOTE.0, r#"{"customer_id":"c","text":"ab"}"#),
    },
    Pair {
        what: "another secret, which nobody is shown",
        approved: HOOK,
        made: (
            "agent",
            HOOK.0,
            r#"{"name":"Billing","endpoint_url":"https://a.example/hook","secret":"another-horse-battery","event_types":["deal.won","deal.lost"]}"#,
        ),
    },
    Pair {
        what: "a list in another order",
        approved: HOOK,
        made: (
            "agent",
            HOOK.0,
            r#"{"name":"Billing","endpoint_url":"https://a.example/hook","secret":"correct-horse-battery","event_types":["deal.lost","deal.won"]}"#,
        ),
    },
    record(
        "a value changed deep inside",
        r#"{"object_type":"vehicle","properties":{"plate":"AB-123","seats":5,"owners":["a","b"],"deep":{"x":1,"y":[{"k":1,"l":3}]}}}"#,
    ),
    record(
        "a key added inside",
        r#"{"object_type":"vehicle","properties":{"plate":"AB-123","seats":5,"owners":["a","b"],"deep":{"x":1,"y":[{"k":1,"l":2}]},"z":null}}"#,
    ),
    record(
        "a list inside in another order",
        r#"{"object_type":"vehicle","properties":{"plate":"AB-123","seats":5,"owners":["b","a"],"deep":{"x":1,"y":[{"k":1,"l":2}]}}}"#,
    ),
    record(
        "a number inside as text",
        r#"{"object_type":"vehicle","properties":{"plate":"AB-123","seats":"5","owners":["a","b"],"deep":{"x":1,"y":[{"k":1,"l":2}]}}}"#,
    ),
    number(
        "a long number that differs in its last digit",
        r#"{"object_type":"account","properties":{"number":100000000000000000001}}"#,
        r#"{"object_type":"account","properties":{"number":100000000000000000002}}"#,
    ),
    number(
        "a fraction that differs where floats end",
        r#"{"object_type":"account","properties":{"share":0.3}}"#,
        r#"{"object_type":"account","properties":{"share":0.30000000000000001}}"#,
    ),
    number(
        "a small number that floats take for nothing",
        r#"{"object_type":"account","properties":{"share":1e-400}}"#,
        r#"{"object_type":"account","properties":{"share":0}}"#,
    ),
];

/// Other spellings of the same call.
const SAME: &[Pair] = &[
    deal("the very same", DEAL.1),
    deal("keys in another order", r#"{"currency":"EUR","amount":12000,"name":"Renewal"}"#),
    deal("a number with a fraction of nothing", r#"{"name":"Renewal","amount":12000.0,"currency":"EUR"}"#),
    deal("a number with an exponent", r#"{"name":"Renewal","amount":1.2e4,"currency":"EUR"}"#),
    deal("a default left out", r#"{"name":"Renewal","amount":12000}"#),
    deal("another default given", r#"{"name":"Renewal","amount":12000,"status":"open"}"#),
    deal("null for an argument that is absent", r#"{"name":"Renewal","amount":12000,"stage":null}"#),
    deal("text with escapes", r#"{"name":"\u0052enewal","amount":12000}"#),
    deal("spaces between", "{ \"name\" : \"Renewal\",\n \"amount\" : 12000 }"),
    deal(
        "the caller's own context",
        r#"{"name":"Renewal","amount":12000,"tenant_id":"default","actor":"agent","actor_role":"Agent"}"#,
    ),
    deal(
        "a claim of approval, which counts for nothing",
        r#"{"name":"Renewal","amount":12000,"user_approved":true}"#,
    ),
    deal(
        "a denial of approval, which counts for nothing",
        r#"{"name":"Renewal","amount":12000,"user_approved":false}"#,
    ),
    Pair { what: "the tool's alias", approved: DEAL, made: ("agent", "crm.create_deal", DEAL.1) },
    Pair {
        what: "the tool's name for its alias",
        approved: ("crm.create_deal", DEAL.1),
        made: ("agent", DEAL.0, DEAL.1),
    },
    Pair {
        what: "another credential of the same actor",
        approved: DEAL,
        made: ("second-key", DEAL.0, DEAL.1),
    },
    record(
        "keys inside in another order, and numbers spelled otherwise",
        r#"{"properties":{"deep":{"y":[{"l":2.0,"k":10e-1}],"x":1},"owners":["a","b"],"seats":0.5e1,"plate":"AB\u002d123"},"object_type":"vehicle"}"#,
    ),
    number(
        "a long number with an exponent",
        r#"{"object_type":"account","properties":{"number":100000000000000000001}}"#,
        r#"{"object_type":"account","properties":{"number":1000000000000000000010e-1}}"#,
    ),
    number(
        "nothing with and without a sign",
        r#"{"object_type":"account","properties":{"number":-0.00}}"#,
        r#"{"object_type":"account","properties":{"number":0}}"#,
    ),
];

impl Pair {
    fn approved(&self) -> Call<'_> {
        Call::new("agent", self.approved.0, self.approved.1)
    }

    fn made(&self) -> Call<'_> {
        Call::new(self.made.0, self.made.1, self.made.2)
    }
}

#[tokio::test]
async fn a_person_has_approved_one_call_and_no_other() {
    let desk = Desk::open("human").await;
    for pair in OTHERS {
        desk.approved(&pair.approved()).await;
        let told = desk.call(&pair.made()).await;
        assert_ne!(told, Told::Done, "{}", pair.what);
        assert_eq!(desk.reached().len(), 0, "{}: {told:?}", pair.what);
        assert_eq!(desk.call(&pair.approved()).await, Told::Done, "{}: the approved call itself", pair.what);
        assert_eq!(desk.reached().len(), 1, "{}", pair.what);
    }
}

#[tokio::test]
async fn a_user_has_approved_one_call_and_no_other() {
    let desk = Desk::open("confirm").await;
    for pair in OTHERS {
        let state = desk.asked(&pair.approved().asking()).await;
        let told = desk.call(&pair.made().asking().answered(&state, ACCEPT)).await;
        assert_ne!(told, Told::Done, "{}", pair.what);
        assert_eq!(desk.reached().len(), 0, "{}: {told:?}", pair.what);
        let approved = pair.approved().asking().answered(&state, ACCEPT);
        assert_eq!(desk.call(&approved).await, Told::Done, "{}: the approved call itself", pair.what);
        assert_eq!(desk.reached().len(), 1, "{}", pair.what);
    }
}

#[tokio::test]
async fn however_it_is_spelled_the_call_that_a_person_approved_is_made_once() {
    let desk = Desk::open("human").await;
    for pair in SAME {
        desk.approved(&pair.approved()).await;
        assert_eq!(desk.call(&pair.made()).await, Told::Done, "{}", pair.what);
        assert_eq!(desk.reached().len(), 1, "{}", pair.what);
        let id = desk.ask(&pair.approved()).await;
        assert_eq!(desk.reached().len(), 0, "{}: a second time", pair.what);
        assert_eq!(desk.decide("chief", &id, "deny").await, 200);
        assert_eq!(
            desk.call(&pair.made()).await,
            Told::Refused("APPROVAL_DENIED".to_owned()),
            "{}",
            pair.what
        );
    }
}

#[tokio::test]
async fn however_it_is_spelled_the_call_that_a_user_approved_is_made_once() {
    let desk = Desk::open("confirm").await;
    for pair in SAME {
        let state = desk.asked(&pair.approved().asking()).await;
        let made = pair.made().asking().answered(&state, ACCEPT);
        assert_eq!(desk.call(&made).await, Told::Done, "{}", pair.what);
        assert_eq!(desk.reached().len(), 1, "{}", pair.what);
        assert_eq!(desk.call(&made).await, Told::Required(None), "{}: a second time", pair.what);
        assert_eq!(desk.reached().len(), 0, "{}", pair.what);
    }
}
