//! The nodes of the panel, built once.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, HtmlElement};

use super::{Drawn, Panel};
use crate::{boot::Boot, dates::Dates, dom::icon, icons, template};

/// The style sheet, squeezed by the build script.
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.css"));

/// What the module adds to the loader's button.
const LAUNCHER: &str = "span.badge * / span.label * dir=auto /";

/// The panel and what stands beside the launcher, in the order of [`Part`].
///
/// The head is no `header`: beside the page's own it would count as a second banner. What scrolls can
/// be focused, because the keyboard must be able to get there. Whole answers are announced by the
/// polite region at the end; from the log itself every token would be noise.
const PANEL: &str = "div.preview * button * data-do=preview dir=auto / button.icon * data-do=dismiss @1 / / \
    section.panel * role=dialog \
    div.head button.icon.back * data-do=history @3 / div.avatar * aria-hidden=true / \
    div.who h2 * / p * @6 span * / / / \
    button.icon * data-do=history @10 / button.icon * data-do=new @0 / \
    button.icon * data-do=menu aria-haspopup=menu @11 / button.icon * data-do=close @1 / \
    div.menu * role=menu \
    button * role=menuitem tabindex=-1 data-do=handover @13 span * / / \
    button role=menuitem tabindex=-1 data-do=sound @14 span * / / / / \
    div.list * role=group / \
    div.scroll * tabindex=0 p.loading.more * / \
    div.intro * div.avatar * aria-hidden=true / p * dir=auto / / \
    div.log * role=log aria-live=off / \
    div.row.agent.waiting * div.bubble div.typing i / i / i / / / / \
    p.loading * / div.starters * role=group / / \
    form * div.latest * button * type=button data-do=latest span * / @2 / / \
    div.banner * role=status / \
    div.box textarea * rows=1 enterkeyhint=send / button.send * @4 @5 / / / \
    div.silent * aria-live=polite / /";

/// What is changed later, in the order of the templates.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Host,
    Launcher,
    Badge,
    LauncherLabel,
    Preview,
    PreviewText,
    PreviewClose,
    Section,
    Back,
    Avatar,
    Title,
    Status,
    StatusText,
    History,
    New,
    MenuButton,
    Close,
    Menu,
    Handover,
    HandoverText,
    SoundText,
    List,
    Scroll,
    More,
    Intro,
    IntroAvatar,
    Greeting,
    Log,
    Waiting,
    Loading,
    Starters,
    Form,
    Latest,
    LatestButton,
    LatestText,
    Banner,
    Field,
    Send,
    Announcer,
}

impl Panel {
    /// Adds the style sheet and the closed panel to the shadow root.
    pub(crate) fn build(boot: &Boot) -> Result<Self, JsValue> {
        let sheet = CssStyleSheet::new()?;
        sheet.replace_sync(STYLE)?;
        let sheets = boot.root.adopted_style_sheets();
        sheets.push(&sheet);
        boot.root.set_adopted_style_sheets(&sheets);

        icon(&boot.launcher, icons::DOWN);
        let mut parts: Vec<HtmlElement> = vec![boot.host.clone(), boot.launcher.clone()];
        parts.extend(template::build(&boot.launcher, LAUNCHER));
        parts.extend(template::build(&boot.root, PANEL));
        Ok(Self {
            field: parts[Part::Field as usize].clone().unchecked_into(),
            root: boot.root.clone(),
            base: boot.base.clone(),
            parts,
            rows: Vec::new(),
            dates: Dates::default(),
            drawn: Drawn::default(),
            copied: None,
            menu: false,
            follows: true,
            top: 0,
            near: None,
            told: true,
        })
    }
}
