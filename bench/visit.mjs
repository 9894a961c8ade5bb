// One visit: a browser without any cache, one page in it, and what was measured there.
import { readFile } from "node:fs/promises";

const PROBE = await readFile(new URL("probe.js", import.meta.url), "utf8");

/** How the chats of the pages are found. The bare page has none. */
export const CHATS = {
  eloquent: {
    launcher: "eloquent-widget >>> .launcher",
    field: "eloquent-widget >>> textarea",
    log: "eloquent-widget >>> .log",
    rows: ".row",
    isAnswered: "log.querySelector('.row.agent') && !log.querySelector('.streaming, .sending')",
  },
  vanilla: {
    launcher: ".vanilla-launcher",
    field: ".vanilla-panel textarea",
    log: ".vanilla-panel .log",
    rows: ".row",
    isAnswered: "log.dataset.state === 'done'",
  },
};

/** Visits a page with the main thread this many times slower than it is, and leaves it. */
export async function visit(browser, url, { slower = 1, storage } = {}, act) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, storageState: storage });
  try {
    await context.addInitScript(PROBE);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Performance.enable", { timeDomain: "timeTicks" });
    const traffic = watchTraffic(devtools);
    if (slower > 1) await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.goto(url, { waitUntil: "load" });
    return await act({ page, devtools, traffic, context });
  } finally {
    await context.close();
  }
}

/** Every request but the page's own, with the bytes of its body as they travelled. */
function watchTraffic(devtools) {
  const requests = new Map();
  devtools.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
    if (type !== "Document" && !request.url.startsWith("data:")) requests.set(requestId, { url: request.url, bytes: 0 });
  });
  devtools.on("Network.responseReceived", ({ requestId, response }) => {
    const request = requests.get(requestId);
    if (request) request.length = Number(header(response.headers, "content-length"));
  });
  // What has no length is a stream.
  devtools.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) request.bytes += encodedDataLength;
  });
  return () => {
    const all = [...requests.values()];
    return { requests: all.length, bytes: all.reduce((sum, { length, bytes }) => sum + (length || bytes), 0) };
  };
}

function header(headers, wanted) {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** How long the page's main thread has been at work so far, in milliseconds of the slowed down machine. */
export async function mainThread(devtools) {
  // Its CPU time would be of no use: slowing it down keeps it busy.
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
}

/** What stays after a collection: the JavaScript heap, buffers and WebAssembly's memory beside it, nodes. */
export async function memory(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const heap = await devtools.send("Runtime.getHeapUsage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const nodes = metrics.find(({ name }) => name === "Nodes").value;
  return { heap: heap.usedSize, beside: heap.backingStorageSize ?? 0, nodes };
}

/**
 * Presses the launcher and waits for the field. Milliseconds from the click to the field.
 *
 * With `rest` the mouse comes first and rests there for so long, as a hand's does; without it nothing comes
 * before the click, as with a keyboard or a script.
 */
export async function open(page, chat, { rest } = {}) {
  await page.waitForFunction((path) => window.bench.find(path), chat.launcher);
  const took = page.evaluate((path) => window.bench.opening(path), chat.field);
  // The answer comes with the click; the question must be there before.
  const { x, y } = await page.evaluate((path) => {
    const { left, top, width, height } = window.bench.find(path).getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }, chat.launcher);
  if (rest === undefined) await page.evaluate((path) => window.bench.find(path).click(), chat.launcher);
  else {
    await page.mouse.move(x, y);
    await page.waitForTimeout(rest);
    await page.mouse.click(x, y);
  }
  return took;
}
