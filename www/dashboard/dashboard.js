// Conveniences of the dashboard: copying, times in the reader's zone, and an address that is safe to
// reload. Every page works without them.
"use strict";

const announcer = document.getElementById("announcer");

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  const usual = label?.textContent;
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(source.textContent).then(() => true, () => false);
    if (!copied) getSelection().selectAllChildren(source);
    label.textContent = copied ? "Copied" : "Press Ctrl+C";
    button.classList.toggle("done", copied);
    if (announcer) announcer.textContent = copied ? "Copied to the clipboard." : "Selected; copy it with the keyboard.";
    setTimeout(() => {
      label.textContent = usual;
      button.classList.remove("done");
    }, 2000);
  });
}

const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const thisYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const earlier = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const now = new Date();

for (const element of document.querySelectorAll("time[datetime]")) {
  const time = new Date(element.dateTime);
  if (Number.isNaN(time.getTime())) continue;
  element.title = exact.format(time);
  if (time.toDateString() === now.toDateString()) element.textContent = `Today, ${today.format(time)}`;
  else element.textContent = (time.getFullYear() === now.getFullYear() ? thisYear : earlier).format(time);
}

// The page that shows a secret answers a form: a reload would send the form again.
const shownOnce = document.querySelector("[data-replace-address]");
if (shownOnce) {
  const address = shownOnce.dataset.replaceAddress;
  history.replaceState(null, "", address);
  // Browsers keep a page for the way back, also one that says `no-store`: the secret does not stay in it.
  addEventListener("pagehide", () => shownOnce.remove());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.replace(address);
  });
}

// Whoever writes into a field beside a choice has chosen it.
for (const field of document.querySelectorAll(".choice > input:not([type=radio])")) {
  field.addEventListener("input", () => {
    field.parentElement.querySelector("input[type=radio]").checked = true;
  });
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// A page that comes back from the browser's memory can send its forms again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
