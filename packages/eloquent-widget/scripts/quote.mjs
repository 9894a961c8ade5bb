// Puts the examples into the README, where a comment names their file: they are compiled, and never copied by
// hand. With `--check` it changes nothing and fails where the README shows something else.
import { readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(`../${path}`, import.meta.url);
const QUOTE = /<!-- (examples\/\S+) -->\n```(\w+)\n[^]*?```/g;

const shown = readFileSync(here("README.md"), "utf8");
const quoted = shown.replace(QUOTE, (_, file, language) => {
  const code = readFileSync(here(file), "utf8");
  return `<!-- ${file} -->\n\`\`\`${language}\n${code}\`\`\``;
});
if (process.argv.includes("--check")) process.exitCode = Number(quoted !== shown);
else writeFileSync(here("README.md"), quoted);
