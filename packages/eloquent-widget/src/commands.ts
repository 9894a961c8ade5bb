/*
 * `window.eloquent` by another way: an object with every command, as a function and as properties, that
 * hands each call to whoever can answer it. It decides nothing.
 *
 * Invariant: no command of the declarations is missing, as the compiler checks, and the names are those of
 * the loader, as the tests do.
 */
import type { Eloquent, EloquentCommands } from "./eloquent.js";

/** One call: what was given, and who waits for the result. The form that the loader replays. */
export type Call = [args: unknown[], resolve: (result: unknown) => void];

const COMMANDS = [
  "identify",
  "logout",
  "shutdown",
  "update",
  "open",
  "close",
  "toggle",
  "show",
  "hide",
  "prefill",
  "sendMessage",
  "newConversation",
  "resetChat",
  "setLocale",
  "setTheme",
  "showPreview",
  "hidePreview",
  "trackEvent",
  "page",
  "on",
  "once",
  "off",
  "getState",
  "debug",
  "destroy",
] as const;

/** The list, which does not compile while a declared command is missing from it. */
type Missing = Exclude<keyof EloquentCommands, (typeof COMMANDS)[number]>;
const names: [Missing] extends [never] ? readonly string[] : Missing = COMMANDS;

/** A function with every command as a property, all of whose calls go to `send`. */
export function commandsOver(agentId: string, send: (args: unknown[]) => Promise<unknown>): Eloquent {
  const call = (...args: unknown[]) => send(args);
  for (const name of names) {
    Object.defineProperty(call, name, { value: (...args: unknown[]) => send([name, ...args]), enumerable: true });
  }
  Object.defineProperty(call, "agentId", { value: agentId, enumerable: true });
  return call as unknown as Eloquent;
}
