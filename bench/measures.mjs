// The measures: each visits one kind of page once and gives its figures by name.
import { CHATS, mainThread, memory, open, visit } from "./visit.mjs";

/** How much slower the machine of the visitor is. */
const SLOWER = 4;
/** How long a page is left alone to see what it does by itself. */
const SETTLE = 2_500;
/** How long the history is scrolled through, by how many pixels at a time, how far apart. */
const SCROLLING = 8_000;
const WHEEL = 600;
const PAUSE = 40;

/** What every visitor pays who never touches the chat. */
export const pageView = {
  title: "Page view, chat untouched",
  kinds: ["bare", "vanilla", "eloquent"],
  run: ({ browser, site, kind }) =>
    visit(browser, `${site}/${kind}`, { slower: SLOWER }, async ({ page, devtools, traffic }) => {
      await page.waitForTimeout(SETTLE);
      const { requests, bytes } = traffic();
      const { count, blocked } = await page.evaluate(() => window.bench.longTasks());
      return {
        requests,
        bytes,
        longTasks: count,
        blocked,
        shift: await page.evaluate(() => window.bench.shift()),
        cpu: await mainThread(devtools),
        heap: (await memory(devtools)).heap,
      };
    }),
};

/** From the click to a field that one can type in, with nothing in the cache. */
export const opening = {
  title: "Opening, cold",
  kinds: ["vanilla", "eloquent"],
  run: ({ browser, site, kind }) =>
    visit(browser, `${site}/${kind}`, { slower: SLOWER }, async ({ page, devtools, traffic }) => {
      await page.waitForTimeout(500);
      const before = traffic();
      const cpu = await mainThread(devtools);
      const took = await open(page, CHATS[kind]);
      await page.waitForTimeout(SETTLE);
      const { requests, bytes } = traffic();
      return {
        took,
        cpu: (await mainThread(devtools)) - cpu,
        requests: requests - before.requests,
        bytes: bytes - before.bytes,
        ...(await memory(devtools)),
      };
    }),
};

/** The same where the pointer rests on the launcher for a moment first, as a hand's does. */
export const restingOpening = {
  title: "Opening after 200 ms over the launcher",
  kinds: ["vanilla", "eloquent"],
  run: ({ browser, site, kind }) =>
    visit(browser, `${site}/${kind}`, { slower: SLOWER }, async ({ page }) => {
      await page.waitForTimeout(500);
      return { took: await open(page, CHATS[kind], { rest: 200 }) };
    }),
};

/** The steps of an opening, for whoever wants to make it faster: only by `--only steps`. */
export const steps = {
  title: "Steps of an opening, ms after the click",
  kinds: ["vanilla", "eloquent"],
  run: ({ browser, site, kind }) =>
    visit(browser, `${site}/${kind}`, { slower: SLOWER }, async ({ page }) => {
      await page.waitForTimeout(500);
      await open(page, CHATS[kind]);
      await page.waitForTimeout(1_000);
      return page.evaluate(() => window.bench.steps());
    }),
};

/** An answer of 2,000 pieces in ten seconds. `bare` reads the stream and drops it. */
export const streaming = {
  title: "An answer of 2,000 tokens",
  kinds: ["bare", "vanilla", "eloquent"],
  run: ({ browser, site, kind, server }) =>
    visit(browser, `${site}/${kind}`, { slower: SLOWER }, async ({ page, devtools }) => {
      const chat = CHATS[kind];
      if (chat) {
        await open(page, chat);
        await page.waitForTimeout(1_000);
        await page.keyboard.type("Stream");
      }
      await page.evaluate(() => window.bench.watchFrames());
      const cpu = await mainThread(devtools);
      if (chat) {
        await page.keyboard.press("Enter");
        await page.waitForFunction(answered(chat), null, { timeout: 120_000, polling: 500 });
      } else {
        await page.evaluate(([url, agent]) => window.bench.drain(url, agent), [server.url, server.stream]);
      }
      const spent = (await mainThread(devtools)) - cpu;
      return { perToken: spent / 2_000, ...(await page.evaluate(() => window.bench.frames())) };
    }),
};

/** A conversation of 10,000 messages, opened and scrolled up through. */
export const history = {
  title: "A history of 10,000 messages",
  kinds: ["vanilla", "eloquent"],
  run: ({ browser, site, kind, storage }) =>
    visit(browser, `${site}/${kind}-history`, { slower: SLOWER, storage }, async ({ page, devtools }) => {
      const chat = CHATS[kind];
      const shown = page
        .waitForFunction(([log, rows]) => window.bench.find(log)?.querySelectorAll(rows).length > 20, [chat.log, chat.rows])
        .then(() => performance.now());
      const clicked = performance.now();
      await open(page, chat);
      const took = (await shown) - clicked;
      await page.waitForTimeout(1_000);
      const { x, y } = await page.evaluate((path) => {
        const { left, top, width, height } = window.bench.find(path).getBoundingClientRect();
        return { x: left + width / 2, y: top + height / 2 };
      }, chat.log);
      await page.mouse.move(x, y);
      const first = await page.evaluate(topNumber, chat.log);
      await page.evaluate(() => window.bench.watchFrames());
      const cpu = await mainThread(devtools);
      const end = performance.now() + SCROLLING;
      while (performance.now() < end) {
        await page.mouse.wheel(0, -WHEEL);
        await page.waitForTimeout(PAUSE);
      }
      const frames = await page.evaluate(() => window.bench.frames());
      const spent = (await mainThread(devtools)) - cpu;
      const last = await page.evaluate(topNumber, chat.log);
      return { took, read: (first - last) * 2, cpu: spent, ...frames, ...(await memory(devtools)) };
    }),
};

const answered = (chat) => `(() => { const log = window.bench.find(${JSON.stringify(chat.log)}); return log && (${chat.isAnswered}) })()`;

/** The number in the topmost question that is in view: the history's messages are numbered. */
function topNumber(path) {
  const log = window.bench.find(path);
  const edge = log.getBoundingClientRect().top;
  const rows = [...log.querySelectorAll(".row")].filter((row) => row.getBoundingClientRect().bottom > edge);
  for (const row of rows) {
    const number = /(?:Question|Answer) (\d+)/.exec(row.textContent)?.[1];
    if (number) return Number(number);
  }
  return Number.NaN;
}

/** Writes to the history's agent once, as a visitor, and fills that conversation. Gives what the browser stored. */
export async function fillHistory({ browser, site, server }) {
  return visit(browser, `${site}/eloquent-history`, {}, async ({ page, context }) => {
    await open(page, CHATS.eloquent);
    await page.waitForTimeout(500);
    await page.keyboard.type("Hello");
    await page.keyboard.press("Enter");
    const stored = () => {
      const entry = Object.values({ ...localStorage }).join();
      const [session, conversation] = [/vst_[\w-]+/, /cnv_\w+/].map((form) => form.exec(entry)?.[0]);
      return session && conversation ? { session, conversation } : null;
    };
    const { session, conversation } = await (await page.waitForFunction(stored)).jsonValue();
    await page.evaluate(
      (entries) => entries.forEach(([name, value]) => localStorage.setItem(name, value)),
      [
        ["vanilla:session", session],
        ["vanilla:conversation", conversation],
      ],
    );
    const filled = await server.fill(session);
    if (filled < 10_000) throw new Error(`the conversation has only ${filled} messages`);
    return context.storageState();
  });
}
