/** What guards main; started by `.ci/run`. Everything runs whatever failed before it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Gates } from "./lib/gates.mjs";
import { root } from "./lib/workspace.mjs";

const node = process.execPath;
const pnpm = (...args) => [node, [join(root, "node_modules/pnpm/bin/pnpm.cjs"), ...args]];
const gates = new Gates();

const report = "artifacts/tests.json";
await gates.run(
  "npm test",
  "npm",
  ["test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  {
    report,
  },
);
await gates.run("format", ...pnpm("run", "format:check"));
await gates.run("lint", ...pnpm("run", "lint"));
await gates.run("types", ...pnpm("run", "typecheck"));
await gates.run("packages", ...pnpm("run", "test:pkg"));
await gates.run("docs", ...pnpm("run", "test:docs"));
await gates.run("dead code", ...pnpm("run", "knip"));
await gates.run("size", ...pnpm("run", "size"));
await gates.run("demo", "npm", ["run", "demo", "--", "--once"]);
if (!existsSync(process.env.CHROMIUM_PATH ?? "/usr/bin/chromium")) {
  await gates.run("Chromium", "sh", [
    "-c",
    "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium",
  ]);
}
// Long runs, foreign SDKs and the browser: what `npm test` leaves out.
for (const project of ["long", "clients", "browser"]) {
  const report = `artifacts/${project}.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  await gates.run(project, ...pnpm("exec", "vitest", "run", "--project", project, ...reporters), { report });
}
gates.finish();
