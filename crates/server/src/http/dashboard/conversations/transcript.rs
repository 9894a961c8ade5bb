//! The messages of a conversation, and what the agent and the page said of each.

use std::borrow::Cow;

use eloquent_store::{Agent, MessageRecord, Profile};
use eloquent_types::{
    chat::{PageEvent, StatusKind},
    conversation::{MessageState, Rating, Role, Source},
};
use maud::{Markup, html};

use crate::http::dashboard::{icon, part, profiles, rich};

/// All of them, the oldest first.
pub(super) fn transcript(agent: &Agent, profile: Option<&Profile>, messages: &[MessageRecord]) -> Markup {
    // What the agent knew while it answered is what the question proved.
    let proven = messages.iter().scan(false, |question, message| {
        if message.role == Role::Visitor {
            *question = message.verified;
        }
        Some(*question)
    });
    html! {
        ol.transcript {
            @for (message, proven) in messages.iter().zip(proven) {
                li class={ "message " (class(message.role)) } id=(message.id) {
                    @if message.role == Role::Status { (turning_point(message)) }
                    @else {
                        (byline(agent, profile, message))
                        div.bubble { (text(message)) }
                    }
                    (note(message))
                    (sources(&message.sources))
                    (rating(message))
                    @if message.role == Role::Agent { (context(message, proven)) }
                    (hints(message))
                    @if let Some(written_on) = &message.page {
                        p.origin { (icon::page()) span { "Written on " bdi { (written_on.url) } } }
                    }
                }
            }
        }
    }
}

const fn class(role: Role) -> &'static str {
    match role {
        Role::Visitor => "visitor",
        Role::Agent => "agent",
        Role::Operator => "operator",
        Role::Status => "status",
    }
}

/// A change of the conversation's status: between the messages, as what it is.
fn turning_point(message: &MessageRecord) -> Markup {
    let operator = message.author.as_deref().unwrap_or("Somebody of the team");
    html! {
        p.turn {
            (icon::person())
            span {
                @match StatusKind::parse(&message.text) {
                    Some(StatusKind::Waiting) => { "The visitor asked for a person" },
                    Some(StatusKind::Assigned) => { bdi { (operator) } " took over" },
                    Some(StatusKind::Resolved) => { bdi { (operator) } " marked it as resolved" },
                    Some(StatusKind::Typing) | None => { (message.text) },
                }
            }
            (part::time(message.created_at))
        }
    }
}

/// What the visitor thought of an answer, in their own words where they gave any.
fn rating(message: &MessageRecord) -> Markup {
    html! {
        @if let Some(rating) = message.rating {
            div class={ "rating " (rating.as_str()) } {
                p {
                    @match rating {
                        Rating::Up => { (icon::thumb_up()) span { "This helped the visitor" } },
                        Rating::Down => { (icon::thumb_down()) span { "This did not help the visitor" } },
                    }
                }
                @if let Some(comment) = &message.rating_comment { blockquote.plain dir="auto" { (comment) } }
            }
        }
    }
}

/// Who wrote a message. One that nothing vouches for is not given the profile's name, whatever
/// conversation it stands in.
fn byline(agent: &Agent, profile: Option<&Profile>, message: &MessageRecord) -> Markup {
    let known = profile.filter(|_| message.verified).map(profiles::display_name);
    let author = match message.role {
        Role::Visitor => known.unwrap_or(Cow::Borrowed("Visitor")),
        Role::Agent => Cow::Borrowed(agent.name.as_str()),
        Role::Operator | Role::Status => Cow::Borrowed(message.author.as_deref().unwrap_or("Team")),
    };
    html! {
        div.byline {
            span.author { bdi { (author) } }
            @if message.role == Role::Visitor {
                @if message.verified { (part::verified()) } @else { (part::unverified()) }
            }
            (part::time(message.created_at))
        }
    }
}

/// A visitor's message is plain text; the others are Markdown.
fn text(message: &MessageRecord) -> Markup {
    html! {
        @match message.role {
            Role::Visitor => p.plain dir="auto" { (message.text) },
            Role::Agent | Role::Operator | Role::Status => @if message.text.is_empty() { p.muted { "No text." } } @else { (rich::markdown(&message.text)) },
        }
    }
}

fn note(message: &MessageRecord) -> Markup {
    let text = match message.state {
        MessageState::Complete => return html! {},
        MessageState::Streaming => "Being written. Reload to see more.",
        MessageState::Stopped => "Stopped by the visitor.",
        MessageState::Interrupted => "Interrupted: the server ended in the middle of this answer.",
        MessageState::Failed => "The agent failed to answer.",
    };
    html! { p.note { (icon::alert()) (text) } }
}

fn sources(sources: &[Source]) -> Markup {
    html! {
        @if !sources.is_empty() {
            div.sources {
                span { "Sources" }
                ul { @for source in sources {
                    li {
                        @if let Some(url) = &source.url { (rich::link(url, &html! { (source.title) })) }
                        @else { (source.title) }
                    }
                } }
            }
        }
    }
}

fn context(message: &MessageRecord, proven: bool) -> Markup {
    html! {
        @if let Some(context) = &message.context {
            details.context {
                summary {
                    (icon::chevron()) span { "The context that the agent saw" }
                    @if proven { (part::verified()) } @else { (part::unverified()) }
                }
                (part::wrapped_code(&format!("context-{}", message.id), "The context that the agent saw", context))
            }
        }
    }
}

/// What the page said along with a message: never part of what is known of the visitor.
fn hints(message: &MessageRecord) -> Markup {
    html! {
        @if !message.attributes.is_empty() {
            details.context {
                summary { (icon::chevron()) span { "Hints from the page" } (part::unverified()) }
                dl.pairs.said { @for (name, value) in &message.attributes {
                    div { dt.mono { bdi { (name) } } dd { bdi.plain { (value) } } }
                } }
            }
        }
    }
}

/// What the page says has happened: never part of what is known of the visitor.
pub(super) fn events(events: &[PageEvent]) -> Markup {
    html! {
        @if !events.is_empty() {
            section.card.unproven aria-labelledby="events-title" {
                div.heading.minor { h2 #events-title { "What the page says" } (part::unverified()) }
                ol.events { @for event in events {
                    li {
                        (part::time(event.at))
                        strong { bdi { (event.name) } }
                        @for (name, value) in &event.properties { span.pair { bdi { (name) } ": " bdi { (value) } } }
                    }
                } }
            }
        }
    }
}
