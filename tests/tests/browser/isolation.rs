//! The rules of isolation, each in two real browsers with profiles of their own: what one shows, keeps
//! and sends is compared with what is another's, and with what the server has.
//!
//! | rule | in browsers (`isolation/…`) | over HTTP (`http/isolation/…`) |
//! |---|---|---|
//! | The same user again keeps conversation and session | `changes`: `the_same_user_again_…` | `devices`: `the_same_user_again_…` |
//! | Another user: new session, new conversation, the running answer aborted, nothing seen or extended | `changes`: `another_user_…` | `changes`: `strangers_and_other_users_…`, `another_user_…`, `what_is_being_answered_…` |
//! | Somebody else who is named and not identified: nothing of the user before | `users`: `who_is_named_…` | what the page shows: no server knows |
//! | Anonymous conversations are claimed once, with the profile | `claiming`: `an_anonymous_conversation_…`, `what_is_called_ten_times_…` | `claiming`: all; `http/identify`: `ten_parallel_first_messages_…` |
//! | The session is replaced at every change of identity | `claiming`: `each_change_…`, `a_planted_session_…` | `changes`: `every_change_…`, `a_planted_session_…` |
//! | Logging out clears all tabs, and no other browser | `logout`: all | `ending`: `after_logout_…`, `a_logout_ends_…` |
//! | A token that ends: on in the same session, unverified; after a reload nothing without a token | `expiry`: all | `ending`: `an_expired_token_…`; `http/context`: `after_the_token_expired_…` |
//! | The history elsewhere is for a valid token alone | `devices`: `the_history_…` | `devices`: `the_history_…` |
//! | An older `iat` changes nothing | `devices`: `an_older_token_…` | `devices`: `a_token_with_an_older_iat_…` |
//! | What comes late for a former identity is dropped | `late`: all | `changes`: `what_the_former_user_sent_last_…` |
//! | A user is an agent and the exact bytes of an id; emails merge nobody | `users`: `the_same_id_…`, `alike_is_not_the_same_…` | `users`: `the_same_user_under_…`, `every_byte_…` |
//! | A blocked user is anonymous, an erased one unknown | `users`: `a_blocked_user_…`, `an_erased_user_…` | `users`: `a_blocked_user_…`, `an_erased_user_…`; `claiming`: `a_blocked_user_…` |

mod changes;
mod claiming;
mod devices;
mod expiry;
mod late;
mod logout;
mod users;

use std::time::Duration;

use eloquent_identity::Token;
use eloquent_store::{Profile, ProfileFilter};
use eloquent_tests::{
    app::{TestApp, TestOptions},
    browser::{
        Browser,
        chat::Chat,
        host::{HostPage, STUB, page, tag},
    },
};
use serde_json::{Value, json};

use super::scene::{LONG_ARTICLE, SLOW, conversations, teach};

/// What a page needs for these tests: it notes the events and the requests, and can hold an answer back
/// (`hold`) and deliver it however late, also where the widget has aborted the request. Of a chat's stream
/// what comes once it is `dammed` is held.
const PAGE: &str = "<script>
    window.heard = [];
    window.sent = [];
    addEventListener('pageshow', (event) => { window.persisted = event.persisted; });
    window.getToken = async () => window.fresh;
    for (const name of ['identify', 'identity:expiring', 'identity:expired', 'identity:changed', 'logout', 'message:sent'])
        addEventListener('eloquent:' + name, (event) => heard.push(event.detail));
    {
        const original = window.fetch;
        window.held = [];
        window.hold = (kind) => {
            const hold = { kind, taken: false, dammed: false, caught: 0, late: 0 };
            hold.gate = new Promise((resolve) => { hold.release = resolve; });
            return held.push(hold) - 1;
        };
        const later = (response, hold) => {
            const text = response.text.bind(response);
            response.text = () => text().finally(() => setTimeout(() => hold.late++));
            return response;
        };
        const slow = (response, hold) => {
            const reader = response.body.getReader();
            const body = new ReadableStream({
                async pull(controller) {
                    const { done, value } = await reader.read();
                    const isLate = hold.dammed;
                    if (isLate) { hold.caught++; await hold.gate; }
                    if (done) controller.close(); else controller.enqueue(value);
                    if (isLate) setTimeout(() => hold.late++);
                },
            });
            return new Response(body, response);
        };
        window.fetch = (request, ...rest) => {
            if (!(request instanceof Request)) return original(request, ...rest);
            const last = new URL(request.url).pathname.split('/').pop();
            const kind = last.startsWith('cnv_') ? 'conversation' : last;
            const note = {
                kind,
                session: request.headers.get('authorization'),
                token: request.headers.get('x-eloquent-identity'),
                url: request.url,
                body: '',
                answered: false,
            };
            sent.push(note);
            request.clone().text().then((body) => { note.body = body; });
            const answered = (response) => { note.answered = true; return response; };
            const hold = held.find((hold) => hold.kind === kind && !hold.taken);
            if (!hold) return original(request, ...rest).then(answered);
            hold.taken = true;
            const answer = original(new Request(request, { signal: null })).then(answered);
            if (kind === 'chat') return answer.then((response) => slow(response, hold));
            return answer.then(async (response) => { hold.caught++; await hold.gate; return later(response, hold); });
        };
    }
    </script>";

/// What Ada asks, and nobody else does; its answer says the same word.
const HERS: &str = "How do I ask for a refund?";

/// What everybody asks: the answer tells the plan, if the agent knows whom it talks to.
const WHICH_PLAN: &str = "Which plan am I on?";

/// How many messages are on the screen.
const ROWS: &str = "root.querySelectorAll('.log > .row').length";

/// A server, a page that embeds its agent, and two browsers that have nothing in common. The server's
/// clock is moved by hand.
struct Scene {
    one: Browser,
    other: Browser,
    host: HostPage,
    app: TestApp,
}

impl Scene {
    async fn start() -> Self {
        Self::at_pace(Duration::ZERO).await
    }

    /// With answers that take their time, and one that is long.
    async fn slow() -> Self {
        let scene = Self::at_pace(SLOW).await;
        teach(&scene.app, scene.app.scope, LONG_ARTICLE).await;
        scene
    }

    async fn at_pace(pace: Duration) -> Self {
        let app = TestApp::with(TestOptions { pace, ..TestOptions::default() }).await;
        let host = embed(&app).await;
        let (one, other) = Browser::pair().await;
        for browser in [&one, &other] {
            browser.goto(&host.url).await;
        }
        Self { one, other, host, app }
    }

    fn one(&self) -> Chat<'_> {
        Chat(&self.one)
    }

    fn other(&self) -> Chat<'_> {
        Chat(&self.other)
    }

    /// A token of this user's, with a plan by which to recognise who was told of it.
    fn token(&self, user: &str) -> Token {
        let plan = if user == "ada" { "Enterprise" } else { "Starter" };
        self.app.token(json!({ "user_id": user, "plan": plan }))
    }

    /// Becomes this user.
    async fn identify(&self, chat: Chat<'_>, user: &str) -> Value {
        let result = chat.identify(self.token(user).expose()).await;
        assert_eq!((&result["identified"], &result["userId"]), (&json!(true), &json!(user)), "{result}");
        result
    }

    /// Whose the agent's conversations are, and how many messages they have; in the order of the users.
    async fn stored(&self) -> Vec<(Option<String>, usize)> {
        let all = conversations(&self.app, self.app.scope).await.into_iter();
        let whose =
            all.map(|it| (it.row.profile.map(|(_, user, _)| user.as_str().to_owned()), it.messages.len()));
        let mut whose: Vec<_> = whose.collect();
        whose.sort();
        whose
    }

    async fn profiles(&self) -> Vec<Profile> {
        let scope = self.app.scope;
        let all = self.app.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default()));
        all.await.unwrap()
    }

    /// Neither page did anything wrong; what contains one of `but` is expected.
    async fn assert_no_errors(&self, but: &[&str]) {
        self.one.assert_no_errors(but).await;
        self.other.assert_no_errors(but).await;
    }
}

/// A page with the agent's chat.
async fn embed(app: &TestApp) -> HostPage {
    HostPage::serve_to_keep(page(&format!("{PAGE}{STUB}"), &tag(app, ""))).await
}

/// The conversation on the screen.
async fn conversation(chat: Chat<'_>) -> Value {
    chat.state().await["conversationId"].clone()
}

/// Calls `identify` and does not wait for the result, which becomes `window.result`, if no later call
/// was begun.
async fn begin_identify(browser: &Browser, token: &Token) {
    let call = "window.result = undefined;
        const mine = window.newest = {};
        eloquent('identify', { token: args }).then((result) => { if (window.newest === mine) window.result = result; });";
    browser.eval::<()>(call, json!(token.expose())).await;
}

/// The answer to the page's next request of a kind, which the page holds back. Of a chat's stream only
/// what comes after [`Held::dam`].
struct Held<'b> {
    browser: &'b Browser,
    number: usize,
}

impl<'b> Held<'b> {
    async fn next(browser: &'b Browser, kind: &str) -> Self {
        Self { browser, number: browser.eval("return window.hold(args)", json!(kind)).await }
    }

    /// From here on the stream is held.
    async fn dam(&self) {
        self.browser.eval::<()>("window.held[args].dammed = true", json!(self.number)).await;
    }

    /// Waits until the server has answered.
    async fn caught(&self) {
        self.browser.until::<bool>(&format!("window.held[{}].caught > 0", self.number)).await;
    }

    /// Lets it go, and waits until the widget has had it and the page is drawn.
    async fn release(self) {
        self.browser.eval::<()>("window.held[args].release()", json!(self.number)).await;
        self.browser.until::<bool>(&format!("window.held[{}].late > 0", self.number)).await;
        drawn(self.browser).await;
    }
}

/// Waits until the page is drawn as it stands.
async fn drawn(browser: &Browser) {
    let frames = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
    browser.eval::<()>(frames, json!(null)).await;
}

/// Waits until every request has been answered, and the page is drawn.
async fn at_rest(browser: &Browser) {
    browser.until::<bool>("window.sent.length > 0 && window.sent.every(({ answered }) => answered)").await;
    drawn(browser).await;
}

/// Nothing of what only Ada said, was told or holds is on the screen or in storage.
async fn assert_nothing_of_ada(browser: &Browser) {
    let seen = Chat(browser).all_text().await;
    for word in ["refund", "Open the order", "Enterprise", "descale"] {
        assert!(!seen.contains(word), "{word:?} in {seen}");
    }
    let storage = browser.storage().await;
    for word in ["eyJ", "ada", "refund"] {
        assert!(!storage.contains(word), "{word:?} in {storage}");
    }
}

/// The sessions of the messages that the page sent, in their order.
async fn sessions(browser: &Browser) -> Vec<Option<String>> {
    let chats = "return window.sent.filter(({ kind }) => kind === 'chat').map(({ session }) => session)";
    browser.eval(chats, json!(null)).await
}

/// What the widget keeps in this browser, to be planted in another.
async fn kept(browser: &Browser) -> Value {
    browser.until::<bool>("Object.keys(localStorage).length > 0").await;
    browser.eval("return Object.entries(localStorage)", json!(null)).await
}

/// Loads the page anew in a browser that keeps this.
async fn plant(browser: &Browser, entries: &Value) {
    let keep = "localStorage.clear(); for (const [key, value] of args) localStorage.setItem(key, value)";
    browser.eval::<()>(keep, entries.clone()).await;
    browser.reload().await;
}

/// The verified marks of the visitor's messages in the conversation with the newest message.
async fn marks(app: &TestApp) -> Vec<bool> {
    let newest = conversations(app, app.scope).await.into_iter().next().expect("a conversation");
    let visitor = eloquent_types::conversation::Role::Visitor;
    newest.messages.into_iter().filter(|it| it.role == visitor).map(|it| it.verified).collect()
}
