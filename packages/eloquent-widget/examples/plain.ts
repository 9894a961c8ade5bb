import { loadEloquent } from "eloquent-widget";

const eloquent = loadEloquent({
  agentId: "agt_…",
  server: "https://chat.example.com",
  locale: document.documentElement.lang,
});

// Of whoever is logged in, signed by your server; empty where nobody is.
async function getToken(): Promise<string> {
  const response = await fetch("/api/eloquent-token", { method: "POST" });
  return response.ok ? (await response.json()).token : "";
}

export async function afterLogin(): Promise<void> {
  const token = await getToken();
  if (!token) return;
  const result = await eloquent.identify({ token, getToken });
  if (!result.ok) console.warn("Not identified:", result.code, result.message);
}

export async function afterLogout(): Promise<void> {
  await eloquent.logout();
}

document.querySelector("#help")?.addEventListener("click", () => eloquent.open({ prefill: "I need help with " }));
