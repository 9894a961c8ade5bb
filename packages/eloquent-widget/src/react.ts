"use client";
/*
 * React: a component that puts the chat on the page for as long as it is mounted and keeps it identified
 * as whoever is logged in, and hooks for its commands and state.
 *
 * The component renders nothing: the chat stands beside the body, in a shadow root of its own.
 *
 * Invariants: mounted, unmounted and mounted again in one go (as StrictMode does, and pages that share the
 * component) is one chat that was never gone; a prop that is a new function at every render costs nothing.
 */
import { useEffect, useRef, useState } from "react";

import { chatOf, currentChat, endIfUnused, type Chat, type EloquentOptions } from "./chat.js";
import { commandsOver } from "./commands.js";
import type {
  Eloquent,
  EloquentConfig,
  EloquentEvent,
  EloquentEventData,
  EloquentEventName,
  EloquentTheme,
  EloquentUpdateOptions,
} from "./eloquent.js";

/** `identity:expiring` is heard by `onIdentityExpiring`. */
type Handler<Name extends string> = Name extends `${infer Subject}:${infer Verb}`
  ? `on${Capitalize<Subject>}${Capitalize<Verb>}`
  : `on${Capitalize<Name>}`;

/** The chat's events as props. */
export type EloquentHandlers = {
  [Name in EloquentEventName as Handler<Name>]?:
    | ((event: EloquentEvent<Name, EloquentEventData[Name]>) => void)
    | undefined;
};

/** What `EloquentWidget` takes besides the options of the chat and handlers of its events. */
export interface EloquentVisitor {
  /** A JWT that your server signed for whoever is logged in; none, `null` or "" where nobody is. */
  token?: string | null | undefined;
  /** Gives a fresh token for whoever is logged in now, `null` where nobody is. Without `token`, gives the first one too. */
  getToken?: (() => string | null | Promise<string | null>) | undefined;
  /** With `getToken` and without `token`: who is logged in (any id that differs); `null` where nobody is. */
  user?: string | number | null | undefined;
  /** Hints that nobody has verified: what `update` takes. */
  attributes?: EloquentUpdateOptions["attributes"] | undefined;
}

type Optional<T> = { [Key in keyof T]?: T[Key] | undefined };

/** The props of `EloquentWidget`. `locale`, `theme`, `launcher` and those above may change; another `agentId` or address is another chat. */
export type EloquentWidgetProps = Optional<Omit<EloquentOptions, "agentId">> &
  Pick<EloquentOptions, "agentId"> &
  EloquentVisitor &
  EloquentHandlers;

/** Puts the chat on the page while it is mounted. */
export function EloquentWidget(props: EloquentWidgetProps): null {
  const latest = useRef(props);
  const chat = useRef<Chat | undefined>(undefined);
  useEffect(() => {
    latest.current = props;
  });
  useHandlers(props, latest);
  const { agentId, server, src } = props;
  useEffect(() => {
    const mine = chatOf(optionsOf(latest.current));
    mine.users += 1;
    chat.current = mine;
    return () => {
      mine.users -= 1;
      // Whoever mounts again in the same go finds the chat as it was.
      setTimeout(() => endIfUnused(mine));
    };
  }, [agentId, server, src]);
  useIdentity(props, latest, chat);
  useAppearance(props, chat);
  useHints(props, chat);
  return null;
}

/** The commands of the chat on the page. They can be called as soon as effects run, in any component. */
export function useEloquent(): Eloquent {
  return ANY_CHAT;
}

/** What a launcher of your own shows. */
export interface EloquentPanelState {
  /** Whether the panel is open. */
  open: boolean;
  /** Messages that came while it was closed. */
  unread: number;
}

/** Whether the panel is open, and how many messages wait. It loads nothing: an untouched chat stays untouched. */
export function useEloquentPanel(): EloquentPanelState {
  const [state, setState] = useState<EloquentPanelState>({ open: false, unread: 0 });
  useEffect(() => {
    const lifetime = new AbortController();
    const { signal } = lifetime;
    const set = (open: boolean) => () => setState((before) => ({ ...before, open }));
    const reset = () => setState({ open: false, unread: 0 });
    window.addEventListener("eloquent:open", set(true), { signal });
    window.addEventListener("eloquent:close", set(false), { signal });
    window.addEventListener("eloquent:destroy", reset, { signal });
    window.addEventListener(
      "eloquent:unread",
      ({ detail }) => setState((before) => ({ ...before, unread: detail.data.count })),
      { signal },
    );
    return () => lifetime.abort();
  }, []);
  return state;
}

type Latest<T> = { readonly current: T };

/** Hears those events for which there is a handler, by whatever function is the prop at that moment. */
function useHandlers(props: EloquentWidgetProps, latest: Latest<EloquentWidgetProps>): void {
  const names = Object.keys(props).filter(isHandler).sort().join();
  useEffect(() => {
    const lifetime = new AbortController();
    for (const name of names.split(",").filter(Boolean)) {
      const hear = (event: Event) => {
        const handler = (latest.current as unknown as Record<string, unknown>)[name];
        if (typeof handler === "function") handler((event as CustomEvent<unknown>).detail);
      };
      window.addEventListener(`eloquent:${eventOf(name)}`, hear, { signal: lifetime.signal });
    }
    return () => lifetime.abort();
  }, [names]);
}

const isHandler = (name: string) => /^on[A-Z]/.test(name);

/** `onIdentityExpiring` hears `identity:expiring`. */
const eventOf = (name: string) =>
  name
    .slice("on".length)
    .replace(/(?!^)[A-Z]/g, (letter) => `:${letter}`)
    .toLowerCase();

type Send = (...call: unknown[]) => Promise<unknown>;

const VISITOR = ["token", "getToken", "user", "attributes"];

/** The props that are options of the embed tag. */
function optionsOf(props: EloquentWidgetProps): EloquentOptions {
  const options = Object.entries(props).filter(([name]) => !isHandler(name) && !VISITOR.includes(name));
  return Object.fromEntries(options) as unknown as EloquentOptions;
}

/** Who was last told to which chat. */
interface Told {
  chat: Chat | undefined;
  token: string | null;
  user: unknown;
}

/** Tells the chat who is logged in, when that changes, and that nobody is any more. */
function useIdentity(
  props: EloquentWidgetProps,
  latest: Latest<EloquentWidgetProps>,
  chat: Latest<Chat | undefined>,
): void {
  const told = useRef<Told>({ chat: undefined, token: null, user: null });
  const { agentId, server, src, user } = props;
  const token = props.token || null;
  const renews = !!props.getToken;
  // Without a token it is `getToken` that knows, unless the page says that nobody is logged in.
  const asks = !token && renews && props.token === undefined && user !== null;
  useEffect(() => {
    const mine = chat.current;
    if (!mine) return undefined;
    const fresh = () => latest.current.getToken?.() as string | Promise<string>;
    const say = (token: string | null) => {
      const before = told.current;
      if (before.chat === mine && before.token === token && before.user === user) return;
      told.current = { chat: mine, token, user };
      if (token) void mine.eloquent.identify(renews ? { token, getToken: fresh } : { token });
      else if (before.chat === mine && before.token) void mine.eloquent.logout();
    };
    if (!asks) {
      say(token);
      return undefined;
    }
    let isOver = false;
    // Whatever goes wrong while somebody logs in, the chat must not go on as the one before.
    const first = new Promise<string | null>((resolve) => resolve(fresh())).catch(() => null);
    void first.then((token) => isOver || say(token || null));
    return () => {
      isOver = true;
    };
  }, [agentId, server, src, token, user, renews, asks]);
}

/** What may change while the chat is there. The first values are the tag's: only a change is told. */
function useAppearance(props: EloquentWidgetProps, chat: Latest<Chat | undefined>): void {
  const { launcher, locale, theme } = props;
  const before = useRef(theme);
  useChange(launcher, () => {
    const eloquent = chat.current?.eloquent;
    void (launcher === "hidden" ? eloquent?.hide() : eloquent?.show());
  });
  useChange(locale, () => void chat.current?.eloquent.setLocale(locale ?? "auto"));
  useChange(JSON.stringify(theme), () => {
    void chat.current?.eloquent.setTheme({ ...dropped(tokens(before.current)), ...tokens(theme) });
    before.current = theme;
  });
}

/** A theme as tokens: a word is a scheme. */
function tokens(theme: EloquentConfig["theme"]): EloquentTheme {
  return typeof theme === "string" ? { scheme: theme } : (theme ?? {});
}

/** The chat merges what it is told: what is not said any more has to be taken back by name. */
function dropped(before: object): Record<string, null> {
  return Object.fromEntries(Object.keys(before).map((name) => [name, null]));
}

/** Acts when the value is another than it was. */
function useChange(value: unknown, act: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    act();
  });
}

/** Hands on what the page says of the visitor, once per chat and when it changes. */
function useHints(props: EloquentWidgetProps, chat: Latest<Chat | undefined>): void {
  const told = useRef<{ chat: Chat | undefined; hints: string }>({ chat: undefined, hints: "{}" });
  const hints = JSON.stringify(props.attributes ?? {});
  useEffect(() => {
    const mine = chat.current;
    const before = told.current.chat === mine ? told.current.hints : "{}";
    told.current = { chat: mine, hints };
    if (!mine || before === hints) return;
    const attributes = { ...dropped(JSON.parse(before) as object), ...(JSON.parse(hints) as object) };
    void mine.eloquent.update({ attributes });
  });
}

/** Calls that come before the chat's component has been mounted wait for the end of the commit. */
const ANY_CHAT: Eloquent = commandsOver("", (args) => {
  const call = (chat: Chat) => (chat.eloquent as unknown as Send)(...args);
  const there = currentChat();
  if (there) return call(there);
  return new Promise((resolve) => {
    setTimeout(() => {
      const chat = currentChat();
      if (chat) void call(chat).then(resolve);
      else resolve({ ok: false, code: "not_loaded", message: "There is no <EloquentWidget> on the page." });
    });
  });
});
