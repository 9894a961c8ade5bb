/*
 * The chat in a frame, seen from the page: what the loader imports in place of the module where the page
 * forbids WebAssembly, or wants a frame. It has the module's interface: `default()`, and `start(boot)`,
 * which gives `(name, args, settle)`.
 *
 * It decides nothing and knows no conversation. It carries calls, results and events through a channel to
 * `frame.js`, and shows what that says: the launcher, the preview, the look, the panel's place, for which
 * the frame's element takes the panel's own styles.
 *
 * Invariants: the channel is handed to our own origin and to nothing else; what comes out of it becomes
 * elements of a few known kinds, never markup; a function of the page stays in the page; when `signal` is
 * aborted, no listener is left.
 */

/** How long the chat in the frame may take to be there, and its script, once the frame has loaded: in milliseconds. */
const PATIENCE = 2e4;
const SILENCE = 3e3;
/** How many events wait for the next message. */
const EVENTS = 20;
const TAGS = /^(button|div|span|svg|path)$/;
const STANDING = /^(identify|update|setLocale|setTheme|page|debug|show|hide)$/;
const ATTRIBUTES = /^(class|role|hidden|dir|lang|d|viewBox|aria-[a-z]+|data-[a-z]+)$/;

/** Nothing has to be fetched before `start`. */
export default function load() {}

/** Starts the chat in a frame; resolves when it is there. */
export async function start(boot) {
  const { base, agentId, options, host, root, launcher, emit, end, crash } = boot;
  const { origin } = new URL(base);
  const life = new AbortController();
  const { signal } = life;
  const calls = new Map();
  // The page's `getToken`s, by the numbers of the calls that they came with.
  const sources = new Map();
  // What a frame that the page has moved, and so loaded anew, is told again.
  const standing = new Map();
  let events = [];
  // What was drawn last, of what would lose its focus or its motion if it were drawn again.
  const drawn = {};
  const frame = document.createElement("iframe");
  const sheet = new CSSStyleSheet();
  let number = 0;
  let timer;
  let silence;
  let port;
  let ready;
  let narrow;
  let badge = "";
  let ownTitle = document.title;
  let preview = "";

  const post = (message) => port?.postMessage(message);
  const listen = (target, types, act) => {
    for (const type of types) target?.addEventListener(type, act, { signal });
  };

  // ---- what the frame says ----

  const retitle = (next) => {
    // A title is read without white space at its ends.
    const whole = () => (badge + ownTitle).trim();
    if (document.title != whole()) ownTitle = document.title;
    badge = next;
    if (document.title != whole()) document.title = whole();
  };
  const changes = (part, value) => drawn[part] != (drawn[part] = JSON.stringify(value));
  const describe = (element, attributes) => {
    for (const { name } of [...element.attributes]) {
      if (ATTRIBUTES.test(name) && !(name in attributes)) element.removeAttribute(name);
    }
    for (const name in attributes) {
      const same = element.getAttribute(name) === attributes[name];
      if (ATTRIBUTES.test(name) && !same) element.setAttribute(name, attributes[name]);
    }
  };
  const build = ([tag, attributes, children], space = "http://www.w3.org/1999/xhtml") => {
    if (!TAGS.test(tag)) return "";
    const own = tag == "svg" ? "http://www.w3.org/2000/svg" : space;
    const element = document.createElementNS(own, tag);
    describe(element, attributes);
    element.append(...children.map((child) => (Array.isArray(child) ? build(child, own) : String(child))));
    return element;
  };
  const place = ({ class: name, title }) => {
    const had = root.activeElement == frame;
    frame.className = name;
    frame.title = title;
    if (isClosed() && had) launcher.focus();
  };
  const isClosed = () => frame.className.includes("closed");
  const heard = {
    hello: () => clearTimeout(silence),
    css(text) {
      sheet.replaceSync(text + "iframe{border:0}");
      // The frame is always narrow: whether the page is, only this side can see.
      if (!narrow) {
        const queries = [...sheet.cssRules].map(({ media }) => media?.mediaText);
        narrow = matchMedia(queries.find((query) => /max-width/.test(query)));
        listen(narrow, ["change"], () => post({ narrow: narrow.matches }));
      }
      post({ narrow: narrow.matches });
    },
    look({ host: theme, style, launcher: button, preview: beside, panel }) {
      describe(host, theme);
      for (const name of [...host.style]) if (!(name in style) && !/viewport/.test(name)) host.style.removeProperty(name);
      for (const name in style) host.style.setProperty(name, style[name]);
      describe(launcher, button[1]);
      if (changes("launcher", button[2])) launcher.replaceChildren(...build(button).childNodes);
      if (changes("preview", beside)) {
        if (preview) preview.remove();
        preview = build(beside);
        root.append(preview);
      }
      place(panel);
    },
    focus() {
      if (isClosed()) return;
      frame.focus();
      post({ focus: 1 });
    },
    badge: retitle,
    event(event) {
      // What went along with a message is told, and what is forgotten is not told again.
      if (/^(message:sent|logout)$/.test(event.type)) events = [];
      if (event.type == "logout") forget();
      emit(event);
    },
    settle([id, result]) {
      const pending = calls.get(id);
      calls.delete(id);
      if (result?.switchedUser) standing.delete("update");
      if (result?.ok && pending) keep(pending.call);
      pending?.settle(result);
    },
    async token([request, id]) {
      let value = null;
      try {
        value = await sources.get(id)();
      } catch {}
      post({ token: [request, typeof value == "string" ? value : null] });
    },
    end,
    crash,
  };

  // ---- what the page says ----

  const page = () => {
    retitle(badge);
    return { url: location.href, title: ownTitle, lang: document.documentElement.lang };
  };
  const forget = () => ["identify", "update"].forEach((name) => standing.delete(name));
  // As the chat merges what it is told, so is it merged here: what would be forgotten, stands.
  const keep = ([id, name, [given, ...rest]]) => {
    if (name == "trackEvent") events = [...events, [id, name, [given, ...rest]]].slice(-EVENTS);
    if (!STANDING.test(name)) return;
    const before = standing.get(name)?.[2][0];
    if (name == "setTheme") given = { ...before, ...(typeof given == "string" ? { scheme: given } : given) };
    if (name == "update") given = { attributes: { ...before?.attributes, ...given.attributes } };
    standing.set(name.replace("hide", "show"), [id, name, [given, ...rest]]);
  };
  const run = (name, args, settle) => {
    const id = ++number;
    let plain;
    try {
      plain = args.map((argument) => {
        const getToken = argument?.getToken;
        if (typeof getToken != "function") return structuredClone(argument);
        // A function takes the place of the one before.
        sources.clear();
        sources.set(id, () => getToken.call(argument));
        return structuredClone({ token: argument.token, getToken: id });
      });
    } catch {
      // Something of the page that cannot leave it.
      return settle({ ok: false, code: "invalid_argument" });
    }
    // Whatever comes of it: the token may be good again, or its function bring another.
    if (name == "identify") keep([id, name, plain]);
    if (/logout|shutdown/.test(name)) forget();
    calls.set(id, { call: [id, name, plain], settle });
    post({ call: [id, name, plain] });
  };
  const repeat = () => {
    for (const call of [...standing.values(), ...events]) if (!calls.has(call[0])) post({ call });
    for (const { call } of calls.values()) post({ call });
  };
  const tellPage = () => post({ page: page() });
  // The head can be replaced, and the root with it.
  const watchTitle = () => {
    const { documentElement: html, head } = document;
    for (const parent of [document, html || document]) observer.observe(parent, { childList: true });
    if (head) observer.observe(head, { childList: true, subtree: true, characterData: true });
  };
  const observer = new MutationObserver(() => {
    watchTitle();
    tellPage();
  });
  listen(root, ["click"], ({ target }) => {
    const pressed = preview && preview.contains(target) && target.closest("[data-do]");
    if (pressed) post({ press: pressed.getAttribute("data-do") });
  });
  // Not every browser tells of an address that a script has written: but it tells that the frame gets the focus.
  listen(window, ["popstate", "hashchange", "blur"], tellPage);
  listen(window.navigation, ["currententrychange"], tellPage);
  listen(window.visualViewport, ["resize", "scroll"], () => {
    const { height, offsetTop } = visualViewport;
    host.style.setProperty("--viewport", height + "px");
    host.style.setProperty("--viewport-top", offsetTop + "px");
  });
  listen(boot.signal, ["abort"], () => life.abort());
  signal.onabort = () => {
    clearTimeout(timer);
    clearTimeout(silence);
    observer.disconnect();
    retitle("");
    port?.close();
    frame.remove();
    root.adoptedStyleSheets = [...root.adoptedStyleSheets].filter((other) => other != sheet);
  };
  watchTitle();

  // ---- the frame ----

  const there = new Promise((resolve, reject) => {
    // What was there once and is not any more cannot be tried again by pressing the launcher.
    const fail = (cause, note) => (ready ? crash(cause) : reject(Object.assign(new Error(cause), { note })));
    timer = setTimeout(fail, PATIENCE, "the frame does not answer");
    listen(document, ["securitypolicyviolation"], ({ blockedURI, effectiveDirective }) => {
      if (/^(frame|child|default)-src/.test(effectiveDirective) && base.startsWith(blockedURI)) {
        const cause = "the page's policy forbids the frame";
        fail(cause, "The chat cannot run here: " + cause + ".");
      }
    });
    // Each time that it is loaded: where its element is moved, a browser does so again.
    listen(frame, ["load"], () => {
      const { port1, port2 } = new MessageChannel();
      port?.close();
      port = port1;
      retitle("");
      clearTimeout(silence);
      silence = setTimeout(
        fail,
        SILENCE,
        "the server refuses the frame: is this page's origin on the agent's list?",
        "The chat is not available on this page.",
      );
      port.onmessage = ({ data }) => {
        if (data.failed) fail(data.failed);
        if (data.ready) {
          clearTimeout(timer);
          repeat();
          resolve((ready = true));
        }
        for (const name in data) if (Object.hasOwn(heard, name)) heard[name](data[name]);
      };
      const { nonce, contact, ...rest } = options;
      const hello = { eloquent: 1, agentId, options: JSON.parse(JSON.stringify(rest)), page: page() };
      frame.contentWindow.postMessage(hello, origin, [port2]);
    });
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  frame.className = "panel closed";
  frame.allow = "autoplay; clipboard-write";
  frame.src = base + "frame/" + agentId;
  // Until its styles have come.
  frame.style.visibility = "hidden";
  root.append(frame);
  try {
    await there;
  } catch (error) {
    life.abort();
    throw error;
  }
  frame.style.visibility = "";
  return run;
}
