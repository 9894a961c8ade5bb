//! What holds over any sequence of messages: see [`World`] and the harness, which check it after each.

use proptest::prelude::*;

use super::{
    harness::*,
    samples::*,
    world::{Step, World},
};
use crate::{
    Command, CommandResult, EventKind, Msg, Options, State, Stored, renewal, thread::Line, update, view,
};

fn any_stored() -> impl Strategy<Value = Stored> {
    prop_oneof![
        Just(Stored::default()),
        any::<bool>().prop_map(|open| Stored {
            session: Some(session(77)),
            conversation: Some(conversation(0)),
            open,
            sound: false,
        }),
    ]
}

proptest! {
    #[test]
    fn the_invariants_hold_over_any_sequence(
        stored in any_stored(),
        steps in proptest::collection::vec(any::<Step>(), 0..80),
    ) {
        let mut world = World::new(stored);
        world.walk(&steps);
    }

    #[test]
    fn with_a_good_server_everything_comes_to_rest(
        stored in any_stored(),
        steps in proptest::collection::vec(any::<Step>(), 0..60),
    ) {
        let mut world = World::new(stored);
        world.walk(&steps);
        world.come_to_rest();
        prop_assert_eq!(world.machine.pending_calls(), 0, "every promise resolves");
        let seen = world.machine.view();
        prop_assert!(!seen.panel.typing && !seen.panel.loading && !seen.panel.composer.can_stop);
        let thread = &world.machine.state.visitor.thread;
        prop_assert!(thread.outbox.is_empty() && thread.ratings.is_empty() && thread.window.page.is_none());
        // Whatever conversation is there is followed, unless its cursor was never heard.
        let is_followed = matches!(thread.line, Line::Open { .. });
        prop_assert!(is_followed || thread.id.is_none() || thread.cursor.is_none());
    }

    #[test]
    fn the_same_messages_give_the_same_effects(steps in proptest::collection::vec(any::<Step>(), 0..40)) {
        let run = || {
            let mut world = World::new(Stored::default());
            let mut all = Vec::new();
            for &step in &steps {
                world.step(step);
                all.push(world.machine.effects.clone());
            }
            (all, format!("{:?}", world.machine.state))
        };
        prop_assert_eq!(run(), run());
    }

    /// Wherever a life leads, a logout ends in what a machine is that was just started.
    #[test]
    fn after_a_logout_the_view_is_a_fresh_one(steps in proptest::collection::vec(any::<Step>(), 0..60)) {
        let mut world = World::new(Stored::default());
        world.walk(&steps);
        world.machine.call(Command::Logout);
        let mut fresh = State::new(Options::default());
        let _ = update(&mut fresh, world.machine.now, Msg::Start);
        let used = &mut world.machine.state;
        (fresh.online, fresh.troubled) = (used.online, used.troubled);
        std::mem::swap(&mut fresh.agent, &mut used.agent);
        let expected = format!("{:?}", view(&fresh));
        std::mem::swap(&mut fresh.agent, &mut used.agent);
        prop_assert_eq!(format!("{:?}", world.machine.view()), expected);
    }
}

#[test]
fn the_walk_reaches_what_it_is_about() {
    // A property over walks that never get anywhere would hold for nothing.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    let walk = proptest::collection::vec(any::<Step>(), 140..160);
    for _ in 0..300 {
        let steps = proptest::strategy::ValueTree::current(&walk.new_tree(&mut runner).expect("a tree"));
        let mut world = World::new(Stored::default());
        for step in steps {
            world.step(step);
            for effect in &world.machine.effects {
                let switched = matches!(
                    event_kind(effect),
                    Some(EventKind::Identify(CommandResult::Identified(who))) if who.switched_user
                );
                let name =
                    event_kind(effect).map_or_else(|| effect_name(effect), |kind| kind.name().to_owned());
                *seen.entry(name).or_default() += 1;
                if switched {
                    *seen.entry("switched".into()).or_default() += 1;
                }
                let identified =
                    matches!(event_kind(effect), Some(EventKind::Identify(CommandResult::Identified(_))));
                if identified && !world.machine.has("Resolve") {
                    *seen.entry("renewed".into()).or_default() += 1;
                }
                if renewal::holds(&world.machine.state) {
                    *seen.entry("held".into()).or_default() += 1;
                }
            }
        }
    }
    for name in [
        "switched",
        "ResumeStream",
        "StopAnswer",
        "FetchConversation",
        "ListConversations",
        "GetToken",
        "DropGetToken",
        "renewed",
        "held",
        "identity:expiring",
        "identity:expired",
        "identity:changed",
        "message:received",
        "EndSession",
        "Announce",
        "unread",
        "Store",
        "Title",
        "Chime",
        "SendFeedback",
        "feedback",
        "RequestHandover",
        "handoff:requested",
        "conversation:assigned",
        "conversation:resolved",
    ] {
        assert!(seen.get(name).is_some_and(|&count| count >= 20), "{name} in {seen:?}");
    }
}
