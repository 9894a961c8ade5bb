/*
 * `eloquent-widget`: puts the chat on a page from a bundle instead of from a tag.
 *
 * It adds the tag and hands calls on; the chat itself always comes from its server, so that this package
 * needs no update when the server is updated. Importing it touches nothing: it can be imported on a server.
 */
export type * from "./eloquent.js";
export type { EloquentOptions } from "./chat.js";

import { chatOf, type EloquentOptions } from "./chat.js";
import type { Eloquent } from "./eloquent.js";

/**
 * Puts the chat on the page, once, and gives its commands. They can be called at once: what comes before
 * the script is kept for it.
 *
 * The same agent again gives the same chat. While another agent's chat is there, it warns, and every
 * command resolves with `another_agent`. Where the script cannot be loaded, commands resolve with
 * `load_failed`, and calling this again tries again. On a server commands resolve with `no_page`.
 */
export function loadEloquent(options: EloquentOptions): Eloquent {
  const chat = chatOf(options);
  // Whoever holds the commands may use them: no component may end this chat.
  chat.users += 1;
  return chat.eloquent;
}
