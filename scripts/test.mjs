/** `npm test`: installs, builds what the end-to-end tests run, and runs every test that needs no network. */
import { build, install, pnpm } from "./lib/workspace.mjs";

install();
build();
pnpm(["exec", "vitest", "run", ...process.argv.slice(2)]);
