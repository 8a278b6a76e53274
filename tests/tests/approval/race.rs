//! Many at once: an approval makes one call, whoever else tries to use it at the same moment.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::call::{ACCEPT, Call, Told};
use super::desk::Desk;

/// How many of so many callers at once are let through, each with the call that `call` makes.
async fn let_through(desk: &Arc<Desk>, callers: usize, state: Option<&str>) -> usize {
    let mut set = JoinSet::new();
    for number in 0..callers {
        let (desk, state) = (Arc::clone(desk), state.map(str::to_owned));
        set.spawn(async move {
            let by = if number % 2 == 0 { "agent" } else { "second-key" };
            let call = Call { by, ..Call::deal() };
            match &state {
                Some(state) => desk.call(&call.asking().answered(state, ACCEPT)).await,
                None => desk.call(&call).await,
            }
        });
    }
    set.join_all().await.iter().filter(|told| **told == Told::Done).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_use_an_approval_at_once_one_passes() {
    let desk = Arc::new(Desk::open("human").await);
    for callers in [2, 2, 2, 2, 100] {
        let id = desk.ask(&Call::deal()).await;
        assert_eq!(desk.decide("chief", &id, "approve").await, 200);
        assert_eq!(let_through(&desk, callers, None).await, 1, "{callers} callers");
        assert_eq!(desk.reached().len(), 1, "{callers} callers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_use_a_state_at_once_one_passes() {
    let desk = Arc::new(Desk::open("confirm").await);
    for callers in [2, 2, 2, 2, 100] {
        let state = desk.asked(&Call::deal().asking()).await;
        assert_eq!(let_through(&desk, callers, Some(&state)).await, 1, "{callers} callers");
        assert_eq!(desk.reached().len(), 1, "{callers} callers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_ask_at_once_all_wait_for_one_decision() {
    let desk = Arc::new(Desk::open("human").await);
    assert_eq!(let_through(&desk, 100, None).await, 0);
    assert_eq!(desk.list("chief", "").await.len(), 1);
    assert_eq!(desk.reached().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_decisions_at_once_one_is_taken() {
    let desk = Arc::new(Desk::open("human").await);
    for _ in 0..10 {
        let id = desk.ask(&Call::deal()).await;
        let mut set = JoinSet::new();
        for number in 0..20 {
            let (desk, id) = (Arc::clone(&desk), id.clone());
            let decision = if number % 2 == 0 { "approve" } else { "deny" };
            set.spawn(async move { (decision, desk.decide("chief", &id, decision).await) });
        }
        let decided = set.join_all().await;
        let taken: Vec<&str> =
            decided.iter().filter(|(_, status)| *status == 200).map(|(name, _)| *name).collect();
        assert_eq!(taken.len(), 1, "{decided:?}");
        assert!(decided.iter().all(|(_, status)| matches!(status, 200 | 409)), "{decided:?}");
        let told = desk.call(&Call::deal()).await;
        assert_eq!(told == Told::Done, taken == ["approve"], "{told:?}");
        assert_eq!(desk.reached().len(), usize::from(taken == ["approve"]));
    }
}
