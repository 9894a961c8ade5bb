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

/** How long the frame may take until it answers, in milliseconds. */
const PATIENCE = 2e4;
const TAGS = /^(button|div|span|svg|path)$/;
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
  const frame = document.createElement("iframe");
  const sheet = new CSSStyleSheet();
  let number = 0;
  let timer;
  let port;
  let badge = "";
  let preview = "";

  const post = (message) => port?.postMessage(message);
  const ownTitle = () => (document.title.startsWith(badge) ? document.title.slice(badge.length) : document.title);
  const page = () => ({ url: location.href, title: ownTitle(), lang: document.documentElement.lang });

  // ---- what the frame says ----

  const retitle = (next) => {
    const title = next + ownTitle();
    badge = next;
    if (document.title != title) document.title = title;
  };
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
  const place = ({ class: name, title, focused }) => {
    const closed = name.includes("closed");
    const opens = frame.className.includes("closed") && !closed;
    const had = root.activeElement == frame;
    frame.className = name;
    frame.title = title;
    if (opens && focused) {
      // What had the focus in there lost it where the frame was not to be seen yet.
      frame.focus();
      post({ focus: 1 });
    }
    if (closed && had) launcher.focus();
  };
  const heard = {
    css: (text) => sheet.replaceSync(text + "iframe{border:0}"),
    look({ host: theme, style, launcher: button, preview: beside, panel }) {
      describe(host, theme);
      for (const name in style) host.style.setProperty(name, style[name]);
      describe(launcher, button[1]);
      launcher.replaceChildren(...build(button).childNodes);
      if (preview) preview.remove();
      preview = build(beside);
      root.append(preview);
      place(panel);
    },
    badge: retitle,
    event: emit,
    settle([id, result]) {
      calls.get(id)?.settle(result);
      calls.delete(id);
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

  const run = (name, args, settle) => {
    const id = ++number;
    let plain;
    try {
      plain = args.map((argument) => {
        const getToken = argument?.getToken;
        if (typeof getToken != "function") return structuredClone(argument);
        sources.set(id, () => getToken.call(argument));
        return structuredClone({ token: argument.token, getToken: id });
      });
    } catch {
      // Something of the page that cannot leave it.
      return settle({ ok: false, code: "invalid_argument" });
    }
    if (/^(identify|update|setLocale|setTheme)$/.test(name)) standing.set(name, [id, name, plain]);
    if (/logout|shutdown/.test(name)) standing.delete("identify");
    calls.set(id, { call: [id, name, plain], settle });
    post({ call: [id, name, plain] });
  };
  const repeat = () => {
    for (const call of standing.values()) if (!calls.has(call[0])) post({ call });
    for (const { call } of calls.values()) post({ call });
  };
  const listen = (target, types, act) => {
    for (const type of types) target?.addEventListener(type, act, { signal });
  };
  const observer = new MutationObserver(() => {
    retitle(badge);
    post({ page: page() });
  });
  listen(root, ["click"], ({ target }) => {
    const pressed = preview && preview.contains(target) && target.closest("[data-do]");
    if (pressed) post({ press: pressed.getAttribute("data-do") });
  });
  listen(window, ["popstate", "hashchange"], () => post({ page: page() }));
  listen(window.visualViewport, ["resize", "scroll"], () => {
    const { height, offsetTop } = visualViewport;
    host.style.setProperty("--viewport", height + "px");
    host.style.setProperty("--viewport-top", offsetTop + "px");
  });
  listen(boot.signal, ["abort"], () => life.abort());
  signal.onabort = () => {
    clearTimeout(timer);
    observer.disconnect();
    retitle("");
    port?.close();
    frame.remove();
    root.adoptedStyleSheets = [...root.adoptedStyleSheets].filter((other) => other != sheet);
  };
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });

  // ---- the frame ----

  const there = new Promise((resolve, reject) => {
    const fail = (cause) => reject(new Error(cause));
    timer = setTimeout(fail, PATIENCE, "the frame does not answer");
    listen(document, ["securitypolicyviolation"], ({ blockedURI, effectiveDirective }) => {
      if (/^(frame|child|default)-src/.test(effectiveDirective) && base.startsWith(blockedURI)) {
        fail("the page's policy forbids the frame");
      }
    });
    // Each time that it is loaded: where its element is moved, a browser does so again.
    listen(frame, ["load"], () => {
      const { port1, port2 } = new MessageChannel();
      port?.close();
      port = port1;
      port.onmessage = ({ data }) => {
        if (data.failed) fail(data.failed);
        if (data.ready) {
          clearTimeout(timer);
          repeat();
          resolve();
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
