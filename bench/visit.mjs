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
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
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
  devtools.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) request.bytes += encodedDataLength;
  });
  return () => {
    const all = [...requests.values()];
    return { requests: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), all };
  };
}

/** CPU time of the page's main thread so far, in milliseconds. */
export async function mainThread(devtools) {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ThreadTime").value * 1000;
}

/** What stays after a collection: the JavaScript heap, buffers and WebAssembly's memory beside it, nodes. */
export async function memory(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const heap = await devtools.send("Runtime.getHeapUsage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const nodes = metrics.find(({ name }) => name === "Nodes").value;
  return { heap: heap.usedSize, beside: heap.backingStorageSize ?? 0, nodes };
}

/** Clicks on the launcher as a mouse does and waits for the field. Milliseconds from the click to the field. */
export async function open(page, chat, { rest = 0 } = {}) {
  await page.waitForFunction((path) => window.bench.find(path), chat.launcher);
  const { x, y } = await page.evaluate((path) => {
    const { left, top, width, height } = window.bench.find(path).getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }, chat.launcher);
  const took = page.evaluate((path) => window.bench.opening(path), chat.field);
  // The answer comes with the click; the question must be there before.
  await page.evaluate(() => 0);
  await page.mouse.move(x, y);
  if (rest) await page.waitForTimeout(rest);
  await page.mouse.down();
  await page.mouse.up();
  return took;
}
