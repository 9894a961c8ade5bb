// The loader helper on a page with a real DOM, with the real loader from a server of its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { chatServer, page } from "./page.mjs";

// Imported before there is any page: importing touches nothing.
const { loadEloquent } = await import("eloquent-widget");
const LOADER = readFileSync(new URL("../../../www/eloquent.js", import.meta.url));
const LOAD_FAILED = { ok: false, code: "load_failed", message: "The chat could not be loaded." };

/** Results as values: those of the page's scripts have prototypes of another realm. */
const plain = (value) => JSON.parse(JSON.stringify(value));
const tags = () => document.querySelectorAll("script[data-agent-id]").length;
const launchers = () => document.querySelectorAll("eloquent-widget").length;

/** A page, a server, and what the page's console warned of. All of it is gone after the test. */
async function scene(test, serve) {
  const server = await chatServer(serve);
  test.after(() => server.close());
  const window = await page(test);
  const warnings = [];
  test.mock.method(console, "warn", (...words) => warnings.push(words.join(" ")));
  return { window, server: server.url, asked: server.asked, warnings };
}

/** As the chat is once its script has run. */
async function loaded(options) {
  const eloquent = loadEloquent(options);
  await eloquent.off("ready");
  return eloquent;
}

test("without a page every command says so", async () => {
  const eloquent = loadEloquent({ agentId: "agt_1", server: "https://chat.example" });
  assert.equal((await eloquent.open()).code, "no_page");
  assert.equal((await eloquent("identify", { token: "…" })).code, "no_page");
});

test("calls before the script has come are answered by it", async (test) => {
  const { server, asked, window } = await scene(test);
  const eloquent = loadEloquent({ agentId: "agt_1", server });
  const heard = [];
  const calls = [eloquent.on("destroy", (event) => heard.push(event.type)), eloquent("off", "unread"), eloquent("fly")];
  assert.equal(launchers(), 0);
  const [end, off, unknown] = await Promise.all(calls);
  assert.equal(typeof end, "function");
  assert.deepEqual(plain([off, unknown]), [{ ok: true }, { ok: false, code: "unknown_command" }]);
  assert.deepEqual([launchers(), asked], [1, ["/eloquent.js"]]);
  assert.equal(window.eloquent.agentId, "agt_1");
  // The module is not on this server: the real loader says so.
  assert.equal((await eloquent.open()).code, "load_failed");
  assert.deepEqual(plain(await eloquent.destroy()), { ok: true });
  assert.deepEqual(heard, ["destroy"]);
});

test("the commands are those of the loader", async (test) => {
  const { server, window } = await scene(test);
  const eloquent = await loaded({ agentId: "agt_1", server });
  assert.notEqual(eloquent, window.eloquent);
  assert.deepEqual(Object.keys(eloquent).sort(), Object.keys(window.eloquent).sort());
  await eloquent.destroy();
});

test("the same agent again is the same chat", async (test) => {
  const { server, asked, warnings } = await scene(test);
  const eloquent = loadEloquent({ agentId: "agt_1", server });
  assert.equal(loadEloquent({ agentId: "agt_1", server }), eloquent);
  await eloquent.off("ready");
  assert.equal(loadEloquent({ agentId: "agt_1", server }), eloquent);
  assert.deepEqual([tags(), launchers(), asked.length, warnings], [1, 1, 1, []]);
  await eloquent.destroy();
});

test("another agent is warned of and answers to nothing", async (test) => {
  const { server, warnings } = await scene(test);
  const eloquent = await loaded({ agentId: "agt_1", server });
  const other = loadEloquent({ agentId: "agt_2", server });
  assert.equal((await other.open()).code, "another_agent");
  assert.equal(warnings.filter((warning) => warning.includes("another chat")).length, 1);
  assert.equal(launchers(), 1);
  await eloquent.destroy();
});

test("after destroy nothing is left, and the chat can be loaded again", async (test) => {
  const { server, window } = await scene(test);
  const globals = Object.keys(window).length;
  const eloquent = await loaded({ agentId: "agt_1", server, theme: "dark" });
  assert.deepEqual(plain(await eloquent.destroy()), { ok: true });
  assert.deepEqual([tags(), launchers(), typeof window.eloquent], [0, 0, "undefined"]);
  await window.happyDOM.waitUntilComplete();
  assert.equal(Object.keys(window).length, globals);
  assert.equal((await eloquent.open()).code, "destroyed");
  const again = await loaded({ agentId: "agt_2", server });
  assert.deepEqual([launchers(), window.eloquent.agentId], [1, "agt_2"]);
  await again.destroy();
});

test("destroyed while its script is on the way, and wanted again at once", async (test) => {
  const { server, asked, window } = await scene(test);
  const first = loadEloquent({ agentId: "agt_1", server, position: "left" });
  const ended = first.destroy();
  const second = loadEloquent({ agentId: "agt_1", server, position: "left" });
  assert.notEqual(second, first);
  assert.deepEqual(plain(await second.off("ready")), { ok: true });
  assert.deepEqual(plain(await ended), { ok: true });
  assert.deepEqual([tags(), launchers(), asked.length], [1, 1, 2]);
  assert.ok(launcherOf(window).classList.contains("left"), "the options are those of the second");
  await second.destroy();
  await window.happyDOM.waitUntilComplete();
  assert.equal(window.eloquentConfig, undefined);
});

test("options reach the loader, and the page's own configuration comes back", async (test) => {
  const { server, window } = await scene(test);
  const own = { launcher: "hidden", accent: "#112233" };
  window.eloquentConfig = own;
  const eloquent = await loaded({ agentId: "agt_1", server, position: "left", accent: undefined });
  const launcher = launcherOf(window);
  assert.ok(launcher.classList.contains("left"));
  assert.ok(launcher.hidden, "the page's own option holds where this one has none");
  assert.equal(document.querySelector("eloquent-widget").style.getPropertyValue("--accent"), "#112233");
  await window.happyDOM.waitUntilComplete();
  assert.equal(window.eloquentConfig, own);
  await eloquent.destroy();
});

test("a nonce and an address of its own go onto the tag", async (test) => {
  const { server } = await scene(test);
  const eloquent = loadEloquent({ agentId: "agt_1", src: `${server}/eloquent.js`, nonce: "abc" });
  const tag = document.querySelector("script[data-agent-id]");
  assert.deepEqual([tag.nonce, tag.src, tag.async], ["abc", `${server}/eloquent.js`, true]);
  await eloquent.off("ready");
  await eloquent.destroy();
});

test("a server below a path is found with and without a slash", async (test) => {
  const { server, asked } = await scene(test);
  for (const address of [`${server}/chat`, `${server}/chat/`]) {
    const eloquent = loadEloquent({ agentId: "agt_1", server: address });
    assert.deepEqual(plain(await eloquent.open()), LOAD_FAILED);
  }
  assert.deepEqual(asked, ["/chat/eloquent.js", "/chat/eloquent.js"]);
});

for (const [what, serve] of [
  ["that is missing", (response) => response.writeHead(404).end()],
  ["that breaks off", (response) => response.destroy()],
  ["that is another file", (response) => response.end("globalThis.harmless = 1;")],
  ["that is not a script", (response) => response.end("<!doctype html><p>Log in first")],
]) {
  test(`a script ${what}: every command resolves with load_failed, and another try is another try`, async (test) => {
    let broken = true;
    const { server, window } = await scene(test, (response) => (broken ? serve(response) : response.end(LOADER)));
    window.addEventListener("error", (event) => event.preventDefault());
    const eloquent = loadEloquent({ agentId: "agt_1", server });
    const stub = window.eloquent;
    assert.deepEqual(await Promise.all([eloquent.open(), eloquent("getState")]), [LOAD_FAILED, LOAD_FAILED]);
    assert.deepEqual(plain(await eloquent.open()), LOAD_FAILED);
    assert.deepEqual(await stub("open"), LOAD_FAILED, "who has kept the stub is answered, too");
    assert.deepEqual([tags(), typeof window.eloquent], [0, "undefined"]);
    broken = false;
    const again = await loaded({ agentId: "agt_1", server });
    assert.equal(launchers(), 1);
    await again.destroy();
  });
}

test("an address that is none, and none at all, are a failure and no exception", async (test) => {
  const { warnings } = await scene(test);
  for (const options of [{ agentId: "agt_1" }, { agentId: "agt_1", server: "https://" }]) {
    assert.deepEqual(await loadEloquent(options).open(), LOAD_FAILED);
  }
  assert.equal(warnings.length, 2);
});

test("a chat that the page's own tag has put there is used", async (test) => {
  const { server, window, asked } = await scene(test);
  const script = document.createElement("script");
  Object.assign(script, { src: `${server}/eloquent.js`, async: true });
  script.dataset.agentId = "agt_1";
  const ran = new Promise((resolve) => script.addEventListener("load", resolve));
  document.head.append(script);
  await ran;
  const own = window.eloquent;
  const eloquent = loadEloquent({ agentId: "agt_1", server });
  assert.deepEqual(plain(await eloquent.off("ready")), { ok: true });
  assert.deepEqual([window.eloquent, asked.length], [own, 1]);
  assert.equal((await loadEloquent({ agentId: "agt_2", server }).open()).code, "another_agent");
  await eloquent.destroy();
  assert.equal(window.eloquent, undefined);
});

test("calls that the page's own stub holds are answered, by the chat or by its failure", async (test) => {
  for (const [serve, expected] of [
    [undefined, { ok: true }],
    [(response) => response.writeHead(500).end(), LOAD_FAILED],
  ]) {
    const { server, window } = await scene(test, serve);
    const calls = [];
    window.eloquent = Object.assign((...args) => new Promise((resolve) => calls.push([args, resolve])), { q: calls });
    const held = window.eloquent("off", "unread");
    const eloquent = loadEloquent({ agentId: "agt_1", server });
    assert.deepEqual(plain(await held), expected);
    await eloquent.destroy();
  }
});

test("under Trusted Types the address goes through a policy of this package's name", async (test) => {
  const { server, window } = await scene(test);
  const made = [];
  window.trustedTypes = {
    createPolicy: (name, rules) => {
      made.push(name);
      return { createScriptURL: (address) => rules.createScriptURL(address) };
    },
  };
  for (const _ of [1, 2]) await (await loaded({ agentId: "agt_1", server })).destroy();
  assert.deepEqual(made, ["eloquent-widget"]);
});

const launcherOf = (window) => window.document.querySelector("eloquent-widget").shadowRoot.querySelector(".launcher");
