// What is published: its files, its types, its examples; and that importing it needs no page.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");
const run = (program, ...words) => spawnSync(program, words, { cwd: here("."), encoding: "utf8" });
const node = (...words) => run(process.execPath, ...words);

test("the package holds what it needs and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: here("."), encoding: "utf8" });
  const [{ files, size }] = JSON.parse(packed);
  const modules = ["chat", "commands", "index", "react", "script"];
  assert.deepEqual(
    files.map(({ path }) => path).sort(),
    [
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "package.json",
      "dist/eloquent.d.ts",
      ...modules.flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`]),
    ].sort(),
  );
  assert.ok(size < 40_000, `${size} bytes`);
});

test("it depends on nothing, and on React only where React is there", () => {
  const manifest = JSON.parse(read("package.json"));
  assert.equal(manifest.dependencies, undefined);
  assert.deepEqual(Object.keys(manifest.peerDependencies), ["react"]);
  assert.equal(manifest.peerDependenciesMeta.react.optional, true);
});

test("every file that the manifest exports is there", async () => {
  const { exports } = JSON.parse(read("package.json"));
  const targets = Object.values(exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  assert.equal(targets.length, 5);
  for (const target of targets) assert.ok(read(target).length > 0, target);
});

test("the declarations are those that lie beside the loader", () => {
  assert.equal(read("dist/eloquent.d.ts"), read("../../www/eloquent.d.ts"));
});

test("both entrances can be imported and rendered on a server, where nothing happens", () => {
  const { status, stdout, stderr } = node(
    "--input-type=module",
    "--eval",
    `import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { loadEloquent } from "eloquent-widget";
    import { EloquentWidget, useEloquent, useEloquentPanel } from "eloquent-widget/react";
    const options = { agentId: "agt_1", server: "https://chat.example", token: "…", onOpen() {} };
    const Launcher = () => useEloquent() && JSON.stringify(useEloquentPanel());
    const page = createElement("main", null, createElement(EloquentWidget, options), createElement(Launcher));
    console.log(renderToString(page), (await loadEloquent(options).open()).code, typeof window);`,
  );
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.equal(stdout, '<main>{&quot;open&quot;:false,&quot;unread&quot;:0}</main> no_page undefined\n');
});

test("the React entrance is marked as the browser's", () => {
  assert.ok(read("dist/react.js").startsWith('"use client";'));
});

test("the examples compile against what is published", () => {
  const { status, stdout } = node("node_modules/typescript/bin/tsc", "-p", "examples");
  assert.equal(stdout, "");
  assert.equal(status, 0);
});

test("calls that are wrong do not compile", () => {
  const { stdout } = node("node_modules/typescript/bin/tsc", "-p", "tests/types");
  assert.equal(stdout, "");
});

test("the README shows the examples as they are", () => {
  assert.match(read("README.md"), /<!-- examples\/react\.tsx -->/);
  assert.equal(node("scripts/quote.mjs", "--check").status, 0, "run `node scripts/quote.mjs`");
});
