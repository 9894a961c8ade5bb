/**
 * `window.eloquent`: the chat's commands, what they resolve with, and its events.
 *
 * Every command returns a promise that always resolves: a failure is `{ ok: false, code }`, never a
 * rejection. `eloquent("open")` and `eloquent.open()` are the same.
 */

/** A command that failed. */
export interface EloquentFailure {
  ok: false;
  /** For programs: `unknown_command`, `invalid_argument`, `load_failed`, `crashed`, `destroyed`, … */
  code: string;
  /** In one English sentence. */
  message?: string;
}

/** A command that has nothing to tell. */
export type EloquentDone = { ok: true } | EloquentFailure;

/** What `open`, `close` and `toggle` resolve with. */
export type EloquentOpenResult = { ok: true; open: boolean } | EloquentFailure;

/** What `show` and `hide` resolve with. */
export type EloquentVisibleResult = { ok: true; visible: boolean } | EloquentFailure;

/** What `sendMessage` resolves with, once the message is durable. */
export type EloquentSentResult = { ok: true; messageId: string } | EloquentFailure;

/** What `identify` takes. */
export interface EloquentIdentifyOptions {
  /** A JWT (HS256) that your server signed for the logged-in visitor. */
  token: string;
  /**
   * Gives a fresh token for whoever is logged in now. It is called shortly before a token expires, and
   * when the server finds one expired. Whatever it throws stays inside.
   */
  getToken?: () => string | Promise<string>;
}

/**
 * What `update` takes: hints about the visitor, which nobody has verified. They are merged with those
 * that were given before; `null` drops one. At most 50, names and values of at most 512 characters, 16 KiB in all.
 */
export interface EloquentUpdateOptions {
  attributes: Record<string, string | number | boolean | null | undefined>;
}

/** Why a token does not identify its bearer. */
export type EloquentIdentityCode =
  | "token_missing"
  | "token_too_large"
  | "token_malformed"
  | "alg_not_allowed"
  | "identity_disabled"
  | "identity_not_configured"
  | "signature_invalid"
  | "key_revoked"
  | "token_expired"
  | "token_not_yet_valid"
  | "claims_invalid"
  | "lifetime_too_long"
  | "user_id_missing"
  | "user_id_not_string"
  | "user_id_invalid"
  | "identity_blocked";

/** The visitor was identified. */
export interface EloquentIdentified {
  ok: true;
  identified: true;
  /** Your own id of the user, as the token gave it. */
  userId: string;
  /** The profile at this agent. */
  profileId: string;
  /** When the token expires (RFC 3339, UTC); `null` where it does not. */
  expiresAt: string | null;
  /** Whether the session belonged to another user before. */
  switchedUser: boolean;
  /** Whether a conversation that had been anonymous now belongs to the profile. */
  claimedConversation: boolean;
}

/** The visitor was not identified; the chat goes on anonymously. */
export interface EloquentNotIdentified {
  ok: false;
  identified: false;
  /** The verdict on the token, or why there is none (`network_error`, `superseded`, …). */
  code: EloquentIdentityCode | (string & {});
  message: string;
  /** What to do about it. */
  hint: string;
  /** Whether calling again, with a fresh token, can succeed. */
  retryable: boolean;
}

/** What `identify` resolves with. A chat that could not be loaded answers with an `EloquentFailure`. */
export type EloquentIdentifyResult =
  | EloquentIdentified
  | EloquentNotIdentified
  | (EloquentFailure & { identified?: undefined });

/** What `getState` resolves with. */
export interface EloquentState {
  status: "loading" | "ready" | "unavailable" | "destroyed";
  /** Whether the panel is open. */
  open: boolean;
  /** Whether a verified identity is held. */
  identified: boolean;
  userId: string | null;
  /** RFC 3339, UTC. */
  tokenExpiresAt: string | null;
  /** Messages that came while the panel was closed. */
  unread: number;
  conversationId: string | null;
  /** The language asked for (BCP 47): by the page, else by the agent, else by the browser. */
  locale: string;
  /** The widget's version. */
  version: string;
}

/** An event: for `on`, and as `detail` of the window's `CustomEvent("eloquent:<type>")`. */
export interface EloquentEvent<Type extends string = string, Data = unknown> {
  id: string;
  type: Type;
  /** RFC 3339, UTC. */
  createdAt: string;
  data: Data;
}

/** What each event's `data` holds. Never a message's text, never a token. */
export interface EloquentEventData {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  identify: EloquentIdentified | EloquentNotIdentified;
  /** Once per token: `identify` with a fresh one goes on without a break. */
  "identity:expiring": { expiresAt: string | null };
  "identity:expired": Record<string, never>;
  /** The identity was lost (`code`: why, if the server said), or is another user's (`null`). */
  "identity:changed": { code: EloquentIdentityCode | null };
  logout: Record<string, never>;
  "message:sent": { conversationId: string; messageId: string };
  "message:received": { conversationId: string | null; messageId: string };
  "conversation:started": { conversationId: string };
  unread: { count: number };
  error: { code: string };
  destroy: Record<string, never>;
}

/** An event's name. */
export type EloquentEventName = keyof EloquentEventData;

/** A function that hears an event. */
export type EloquentListener<Name extends EloquentEventName> = (
  event: EloquentEvent<Name, EloquentEventData[Name]>,
) => void;

/** The commands. */
export interface EloquentCommands {
  /** Says who the visitor is. Each call replaces the `getToken` of the one before. */
  identify(options: EloquentIdentifyOptions): Promise<EloquentIdentifyResult>;
  /** Forgets the visitor, here and in this browser's other tabs. */
  logout(): Promise<EloquentDone>;
  /** The same as `logout`. */
  shutdown(): Promise<EloquentDone>;
  /** Tells the agent of the visitor what nobody has verified. */
  update(options: EloquentUpdateOptions): Promise<EloquentDone>;
  /** Opens the panel. `prefill` is put into the text field and never sent by itself. */
  open(options?: { prefill?: string; conversationId?: string }): Promise<EloquentOpenResult>;
  close(): Promise<EloquentOpenResult>;
  toggle(): Promise<EloquentOpenResult>;
  /** Shows the launcher. */
  show(): Promise<EloquentVisibleResult>;
  /** Hides the launcher. */
  hide(): Promise<EloquentVisibleResult>;
  /** Puts text into the text field; never sent by itself. */
  prefill(text: string): Promise<EloquentDone>;
  /** Sends a message as if the visitor had written it. */
  sendMessage(text: string): Promise<EloquentSentResult>;
  /** Leaves the conversation for a new one. */
  newConversation(): Promise<EloquentDone>;
  /** The same as `newConversation`. */
  resetChat(): Promise<EloquentDone>;
  /** Hears an event; resolves with a function that ends it. */
  on<Name extends EloquentEventName>(
    event: Name,
    listener: EloquentListener<Name>,
  ): Promise<(() => void) | EloquentFailure>;
  /** Hears an event the next time only. */
  once<Name extends EloquentEventName>(
    event: Name,
    listener: EloquentListener<Name>,
  ): Promise<(() => void) | EloquentFailure>;
  /** Ends one listener, or all of an event where none is given. */
  off<Name extends EloquentEventName>(event: Name, listener?: EloquentListener<Name>): Promise<EloquentDone>;
  getState(): Promise<EloquentState | EloquentFailure>;
  /** Turns the console's linter on or off: it says what is wrong with how the page identifies. */
  debug(on: boolean): Promise<EloquentDone>;
  /** Removes the chat from the page: no node, listener, timer or stored entry stays. */
  destroy(): Promise<EloquentDone>;
}

/** `window.eloquent` */
export interface Eloquent extends EloquentCommands {
  <Name extends Exclude<keyof EloquentCommands, "on" | "once">>(
    command: Name,
    ...args: Parameters<EloquentCommands[Name]>
  ): ReturnType<EloquentCommands[Name]>;
  <Name extends EloquentEventName>(
    command: "on" | "once",
    event: Name,
    listener: EloquentListener<Name>,
  ): Promise<(() => void) | EloquentFailure>;
  /** Whose chat this is. */
  readonly agentId: string;
}

/** What can be set before the tag, by the names of its `data-` attributes, which win. */
export interface EloquentConfig {
  agentId?: string;
  /** The chat's server, where it is not the script's own. */
  api?: string;
  load?: "intent" | "idle" | "eager";
  locale?: string;
  theme?: "auto" | "light" | "dark";
  /** The launcher's colour until the agent's own is known, as `#rrggbb`. */
  accent?: string;
  position?: "right" | "left";
  launcher?: "hidden";
  storage?: "local" | "session" | "none";
}

declare global {
  interface Window {
    eloquent?: Eloquent;
    eloquentConfig?: EloquentConfig;
  }
  interface WindowEventMap extends EloquentWindowEvents {}
}

/** The same events on `window`. */
export type EloquentWindowEvents = {
  [Name in EloquentEventName as `eloquent:${Name}`]: CustomEvent<EloquentEvent<Name, EloquentEventData[Name]>>;
};
