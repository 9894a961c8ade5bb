/*
 * The loader's script tag.
 *
 * Invariants: the page's own `eloquentConfig` is what it was once the script has run; a tag that is not
 * needed any more is removed.
 */
import type { EloquentConfig } from "./eloquent.js";

/** Where the loader lies. */
export interface Source {
  /** The chat's server, like `https://chat.example.com`. */
  server?: string | undefined;
  /** The script's own address, where it is not `eloquent.js` on the server. */
  src?: string | undefined;
  /** For a Content-Security-Policy with nonces. */
  nonce?: string | undefined;
}

/** Adds the tag. Says when that has ended, well or badly. */
export function addScript(
  source: Source,
  config: EloquentConfig & { agentId: string },
  ended: () => void,
): HTMLScriptElement {
  const script = document.createElement("script");
  script.async = true;
  script.dataset["agentId"] = config.agentId;
  if (source.nonce) script.nonce = source.nonce;
  const restore = configure(config);
  const end = () => {
    restore();
    ended();
  };
  script.addEventListener("load", end);
  script.addEventListener("error", end);
  try {
    script.src = trusted(addressOf(source));
    document.head.append(script);
  } catch (cause) {
    console.warn("[eloquent] The chat's script cannot be added to this page.", cause);
    queueMicrotask(end);
  }
  return script;
}

let pages: EloquentConfig | undefined;
let ours: EloquentConfig | undefined;

/** Sets the options as the loader reads them: some are objects, and have no place in an attribute. */
function configure(config: EloquentConfig): () => void {
  // Another of our scripts may be on its way: its options are not the page's.
  if (!ours || window.eloquentConfig !== ours) pages = window.eloquentConfig;
  const mine = { ...pages, ...given(config) };
  window.eloquentConfig = ours = mine;
  return () => {
    if (window.eloquentConfig !== mine) return;
    if (pages) window.eloquentConfig = pages;
    else delete window.eloquentConfig;
    ours = undefined;
  };
}

/** The script's address. Throws where neither `server` nor `src` says where it is. */
function addressOf({ server, src }: Source): string {
  if (src) return new URL(src, document.baseURI).href;
  if (!server) throw new TypeError("loadEloquent needs `server` or `src`");
  return new URL("eloquent.js", new URL(server.replace(/\/*$/, "/"), document.baseURI)).href;
}

/** An option that is there with `undefined` must not hide the page's own. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

interface Policy {
  createScriptURL(address: string): unknown;
}

let policy: Policy | undefined;

/** The address as a page under Trusted Types wants it. The policy's name is `eloquent-widget`. */
function trusted(address: string): string {
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
  if (types) policy ??= types.createPolicy("eloquent-widget", { createScriptURL: (it: string) => it });
  return policy ? (policy.createScriptURL(address) as string) : address;
}
