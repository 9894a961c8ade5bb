import { EloquentWidget, useEloquent, useEloquentPanel } from "eloquent-widget/react";

async function getToken(): Promise<string | null> {
  const response = await fetch("/api/eloquent-token", { method: "POST" });
  return response.ok ? (await response.json()).token : null;
}

export function App({ user }: { user: { id: string } | null }) {
  return (
    <>
      <HelpButton />
      <EloquentWidget
        agentId="agt_…"
        server="https://chat.example.com"
        user={user?.id ?? null}
        getToken={getToken}
        launcher="hidden"
        onMessageReceived={({ data }) => console.log("answered:", data.messageId)}
      />
    </>
  );
}

function HelpButton() {
  const eloquent = useEloquent();
  const { open, unread } = useEloquentPanel();
  return (
    <button type="button" aria-expanded={open} onClick={() => eloquent.toggle()}>
      Help{unread > 0 && ` (${unread})`}
    </button>
  );
}
