/*
 * The loader: the one script that a customer's page embeds.
 *
 * It installs `window.eloquent` (a queue until the widget is there), draws the launcher in a shadow
 * root, and loads the WebAssembly module when somebody means to use the chat: into the page, or into a
 * frame of our own origin (`frame-host.js`, which has the module's interface). It knows no conversation,
 * no identity and no protocol: all of that is the module's, which gets the queue.
 *
 * Invariants: no exception reaches the page; every command's promise resolves; nothing is stored;
 * no string becomes markup; what `end` leaves behind is nothing.
 */
(() => {
  const script = document.currentScript || [...document.querySelectorAll("script[data-agent-id]")].pop() || {};
  const options = { ...window.eloquentConfig, ...script.dataset };
  const { agentId } = options;
  const warn = (text, cause = "") => console.warn("[eloquent] " + text, cause);

  const found = window.eloquent;
  // An element with the id "eloquent" shows up under this name, too, and is none of ours.
  const early = found && !found.nodeType && found;
  if (!agentId) return warn("data-agent-id is missing");
  if (early && !Array.isArray(early.q)) {
    if (early.agentId != agentId && !early.told) {
      early.told = 1;
      warn("another chat is on this page already");
    }
    return;
  }

  const base = new URL(".", new URL(options.api || script.src || "", location)).href;
  const storageKey = "eloquent:" + agentId;
  const names =
    "identify logout shutdown update open close toggle show hide prefill sendMessage newConversation resetChat setLocale setTheme showPreview hidePreview trackEvent page on once off getState debug destroy".split(
      " ",
    );
  const queue = [];
  // Those whose promise is still open: when the module ends, they are told.
  const pending = new Set();
  const listeners = new Set();
  let module;
  let loading;
  let ended;
  let crashed;
  let attempts = 0;
  let idle;

  // ---- the launcher ----

  const host = document.createElement("eloquent-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  // What the module's own sheet does not have to repeat: enough for a launcher that stands alone.
  sheet.replaceSync(
    ":host{all:initial!important}[hidden]{display:none!important}.launcher,.note{position:fixed;right:20px;bottom:calc(20px + env(safe-area-inset-bottom));z-index:2147483000;border:0;padding:14px;box-shadow:0 6px 22px #0004;font:14px/1.45 system-ui,sans-serif;color:var(--on-accent,#fff)}.launcher{width:56px;height:56px;border-radius:50%;background:var(--accent,#3157e0);cursor:pointer}.launcher:focus-visible{outline:3px solid var(--accent,#3157e0);outline-offset:3px}.launcher svg{width:28px;height:28px;fill:currentColor}[aria-busy=true] svg{animation:wait 1s infinite alternate}@keyframes wait{to{opacity:.3}}.note{margin-bottom:68px;width:240px;border-radius:14px;background:#1b1d23;color:#fff}.note a{display:block;color:inherit}.left{right:auto;left:20px}",
  );
  root.adoptedStyleSheets = [sheet];

  const side = /left/.test(options.position) ? " left" : "";
  const add = (parent, tag, attributes, kind = "1999/xhtml") => {
    const element = document.createElementNS("http://www.w3.org/" + kind, tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    parent.append(element);
    return element;
  };
  const launcher = add(root, "button", {
    class: "launcher" + side,
    "aria-label": "Open chat",
    "aria-haspopup": "dialog",
    "aria-expanded": false,
  });
  const picture = { d: "M12 3a9 8 0 0 0-6 14l-1 4 5-2.2a9 8 0 1 0 2-15.8z" };
  add(add(launcher, "svg", { viewBox: "0 0 24 24", "aria-hidden": true }, "2000/svg"), "path", picture, "2000/svg");
  launcher.hidden = options.launcher == "hidden";
  if (options.accent) host.style.setProperty("--accent", options.accent);
  const note = add(root, "div", { class: "note" + side, role: "status" });
  note.hidden = true;

  const say = async (text) => {
    note.textContent = text;
    note.hidden = !text;
    launcher.setAttribute("aria-busy", false);
    if (!text) return;
    // How to reach somebody without the chat: as the page says, or as the server still can.
    try {
      const contact =
        options.contact || (await (await fetch(base + "v1/agents/" + agentId + "/config")).json()).contact;
      if (contact) add(note, "a", { href: (/^https:/.test(contact) ? "" : "mailto:") + contact }).textContent = contact;
    } catch {}
  };

  // ---- events ----

  const emit = (event) => {
    for (const entry of [...listeners]) {
      if (entry.type !== event.type) continue;
      if (entry.once) listeners.delete(entry);
      try {
        entry.callback(event);
      } catch (error) {
        console.error(error);
      }
    }
    window.dispatchEvent(new CustomEvent("eloquent:" + event.type, { detail: event }));
  };

  // ---- the module ----

  const settleAll = (code, message) => {
    queue.splice(0);
    pending.forEach((settle) => settle({ ok: false, code, message }));
  };
  const fail = (code, message, cause) => {
    warn(message, cause);
    // Nobody asked to see the chat when the page alone has called it: then nothing is shown.
    if (module || queue.some(([name]) => /open|toggle/.test(name))) say(message);
    settleAll(code, message);
  };
  const load = () => {
    loading ||= start().catch((cause) => {
      loading = module = idle = 0;
      if (ended) return;
      const message =
        cause.note ||
        (runs() ? "The chat could not be loaded. Please try again." : "The chat cannot run here: no WebAssembly.");
      fail("load_failed", message, cause);
    });
  };
  // A page's Content-Security-Policy can forbid what the browser can do; Safari forbids the instance alone.
  const runs = () => {
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    } catch {}
  };
  const fetchModule = (file) => import(base + "assets/" + file);
  const start = async () => {
    const { mode } = options;
    const framed = mode == "frame" || (mode != "page" && !runs());
    // A browser may remember that an address failed: another try has another address.
    const suffix = attempts++ ? "?" + attempts : "";
    const [code, wasm] = await Promise.all([
      fetchModule((framed ? "frame-host.js" : "widget.js") + suffix),
      framed || fetch(base + "assets/widget_bg.wasm"),
    ]);
    await code.default({ module_or_path: wasm });
    if (ended) return;
    module = await code.start({ base, agentId, options, host, root, launcher, storageKey, signal, emit, end, crash, load: fetchModule });
    say("");
    for (const item of queue.splice(0)) call(...item);
  };
  const crash = (cause) => {
    if (ended || crashed) return;
    crashed = true;
    root.replaceChildren(launcher, note);
    fail("crashed", "The chat has stopped working. Please reload the page.", cause);
    module = (name, args, settle) => settle({ ok: false, code: "crashed" });
  };
  const whenIdle = () => {
    // A page on which nothing moves may not be found idle for a minute; `setTimeout` reads 0 here.
    idle ||= (window.requestIdleCallback || setTimeout)(load, { timeout: 2e3 });
  };
  const end = () => {
    ended = true;
    observer.disconnect();
    lifetime.abort();
    (window.cancelIdleCallback || clearTimeout)(idle);
    host.remove();
    if (window.eloquent == eloquent) delete window.eloquent;
    settleAll("destroyed");
  };

  // ---- commands ----

  const call = (name, args, settle) => {
    if (ended) settle({ ok: false, code: "destroyed" });
    else if (!names.includes(name)) {
      warn("unknown command:", name);
      settle({ ok: false, code: "unknown_command" });
    } else if (/^on/.test(name)) {
      const entry = { type: args[0], callback: args[1], once: name == "once" };
      if (typeof entry.callback == "function") {
        listeners.add(entry);
        settle(() => {
          listeners.delete(entry);
        });
      } else settle({ ok: false, code: "invalid_argument" });
    } else if (name == "off") {
      listeners.forEach((entry) => {
        if (entry.type === args[0] && (!args[1] || entry.callback == args[1])) listeners.delete(entry);
      });
      settle({ ok: true });
    } else if (module) module(name, args, settle);
    else if (name == "destroy") {
      clear();
      emit({ id: "", type: name, createdAt: new Date().toISOString(), data: {} });
      settle({ ok: true });
      end();
    } else {
      queue.push([name, args, settle]);
      if (/logout|shutdown/.test(name)) {
        // The page may be gone before the module is there to do it.
        clear();
        try {
          new BroadcastChannel(storageKey).postMessage(name);
        } catch {}
      }
      if (/open|toggle|send/.test(name)) {
        launcher.setAttribute("aria-busy", true);
        load();
      } else onceLoaded(whenIdle);
    }
  };
  const eloquent = (name, ...args) =>
    new Promise((resolve) => {
      const settle = (result) => {
        pending.delete(settle);
        resolve(result);
      };
      pending.add(settle);
      call(name, args, settle);
    });
  // `[arguments, resolver]` from the stub, or a command's bare arguments.
  const replay = (item) => {
    try {
      // A string, and no list of arguments.
      if (item[0].trim) eloquent(...item);
      else eloquent(...item[0]).then(item[1]);
    } catch {
      warn("not a call:", item);
    }
  };

  // ---- start ----

  const lifetime = new AbortController();
  const { signal } = lifetime;
  const storages = (use) => {
    for (const kind of ["localStorage", "sessionStorage"]) {
      // Reading the property itself throws where storage is blocked.
      try {
        if (use(window[kind])) return true;
      } catch {}
    }
  };
  const clear = () => storages((storage) => storage.removeItem(storageKey));
  const on = (type, act) => addEventListener(type, act, { once: true, signal });
  const onceLoaded = (act) => (document.readyState == "complete" ? act() : on("load", act));
  // Beside the body, where frameworks that replace or hydrate the body leave it alone.
  const observer = new MutationObserver(() => host.isConnected || begin());
  const begin = () => {
    const html = document.documentElement;
    // The root itself may be replaced, too, and for a moment there is none.
    html?.append(host);
    for (const parent of [document, html || host]) observer.observe(parent, { childList: true });
  };

  names.forEach((name) => {
    eloquent[name] = (...args) => eloquent(name, ...args);
  });
  eloquent.agentId = agentId;
  window.eloquent = eloquent;

  if (document.body) begin();
  else on("DOMContentLoaded", begin);
  launcher.addEventListener("click", () => eloquent("toggle"));
  // A touch enters, too.
  for (const intent of ["pointerenter", "focus"]) launcher.addEventListener(intent, load, { once: true });
  if (early) {
    const { q } = early;
    q.splice(0).forEach(replay);
    // Whoever has kept a reference to the stub goes on calling it.
    q.push = (...items) => items.forEach(replay) || 0;
  }
  if (options.load == "eager") load();
  else if (options.load == "idle" || storages((storage) => storage.getItem(storageKey))) onceLoaded(whenIdle);
})();
