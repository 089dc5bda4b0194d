//! How often a send takes effect. `WACHATS_SENDS=10000 cargo test --test figures -- --nocapture sends` runs the whole.

use std::collections::BTreeMap;
use std::time::Duration;

use wachats::{Action, Attempt, ChatId, Effect, Verdict};
use wachats_simulator::Fault;

use crate::common::{ONE_OF_EACH, quick};
use crate::support::{Rng, at_rest_with, count, sends};

/// A fault and whether it is the gateway's own explicit refusal, which lets a send be repeated.
fn fault(rng: &mut Rng) -> (Fault, bool) {
    if rng.below(5) == 0 {
        let status = *rng.pick(&[429, 503]);
        return (Fault::status(status).header("Retry-After", "0"), true);
    }
    let fault = match rng.below(14) {
        0 => Fault::reset(),
        1 => Fault::close(),
        2 => Fault::hang(),
        3 => Fault::truncate(rng.below(40)),
        4 => Fault::truncate(rng.below(40)).chunked(),
        5 => Fault::truncate_json(1 + rng.below(20)),
        6 => Fault::html(*rng.pick(&[200, 502, 504])),
        7 => Fault::slow_body(3),
        8 => Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n"),
        9 => Fault::redirect(307, "/again"),
        10 => Fault::body(200, "application/json", "{\"id\":"),
        11 => Fault::delay(Duration::from_millis(5)),
        _ => Fault::status(*rng.pick(&[408, 499, 500, 502, 503, 504, 524])),
    };
    (if rng.below(2) == 0 { fault.after_effect() } else { fault }, false)
}

/// Every run has a fault; whatever becomes of it, the text is there once at most, and what is told is true. Then the
/// account is looked at as an application would: the verdict is never wrong.
#[tokio::test]
async fn a_send_takes_effect_once_at_most() {
    let runs = count("WACHATS_SENDS", 100);
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    let (mut requests, mut most_effects) = (0, 0);
    for (turn, gateway) in ONE_OF_EACH.into_iter().enumerate() {
        let (world, opened) = at_rest_with(gateway, quick()).await;
        world.set_clock(None);
        for run in (turn..runs).step_by(ONE_OF_EACH.len()) {
            let mut rng = Rng::new(run as u64);
            let (fault, explicit) = fault(&mut rng);
            let fault = fault.on("POST", "");
            let fault = if rng.below(3) == 0 { fault } else { fault.times(1 + rng.below(2) as u32) };
            let chat: ChatId = format!("7900{run:07}@c.us").parse().unwrap();
            let text = format!("Run {run}");
            let action = Action::SendText { chat: chat.clone(), text: text.clone(), reply_to: None };
            let attempt = Attempt::new(action.clone()).settle(Duration::ZERO);
            opened.server.clear_requests();
            opened.server.faults().push(fault);
            let outcome = opened.chats.timeout(Duration::from_millis(150)).perform(action).await;
            opened.server.faults().clear();
            let arrived = sends(&opened.server.requests());
            let effects =
                || world.messages(chat.as_str()).iter().filter(|m| m.content.text() == Some(&text)).count();
            let took = effects();
            let at = format!("{} run {run}: {outcome:?}", gateway.name());
            assert!(took <= 1, "{at}: it took effect {took} times");
            assert!(arrived == 1 || (explicit && arrived <= 3), "{at}: it arrived {arrived} times");
            requests += arrived;
            most_effects = most_effects.max(took);
            let told = match &outcome {
                Ok(_) => {
                    assert_eq!(took, 1, "{at}");
                    "sent".to_owned()
                }
                Err(error) if error.effect() == Effect::Unknown => {
                    let verdict = opened.chats.reconcile(&attempt).await.unwrap();
                    match &verdict {
                        Verdict::Done { .. } => assert_eq!(effects(), 1, "{at}: {verdict:?}"),
                        Verdict::NotDone => assert_eq!(effects(), 0, "{at}: {verdict:?}"),
                        Verdict::CantTell { .. } => {}
                        other => panic!("{at}: {other:?}"),
                    }
                    let verdict = format!("{verdict:?}");
                    format!("unknown, then {}", verdict.split([' ', '(']).next().unwrap())
                }
                Err(error) => {
                    assert_eq!(took, 0, "{at}");
                    error.effect().as_str().to_owned()
                }
            };
            assert_eq!(effects(), took, "{at}: looking sends nothing");
            *tally.entry(format!("{}: {told}", gateway.name())).or_default() += 1;
        }
    }
    println!("{runs} sends, {requests} arrivals, effects of one send at most {most_effects}");
    for (told, times) in tally {
        println!("  {told}: {times}");
    }
}
