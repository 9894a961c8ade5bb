// A page with a real DOM and the real loader, served over HTTP: what the tests look at.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Window } from "happy-dom";

const loader = await readFile(new URL("../../../www/eloquent.js", import.meta.url));

/** A chat server that has the loader and nothing else. `serve` may answer the loader's request itself. */
export async function chatServer(serve = (response) => response.end(loader)) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("content-type", "text/javascript");
    if (request.url === "/eloquent.js") serve(response);
    else response.writeHead(404).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, asked, close: () => new Promise((closed) => server.close(closed)) };
}

/** Makes a page the global one, as it is in a browser, and gives what the package exports to it. */
export async function page(test) {
  const window = new Window({
    url: "http://shop.example/",
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  const names = ["window", "document"];
  const before = names.map((name) => globalThis[name]);
  Object.assign(globalThis, { window, document: window.document });
  test.after(async () => {
    // The package's modules outlive the test: the next one must not find this one's chat.
    await window.eloquent?.destroy?.();
    names.forEach((name, at) => {
      globalThis[name] = before[at];
    });
    await window.happyDOM.close();
  });
  return window;
}
