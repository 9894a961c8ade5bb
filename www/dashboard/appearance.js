// The appearance page's preview: the real widget in a frame, which is told of every change; colours are
// weighed as they are typed. What may be saved is decided by the server alone.
"use strict";

const look = document.getElementById("look");
const stage = document.getElementById("stage");

// ---- colours: WCAG 2.2's contrast ratio, and what the server will say of it ----

const isColor = (text) => /^#[0-9a-f]{6}$/i.test(text);
const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

function luminance(color) {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const ink = (ground) => (contrast(ground, "#000000") > contrast(ground, "#ffffff") ? "#000000" : "#ffffff");

/** The colour nearest to `text`, on its way to black or white, that can be read on `ground`. */
function readable(text, ground) {
  const goal = channels(ink(ground));
  for (let step = 0; step <= 32; step++) {
    const mixed = channels(text).map((value, at) => Math.floor((value * (32 - step) + goal[at] * step) / 32));
    const color = "#" + mixed.map((value) => value.toString(16).padStart(2, "0")).join("");
    if (contrast(color, ground) >= 4.5) return color;
  }
  return ink(ground);
}

const fields = [...document.querySelectorAll("[data-color]")].map((field) => ({
  name: field.dataset.color,
  own: field.dataset.own,
  picker: field.querySelector("input[type=color]"),
  text: field.querySelector("input[type=text]"),
  says: field.querySelector("[aria-live]"),
}));

/** The colour of a field, the widget's own where it is empty; `undefined` where it is none. */
function colorOf(name) {
  const { own, text } = fields.find((field) => field.name === name);
  const color = text.value.trim().toLowerCase() || own;
  return isColor(color) ? color : undefined;
}

function say({ own, says }, lead, ratio, advice) {
  if (!ratio) {
    says.textContent = `A colour like ${own}.`;
    return;
  }
  const number = document.createElement("span");
  number.className = "mono";
  number.textContent = `${(Math.floor(ratio * 100) / 100).toFixed(2)}:1`;
  const verdict = document.createElement(ratio < 4.5 ? "strong" : "span");
  verdict.className = ratio < 4.5 ? "fails" : "passes";
  verdict.textContent = ratio < 4.5 ? "below AA." : "passes AA.";
  says.replaceChildren(lead, number, ", ", verdict, advice);
}

function weigh() {
  const [accent, background, text] = ["accent", "background", "text"].map(colorOf);
  const [onAccent, , onBackground] = fields;
  const letters = accent && ink(accent);
  say(onAccent, letters === "#000000" ? "Black on it: " : "White on it: ", accent && contrast(accent, letters), "");
  const ratio = text && background && contrast(text, background);
  say(onBackground, "On the background: ", ratio, ratio < 4.5 ? ` Try ${readable(text, background)}.` : "");
}

for (const { name, picker, text } of fields) {
  picker.hidden = false;
  picker.addEventListener("input", () => {
    text.value = picker.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("input", () => {
    picker.value = colorOf(name) ?? picker.value;
    weigh();
  });
}

// ---- the questions: a row more than are filled, and buttons that move them ----

const rows = [...document.querySelectorAll(".starters li")];
const inputs = rows.map((row) => row.querySelector("input"));

function tidy() {
  const last = inputs.findLastIndex((input) => input.value);
  rows.forEach((row, at) => {
    row.hidden = at > last + 1;
    const button = (does) => row.querySelector(`[data-does=${does}]`);
    for (const does of ["up", "down", "remove"]) button(does).hidden = false;
    button("up").disabled = at === 0 || at > last;
    button("down").disabled = at >= last;
    button("remove").disabled = at > last;
  });
}

function move(at, does) {
  const values = inputs.map((input) => input.value);
  const [value] = values.splice(at, 1);
  if (does === "remove") values.push("");
  else values.splice(does === "up" ? at - 1 : at + 1, 0, value);
  values.forEach((value, at) => {
    inputs[at].value = value;
  });
  tidy();
  const to = does === "up" ? at - 1 : does === "down" ? at + 1 : at;
  const button = rows[to].querySelector(`[data-does=${does}]`);
  (button.disabled ? inputs[to] : button).focus();
}

rows.forEach((row, at) => {
  inputs[at].addEventListener("input", tidy);
  for (const button of row.querySelectorAll("[data-does]")) {
    button.addEventListener("click", () => move(at, button.dataset.does));
  }
});
tidy();

// ---- the preview ----

const radius = document.getElementById("radius");
const pixels = document.querySelector("output[for=radius]");
const screen = stage.querySelector(".screen");
const chosen = (name) => document.querySelector(`input[name=${name}]:checked`)?.value;

/** Everything that the form says of the look, also what is as it is anyway: it may have been saved otherwise. */
function tokens() {
  const all = {
    scheme: chosen("preview-scheme") || chosen("scheme"),
    accent: colorOf("accent"),
    background: colorOf("background"),
    text: colorOf("text"),
    radius: radius.valueAsNumber,
    font: look.elements.font.value,
    position: chosen("position"),
    launcherIcon: chosen("launcher_icon"),
    launcherLabel: look.elements.launcher_label.value.trim(),
  };
  // What is no colour, or no label, is left as it was.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value || value === 0));
}

const frame = document.createElement("iframe");
frame.title = "Preview of the chat";

/** The result is for whoever watches: the preview's last word on the tokens. */
async function show() {
  const { eloquent } = frame.contentWindow;
  const result = await eloquent?.("setTheme", tokens());
  stage.dataset.shown = result?.ok ?? false;
}

frame.addEventListener("load", async () => {
  const focused = document.activeElement;
  await show();
  await frame.contentWindow.eloquent?.("open");
  // The chat takes the focus when it opens; here nobody has opened it.
  if (document.activeElement === frame) {
    frame.blur();
    if (focused !== document.body) focused.focus();
  }
  stage.dataset.ready = "yes";
});

stage.hidden = false;
frame.src = stage.dataset.src;
screen.append(frame);
weigh();
look.addEventListener("input", () => {
  pixels.textContent = `${radius.value} px`;
  show();
});
stage.addEventListener("input", () => {
  screen.dataset.screen = chosen("preview-screen");
  show();
});
