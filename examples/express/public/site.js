// The page's side: log in and out, and tell the chat about it each time, also after a reload.

// docs:begin
async function getToken() {
  const response = await fetch("/api/eloquent-token", { method: "POST" });
  return response.ok ? (await response.json()).token : null; // null: nobody is logged in
}

async function identify() {
  const token = await getToken();
  if (!token) return null; // the chat stays anonymous
  return window.eloquent("identify", { token, getToken }); // getToken: for when this one ends
}
// docs:end

const post = (path, body) =>
  fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });

const status = document.querySelector("#identity");

/** Identifies whoever is logged in, and shows how that went. */
async function refresh() {
  status.dataset.state = "pending";
  status.textContent = "Asking …";
  show(await identify());
}

/** Shows a human what `identify` resolved with; `data-state` and `data-result` say it to a program. */
function show(result) {
  status.dataset.state = result?.identified ? "identified" : result ? "refused" : "anonymous";
  status.dataset.result = JSON.stringify(result);
  if (!result) status.textContent = "Nobody: the visitor is anonymous.";
  else if (result.identified) status.textContent = `Identified as ${result.userId} (${result.profileId}).`;
  else status.textContent = `Not identified: ${result.code}. ${result.message} ${result.hint ?? ""}`;
}

document.querySelector("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const username = new FormData(event.target).get("username");
  const response = await post("/api/login", { username });
  if (response.ok) await refresh();
});

document.querySelector("#logout").addEventListener("click", async () => {
  await Promise.all([post("/api/logout"), window.eloquent("logout")]);
  show(null);
});

await refresh();
