/** `npm test`: installs, builds what the end-to-end tests run, and runs every test that needs no network. */
import { build, install, pnpm } from "./lib/workspace.mjs";

install();
build();
// `long`, `clients` (foreign SDKs, some from the registry) and `browser` (needs Chromium) belong to `.ci/run`.
pnpm([
  "exec",
  "vitest",
  "run",
  "--project",
  "unit",
  "--project",
  "types",
  "--project",
  "e2e",
  ...process.argv.slice(2),
]);
