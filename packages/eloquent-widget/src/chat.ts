/*
 * The one chat of a page: its script, and the calls until the script answers them itself.
 *
 * Invariants: nothing touches `window` before it is asked to; there is at most one chat; every call's
 * promise resolves; what is gone leaves no tag, listener or global behind.
 */
import { commandsOver, type Call } from "./commands.js";
import type { Eloquent, EloquentConfig, EloquentFailure } from "./eloquent.js";
import { addScript, type Source } from "./script.js";

/** What `loadEloquent` takes: where the chat is, whose it is, and the options of the embed tag. */
export interface EloquentOptions extends Omit<EloquentConfig, "agentId" | "nonce">, Source {
  /** The agent, `agt_…`. */
  agentId: string;
}

/** A chat, from the first wish for it to its end. */
export interface Chat {
  readonly agentId: string;
  readonly eloquent: Eloquent;
  /** How many use it: one that nobody uses may end. */
  users: number;
}

interface Entry extends Chat {
  state: "waiting" | "loading" | "ready" | "failed" | "ending" | "gone";
  /** The array from which the loader takes the calls; from then on its `push` is the loader's. */
  calls: { push(call: Call): unknown };
  script: HTMLScriptElement | undefined;
  /** Hears that the chat has ended, by whoever's wish. */
  readonly onDestroy: () => void;
}

/** What the page's own snippet leaves in `window.eloquent` until the loader is there. */
type Stub = ((...args: unknown[]) => Promise<unknown>) & { q: Call[] };

let current: Entry | undefined;

/** The page's chat, if it has one that has not ended. */
export function currentChat(): Chat | undefined {
  return current;
}

/** The agent's chat: the one that is there, or a new one. */
export function chatOf(options: EloquentOptions): Chat {
  if (typeof window === "undefined") return refusing(options.agentId, NO_PAGE);
  const found = current;
  const isOver = !found || found.state === "ending" || found.state === "gone" || found.state === "failed";
  if (!isOver && found.agentId === options.agentId) return found;
  if (!isOver && found.users > 0) return refusingAnother(options.agentId);
  // A chat that nobody uses any more gives way.
  if (!isOver) end(found);
  const chat = entry(options.agentId);
  current = chat;
  if (found?.state === "ending") whenGone(found, () => start(chat, options));
  else start(chat, options);
  return chat;
}

/** Ends a chat that this package has put on the page, unless somebody uses it again by then. */
export function endIfUnused(chat: Chat): void {
  if (chat === current && chat.users === 0 && current.script) end(current);
}

function entry(agentId: string): Entry {
  const send = (args: unknown[]) => {
    const result = new Promise((resolve) => void chat.calls.push([args, resolve]));
    if (args[0] === "destroy") watchEnd(chat, result);
    return result;
  };
  const chat: Entry = {
    agentId,
    eloquent: commandsOver(agentId, send),
    users: 0,
    state: "waiting",
    calls: [],
    script: undefined,
    onDestroy: () => leave(chat),
  };
  return chat;
}

function start(chat: Entry, options: EloquentOptions): void {
  const found = window.eloquent as unknown;
  // An element with the id "eloquent" shows up under this name, too.
  const early = typeof found === "function" ? (found as Partial<Stub & Eloquent>) : undefined;
  const held = chat.calls as Call[];
  if (early && !Array.isArray(early.q)) {
    adopt(chat, early as Eloquent);
    return held.forEach((call) => chat.calls.push(call));
  }
  const stub = (early as Stub | undefined) ?? install();
  stub.q.push(...held);
  chat.calls = stub.q;
  chat.state = "loading";
  window.addEventListener("eloquent:destroy", chat.onDestroy);
  const { server, src, nonce, ...config } = options;
  chat.script = addScript({ server, src, nonce }, config, () => {
    if (chat.state === "gone") return;
    const answers = window.eloquent as Partial<Stub & Eloquent> | undefined;
    if (answers?.agentId !== chat.agentId || answers.q) fail(chat, stub);
    else if (chat.state === "loading") chat.state = "ready";
  });
}

/** A chat that the page's own tag has put there. */
function adopt(chat: Entry, eloquent: Eloquent): void {
  if (eloquent.agentId === chat.agentId) {
    chat.state = "ready";
    chat.calls = forwarding(eloquent);
    window.addEventListener("eloquent:destroy", chat.onDestroy);
  } else {
    warnOfAnother();
    chat.state = "failed";
    chat.calls = refusals(ANOTHER_AGENT);
  }
}

/** As the snippet that a page pastes above the embed tag. */
function install(): Stub {
  const calls: Call[] = [];
  const call = (...args: unknown[]) => new Promise((resolve) => void calls.push([args, resolve]));
  const stub = Object.assign(call, { q: calls });
  window.eloquent = stub as unknown as Eloquent;
  return stub;
}

/** The script did not come, or was none: everybody is told, also those who have kept the stub. */
function fail(chat: Entry, stub: Stub): void {
  chat.state = "failed";
  remove(chat);
  const refusing = refusals(LOAD_FAILED);
  stub.q.splice(0).forEach((call) => refusing.push(call));
  stub.q.push = (...calls) => calls.map((call) => refusing.push(call)).length;
  chat.calls = refusing;
  if ((window.eloquent as unknown) === stub) delete window.eloquent;
}

function end(chat: Entry): void {
  void chat.eloquent.destroy();
}

/** Until the result is there nobody new may use the chat; one that could not end goes on. */
function watchEnd(chat: Entry, result: Promise<unknown>): void {
  const before = chat.state;
  if (before === "failed" || before === "gone") return;
  chat.state = "ending";
  void result.then((it) => {
    if ((it as { ok?: unknown } | undefined)?.ok) leave(chat);
    else if (chat.state === "ending") chat.state = before === "loading" ? "failed" : before;
    for (const next of waiting.splice(0)) next();
  });
}

const waiting: (() => void)[] = [];

function whenGone(chat: Entry, next: () => void): void {
  if (chat.state === "ending") waiting.push(next);
  else next();
}

function leave(chat: Entry): void {
  chat.state = "gone";
  remove(chat);
  if (current === chat) current = undefined;
}

function remove(chat: Entry): void {
  window.removeEventListener("eloquent:destroy", chat.onDestroy);
  chat.script?.remove();
}

const LOAD_FAILED: EloquentFailure = { ok: false, code: "load_failed", message: "The chat could not be loaded." };
const NO_PAGE: EloquentFailure = { ok: false, code: "no_page", message: "There is no page here: this is a server." };
const ANOTHER_AGENT: EloquentFailure = {
  ok: false,
  code: "another_agent",
  message: "Another agent's chat is on this page already.",
};

function refusals(failure: EloquentFailure): Entry["calls"] {
  return { push: ([, resolve]: Call) => resolve({ ...failure }) };
}

function forwarding(eloquent: Eloquent): Entry["calls"] {
  const call = eloquent as unknown as (...args: unknown[]) => Promise<unknown>;
  return { push: ([args, resolve]: Call) => void call(...args).then(resolve) };
}

function refusing(agentId: string, failure: EloquentFailure): Chat {
  return { agentId, eloquent: commandsOver(agentId, () => Promise.resolve({ ...failure })), users: 0 };
}

function refusingAnother(agentId: string): Chat {
  warnOfAnother();
  return refusing(agentId, ANOTHER_AGENT);
}

let warned = false;

function warnOfAnother(): void {
  if (!warned) console.warn("[eloquent] another chat is on this page already");
  warned = true;
}
