/**
 * `window.eloquent`: the chat's commands, what they resolve with, and its events.
 *
 * Every command returns a promise that always resolves: a failure is `{ ok: false, code }`, never a
 * rejection. `eloquent("open")` and `eloquent.open()` are the same.
 */

/** Why a command other than `identify` failed. */
export type EloquentCode =
  | "unknown_command"
  /** The arguments have the wrong form: nothing has changed. */
  | "invalid_argument"
  | "message_empty"
  /** More than 8,000 characters. */
  | "message_too_long"
  /** The agent talks only to visitors with a valid identity token. */
  | "identity_required"
  /** The visitor sees the message with a button that tries again. */
  | "not_sent"
  /** A logout, another user or a new conversation came before it was done. */
  | "aborted"
  | "destroyed"
  /** The chat could not be loaded; the next call that needs it tries again. */
  | "load_failed"
  /** The chat has stopped working until the page is loaded again. */
  | "crashed";

/** A command that failed. */
export interface EloquentFailure {
  ok: false;
  /** For programs. */
  code: EloquentCode | (string & {});
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

/** A look's tokens. `null` takes one away, and then it is the agent's own again. */
export interface EloquentTheme {
  scheme?: "auto" | "light" | "dark" | null;
  /** The launcher, the visitor's messages, the buttons: `#rrggbb`. What stands on it is black or white. */
  accent?: `#${string}` | null;
  /** The panel's ground in the light scheme: `#rrggbb`. */
  background?: `#${string}` | null;
  /** The text on that ground: `#rrggbb`. */
  text?: `#${string}` | null;
  /** How round the corners are: whole CSS pixels from 0 to 28. */
  radius?: number | null;
  font?: "system" | "serif" | "rounded" | "mono" | null;
  position?: "right" | "left" | null;
  launcherIcon?: "chat" | "question" | "wave" | "spark" | null;
  /** Words beside the launcher's picture, 24 characters at most. */
  launcherLabel?: string | null;
}

/** What `trackEvent` takes beside the name: with it 2 KB at most. What is `null` is left out. */
export type EloquentProperties = Record<string, string | number | boolean | null | undefined>;

/** What `page` takes. What is left out is the document's own. */
export interface EloquentPage {
  /** 2,000 characters at most; the rest is cut off. */
  url?: string | null;
  /** 300 characters at most; the rest is cut off. */
  title?: string | null;
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
  /** The language asked for (BCP 47): by the page's call or option, the agent, the document, the browser. */
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

/** What each event's `data` holds. Never a token; `text` only with the option `exposeMessages`. */
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
  "message:sent": { conversationId: string; messageId: string; text?: string };
  "message:received": { conversationId: string | null; messageId: string; text?: string };
  "conversation:started": { conversationId: string };
  /** A person has taken the conversation over. */
  "conversation:assigned": { conversationId: string; operator: string | null };
  "conversation:resolved": { conversationId: string };
  /** The visitor has asked for a person. */
  "handoff:requested": { conversationId: string };
  /** `messageId`: the answer in which the link stood. */
  "link:click": { url: string; messageId: string | null };
  feedback: { conversationId: string; messageId: string; rating: "up" | "down" };
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
  /** Speaks another language (BCP 47); `auto`: that of the agent, the document, the browser. */
  setLocale(locale: "auto" | (string & {})): Promise<EloquentDone>;
  /** Looks different: a scheme, or tokens, which are merged with those that were given before. */
  setTheme(theme: "auto" | "light" | "dark" | EloquentTheme): Promise<EloquentDone>;
  /** Says something beside the launcher while the panel is closed: 1 to 280 characters. */
  showPreview(options: { text: string }): Promise<EloquentDone>;
  hidePreview(): Promise<EloquentDone>;
  /** Notes what has happened on the page; the newest 20 go along with the next message, unverified. */
  trackEvent(name: string, properties?: EloquentProperties | null): Promise<EloquentDone>;
  /** Says which page the visitor looks at; without an argument, the document tells again. */
  page(page?: EloquentPage | null): Promise<EloquentDone>;
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
  /** `auto`: a frame where the page's Content-Security-Policy forbids WebAssembly. */
  mode?: "auto" | "page" | "frame";
  locale?: string;
  /** As an attribute a scheme; here tokens, too. */
  theme?: "auto" | "light" | "dark" | EloquentTheme;
  /** The launcher's colour until the agent's own is known, as `#rrggbb`. */
  accent?: string;
  position?: "right" | "left";
  launcher?: "hidden";
  storage?: "local" | "session" | "none";
  /** Whether the events of messages carry their text. */
  exposeMessages?: boolean | "" | "true" | "false";
  /** How to reach you where the chat cannot run: an email address or an https address. */
  contact?: string;
  /** The page's nonce, where its Content-Security-Policy asks for one. */
  nonce?: string;
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
