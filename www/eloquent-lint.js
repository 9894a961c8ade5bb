/*
 * The linter of `eloquent("debug", true)`: it looks at the tokens that a page gives to `identify`, and
 * at how the page goes about it, and says in the console what is wrong and what to do.
 *
 * What it is not: a verifier. Whether a token identifies anybody is the server's to say; here nobody
 * has the key. Nothing of it is loaded unless it is asked for.
 *
 * Invariants: it sends nothing, stores nothing, changes nothing in the page; it never writes a token or
 * a claim's value; no exception leaves it.
 */

const DAY = 86400;
// Seconds of our century have ten digits: what is larger counts milliseconds.
const MILLISECONDS = 1e11;
const CLOCK_TOLERANCE = 60;

// What was given last, and whose it was: kept for comparing, until somebody logs out.
let last;
let lastUser;
let told = new Set();

const say = (text) => console.warn("[eloquent] debug: " + text);

/** Hears every call of `window.eloquent`, and what `getToken` gave. */
export const lint = (name, argument) => {
  try {
    if (name == "identify") identify(argument);
    else if (name == "getToken") judge(argument, "getToken gave");
    // Given before this was loaded: whether a getToken came with it, nobody has noted.
    else if (name == "earlier") judge(argument, "identify was given", null);
    else if (/^(logout|shutdown|destroy)$/.test(name)) {
      last = lastUser = undefined;
      told = new Set();
    }
  } catch {
    say("the linter itself failed on this call. Nothing else is affected.");
  }
};

function identify(options) {
  if (typeof options == "string") {
    return say('identify was given a string. It takes an object: eloquent("identify", { token }).');
  }
  const { token, getToken } = options || {};
  if (getToken !== undefined && typeof getToken != "function") {
    say("getToken is not a function. It is called without arguments and gives, or promises, a fresh token.");
  }
  judge(token, "identify was given", typeof getToken == "function");
}

/** Checks one token, and the page around it. */
function judge(token, given, renewable) {
  const fault = formFault(token);
  if (fault) return say(`${given} ${fault}`);
  if (token === last && renewable === undefined) {
    return once("stale", `${given} the same token again. Sign a fresh one for each request, and keep none in a cache: the next one has to end later than the one before.`);
  }
  if (token === last) {
    return once("same", "identify was called again with the same token. Once is enough for as long as the page is open: call it when somebody has logged in, not each time that something is drawn.");
  }
  last = token;
  const [header, payload] = token.split(".").slice(0, 2).map(decode);
  if (!header || !payload) {
    say(`${given} a token whose header or payload is not JSON in base64url. Make it with a JWT library.`);
  } else {
    [...headerFaults(header), ...timeFaults(payload, renewable), ...userFaults(payload)].forEach(say);
    const user = typeof payload.user_id == "string" ? payload.user_id : undefined;
    if (user !== undefined && lastUser !== undefined && user !== lastUser) {
      say('another user was identified without a logout in between. Call eloquent("logout") where your site logs out: it clears this browser\'s other tabs, too.');
    }
    lastUser = user ?? lastUser;
  }
  page(token);
}

/** What is wrong with what is no token at all. */
function formFault(token) {
  if (token === undefined || token === null || token === "" || /^(undefined|null|false|NaN)$/.test(token)) {
    return "no token. Call identify once it is known that somebody is logged in and your server has answered; for a visitor who is not logged in, do not call it.";
  }
  if (typeof token.then == "function") return "a promise in place of a token. Await it first: { token: await fetchToken() }.";
  if (typeof token != "string") {
    return `a token that is of the type ${typeof token}, not a string. Pass what your server signed: { token: answer.token }.`;
  }
  if (/^\W*elq_/.test(token)) {
    return "the identity secret itself. Whoever has it can be anybody: revoke this key now, keep the new one on your server, and sign tokens there.";
  }
  if (/^bearer\s/i.test(token)) return 'a token with "Bearer " before it. Pass the token alone.';
  if (/^\s*[{["]/.test(token)) return "JSON or a quoted string in place of a token. Parse your server's answer and pass its token: (await response.json()).token.";
  if (/^\s*</.test(token)) return "an HTML page in place of a token: your token endpoint answered with a page, such as a log-in form.";
  if (/\s/.test(token)) return "a token with white space in it or around it. Trim what your server answered.";
  if (token.length > 8192) return "a token of more than 8,192 bytes. Put fewer claims into it.";
  if (token.split(".").length != 3) return "a token that is not in three parts with dots between them: it is no JWT in compact form.";
  if (/[+/=]/.test(token)) return "a token in base64 in place of base64url (it has +, / or =). Make it with a JWT library.";
}

function headerFaults({ alg, crit }) {
  const faults = [];
  if (/^(rs|es|ps)\d|^eddsa$/i.test(alg)) {
    faults.push('the token is signed with a private key. Sign it with the secret and "HS256", the one algorithm that is taken.');
  } else if (/^none$/i.test(alg)) {
    faults.push('the token is not signed ("none"). Sign it on your server with the secret and "HS256".');
  } else if (alg !== "HS256") {
    faults.push('the header\'s alg is not "HS256", the one algorithm that is taken, in this spelling.');
  }
  if (crit !== undefined) faults.push("the header has crit, with which no token is taken.");
  return faults;
}

function timeFaults(payload, renewable) {
  const { exp, iat } = payload;
  const now = Date.now() / 1000;
  const signed = iat < now ? iat : now;
  const faults = [];
  for (const name of ["exp", "nbf", "iat"]) {
    const time = payload[name];
    if (time !== undefined && !Number.isFinite(time)) {
      faults.push(`${name} is not a number. It counts seconds since 1970, without quotes.`);
    } else if (time > MILLISECONDS) {
      faults.push(`${name} is in milliseconds. It counts seconds: Math.floor(Date.now() / 1000).`);
    } else if (name != "exp" && time > now + CLOCK_TOLERANCE) {
      faults.push(`${name} is in the future, by this machine's clock. If that one is right, your server's clock is ahead.`);
    }
  }
  if (exp === undefined) {
    faults.push("the token has no exp: whoever finds it can use it for ever. Let it expire within the hour.");
  } else if (!Number.isFinite(exp) || exp > MILLISECONDS) {
    // Said above.
  } else if (exp <= now) {
    faults.push("the token has expired, by this machine's clock. Sign one per page view; a page from a cache brings an old one.");
  } else if (exp - signed > DAY) {
    faults.push("the token lives for more than 24 hours. Let it expire within the hour, and give a getToken for the next one.");
  } else if (renewable === false && exp - now < 3600 + CLOCK_TOLERANCE) {
    faults.push('the token expires while the page may still be open, and there is no getToken: eloquent("identify", { token, getToken: async () => … }) goes on without a break.');
  }
  return faults;
}

function userFaults(payload) {
  const { user_id: user } = payload;
  if (user === undefined || user === null) {
    const other = ["sub", "userId", "uid", "id", "external_id"].find((name) => name in payload);
    const rename = other ? ` The token has ${other}: name it user_id.` : "";
    return ["the token has no user_id, and identifies nobody." + rename];
  }
  if (typeof user == "number") return ["user_id is a number. Make it a string: String(user.id)."];
  if (typeof user != "string") return ["user_id is not a string."];
  const characters = [...user].length;
  if (!user.trim() || characters > 255 || /\p{Cc}/u.test(user)) {
    return ["user_id has to have 1 to 255 characters, not only white space, and no control characters."];
  }
  if (payload.email !== undefined && typeof payload.email != "string") {
    return ["email is not a string, and is not stored as the visitor's address."];
  }
  return [];
}

/** What the page should not hold. */
function page(token) {
  const storages = ["localStorage", "sessionStorage"].map(read);
  if ([location.href, document.referrer].some((address) => address.includes(token))) {
    once("address", "the token stands in the page's address, and so in histories, logs and referrers. Fetch it with a POST request.");
  }
  if (storages.some((text) => text.includes(token)) || document.cookie.includes(token)) {
    once("stored", "the token is in this browser's storage or in a cookie that scripts can read. Keep it in a variable: it is fetched again with the next page.");
  }
  const secret = /elq_[\w-]{20}/;
  if ([new XMLSerializer().serializeToString(document), location.href, document.cookie, ...storages].some((text) => secret.test(text))) {
    once("secret", "an identity secret (elq_…) is in this page. Whoever reads it can be anybody: revoke this key now, and sign tokens on your server alone.");
  }
}

function once(code, text) {
  if (!told.has(code)) say(text);
  told.add(code);
}

// Reading the property itself throws where storage is blocked.
function read(kind) {
  try {
    return Object.values(window[kind]).join("\n");
  } catch {
    return "";
  }
}

function decode(part) {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value && typeof value == "object" && !Array.isArray(value) && value;
  } catch {}
}
