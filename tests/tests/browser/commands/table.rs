//! Every command in every way that a page can call it, at every stage of the load, with good arguments and
//! with rubbish.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser,
        chat::Chat,
        host::{HostPage, STUB, page, tag},
    },
};
use serde_json::{Value, json};

use crate::browser::scene;

/// Each command but `destroy` with arguments that it takes, in an order in which none undoes another, and
/// the ways to call them. Whatever throws at once, or rejects, is a result of its own.
const CALLS: &str = "<script>
    const token = new URLSearchParams(location.search).get('token');
    const calls = {
        logout: [], shutdown: [], newConversation: [], resetChat: [],
        on: ['open', () => {}], once: ['open', () => {}], off: ['close', () => {}],
        open: [{ prefill: 'Hi' }], close: [], toggle: [], show: [], hide: [], prefill: ['Hello'],
        update: [{ attributes: { plan: 'team', seats: 3 } }], setLocale: ['fr'],
        setTheme: [{ accent: '#123456', radius: 4, position: null }], showPreview: [{ text: 'Hello' }],
        hidePreview: [], trackEvent: ['cart', { items: 3, coupon: null }], page: [{ url: '/cart', title: 'Cart' }],
        debug: [false], identify: [{ token, getToken: async () => token }], sendMessage: ['Hello'], getState: [],
    };
    const shown = (value) =>
        typeof value == 'function' ? 'function'
        : typeof value == 'object' && value && 'status' in value ? 'state'
        : typeof value?.ok == 'boolean' ? (value.ok ? 'ok' : value.code) : 'nothing: ' + String(value);
    const ask = async (call) => {
        try {
            const promise = call();
            if (!(promise instanceof Promise)) return 'no promise';
            return shown(await Promise.race([promise, new Promise((end) => setTimeout(end, 30000, 'silence'))]));
        } catch (error) {
            return 'exception: ' + error;
        }
    };
    const ways = {
        function: (name, ...args) => ask(() => window.eloquent(name, ...args)),
        property: (name, ...args) => ask(() => window.eloquent[name](...args)),
    };
    const callAll = async (way) => {
        const names = Object.keys(calls);
        const results = await Promise.all(names.map((name) => ways[way](name, ...calls[name])));
        return Object.fromEntries(names.map((name, index) => [name, results[index]]));
    };
</script>";

/// What `calls` are to resolve with.
fn expected() -> Value {
    let mut results = serde_json::Map::new();
    for name in [
        "logout",
        "shutdown",
        "newConversation",
        "resetChat",
        "off",
        "open",
        "close",
        "toggle",
        "show",
        "hide",
        "prefill",
        "update",
        "setLocale",
        "setTheme",
        "showPreview",
        "hidePreview",
        "trackEvent",
        "page",
        "debug",
        "identify",
        "sendMessage",
    ] {
        results.insert(name.into(), "ok".into());
    }
    results.insert("on".into(), "function".into());
    results.insert("once".into(), "function".into());
    results.insert("getState".into(), "state".into());
    Value::Object(results)
}

/// When the calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The loader is not there: the stub keeps them.
    Stub,
    /// The loader is there, the module is not.
    Loader,
    /// The module is on its way.
    Loading,
    /// All is there.
    Loaded,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_resolves_at_every_stage_in_every_way() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    for mode in ["page", "frame"] {
        call_at_every_stage(&browser, &app, mode).await;
    }
    browser.assert_no_errors(&[]).await;
}

async fn call_at_every_stage(browser: &Browser, app: &TestApp, mode: &str) {
    let tag = tag(app, &format!("data-mode=\"{mode}\""));
    let early = "<script>window.results = callAll('function')</script>";
    let early = HostPage::serve(page(&[STUB, CALLS, early].concat(), &tag)).await;
    let plain = HostPage::serve(page(CALLS, &tag)).await;
    for stage in [Stage::Stub, Stage::Loader, Stage::Loading, Stage::Loaded] {
        for way in ["function", "property"] {
            if (stage, way) == (Stage::Stub, "property") {
                continue;
            }
            let token = app.token(json!({ "user_id": format!("{mode}-{stage:?}-{way}") }));
            let host = if stage == Stage::Stub { &early } else { &plain };
            browser.goto(&format!("{}?token={}", host.url, token.expose())).await;
            browser.until::<bool>("!!window.eloquent?.agentId").await;
            let before = match stage {
                Stage::Stub | Stage::Loader => "",
                Stage::Loading => {
                    "eloquent.open();
                    const root = document.querySelector('eloquent-widget').shadowRoot;
                    if (root.querySelector('.launcher').getAttribute('aria-busy') != 'true') throw 'not loading';"
                }
                Stage::Loaded => "await eloquent.getState();",
            };
            let script = format!("{before} return window.results ?? callAll(args)");
            let results: Value = browser.eval(&script, json!(way)).await;
            assert_eq!(results, expected(), "{mode} {stage:?} {way}");
            let last: Value = browser.eval("return ways[args]('destroy')", json!(way)).await;
            assert_eq!(last, "ok", "{mode} {stage:?} {way}");
            browser.until::<bool>("!window.eloquent").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_bare_is_done_in_its_order() {
    let app = scene::app(Duration::ZERO).await;
    let queued = "<script>
        (function () { eloquent.q.push(arguments) })('prefill', 'first');
        (function () { eloquent.q.push(arguments) })('prefill', 'second');
        (function () { eloquent.q.push(arguments) })('setTheme', { position: 'left' });
        eloquent.q.push(['page', { title: 'Queued' }]);
        eloquent.q.push([['trackEvent', 'queued'], (result) => (window.tracked = result)]);
        for (const rubbish of [undefined, null, 7, '', [], {}, [[]], [undefined], [Symbol()]]) eloquent.q.push(rubbish);
        (function () { eloquent.q.push(arguments) })('open');
    </script>";
    let host = HostPage::serve(page(&[STUB, queued].concat(), &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.is_open().await;
    chat.until("root.querySelector('textarea').value == 'second'").await;
    chat.until("root.querySelector('.panel.left')").await;
    assert_eq!(browser.eval::<Value>("return window.tracked", json!(null)).await, json!({ "ok": true }));
    browser.assert_no_errors(&[]).await;
}

/// Everything that is no argument of any command, up to three times. Of what would be one, what it does to
/// the page is not what is tried here: to send `x` a hundred times, or to end.
const RUBBISH: &str = "
    const throwing = () => { throw new Error('the page\\'s own'); };
    const traps = Object.fromEntries(
        ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set'].map((trap) => [trap, throwing]));
    const circle = {}; circle.self = circle; circle.attributes = circle;
    const revoked = Proxy.revocable({}, {}); revoked.revoke();
    const members = ['token', 'getToken', 'attributes', 'prefill', 'conversationId', 'text', 'url', 'title', 'accent'];
    const getters = Object.defineProperties({}, Object.fromEntries(
        members.map((name) => [name, { get: throwing, enumerable: true }])));
    const huge = 'x'.repeat(1e6);
    const many = Object.fromEntries([...Array(2e4).keys()].map((key) => [key, key]));
    const rubbish = [undefined, null, 0, -1, 1.5, NaN, Infinity, 10n, true, false, '', 'x', '\\ud800', huge, [], [[]],
        {}, many, { attributes: many }, { token: huge }, { token: {} }, { attributes: null }, { text: huge },
        { prefill: 7 }, { conversationId: 'cnv_' }, { accent: 'red' }, { toString: throwing }, { then: throwing },
        Symbol('s'), () => {}, throwing, class {}, /x/, new Date(NaN), new Map(), Object.create(null), circle, getters,
        new Proxy({}, traps), new Proxy(() => {}, traps), revoked.proxy, document, window, new Error('x'),
        Promise.reject(new Error('caught')).catch(() => {}) && Promise.resolve('x')];
    const wrong = [];
    const good = /^(ok|function|state|[a-z_]+)$/;
    const way = args;
    for (const name of [...Object.keys(calls), 'off']) {
        for (const [index, value] of rubbish.entries()) {
            if (/sendMessage|prefill/.test(name) && value === 'x') continue;
            for (const count of [1, 2, 3]) {
                const result = await ways[way](name, ...Array(count).fill(value));
                if (!good.test(result) || result == 'crashed') wrong.push([name, index, count, result]);
            }
        }
    }
    return wrong;";

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_never_throws_and_always_resolves() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    for (mode, way) in [("page", "function"), ("page", "property"), ("frame", "function")] {
        let host = HostPage::serve(page(CALLS, &tag(&app, &format!("data-mode=\"{mode}\"")))).await;
        browser.goto(&host.url).await;
        browser.until::<bool>("!!window.eloquent?.agentId").await;
        let wrong: Value = browser.eval(RUBBISH, json!(way)).await;
        assert_eq!(wrong, json!([]), "{mode} {way}");
        // The chat is as it was.
        let chat = Chat(&browser);
        let state = chat.state().await;
        assert_eq!(state["status"], "ready", "{mode} {way}: {state}");
        assert_eq!(
            chat.call("open", json!({ "prefill": "Hello" })).await,
            json!({ "ok": true, "open": true })
        );
        chat.until("root.querySelector('.panel:not(.closed)')").await;
    }
    // A token of a megabyte is the server's to refuse.
    browser.assert_no_errors(&["413"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_none_warns_once_each_time() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page(CALLS, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    browser.until::<bool>("!!window.eloquent?.agentId").await;
    for loaded in [false, true] {
        let script = "const warn = console.warn; let warnings = 0; console.warn = () => warnings++;
            const names = [undefined, null, 7, '', 'fly', 'Open', 'open ', 'constructor', '__proto__', ['open'], {},
                Symbol('open'), () => {}, { toString() { throw 1 } }];
            const results = [];
            for (const name of names) results.push(await ask(() => eloquent(name)));
            console.warn = warn;
            return [results.filter((result) => result != 'unknown_command'), names.length - warnings];";
        let left: Value = browser.eval(script, json!(null)).await;
        assert_eq!(left, json!([[], 0]), "loaded: {loaded}");
        browser.eval::<Value>("return eloquent.getState()", json!(null)).await;
    }
    browser.assert_no_errors(&[]).await;
}
