// The customer's site: one page in several kinds, and the files of the hand-written chat, compressed as well
// as ours are.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { brotliCompressSync } from "node:zlib";

const FILES = { "launcher.js": "text/javascript", "panel.js": "text/javascript", "panel.css": "text/css" };

const PARAGRAPH =
  "Coffee that left the roaster this week, in the size and grind that you like, at your door when you need it. ".repeat(6);

function page(script) {
  const body = Array.from({ length: 12 }, (_, at) => `<h2>Part ${at + 1}</h2><p>${PARAGRAPH}</p>`).join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { max-width: 60rem; margin: 2rem auto; font: 16px/1.5 sans-serif }</style></head>
<body><h1>A shop</h1>${body}${script}</body></html>`;
}

/** Starts the site. `tags` has the script of each kind of page, by its path; `%SITE%` is the site itself. */
export async function startSite(tags) {
  const files = new Map();
  for (const [name, type] of Object.entries(FILES)) {
    const bytes = await readFile(new URL(`vanilla/${name}`, import.meta.url));
    files.set(`/${name}`, { type, bytes: brotliCompressSync(bytes) });
  }
  const server = createServer((request, response) => {
    const file = files.get(request.url);
    const tag = tags[request.url.slice(1)];
    if (file) {
      const headers = { "content-type": file.type, "content-encoding": "br", "content-length": file.bytes.length };
      response.writeHead(200, headers).end(file.bytes);
    } else if (tag !== undefined) {
      const html = Buffer.from(page(tag.replaceAll("%SITE%", url)));
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": html.length }).end(html);
    } else response.writeHead(404).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://localhost:${server.address().port}`;
  return { url, close: () => server.close() };
}
