// The yardstick's panel: plain text, no identity, no retries, no resuming; it speaks to the same server.
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export function create({ server, agent }) {
  const api = `${server}/v1/agents/${agent}`;
  const log = element("div", { className: "log" });
  log.setAttribute("role", "log");
  const field = element("textarea", { rows: 1, placeholder: "Write a message" });
  field.setAttribute("aria-label", "Message");
  const form = element("form", {}, field, element("button", { type: "submit", textContent: "Send" }));
  const close = element("button", { type: "button", textContent: "×" });
  close.setAttribute("aria-label", "Close chat");
  const panel = element(
    "section",
    { className: "vanilla-panel", hidden: true },
    element("header", {}, element("h2", { textContent: "Chat" }), close),
    log,
    form,
  );
  panel.setAttribute("role", "dialog");
  document.body.append(panel);

  let session = localStorage.getItem("vanilla:session");
  let conversation = localStorage.getItem("vanilla:conversation");
  const headers = () => (session ? { authorization: `Bearer ${session}` } : {});

  const row = (author, text) => {
    const bubble = element("div", { className: "bubble", textContent: text });
    const made = element("div", { className: `row ${author}` }, bubble);
    return { made, bubble };
  };
  const show = (author, text) => {
    const { made, bubble } = row(author, text);
    log.append(made);
    log.scrollTop = log.scrollHeight;
    return bubble;
  };

  const send = async (text) => {
    show("visitor", text);
    log.dataset.state = "streaming";
    const answer = show("agent", "").appendChild(new Text(""));
    const response = await fetch(`${api}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers() },
      body: JSON.stringify({ message: { id: crypto.randomUUID(), text }, format: "markdown" }),
    });
    // Once per frame, as somebody does who has seen it jerk.
    let waiting = "";
    const flush = () => {
      answer.appendData(waiting);
      waiting = "";
      log.scrollTop = log.scrollHeight;
    };
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        const data = frame.match(/^data: ?(.*)$/m)?.[1];
        if (!/^event: ?delta$/m.test(frame) || !data) continue;
        if (!waiting) requestAnimationFrame(flush);
        waiting += JSON.parse(data).text;
      }
    }
    requestAnimationFrame(() => (log.dataset.state = "done"));
  };

  // Older messages are put above when the reader comes near the top, as most lists do that somebody writes.
  let oldest;
  let more = !!conversation;
  const page = async () => {
    if (!more) return;
    more = false;
    const before = oldest ? `&before=${oldest}` : "";
    const response = await fetch(`${api}/conversations/${conversation}?limit=100${before}`, { headers: headers() });
    const { messages, earlier } = await response.json();
    const from = log.scrollHeight - log.scrollTop;
    log.prepend(...messages.map(({ role, text }) => row(role, text).made));
    log.scrollTop = log.scrollHeight - from;
    oldest = messages[0]?.id;
    more = !!earlier;
  };
  log.addEventListener("scroll", () => log.scrollTop < 600 && page());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    if (text) send(text);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key == "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  const toggle = () => {
    panel.hidden = !panel.hidden;
    if (!panel.hidden) field.focus();
    if (!panel.hidden && !log.firstChild) page();
  };
  close.addEventListener("click", toggle);
  return { toggle };
}
