/*
 * The chat in a frame, seen from inside: the page `/frame/{agent id}` of our own origin runs this alone.
 * It waits for the page around it to hand over a channel, starts the same module as everywhere, and tells
 * the page how the launcher looks, which is drawn there (`frame-host.js`).
 *
 * Invariants: one message is heard that did not come through the channel, from the page around and from
 * an origin that the agent's list names; after that the channel alone; no function of the page comes here.
 */

const { origins, agentId } = document.documentElement.dataset;
const allowed = origins ? origins.split(" ") : [];
const CSS =
  ".launcher,.preview{display:none!important}.panel{inset:0!important;width:100%!important;height:100%!important;max-height:none!important;border-radius:0!important;box-shadow:none!important}";

addEventListener("message", function hear({ source, origin, data, ports: [port] }) {
  if (source !== parent || parent === window || data?.eloquent !== 1 || data.agentId !== agentId || !port) return;
  if (allowed.length && !allowed.includes(origin)) return;
  removeEventListener("message", hear);
  begin(port, origin, data);
});

const begin = async (port, origin, { options, page }) => {
  const base = new URL("/", location).href;
  const host = document.createElement("eloquent-widget");
  const root = host.attachShadow({ mode: "open" });
  const launcher = document.createElement("button");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const post = (message) => port.postMessage(message);
  const tokens = new Map();
  let requests = 0;
  let run;
  let field;
  let narrowRules = [];
  post({ hello: 1 });

  // The requests come from our own origin; the server has to know on whose page they are made.
  const send = fetch.bind(window);
  window.fetch = (request) => {
    if (request instanceof Request) request.headers.set("X-Eloquent-Origin", origin);
    return send(request);
  };

  launcher.className = "launcher";
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  // The loader's picture, which `chat` means.
  path.setAttribute("d", "M12 3a9 8 0 0 0-6 14l-1 4 5-2.2a9 8 0 1 0 2-15.8z");
  svg.append(path);
  launcher.append(svg);
  launcher.setAttribute("aria-haspopup", "dialog");
  if (/left/.test(options.position)) launcher.className += " left";
  launcher.hidden = options.launcher == "hidden";
  root.append(launcher);
  document.body.append(host);

  // ---- what the page around has to draw ----

  const attributes = (element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  const tree = (element) => [
    element.localName,
    attributes(element),
    [...element.childNodes].map((node) => (node.nodeType == 1 ? tree(node) : node.data)),
  ];
  const nothing = ["div", { hidden: "" }, []];
  const look = () => {
    const panel = root.querySelector(".panel");
    const preview = root.querySelector(".preview");
    if (!panel) return;
    const { style, ...theme } = attributes(host);
    const properties = [...host.style].filter((name) => !/viewport/.test(name));
    post({
      look: {
        host: theme,
        style: Object.fromEntries(properties.map((name) => [name, host.style.getPropertyValue(name)])),
        launcher: tree(launcher),
        preview: preview ? tree(preview) : nothing,
        panel: {
          class: panel.className,
          title: panel.getAttribute("aria-label") || "",
        },
      },
    });
  };
  // The page has made the frame visible, but in its own time a browser tells the frame.
  const focus = (tries) => {
    HTMLElement.prototype.focus.call(field);
    if (tries && root.activeElement != field) requestAnimationFrame(() => focus(tries - 1));
  };
  const watch = () => {
    field = root.querySelector("textarea");
    const observer = new MutationObserver(look);
    const all = { attributes: true, childList: true, subtree: true, characterData: true };
    observer.observe(host, { attributes: true });
    observer.observe(launcher, all);
    const preview = root.querySelector(".preview");
    if (preview) observer.observe(preview, all);
    observer.observe(root.querySelector(".panel"), { attributes: true });
    // The focus is the page's to give: here, it would move nothing, and in a frame that is not to be seen
    // some browsers give none.
    field.focus = () => {
      look();
      post({ focus: 1 });
    };
    look();
  };

  // ---- what the page around says ----

  const ask = (source) =>
    new Promise((resolve) => {
      tokens.set(++requests, resolve);
      post({ token: [requests, source] });
    });
  const heard = {
    call([id, name, [first, ...rest]]) {
      const source = first?.getToken;
      const given = typeof source == "number" ? { ...first, getToken: () => ask(source) } : first;
      run(name, [given, ...rest], (result) => post({ settle: [id, result] }));
    },
    token([request, value]) {
      tokens.get(request)?.(value);
      tokens.delete(request);
    },
    narrow(on) {
      // The styles for narrow pages, by the page around.
      for (const { media } of narrowRules) media.mediaText = on ? "all" : "not all";
    },
    focus: () => focus(20),
    page: (next) => Object.assign(page, next),
    press(action) {
      const buttons = [...root.querySelectorAll(".preview [data-do]")];
      buttons.find((button) => button.getAttribute("data-do") == action)?.click();
    },
  };
  port.onmessage = ({ data }) => {
    for (const name in data) if (Object.hasOwn(heard, name)) heard[name](data[name]);
  };

  // ---- the module ----

  const load = (file) => import(base + "assets/" + file);
  try {
    const code = await load("widget.js");
    await code.default({ module_or_path: fetch(base + "assets/widget_bg.wasm") });
    run = code.start({
      base,
      agentId,
      options: { ...options, page },
      host,
      root,
      launcher,
      storageKey: "eloquent:" + agentId,
      emit: (event) => post({ event }),
      title: (unread) => post({ badge: unread ? "(" + unread + ") " : "" }),
      end: () => post({ end: 1 }),
      crash: (cause) => post({ crash: String(cause) }),
      load,
    });
  } catch (error) {
    return post({ failed: String(error) });
  }
  const rules = [...root.adoptedStyleSheets].flatMap(({ cssRules }) => [...cssRules]);
  narrowRules = rules.filter(({ media }) => /max-width/.test(media?.mediaText));
  post({ css: rules.map((rule) => rule.cssText).join("") });
  const inside = new CSSStyleSheet();
  inside.replaceSync(CSS);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, inside];
  watch();
  post({ ready: 1 });
};
