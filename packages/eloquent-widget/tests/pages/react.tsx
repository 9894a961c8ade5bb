/*
 * A customer's page in React, which a test drives: `show(props)` renders the chat with these props beside a
 * launcher of the page's own, `show(null)` renders the page without it; `heard` holds the events.
 */
import { StrictMode, useEffect } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { EloquentWidget, useEloquent, useEloquentPanel, type EloquentWidgetProps } from "eloquent-widget/react";

const page = window as unknown as {
  heard: string[];
  early: unknown[];
  tokens: Record<string, string | null>;
  show(props: EloquentWidgetProps | null): void;
};

page.heard = [];
page.early = [];
page.tokens = {};

function Launcher() {
  const eloquent = useEloquent();
  const { open, unread } = useEloquentPanel();
  // Children run their effects before the chat beside them is mounted.
  useEffect(() => {
    void eloquent.off("ready").then((result) => page.early.push(result));
  }, [eloquent]);
  return (
    <button id="help" aria-expanded={open} data-unread={unread} onClick={() => eloquent.toggle()}>
      Help
    </button>
  );
}

function Page({ chat }: { chat: EloquentWidgetProps | null }) {
  const hear = ({ type }: { type: string }) => void page.heard.push(type);
  const user = chat?.user;
  return (
    <>
      <Launcher />
      {chat && (
        <EloquentWidget
          {...chat}
          getToken={user === undefined ? undefined : async () => page.tokens[String(user)] ?? null}
          onOpen={hear}
          onClose={hear}
          onIdentify={({ data }) => void page.heard.push(`identify ${data.ok ? data.userId : data.code}`)}
          onLogout={hear}
          onDestroy={hear}
        />
      )}
    </>
  );
}

const place = document.body.appendChild(document.createElement("main"));
const root = createRoot(place);
page.show = (chat) =>
  flushSync(() =>
    root.render(
      <StrictMode>
        <Page chat={chat} />
      </StrictMode>,
    ),
  );
