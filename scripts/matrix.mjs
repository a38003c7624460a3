/**
 * `npm run test:matrix`: every test on every Node version that is supported, and the benchmarks; writes the dated report
 * `docs/matrix.md`. Needs the npm registry for the Node versions. Slow: run before an issue is called resolved.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, install, pnpm, root } from "./lib/workspace.mjs";

const VERSIONS = ["20", "22", "24", "26"];
const rows = [];

install();
build();
mkdirSync(join(root, "artifacts"), { recursive: true });

for (const version of VERSIONS) {
  console.log(`\n▶ Node ${version}`);
  const node = nodeBinary(version);
  if (!node) {
    rows.push([version, "not run: this version could not be installed", "", ""]);
    continue;
  }
  const report = join(root, "artifacts", `matrix-${version}.json`);
  rmSync(report, { force: true });
  const args = [
    "--project",
    "unit",
    "--project",
    "e2e",
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  spawnSync(node, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args], { cwd: root, stdio: "inherit" });
  const exact = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed")
    .map(({ fullName }) => fullName);
  rows.push([exact, numPassedTests, numFailedTests, failed.join("; ")]);
}

console.log("\n▶ benchmarks");
const bench = spawnSync(process.execPath, [join(root, "benchmarks/nested-trace.mjs")], { cwd: root, encoding: "utf8" });

const table = rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
writeFileSync(
  join(root, "docs", "matrix.md"),
  `# Test matrix

Written by \`npm run test:matrix\` on ${new Date().toISOString().slice(0, 10)}. The openai adapter's scenarios run against openai 4, 5, 6 and 7 in each row
whose Node version the client accepts.

| Node | passed | failed | which |
| --- | --- | --- | --- |
${table}

## Benchmark

\`\`\`
${bench.stdout.trim()}
\`\`\`
`,
);
pnpm(["exec", "oxfmt", "docs/matrix.md"]);
process.exit(rows.every(([, , failed]) => failed === 0) ? 0 : 1);

/** The binary of npm's \`node\` package, which ships it per platform. */
function nodeBinary(version) {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const print = ["--yes", "--package", `node@${version}`, "node", "-p", "process.execPath"];
  const { status, stdout } = spawnSync("npx", print, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n").at(-1) : undefined;
}
