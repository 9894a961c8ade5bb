// Builds the package into `dist`: the sources by the TypeScript compiler, and the declarations of
// `window.eloquent` from beside the loader, which are written there and nowhere else.
import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

rmSync(here("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [here("node_modules/typescript/bin/tsc"), "-p", here("tsconfig.json")], {
  stdio: "inherit",
});
copyFileSync(here("../../www/eloquent.d.ts"), here("dist/eloquent.d.ts"));
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(here(`../../${licence}`), here(licence));
