//! What a member does in a conversation: takes it over, replies, marks it as resolved. The visitor sees it
//! at once.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use eloquent_store::{ConversationRow, ConversationStatus, Reply};
use eloquent_types::{
    id::{AgentId, ConversationId},
    text::{InvalidMessage, MESSAGE_MAX_CHARS, MessageText},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{ConversationPath, Whole};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, session::AgentPage},
};

/// A reply as it was typed, and why it was not sent.
#[derive(Default)]
pub(super) struct Draft {
    text: String,
    problem: Option<InvalidMessage>,
}

fn href(agent: AgentId, conversation: ConversationId, rest: &str) -> String {
    format!("/dashboard/agents/{agent}/conversations/{conversation}{rest}")
}

/// The buttons above the messages.
pub(super) fn deeds(page: &AgentPage, row: &ConversationRow) -> Markup {
    let own = row.standing.operator.as_deref() == Some(page.signed_in.member.name.as_str());
    let to = |rest| href(page.agent.id, row.id, rest);
    html! {
        div.actions {
            @if !(row.standing.status == ConversationStatus::Assigned && own) {
                form method="post" action=(to("/assign")) { button type="submit" { (icon::person()) "Take over" } }
            }
            @if row.standing.status != ConversationStatus::Resolved {
                form method="post" action=(to("/resolve")) { button type="submit" { (icon::tick()) "Mark as resolved" } }
            }
        }
    }
}

/// The form below the messages.
pub(super) fn composer(page: &AgentPage, row: &ConversationRow, draft: &Draft) -> Markup {
    html! {
        form #reply.card.stack method="post" action=(href(page.agent.id, row.id, "/reply")) {
            div.field {
                label for="reply-text" { "Reply as " bdi { (page.signed_in.member.name) } }
                textarea #reply-text name="text" rows="3" required maxlength=(MESSAGE_MAX_CHARS) dir="auto"
                    aria-invalid=[draft.problem.map(|_| "true")] aria-describedby="reply-hint" { "\n" (draft.text) }
                @if let Some(problem) = draft.problem {
                    p.problem role="alert" { (icon::alert()) span {
                        @match problem {
                            InvalidMessage::Empty => "Write something first.",
                            InvalidMessage::TooLong => "A reply has 8,000 characters at most.",
                        }
                    } }
                }
                p.hint.small #reply-hint {
                    @if row.standing.status == ConversationStatus::Assigned { "The visitor sees it at once. Markdown works." }
                    @else { "The visitor sees it at once. The agent goes on answering until somebody takes over." }
                }
            }
            div.actions { button.primary type="submit" { "Send" } }
        }
    }
}

/// What a browser asks for that goes to the address of one of the forms again: the conversation.
pub(super) async fn without_post(
    page: AgentPage,
    Path(path): Path<ConversationPath>,
) -> Result<Redirect, PageError> {
    Ok(Redirect::to(&href(page.agent.id, path.id()?, "")))
}

#[derive(Deserialize)]
pub(super) struct ReplyForm {
    text: String,
}

pub(super) async fn reply(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ConversationPath>,
    form: Result<Form<ReplyForm>, FormRejection>,
) -> Result<Response, PageError> {
    let id = path.id()?;
    let Form(ReplyForm { text }) = form?;
    // Browsers send a line break as two characters.
    let text = text.replace("\r\n", "\n");
    if let Err(problem) = MessageText::parse(text.as_str()) {
        let draft = Draft { text, problem: Some(problem) };
        let body = Whole::read(&app, &page, id).await?.render(&page, &draft);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    }
    let author = page.signed_in.member.name.clone();
    let reply = Reply { id: app.mint()?, status_id: app.mint()?, author, text, now: app.now() };
    let scope = page.scope;
    let place = app.store.write(move |writer| Ok::<_, PageError>(writer.reply(&scope, id, &reply)?)).await?;
    place.ok_or(PageError::NotFound)?;
    Ok(done(&app, &page, id).into_response())
}

pub(super) async fn assign(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ConversationPath>,
) -> Result<Redirect, PageError> {
    let (id, scope, row, now) = (path.id()?, page.scope, app.mint()?, app.now());
    let operator = page.signed_in.member.name.clone();
    let done_so = app
        .store
        .write(move |writer| Ok::<_, PageError>(writer.assign(&scope, id, &operator, row, now)?))
        .await?;
    done_so.ok_or(PageError::NotFound)?;
    Ok(done(&app, &page, id))
}

pub(super) async fn resolve(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ConversationPath>,
) -> Result<Redirect, PageError> {
    let (id, scope, row, now) = (path.id()?, page.scope, app.mint()?, app.now());
    let operator = page.signed_in.member.name.clone();
    let done_so = app
        .store
        .write(move |writer| Ok::<_, PageError>(writer.resolve(&scope, id, &operator, row, now)?))
        .await?;
    done_so.ok_or(PageError::NotFound)?;
    Ok(done(&app, &page, id))
}

/// Tells whoever follows the conversation, and leads back to its end.
fn done(app: &App, page: &AgentPage, conversation: ConversationId) -> Redirect {
    app.live.ring(conversation);
    Redirect::to(&href(page.agent.id, conversation, "#reply"))
}
