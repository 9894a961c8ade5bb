// A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
// region; the rest is the site itself: log-in, log-out, one page.

// docs:begin
import express from "express";
import jwt from "jsonwebtoken";
import { loggedInUser } from "./accounts.mjs"; // your site's own log-in

const app = express();

app.post("/api/eloquent-token", (request, response) => {
  const user = loggedInUser(request);
  if (!user) return response.status(401).json({ error: "not_logged_in" });

  const token = jwt.sign(
    { user_id: user.id, email: user.email, name: user.name, plan: user.plan },
    process.env.ELOQUENT_SECRET,
    { algorithm: "HS256", expiresIn: "1h" },
  );
  response.set("cache-control", "no-store").json({ token });
});
// docs:end

// From here on, the site itself.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { logIn, logOut } from "./accounts.mjs";

const { ELOQUENT_SECRET, ELOQUENT_AGENT_ID, ELOQUENT_URL, PORT } = process.env;
if (!ELOQUENT_SECRET || !ELOQUENT_AGENT_ID) {
  console.error("set ELOQUENT_SECRET (elq_…) and ELOQUENT_AGENT_ID (agt_…)");
  process.exit(2);
}

const eloquentUrl = (ELOQUENT_URL || "http://127.0.0.1:8080").replace(/\/+$/, "");
const page = readFileSync(new URL("page.html", import.meta.url), "utf8")
  .replaceAll("{{eloquent_url}}", () => attribute(eloquentUrl))
  .replaceAll("{{agent_id}}", () => attribute(ELOQUENT_AGENT_ID));

app.get("/", (_request, response) => response.type("html").send(page));
app.use(express.static(fileURLToPath(new URL("public", import.meta.url))));

app.post("/api/login", express.json(), (request, response) => {
  const user = logIn(request, response, request.body?.username);
  if (!user) return response.status(401).json({ error: "unknown_customer" });
  response.json({ name: user.name });
});

app.post("/api/logout", (request, response) => {
  logOut(request, response);
  response.status(204).end();
});

const server = app.listen(Number(PORT || 3000), "127.0.0.1", (error) => {
  if (error) {
    console.error(`cannot listen: ${error.message}`);
    process.exit(1);
  }
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

/** The text as the value of a quoted HTML attribute. */
function attribute(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
