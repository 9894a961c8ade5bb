/*
 * `window.eloquent` by another way: an object with every command, as a function and as properties, that
 * hands each call to whoever can answer it. It decides nothing.
 *
 * Invariant: the commands are those of the declarations, no more and no fewer; the compiler checks it.
 */
import type { Eloquent, EloquentCommands } from "./eloquent.js";

/** One call: what was given, and who waits for the result. The form that the loader replays. */
export type Call = [args: unknown[], resolve: (result: unknown) => void];

const COMMANDS = {
  identify: 1,
  logout: 1,
  shutdown: 1,
  update: 1,
  open: 1,
  close: 1,
  toggle: 1,
  show: 1,
  hide: 1,
  prefill: 1,
  sendMessage: 1,
  newConversation: 1,
  resetChat: 1,
  on: 1,
  once: 1,
  off: 1,
  getState: 1,
  debug: 1,
  destroy: 1,
} satisfies Record<keyof EloquentCommands, 1>;

/** A function with every command as a property, all of whose calls go to `send`. */
export function commandsOver(agentId: string, send: (args: unknown[]) => Promise<unknown>): Eloquent {
  const call = (...args: unknown[]) => send(args);
  for (const name of Object.keys(COMMANDS)) {
    Object.defineProperty(call, name, { value: (...args: unknown[]) => send([name, ...args]), enumerable: true });
  }
  Object.defineProperty(call, "agentId", { value: agentId, enumerable: true });
  return call as unknown as Eloquent;
}
