// The demo shop's page: a customer logs in or out, and the chat is told each time, the way the
// documentation tells a site to do it. It keeps no secret and verifies nothing: the shop's server
// signs, Eloquent's server checks. The log-in is a choice of three customers, without a password.
"use strict";

const $ = (selector) => document.querySelector(selector);

/** Counts changes of customer, so that a slow answer about an earlier one is not shown. */
let turn = 0;

/** Calls a route of the shop's server; null where it answers with an error, or not at all. */
async function api(name, body) {
  const options = body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    const response = await fetch(`/demo/api/${name}`, options);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Adds what a site writes into its page by hand: the queue for early calls, and the one tag. */
function embed(agentId, accent) {
  if (!window.eloquent) {
    const queue = [];
    window.eloquent = (...call) => new Promise((resolve) => queue.push([call, resolve]));
    window.eloquent.q = queue;
  }
  const script = document.createElement("script");
  script.async = true;
  script.src = "/eloquent.js";
  script.dataset.agentId = agentId;
  script.dataset.accent = accent;
  document.head.append(script);
}

/** Fetches a token for whoever is logged in. The chat calls it, too, before the one that it has ends. */
async function getToken() {
  return (await api("eloquent-token", {}))?.token;
}

/** Hands a token to the chat, and the way to the next one. */
async function identify(mine) {
  showSent("…", "…");
  showResult("pending", "waiting for the chat …");
  const token = await getToken();
  if (mine !== turn) return;
  if (!token) return showNobody();
  showSent(claimsOf(token), 'eloquent("identify", { token, getToken })');
  const result = await window.eloquent("identify", { token, getToken });
  if (mine === turn) showResult(result.identified ? "identified" : "refused", result);
}

/** The payload of a token, unverified: to look at, not to trust. */
function claimsOf(token) {
  const base64 = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

async function logIn(customer) {
  const mine = ++turn;
  closeMenu();
  const session = await api("login", { customer });
  if (mine !== turn || !session) return;
  showSession(session);
  await identify(mine);
}

async function logOut() {
  const mine = ++turn;
  closeMenu();
  window.eloquent("logout");
  const session = await api("logout", {});
  if (mine !== turn || !session) return;
  showSession(session);
  showNobody();
}

// What the page shows.

const PLANS = { free: "Taster", pro: "Daily", enterprise: "Office" };

/** The shop's name of a plan, whether it comes as the shop's or as the price list's. */
const planName = (plan) => PLANS[String(plan).toLowerCase()] ?? String(plan);

const initials = (name) => name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2);

function element(name, className, ...children) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

function showSession({ customer, customers }) {
  $("#customers").replaceChildren(...customers.map((each) => customerItem(each, customer)));
  $("#logout").setAttribute("aria-current", String(!customer));
  $("[data-logout]").textContent = customer ? "Log out" : "Stay anonymous";
  $(".account-name").textContent = customer ? customer.name : "Log in";
  $("#account .avatar").hidden = !customer;
  $("#account .avatar").textContent = customer ? initials(customer.name) : "";
  $("#welcome").textContent = customer
    ? `Welcome back, ${customer.name.split(" ")[0]}. You are on the ${planName(customer.plan)} plan.`
    : "Roasted to order in small batches";
  for (const card of document.querySelectorAll("[data-plan]")) {
    card.classList.toggle("is-yours", Boolean(customer) && card.dataset.plan === planName(customer.plan));
  }
}

function customerItem(each, current) {
  const avatar = element("span", "avatar", initials(each.name));
  avatar.setAttribute("aria-hidden", "true");
  const text = element(
    "span",
    "menu-text",
    element("span", "menu-name", each.name),
    element("span", "menu-note", `${planName(each.plan)} plan`),
  );
  const button = element("button", "menu-item", avatar, text, tick());
  button.type = "button";
  button.dataset.customer = each.id;
  button.setAttribute("aria-current", String(each.id === current?.id));
  button.addEventListener("click", () => logIn(button.dataset.customer));
  return element("li", "", button);
}

function tick() {
  return $("#logout .tick").cloneNode(true);
}

function showNobody() {
  showSent("nobody is logged in: no token", 'eloquent("logout"), or nothing at all');
  showResult("anonymous", "an anonymous visitor");
}

function showSent(claims, call) {
  $("#claims").textContent = readable(claims);
  $("#call").textContent = call;
}

/** `state` is pending, anonymous, identified or refused. */
function showResult(state, result) {
  $("#identity").dataset.state = state;
  $(".lamp").dataset.state = state;
  $("#identity").textContent = readable(result);
}

const readable = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

// The menu.

function closeMenu() {
  $("#account-menu").hidden = true;
  $("#account").setAttribute("aria-expanded", "false");
}

function toggleMenu() {
  const open = $("#account-menu").hidden;
  $("#account-menu").hidden = !open;
  $("#account").setAttribute("aria-expanded", String(open));
}

$("#account").addEventListener("click", toggleMenu);
$("#logout").addEventListener("click", () => {
  if ($("#logout").getAttribute("aria-current") === "true") closeMenu();
  else logOut();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("#account-menu").hidden) return;
  closeMenu();
  $("#account").focus();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".account")) closeMenu();
});

// The chat says when it opens and closes; a panel that is open again after a reload, when it is ready.

const makeRoom = (open) => document.body.classList.toggle("chat-open", open);

window.addEventListener("eloquent:open", () => makeRoom(true));
window.addEventListener("eloquent:close", () => makeRoom(false));
window.addEventListener("eloquent:ready", async () => makeRoom((await window.eloquent("getState")).open));

// Logged out in another tab: the chat here has heard of it, and says so.
window.addEventListener("eloquent:logout", async () => {
  const mine = turn;
  const session = await api("session");
  if (mine !== turn || !session || session.customer) return;
  showSession(session);
  showNobody();
});

async function start() {
  const session = await api("session");
  if (!session) {
    showSent("the shop’s server does not answer", "…");
    return showResult("refused", "nothing: no chat without it");
  }
  embed(session.agent_id, session.accent);
  showSession(session);
  await (session.customer ? identify(++turn) : showNobody());
}

start();
