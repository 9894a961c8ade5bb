//! A page that gives no fresh token, or none that is one: it is asked ever more rarely.

use std::time::Duration;

use eloquent_types::identify::{IdentifyResult, IdentityCode};

use super::{
    super::{harness::*, samples::*},
    MINUTE, give, machine, names, questions, renew,
};
use crate::{
    IdentityToken, Msg, UiEvent,
    timer::{GET_TOKEN_MILLIS, RENEWALS},
};

#[test]
fn a_function_that_fails_is_asked_ever_more_rarely_and_in_the_end_no_more() {
    for answer in [None, Some(IdentityToken::new("")), Some(token("a"))] {
        let mut machine = machine(true);
        let mut effects = machine.pass(4 * MINUTE);
        let (mut asked, mut said, mut pauses) = (0, Vec::new(), Vec::new());
        while let Some(&ticket) = questions(&effects).last() {
            asked += 1;
            give(&mut machine, ticket, answer.clone());
            said.extend(machine.events());
            let before = machine.now;
            let pending = machine.running_timers();
            // The pause's timer; before the end, the term's runs beside it.
            let Some(&timer) = pending.last() else { break };
            effects = machine.wait_for(timer).to_vec();
            if questions(&effects).is_empty() {
                said.extend(names(&effects));
                let Some(&timer) = machine.running_timers().first() else { break };
                effects = machine.wait_for(timer).to_vec();
            }
            said.extend(names(&effects));
            pauses.push(machine.now.since(before).as_millis());
        }
        assert!((RENEWALS..=RENEWALS + 1).contains(&asked), "{asked}");
        for (pause, most) in pauses.iter().zip([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
            assert!(*pause <= most && *pause > most * 3 / 4, "{pauses:?}");
        }
        said.retain(|name| *name != "identity:expiring");
        assert_eq!(said, ["identity:expired"]);
        assert!(machine.running_timers().is_empty(), "nothing goes on");
        // The visitor does something: it is tried once more.
        machine.ui(UiEvent::LauncherPressed);
        assert_eq!(questions(&machine.effects).len(), 1);
    }
}

#[test]
fn a_failing_function_is_mentioned_once() {
    let mut machine = machine(true);
    let effects = machine.pass(4 * MINUTE);
    give(&mut machine, questions(&effects)[0], None);
    assert!(machine.has("Warn"));
    let effects = machine.pass(1000);
    give(&mut machine, questions(&effects)[0], None);
    assert!(!machine.has("Warn"));
}

#[test]
fn a_function_that_never_answers_is_not_waited_for() {
    let mut machine = machine(true);
    let effects = machine.pass(4 * MINUTE);
    let first = questions(&effects)[0];
    assert!(questions(&machine.pass(u64::from(GET_TOKEN_MILLIS))).is_empty(), "one question at a time");
    let effects = machine.pass(1000);
    let second = questions(&effects)[0];
    assert!(machine.send(Msg::Token { ticket: first, token: Some(fresh_token("a", 1)) }).is_empty());
    renew(&mut machine, second, 2, 5 * MINUTE);
    assert!(machine.view().panel.verified);
}

#[test]
fn tokens_that_are_over_when_they_come_are_no_reason_to_ask_without_end() {
    // The site's clock is behind, or it keeps one token for everybody: the server takes it still.
    for left in [0, 900, 2_000] {
        let mut machine = Machine::ready();
        machine.identify_for("a", left, true);
        let mut asked = 0;
        let mut effects = machine.effects.clone();
        let start = machine.now;
        while machine.now.since(start) < Duration::from_mins(10) {
            for ticket in questions(&effects) {
                asked += 1;
                give(&mut machine, ticket, Some(fresh_token("a", asked)));
                let ticket = machine.ticket_of("Identify");
                // The same end for all of them.
                let mut response = verified_for("a", machine.now, 0);
                let server = machine.now + Duration::from_hours(3);
                response.server_time = Some(server);
                if let IdentifyResult::Identified(who) = &mut response.result {
                    who.expires_at = Some(start + Duration::from_hours(3) + Duration::from_millis(left));
                }
                machine.send(Msg::Identify { ticket, result: Ok(response) });
            }
            effects = machine.pass(500);
        }
        assert!(asked <= RENEWALS + 3, "{left}: {asked}");
    }
}

#[test]
fn a_refused_fresh_token_leaves_the_old_one_until_it_ends() {
    let mut machine = machine(true);
    let ticket = questions(&machine.pass(4 * MINUTE))[0];
    give(&mut machine, ticket, Some(fresh_token("x", 1)));
    let asked = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket: asked, result: Ok(not_verified(IdentityCode::SignatureInvalid)) });
    assert!(machine.has("Warn") && machine.events().is_empty());
    assert!(machine.view().panel.verified);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().1.identity_token.as_deref(), Some(token("a").expose()));
}

#[test]
fn nothing_is_given_up_while_the_browser_is_offline() {
    let mut machine = machine(true);
    machine.send(Msg::Offline);
    let mut effects = machine.pass(4 * MINUTE);
    for _ in 0..3 * RENEWALS {
        for ticket in questions(&effects) {
            give(&mut machine, ticket, None);
        }
        effects = machine.pass(MINUTE);
    }
    for ticket in questions(&effects) {
        give(&mut machine, ticket, None);
    }
    assert!(!machine.view().panel.verified);
    machine.send(Msg::Online);
    let ticket = questions(&machine.effects)[0];
    renew(&mut machine, ticket, 1, 5 * MINUTE);
    assert!(machine.view().panel.verified);
}
