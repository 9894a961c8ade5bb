// The playground's preview: hands the token to the widget on this page as a customer's page would, and
// writes down what comes of it. It stores nothing; the token leaves the page's markup at once.
"use strict";

const preview = document.getElementById("preview");
const state = document.getElementById("state");
const output = document.getElementById("identify-result");
const events = document.getElementById("events");
const conversation = document.getElementById("conversation");
const { token, conversations } = preview.dataset;
delete preview.dataset.token;

// The widget's script may come before this one or after it.
if (!window.eloquent) {
  const queue = [];
  window.eloquent = (...call) => new Promise((resolve) => queue.push([call, resolve]));
  window.eloquent.q = queue;
}

/** Says in a word how it stands; `data-state` says it to a program. */
function show(name, text) {
  state.dataset.state = name;
  state.textContent = text;
  state.classList.toggle("good", name === "identified");
  state.classList.toggle("bad", name === "refused");
  state.classList.toggle("warn", name === "expired");
}

function note({ type, createdAt, data }) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = type;
  const time = document.createElement("time");
  time.dateTime = createdAt;
  time.textContent = new Date(createdAt).toLocaleTimeString();
  const details = document.createElement("code");
  details.textContent = JSON.stringify(data ?? {});
  item.append(time, name, details);
  if (!events.querySelector("time")) events.replaceChildren();
  events.prepend(item);
}

const NOTED = [
  "ready",
  "identify",
  "identity:expiring",
  "identity:expired",
  "identity:changed",
  "conversation:started",
  "message:sent",
  "message:received",
  "logout",
  "error",
];
for (const type of NOTED) {
  window.eloquent("on", type, (event) => {
    note(event);
    if (type === "identity:expired") show("expired", "The token has expired");
    const { conversationId } = event.data ?? {};
    if (!conversationId) return;
    conversation.firstElementChild.href = `${conversations}/${conversationId}`;
    conversation.hidden = false;
  });
}

window.eloquent("identify", { token }).then((result) => {
  output.textContent = JSON.stringify(result, null, 2);
  if (result.identified) show("identified", "Identified");
  else show("refused", result.code ?? "Not identified");
  // Where the panel has room beside the page.
  if (matchMedia("(min-width: 75rem)").matches) window.eloquent("open");
});
