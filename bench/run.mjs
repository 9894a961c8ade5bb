// The page benchmark: what the chat costs a page, beside the same page without it and with a chat that was
// written by hand for it, all in one run on one machine.
//
// `cargo xtask bench-page` builds what it needs and calls it:
//   CHROME=PROGRAM node run.mjs --server PROGRAM [--rounds 5] [--only TITLE] [--json FILE]
//
// A round visits every kind of page once for each measure, in another order each time, and the table holds
// the medians. The main thread is slowed down four times; the network is the machine's own. Times depend on
// the machine and on what else it does: compare within one run only, and assert nothing.
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { startChatServer } from "./chat-server.mjs";
import { fillHistory, history, opening, pageView, restingOpening, steps, streaming } from "./measures.mjs";
import { startSite } from "./site.mjs";
import { table } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    server: { type: "string" },
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    json: { type: "string" },
  },
});

/** How long one visit may take, in milliseconds. */
const DEADLINE = 90_000;

const ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"];

const server = await startChatServer(options.server);
const tag = (agent) => `<script async src="${server.url}/eloquent.js" data-agent-id="${agent}"></script>`;
const byHand = (agent) => `<script async src="%SITE%/launcher.js" data-server="${server.url}" data-agent="${agent}"></script>`;
const site = await startSite({
  bare: "",
  vanilla: byHand(server.stream),
  eloquent: tag(server.stream),
  "vanilla-history": byHand(server.history),
  "eloquent-history": tag(server.history),
});
const browser = await chromium.launch({ executablePath: process.env.CHROME, args: ARGUMENTS });

try {
  const standard = [pageView, opening, restingOpening, streaming, history];
  const isNamed = (measure) => (measure === steps ? options.only === "steps" : measure.title.toLowerCase().includes(options.only.toLowerCase()));
  const wanted = options.only ? [...standard, steps].filter(isNamed) : standard;
  const scene = { browser, site: site.url, server };
  if (wanted.includes(history)) scene.storage = await fillHistory(scene);
  const results = {};
  const rounds = Number(options.rounds);
  for (let round = 1; round <= rounds; round += 1) {
    for (const measure of wanted) {
      const visits = (results[measure.title] ??= {});
      for (const kind of shuffled(measure.kinds)) {
        console.error(`round ${round} of ${rounds}: ${measure.title}, ${kind}`);
        (visits[kind] ??= []).push(await measured(() => measure.run({ ...scene, kind })));
      }
    }
  }
  if (options.json) await writeFile(options.json, JSON.stringify(results, null, 1));
  const [{ model }] = cpus();
  console.log(`\n${table(results)}\n`);
  console.log(
    `Medians of ${rounds} rounds; main thread slowed down 4 times. Chromium ${browser.version()}, ${cpus().length} ` +
      `cores of ${model.trim()}, load ${loadavg()[0].toFixed(1)} at the end.`,
  );
} finally {
  await browser.close();
  site.close();
  server.close();
}

/** A page that did not get there in its time has no figures, and the table a gap: that is a result, too. */
async function measured(run) {
  let timer;
  const deadline = new Promise((_, reject) => {
    const late = Object.assign(new Error(`not there after ${DEADLINE} ms`), { name: "TimeoutError" });
    timer = setTimeout(() => reject(late), DEADLINE);
  });
  try {
    const running = run();
    // Whatever it still says after its time is of no interest.
    running.catch(() => {});
    return await Promise.race([running, deadline]);
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    console.error(`gave up: ${error.message.split("\n")[0]}`);
    await Promise.all(browser.contexts().map((context) => context.close()));
    return {};
  } finally {
    clearTimeout(timer);
  }
}

function shuffled(kinds) {
  return kinds
    .map((kind) => [Math.random(), kind])
    .sort(([one], [other]) => one - other)
    .map(([, kind]) => kind);
}
