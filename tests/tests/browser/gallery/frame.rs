//! What is done with each state: it is waited for, checked, and kept as a picture.

use std::{fmt::Write as _, fs, path::PathBuf};

use eloquent_tests::browser::{Browser, chat::Chat};
use serde_json::{Value, json};

/// Everything that is wrong with what is on the screen, one line each.
const FAULTS: &str = "
    const root = document.querySelector('eloquent-widget').shadowRoot;
    const faults = [];
    const called = (element) =>
        element.nodeName.toLowerCase() + '.' + [...element.classList].join('.') + ' “' + element.textContent.trim().slice(0, 40) + '”';
    const seen = (element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const outside = (inner, outer) =>
        inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
    const box = (element) => element.getBoundingClientRect();
    const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');

    const pieces = [...root.querySelectorAll('.launcher, .panel, .preview, .note')].filter(seen);
    for (const piece of pieces) {
        if (outside(box(piece), page)) faults.push(called(piece) + ' is not all on the page');
        for (const other of pieces) {
            const [a, b] = [box(piece), box(other)];
            const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            if (piece != other && !apart) faults.push(called(piece) + ' covers ' + called(other));
        }
    }

    const panel = root.querySelector('.panel:not(.closed)');
    // What may be wider than it is shown: it scrolls by itself.
    const scrolls = (element) => element.matches('.table, pre, .code') || element.closest('pre');
    const hidden = (element) => element.closest('.silent, svg') || element.matches('.row > span:first-child');
    for (const element of panel && seen(panel) ? panel.querySelectorAll('*') : []) {
        if (!seen(element) || hidden(element)) continue;
        const style = getComputedStyle(element);
        const clips = style.overflowX != 'visible';
        const wide = element.scrollWidth > element.clientWidth + 1 && style.display != 'inline';
        if (wide && clips && !scrolls(element) && style.textOverflow != 'ellipsis') {
            const beyond = [...element.querySelectorAll('*')].filter((one) => box(one).left < box(element).left - 1 || box(one).right > box(element).right + 1);
            faults.push(called(element) + ' is cut, or scrolls sideways, because of ' + beyond.map(called).join(', '));
        }
        let clipped = false;
        for (let up = element.parentElement; up && up != panel; up = up.parentElement) clipped ||= getComputedStyle(up).overflowX != 'visible';
        const [inner, outer] = [box(element), box(panel)];
        if (!clipped && (inner.left < outer.left - 1 || inner.right > outer.right + 1)) faults.push(called(element) + ' sticks out of the panel');
    }
    for (const part of panel && seen(panel) ? panel.querySelectorAll('.head, form, .banner, .menu') : []) {
        if (seen(part) && outside(box(part), box(panel))) faults.push(called(part) + ' is not all in the panel');
    }

    const room = matchMedia('(pointer: coarse)').matches ? 44 : 24;
    for (const button of root.querySelectorAll('button, [role=menuitem]')) {
        if (!seen(button)) continue;
        const name = button.getAttribute('aria-label') || button.textContent.trim() || button.title;
        if (!name) faults.push(button.outerHTML.slice(0, 80) + ' has no name');
        const { width, height } = box(button);
        if (width < room || height < room) faults.push(called(button) + ' [' + name + '] is ' + width + ' × ' + height + ', less than ' + room);
    }
    return faults;
";

/// Where pictures go; nowhere unless `SCREENSHOTS` names a folder.
fn folder() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
    let folder = std::env::var_os("SCREENSHOTS").map(PathBuf::from)?;
    fs::create_dir_all(&folder).expect("a folder for the screenshots");
    Some(folder)
}

/// The whole page as a picture of this name, where pictures are wanted.
pub(in crate::browser) async fn shoot_into(browser: &Browser, name: &str) {
    if let Some(folder) = folder() {
        browser.whole_screenshot(&folder.join(format!("{name}.png"))).await;
    }
}

/// A state that is on the screen.
pub(super) struct State<'a> {
    pub(super) chat: Chat<'a>,
    /// The picture's name: words with dashes between them.
    pub(super) name: &'a str,
    /// What the console may say of it.
    pub(super) expected: &'a [&'a str],
}

/// Waits until every expression over the shadow root `root` is true and nothing moves, checks the state,
/// and keeps its picture.
pub(super) async fn keep(chat: Chat<'_>, name: &str, seen: &[&str]) {
    State { chat, name, expected: &[] }.keep(seen).await;
}

impl State<'_> {
    /// The same where the console has something to say.
    pub(super) async fn keep(self, seen: &[&str]) {
        let Self { chat: Chat(browser), name, expected } = self;
        for expression in seen {
            self.chat.until(expression).await;
        }
        // What goes on for ever (the three dots, the caret) does not count as moving.
        self.chat
            .until(
                "[...root.querySelectorAll('*')].flatMap((one) => one.getAnimations())\
                .every((one) => one.playState != 'running' || one.effect.getComputedTiming().iterations == Infinity)",
            )
            .await;
        let faults: Vec<String> = browser.eval(FAULTS, json!(null)).await;
        if let Some(folder) = folder() {
            browser.screenshot(&folder.join(format!("gallery-{name}.png"))).await;
            show_all(&folder);
        }
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        browser.assert_no_errors(expected).await;
    }
}

/// Writes the page that shows all pictures that are there.
fn show_all(folder: &PathBuf) {
    let files = fs::read_dir(folder).expect("the folder").filter_map(Result::ok).map(|file| file.path());
    let pictures = files.filter(|file| file.extension().is_some_and(|end| end == "png"));
    let names = pictures.filter_map(|file| file.file_name()?.to_str().map(str::to_owned));
    let mut names: Vec<_> = names.filter(|name| name.starts_with("gallery-")).collect();
    names.sort();
    let mut page = "<!doctype html><meta charset=utf-8><title>The widget's states</title><style>\
        body{font:14px system-ui;margin:24px;background:#f4f5f7}\
        main{display:grid;grid-template-columns:repeat(auto-fill,minmax(420px,1fr));gap:24px}\
        figure{margin:0}img{max-width:100%;border:1px solid #ccd}figcaption{margin:6px 0}</style><main>"
        .to_owned();
    for name in names {
        let caption = name.trim_start_matches("gallery-").trim_end_matches(".png").replace('-', " ");
        let _ = write!(
            page,
            "<figure><img loading=lazy src=\"{name}\" alt=\"\"><figcaption>{caption}</figcaption></figure>"
        );
    }
    fs::write(folder.join("gallery.html"), page).expect("the page of all pictures");
}

/// Puts a place of the list of messages at its top edge.
pub(super) async fn scroll_to(chat: Chat<'_>, selector: &str) {
    let scroll = "const root = document.querySelector('eloquent-widget').shadowRoot;
        const list = root.querySelector('.scroll'), goal = root.querySelector(args);
        list.scrollTop += goal.getBoundingClientRect().top - list.getBoundingClientRect().top - 12";
    chat.0.eval::<Value>(scroll, json!(selector)).await;
}
