//! The widget on the page: reads what a visitor sees, clicks and types what a visitor would.

use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::{Key, WebElement};

use super::{Browser, PATIENCE, engine::Engine};

/// The widget's shadow root.
const ROOT: &str = "document.querySelector('eloquent-widget').shadowRoot";

/// The messages as [`Line`]s. The text of an answer is put together from its nodes exactly as the
/// plain text of its blocks is, so that no character can be lost or doubled unseen.
const LINES: &str = "
    const inline = (node) =>
        node.nodeType == 3 ? node.data : node.nodeName == 'BR' ? '\\n' : [...node.childNodes].map(inline).join('');
    const blocks = (parent) => [...parent.children].map(block).join('');
    const block = (node) => {
        if (node.matches('p, h3, h4')) return inline(node) + '\\n';
        if (node.matches('ul, ol')) return [...node.children].map(blocks).join('');
        if (node.matches('blockquote')) return blocks(node);
        if (node.matches('.code')) return node.querySelector('code').textContent.trimEnd() + '\\n';
        if (node.matches('.table'))
            return [...node.querySelectorAll('tr')].map((row) => [...row.cells].map(inline).join(', ') + '\\n').join('');
        if (node.matches('hr')) return '';
        throw new Error('an unknown block: ' + node.outerHTML);
    };
    const lines = [...root.querySelectorAll('.log > .row')].map((row) => {
        const body = row.children[1];
        return {
            author: row.classList[1],
            text: body.matches('.rich') ? blocks(body).trimEnd() : body.textContent,
            state: ['sending', 'streaming', 'failed'].find((state) => row.classList.contains(state)) ?? '',
            note: row.querySelector('.tail .meta')?.textContent ?? '',
        };
    });
";

/// One message on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// `visitor`, `agent` or `operator`.
    pub author: String,
    /// The text, blocks on lines of their own.
    pub text: String,
    /// `sending`, `streaming`, `failed`, or empty.
    pub state: String,
    /// The small print below.
    pub note: String,
}

/// The widget on the page that a browser shows.
#[derive(Clone, Copy)]
pub struct Chat<'a>(pub &'a Browser);

impl Chat<'_> {
    /// An element of the widget, as soon as there is one.
    pub async fn find(&self, selector: &str) -> WebElement {
        let there = format!(
            "document.querySelector('eloquent-widget')?.shadowRoot.querySelector({})",
            json!(selector)
        );
        self.0.until::<bool>(&format!("!!{there}")).await;
        let found = self.0.driver().execute(format!("return {there}"), Vec::new()).await;
        let found = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        found.element().unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Clicks on an element of the widget.
    pub async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        if self.0.engine() == Engine::WebKit {
            return self.click_there(selector).await;
        }
        element.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Clicks where the element is: to WebKit's driver all that is in a shadow root seems to be covered by
    /// its host.
    async fn click_there(&self, selector: &str) {
        let middle =
            "const element = document.querySelector('eloquent-widget').shadowRoot.querySelector(args);
            element.scrollIntoView({ block: 'nearest' });
            const { left, top, width, height } = element.getBoundingClientRect();
            return [left + width / 2, top + height / 2].map(Math.round)";
        let (x, y): (i64, i64) = self.0.eval(middle, json!(selector)).await;
        let chain = self.0.driver().action_chain().move_to(x, y).click();
        chain.perform().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Waits until an expression over the shadow root `root` is truthy.
    pub async fn until(&self, expression: &str) -> Value {
        self.0.until(&format!("((root) => {expression})({ROOT})")).await
    }

    /// Opens the chat as a visitor does, and waits until it can be written in.
    pub async fn open(&self) {
        self.click(".launcher").await;
        self.is_open().await;
    }

    /// Waits until the panel stands still, open, and knows its agent.
    pub async fn is_open(&self) {
        self.until(
            "root.querySelector('.panel:not(.closed)') && root.querySelector('.status.online, .status.verified') \
            && root.querySelector('.panel').getAnimations().length == 0",
        )
        .await;
    }

    /// Types a message into the composer, key by key, and presses Enter.
    pub async fn send(&self, text: &str) {
        self.click("textarea").await;
        self.0.type_text(text).await;
        self.0.press(&[Key::Enter]).await;
    }

    /// Sends a message and waits for its whole answer.
    pub async fn ask(&self, text: &str) -> String {
        self.send(text).await;
        self.answer_to(text).await
    }

    /// The answer to a message, as soon as it is whole.
    pub async fn answer_to(&self, question: &str) -> String {
        let start = std::time::Instant::now();
        loop {
            let lines = self.lines().await;
            if let [.., asked, answer] = lines.as_slice()
                && (asked.author.as_str(), answer.author.as_str()) == ("visitor", "agent")
                && asked.text == question
                && answer.state.is_empty()
            {
                return answer.text.clone();
            }
            assert!(start.elapsed() < PATIENCE, "no answer to {question:?}: {lines:#?}");
            tokio::time::sleep(super::PAUSE).await;
        }
    }

    /// The messages on the screen.
    pub async fn lines(&self) -> Vec<Line> {
        self.0.eval(&format!("const root = {ROOT}; {LINES} return lines;"), json!(null)).await
    }

    /// All text of the widget, seen or not.
    pub async fn all_text(&self) -> String {
        self.0.eval(&format!("const root = {ROOT}; return root.textContent + [...root.querySelectorAll('textarea')].map((field) => field.value)"), json!(null)).await
    }

    /// Calls a command of `window.eloquent` and gives what its promise resolves with.
    pub async fn call(&self, name: &str, argument: Value) -> Value {
        self.0.until::<bool>("!!window.eloquent").await;
        self.0
            .eval("const [name, argument] = args; return window.eloquent(name, ...(argument === null ? [] : [argument]))", json!([name, argument]))
            .await
    }

    /// `identify` with this token.
    pub async fn identify(&self, token: &str) -> Value {
        self.call("identify", json!({ "token": token })).await
    }

    /// `getState`, of a widget that has loaded.
    pub async fn state(&self) -> Value {
        self.call("getState", Value::Null).await
    }
}
