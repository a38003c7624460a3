// Puts the built viewer where the server looks for it first: dist/viewer, which is what the package ships.
import { cp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../../viewer/dist/", import.meta.url));
const to = fileURLToPath(new URL("../dist/viewer/", import.meta.url));

if (existsSync(new URL("../../viewer/dist/index.html", import.meta.url))) {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
} else {
  process.stderr.write(
    "copy-viewer: packages/viewer/dist has no index.html; build it first: pnpm --filter @spanwise/viewer build\n",
  );
  process.exitCode = 1;
}
