import { loadEloquent, type EloquentOptions, type EloquentState } from "eloquent-widget";
import { EloquentWidget, useEloquent, useEloquentPanel, type EloquentWidgetProps } from "eloquent-widget/react";

export async function calls(): Promise<void> {
  const eloquent = loadEloquent({ agentId: "agt_1", server: "https://chat.example", theme: "dark", load: "idle" });
  (await eloquent.open({ prefill: "text" })).ok satisfies boolean;
  const state = await eloquent("getState");
  if ("status" in state) state satisfies EloquentState;
  window.addEventListener("eloquent:unread", ({ detail }) => detail.data.count.toFixed());
  loadEloquent({ agentId: "agt_1", mode: "frame", exposeMessages: true, theme: { accent: "#112233", radius: 8 } });
  // @ts-expect-error
  loadEloquent({ server: "https://chat.example" });
  // @ts-expect-error
  loadEloquent({ agentId: "agt_1", theme: "purple" } satisfies EloquentOptions);
  // @ts-expect-error
  await eloquent("fly");
  // @ts-expect-error
  await eloquent.sendMessage({ text: "text" });
}

export function Page({ user }: { user?: { id: number; token?: string } }) {
  const { open, unread } = useEloquentPanel();
  void useEloquent().prefill(`${open satisfies boolean} ${unread.toFixed()}`);
  const common = { agentId: "agt_1", server: undefined, locale: undefined } satisfies EloquentWidgetProps;
  return (
    <>
      <EloquentWidget {...common} token={user?.token} getToken={async () => null} user={user?.id} />
      <EloquentWidget {...common} token={null} attributes={{ plan: "team", seats: 3, coupon: null }} />
      <EloquentWidget
        {...common}
        onIdentityExpiring={({ data }) => data.expiresAt?.length}
        theme={{ scheme: "dark", launcherLabel: "Help" }}
        onLinkClick={({ data }) => data.url.length}
        onHandoffRequested={({ type }) => type satisfies "handoff:requested"}
        onUnread={(event) => event.data.count.toFixed()}
        onConversationStarted={({ type }) => type satisfies "conversation:started"}
        onOpen={undefined}
      />
      {/* @ts-expect-error */}
      <EloquentWidget token="…" />
      {/* @ts-expect-error */}
      <EloquentWidget {...common} token={5} />
      {/* @ts-expect-error */}
      <EloquentWidget {...common} attributes={{ cart: { items: 3 } }} />
      {/* @ts-expect-error */}
      <EloquentWidget {...common} onOpened={() => {}} />
      {/* @ts-expect-error */}
      <EloquentWidget {...common} onUnread={({ data }) => data.messageId} />
    </>
  );
}
