//! The state that a client brings back with its user's answer: nobody can make one, mend one, keep one or use one
//! twice.

use std::time::Duration;

use super::call::{ACCEPT, Call, Told};
use super::desk::Desk;

const INVALID_PARAMS: i64 = -32602;

#[tokio::test]
async fn a_state_that_the_server_did_not_give_is_refused() {
    let desk = Desk::open("confirm").await;
    let elsewhere = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let (state, other) = (desk.asked(&deal).await, elsewhere.asked(&deal).await);
    let parts: Vec<&str> = state.split('.').collect();
    let others: Vec<&str> = other.split('.').collect();
    let [binding, expires, nonce, tag] = parts[..] else { panic!("{state}") };
    let later = (expires.parse::<u64>().unwrap() + 86_400_000).to_string();
    for (what, forged) in [
        ("no text at all", String::new()),
        ("any text", "approved".to_owned()),
        ("points alone", "...".to_owned()),
        ("the state of another server", other.clone()),
        ("the tag of another server", [binding, expires, nonce, others[3]].join(".")),
        ("no tag", [binding, expires, nonce].join(".")),
        ("an empty tag", [binding, expires, nonce, ""].join(".")),
        ("half a tag", [binding, expires, nonce, &tag[..tag.len() / 2]].join(".")),
        ("a tag that goes on", [binding, expires, nonce, &format!("{tag}AAAA")].join(".")),
        ("a padded tag", [binding, expires, nonce, &format!("{tag}=")].join(".")),
        ("a tag in capitals", [binding, expires, nonce, &tag.to_uppercase()].join(".")),
        ("a later end", [binding, &later, nonce, tag].join(".")),
        ("another nonce", [binding, expires, &nonce.replace(['0', '1', '2'], "3"), tag].join(".")),
        ("another call", [&"0".repeat(64), expires, nonce, tag].join(".")),
        ("parts in another order", [expires, binding, nonce, tag].join(".")),
        ("one part more", [binding, expires, nonce, "x", tag].join(".")),
        ("a line break after it", format!("{state}\n")),
        ("a space before it", format!(" {state}")),
        ("a state twice", format!("{state}.{state}")),
        ("the last character missing", state[..state.len() - 1].to_owned()),
        ("the first character missing", state[1..].to_owned()),
    ] {
        assert_eq!(desk.call(&deal.answered(&forged, ACCEPT)).await, Told::Invalid(INVALID_PARAMS), "{what}");
        assert_eq!(desk.reached().len(), 0, "{what}");
    }
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done, "the state itself");
}

#[tokio::test]
async fn a_state_with_any_bit_flipped_is_refused() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let state = desk.asked(&deal).await;
    for at in 0..state.len() {
        // Flips that stay within text; each character has at least four of them.
        for bit in 0..7 {
            let mut bytes = state.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let flipped = String::from_utf8(bytes).unwrap();
            let told = desk.call(&deal.answered(&flipped, ACCEPT)).await;
            assert_eq!(told, Told::Invalid(INVALID_PARAMS), "byte {at}, bit {bit}");
        }
    }
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done, "the state itself");
}

#[tokio::test]
async fn a_state_is_good_for_ten_minutes() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let state = desk.asked(&deal).await;
    desk.after(Duration::from_secs(10 * 60 - 1));
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done);
    assert_eq!(desk.reached().len(), 1);
    let state = desk.asked(&deal).await;
    desk.after(Duration::from_secs(10 * 60));
    let Told::Ask(next) = desk.call(&deal.answered(&state, ACCEPT)).await else { panic!("not asked anew") };
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal.answered(&next, ACCEPT)).await, Told::Done, "the new state");
}

#[tokio::test]
async fn a_used_state_stays_used_after_its_end() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let state = desk.asked(&deal).await;
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done);
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Required(None));
    desk.after(Duration::from_secs(60 * 60));
    assert!(matches!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Ask(_)));
    assert_eq!(desk.reached().len(), 1);
}

#[tokio::test]
async fn two_questions_about_one_call_are_answered_each_for_itself() {
    let desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let (one, other) = (desk.asked(&deal).await, desk.asked(&deal).await);
    let decline = r#"{"approval":{"action":"decline"}}"#;
    assert_eq!(desk.call(&deal.answered(&one, decline)).await, Told::Refused("APPROVAL_DENIED".to_owned()));
    assert_eq!(desk.call(&deal.answered(&one, ACCEPT)).await, Told::Required(None), "declined already");
    assert_eq!(desk.reached().len(), 0);
    assert_eq!(desk.call(&deal.answered(&other, ACCEPT)).await, Told::Done);
}

#[tokio::test]
async fn a_restart_ends_every_question() {
    let mut desk = Desk::open("confirm").await;
    let deal = Call::deal().asking();
    let state = desk.asked(&deal).await;
    desk.restart().await;
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Invalid(INVALID_PARAMS));
    assert_eq!(desk.reached().len(), 0);
    let state = desk.asked(&deal).await;
    assert_eq!(desk.call(&deal.answered(&state, ACCEPT)).await, Told::Done, "asked anew");
}
