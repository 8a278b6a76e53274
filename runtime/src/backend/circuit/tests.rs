use proptest::prelude::*;

use super::*;

/// The longest pauses, so that they can be foretold.
const LONG: fn() -> f64 = || 1.0;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A circuit that has opened at this time.
fn opened(now: Duration) -> Circuit {
    let mut circuit = Circuit::new();
    for number in 1..=20 {
        let epoch = circuit.admit(now).unwrap();
        let change = circuit.settle(epoch, now, false, LONG);
        assert_eq!(change, (number == 20).then_some(Change::Opened), "after {number} failures");
    }
    circuit
}

#[test]
fn it_opens_when_half_of_no_fewer_than_twenty_have_failed() {
    for (well, failed, opens) in
        [(0, 19, false), (0, 20, true), (10, 10, true), (11, 10, false), (1, 19, true)]
    {
        let mut circuit = Circuit::new();
        for number in 0..well + failed {
            let epoch = circuit.admit(ms(0)).unwrap();
            circuit.settle(epoch, ms(0), number < well, LONG);
        }
        assert_eq!(circuit.is_open(), opens, "{failed} of {}", well + failed);
    }
}

#[test]
fn a_probe_alone_is_let_through_and_when_it_goes_well_everybody_is() {
    let mut circuit = opened(ms(0));
    assert_eq!(circuit.admit(ms(0)), Err(ms(1_000)));
    assert_eq!(circuit.admit(ms(999)), Err(ms(1)));
    let probe = circuit.admit(ms(1_000)).unwrap();
    assert!(circuit.admit(ms(1_000)).is_err(), "a second probe");
    assert_eq!(circuit.settle(probe, ms(1_100), true, LONG), Some(Change::Closed));
    for _ in 0..19 {
        let epoch = circuit.admit(ms(1_100)).unwrap();
        assert_eq!(circuit.settle(epoch, ms(1_100), false, LONG), None, "what was before counts no more");
    }
}

#[test]
fn pauses_grow_to_four_seconds_and_never_further() {
    let (mut circuit, mut now) = (opened(ms(0)), ms(0));
    for pause in [1_000, 2_000, 4_000, 4_000, 4_000] {
        assert_eq!(circuit.refusal(now), Some(ms(pause)));
        now += ms(pause);
        let probe = circuit.admit(now).unwrap();
        assert_eq!(circuit.settle(probe, now, false, LONG), None, "it was open before");
    }
    for before in 0..100 {
        let (shortest, longest) = (pause(before, 0.0), pause(before, 1.0));
        assert!(shortest >= ms(500) && longest == shortest * 2 && longest <= ms(4_000), "{before}");
    }
}

#[test]
fn a_probe_that_is_given_up_or_hangs_makes_room_for_another() {
    let mut circuit = opened(ms(0));
    let given_up = circuit.admit(ms(1_000)).unwrap();
    circuit.give_up(given_up);
    let hanging = circuit.admit(ms(1_000)).unwrap();
    assert_eq!(circuit.admit(ms(1_000)), Err(ms(4_000)));
    let probe = circuit.admit(ms(5_000)).unwrap();
    assert_eq!(circuit.settle(hanging, ms(5_000), false, LONG), None);
    assert_eq!(circuit.settle(probe, ms(5_001), true, LONG), Some(Change::Closed));
}

#[test]
fn what_was_sent_before_a_change_is_no_news_after_it() {
    let mut circuit = Circuit::new();
    let early = circuit.admit(ms(0)).unwrap();
    for _ in 0..20 {
        circuit.settle(early, ms(0), false, LONG);
    }
    assert_eq!(circuit.settle(early, ms(1_000), true, LONG), None);
    assert!(circuit.is_open(), "closed by a request from before");
    circuit.give_up(early);
    assert_eq!(circuit.refusal(ms(0)), Some(ms(1_000)));
}

/// How a request ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Well,
    Failed,
    GivenUp,
}

/// The same by the plain definition: a list of all that ended while it was closed.
#[derive(Default)]
struct Plain {
    ended: Vec<(u64, bool)>,
    open: Option<(Duration, u32)>,
}

impl Plain {
    fn ask(&mut self, now: Duration, end: End) -> bool {
        match self.open {
            Some((until, _)) if now < until => return false,
            Some((_, pauses)) => match end {
                End::Well => *self = Self::default(),
                End::Failed => {
                    let pause = Duration::from_secs(1 << pauses).min(Duration::from_secs(4));
                    self.open = Some((now + pause, (pauses + 1).min(5)));
                }
                End::GivenUp => self.open = Some((Duration::ZERO, pauses)),
            },
            None => {
                if !matches!(end, End::GivenUp) {
                    self.ended.push((now.as_secs(), matches!(end, End::Failed)));
                }
                let recent = self.ended.iter().filter(|(second, _)| second + 10 > now.as_secs());
                let failed = recent.clone().filter(|(_, failed)| *failed).count();
                if matches!(end, End::Failed) && recent.clone().count() >= 20 && failed * 2 >= recent.count()
                {
                    self.open = Some((now + Duration::from_secs(1), 1));
                }
            }
        }
        true
    }
}

proptest! {
    #[test]
    fn it_lets_through_what_the_plain_definition_does(
        steps in prop::collection::vec(
            (0u64..700, prop_oneof![4 => Just(End::Failed), 3 => Just(End::Well), 1 => Just(End::GivenUp)]),
            0..400,
        ),
    ) {
        let (mut circuit, mut plain, mut now) = (Circuit::new(), Plain::default(), Duration::ZERO);
        for (pause, end) in steps {
            now += ms(pause);
            let admitted = circuit.admit(now);
            prop_assert_eq!(admitted.is_ok(), plain.ask(now, end), "at {:?}", now);
            match (admitted, end) {
                (Ok(epoch), End::Well) => drop(circuit.settle(epoch, now, true, LONG)),
                (Ok(epoch), End::Failed) => drop(circuit.settle(epoch, now, false, LONG)),
                (Ok(epoch), End::GivenUp) => circuit.give_up(epoch),
                (Err(wait), _) => prop_assert!(!wait.is_zero() && wait <= LONGEST_PAUSE),
            }
            prop_assert_eq!(circuit.is_open(), plain.open.is_some());
        }
    }
}
