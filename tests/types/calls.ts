// Real calls of `window.eloquent`, for the TypeScript compiler alone: nobody runs this file.
// What must not compile says so by `@ts-expect-error`, and fails where it does.
/// <reference path="../../www/eloquent.d.ts" />

import type { EloquentIdentified, EloquentState } from "../../www/eloquent";

window.eloquentConfig = { agentId: "agt_1", theme: "dark", load: "idle", launcher: "hidden", accent: "#1f6f4a" };
window.eloquentConfig = {
  mode: "frame",
  locale: "pt-BR",
  theme: { scheme: "dark", accent: "#1f6f4a", radius: 12 },
  position: "left",
  storage: "session",
  exposeMessages: true,
  contact: "help@shop.example",
  nonce: "abc",
  api: "https://chat.example.com/",
};
// @ts-expect-error
window.eloquentConfig = { theme: "purple" };
// @ts-expect-error
window.eloquentConfig = { mode: "popup" };
// @ts-expect-error
window.eloquentConfig = { colour: "#1f6f4a" };

export async function calls(): Promise<void> {
  const { eloquent } = window;
  if (!eloquent) return;

  const result = await eloquent("identify", { token: "…" });
  if (result.ok) {
    const identified: EloquentIdentified = result;
    const user: string = identified.userId;
    const until: string | null = identified.expiresAt;
    void [user, until];
  } else {
    const code: string = result.code;
    void code;
  }
  const fetchToken = async (): Promise<string> => (await (await fetch("/token", { method: "POST" })).json()).token;
  await eloquent("identify", { token: await fetchToken(), getToken: fetchToken });
  await eloquent.identify({ token: "…", getToken: () => "…" });
  // @ts-expect-error
  await eloquent("identify", { token: fetchToken() });
  // @ts-expect-error
  await eloquent("identify", { token: "…", getToken: async () => 5 });
  // @ts-expect-error
  await eloquent("identify", { token: "…", getToken: fetchToken() });
  // @ts-expect-error
  await eloquent("identify", { token: 5 });
  // @ts-expect-error
  await eloquent("identify");
  // @ts-expect-error
  await eloquent("fly");

  await eloquent("update", { attributes: { plan: "team", seats: 3, trial: false, coupon: null } });
  const updated = await eloquent.update({ attributes: {} });
  if (!updated.ok) updated.code satisfies string;
  // @ts-expect-error
  await eloquent("update", { plan: "team" });
  // @ts-expect-error
  await eloquent("update", { attributes: { cart: { items: 3 } } });
  await eloquent("debug", true);
  (await eloquent.debug(false)).ok satisfies boolean;
  // @ts-expect-error
  await eloquent("debug", "on");

  const opened = await eloquent.open({ prefill: "Hello", conversationId: "cnv_1" });
  if (opened.ok) opened.open satisfies boolean;
  await eloquent("open");
  for (const name of ["close", "toggle", "show", "hide", "newConversation", "resetChat"] as const) {
    await eloquent(name);
    await eloquent[name]();
  }
  await eloquent("prefill", "text");
  const sent = await eloquent("sendMessage", "text");
  if (sent.ok) sent.messageId satisfies string;
  // @ts-expect-error
  await eloquent("sendMessage", { text: "text" });

  await eloquent("setLocale", "fr");
  await eloquent.setLocale("auto");
  // @ts-expect-error
  await eloquent("setLocale");
  // @ts-expect-error
  await eloquent.setLocale({ locale: "fr" });

  await eloquent("setTheme", "dark");
  await eloquent.setTheme({ accent: "#123456", background: null, text: "#000000", radius: 0, font: "serif" });
  await eloquent.setTheme({ position: "left", launcherIcon: "wave", launcherLabel: "Help", scheme: "auto" });
  // @ts-expect-error
  await eloquent("setTheme", "purple");
  // @ts-expect-error
  await eloquent("setTheme", { accent: "red" });
  // @ts-expect-error
  await eloquent("setTheme", { launcher_icon: "wave" });
  // @ts-expect-error
  await eloquent.setTheme({ radius: "12px" });

  await eloquent("showPreview", { text: "Need help?" });
  await eloquent.hidePreview();
  await eloquent("hidePreview");
  // @ts-expect-error
  await eloquent("showPreview", "Need help?");

  await eloquent("trackEvent", "checkout", { items: 3, total: 19.5, member: true, coupon: null });
  await eloquent.trackEvent("login");
  // @ts-expect-error
  await eloquent("trackEvent", "checkout", { cart: { items: 3 } });
  // @ts-expect-error
  await eloquent.trackEvent();

  await eloquent("page", { url: location.href, title: document.title });
  await eloquent.page({ title: "Checkout" });
  await eloquent.page();
  // @ts-expect-error
  await eloquent("page", "/checkout");

  const shown = await eloquent.hide();
  if (shown.ok) shown.visible satisfies boolean;
  else shown.code === "load_failed" || shown.code === "destroyed";

  const state = await eloquent("getState");
  if ("status" in state) {
    const known: EloquentState = state;
    void known.unread.toFixed();
  }

  const end = await eloquent("on", "message:received", ({ data, createdAt }) => {
    void [data.messageId.length, data.conversationId?.length, createdAt.length];
  });
  if (typeof end === "function") end();
  await eloquent.once("unread", (event) => event.data.count.toFixed());
  await eloquent("on", "identity:expiring", ({ data }) => {
    const until: string | null = data.expiresAt;
    void until;
  });
  await eloquent.on("identity:expired", ({ type }) => type satisfies "identity:expired");
  await eloquent.on("identity:changed", ({ data: { code } }) => code === "key_revoked" || code === null);
  await eloquent.on("message:sent", ({ data }) => data.text?.length);
  await eloquent.on("conversation:started", ({ data }) => data.conversationId.length);
  await eloquent.on("conversation:assigned", ({ data }) => data.operator?.length);
  await eloquent.on("conversation:resolved", ({ data }) => data.conversationId.length);
  await eloquent.on("handoff:requested", ({ data }) => data.conversationId.length);
  await eloquent.on("link:click", ({ data }) => [data.url.length, data.messageId?.length]);
  await eloquent.on("feedback", ({ data }) => data.rating === "up");
  // @ts-expect-error
  await eloquent.on("message:received", ({ data }) => data.text.length);
  // @ts-expect-error
  await eloquent.on("feedback", ({ data }) => data.rating === "meh");
  // @ts-expect-error
  await eloquent("on", "identity:expiring", ({ data }) => data.code);
  // @ts-expect-error
  await eloquent("on", "unread", (event) => event.data.messageId);
  // @ts-expect-error
  await eloquent.on("no-such-event", () => {});
  await eloquent("off", "unread");

  window.addEventListener("eloquent:identity:expiring", ({ detail }) => void detail.data.expiresAt?.length);
  window.addEventListener("eloquent:feedback", ({ detail }) => detail.data.messageId.length);
  window.addEventListener("eloquent:identify", ({ detail }) => {
    if (detail.data.ok) detail.data.profileId satisfies string;
  });
  await eloquent("logout");
  await eloquent.shutdown();
  await eloquent("destroy");
}
