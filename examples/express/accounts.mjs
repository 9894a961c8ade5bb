// The site's own log-in: what every site has already, here in its smallest form. Customers and
// sessions live in memory, and a name is enough to log in: nothing of it is meant for production.

import { randomUUID } from "node:crypto";

const customers = {
  ada: { id: "cust_ada", name: "Ada Okafor", email: "ada@okafor.example", plan: "Enterprise" },
  ben: { id: "cust_ben", name: "Ben Haddad", email: "ben@haddad.example", plan: "Pro" },
  chloe: { id: "cust_chloe", name: "Chloé Martin", email: "chloe@martin.example", plan: "Free" },
};

const sessions = new Map();
const cookie = { httpOnly: true, sameSite: "lax", path: "/" };

/** The customer to whom the request's session cookie belongs; undefined when nobody is logged in. */
export function loggedInUser(request) {
  return sessions.get(sessionOf(request));
}

/** Logs in the named customer under a new session; undefined when there is no such customer. */
export function logIn(request, response, username) {
  const customer = Object.hasOwn(customers, username) ? customers[username] : undefined;
  if (!customer) return undefined;
  sessions.delete(sessionOf(request));
  const session = randomUUID();
  sessions.set(session, customer);
  response.cookie("session", session, cookie);
  return customer;
}

/** Ends the request's session, if it has one. */
export function logOut(request, response) {
  sessions.delete(sessionOf(request));
  response.clearCookie("session", cookie);
}

function sessionOf(request) {
  const header = request.headers.cookie ?? "";
  return /(?:^|;\s*)session=([^;]*)/.exec(header)?.[1];
}
