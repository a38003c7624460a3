/**
 * `npm run test:matrix`: every test on every Node version that is supported, the program of `e2e/runtimes` on bun, deno,
 * workerd and in a browser, and the benchmarks; writes the dated report `docs/matrix.md`. Needs the npm registry for the
 * runtimes. Slow: run before an issue is called resolved. Named rows alone (`npm run test:matrix -- 24 browser`) leave what the
 * report says of the others; those of one package are run only when they are named, since the rows of Node hold them too.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installRuntimes, runtimeVersions } from "./lib/runtimes.mjs";
import { readReport } from "./lib/vitest-report.mjs";
import { build, install, pnpm, root } from "./lib/workspace.mjs";

const VERSIONS = ["20", "22", "24", "26"];
const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const OTHERS = "other runtimes";
const BROWSER = "browser";
/** Rows of one package: its Node versions, and paths of its tests. */
const PACKAGES = {
  llamaindex: { versions: ["20", "24"], paths: ["packages/llamaindex", "e2e/llamaindex"] },
  // Against `@langchain/core` 0.3.80 and 1.4.0 in one process.
  langchain: { versions: ["20", "24"], paths: ["packages/langchain", "e2e/langchain"] },
};
const packageRows = Object.entries(PACKAGES).flatMap(([name, { versions, paths }]) =>
  versions.map((version) => ({ row: `${name} ${version}`, name, version, paths })),
);
/** What the command line names, such as `24 browser`: that alone is run. */
const only = process.argv.slice(2);
const wanted = (row) => only.length === 0 || only.includes(row);
const today = new Date().toISOString().slice(0, 10);
const reportFile = join(root, "docs", "matrix.md");
const before = only.length > 0 && existsSync(reportFile) ? readFileSync(reportFile, "utf8") : "";
/** By row: what to show. The report is written after each, so that what was broken off leaves what it has. */
const rows = new Map(
  [...VERSIONS, OTHERS, BROWSER, ...packageRows.map(({ row }) => row)].map((row, at) => [
    row,
    rowsOf(before)[at] ?? [row, "not run", "", "", ""],
  ]),
);
let benchmarks = before.split("has the whole.\n\n")[1]?.trim() ?? "Not run.";

/** What the property tests draw is new in each run. */
const propertySeed = process.env.PROPERTY_SEED ?? String(Date.now() % 2 ** 31);
console.log(`PROPERTY_SEED=${propertySeed}`);

install();
build();
mkdirSync(join(root, "artifacts"), { recursive: true });

for (const version of VERSIONS.filter(wanted)) {
  const node = nodeBinary(version);
  const name = node ? `Node ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()}` : `Node ${version}`;
  if (node) report(version, [name, ...runTests(name, ["unit", "long", "clients", "e2e"], node)]);
  else report(version, [name, "not run: this version could not be installed", "", ""]);
}

if (wanted(OTHERS)) {
  installRuntimes();
  const others = Object.entries(runtimeVersions).map(([name, version]) => `${name} ${version}`);
  report(OTHERS, [others.join(", "), ...runTests(OTHERS, ["runtimes"])]);
}
if (wanted(BROWSER) && existsSync(CHROMIUM)) {
  const { stdout } = spawnSync(CHROMIUM, ["--version"], { encoding: "utf8" });
  const name = stdout.trim().split(" ").slice(0, 2).join(" ");
  report(BROWSER, [name, ...runTests(BROWSER, ["browser"], process.execPath, ["runtime"])]);
}
for (const { row, name, version, paths } of packageRows.filter(({ row }) => only.includes(row))) {
  const node = nodeBinary(version);
  const label = `${name} on Node ${node ? spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim() : version}`;
  if (node) report(row, [label, ...runTests(label, ["unit", "long", "e2e"], node, paths)]);
  else report(row, [label, "not run: this version could not be installed", "", ""]);
}
if (wanted("benchmarks")) {
  console.log("\n▶ benchmarks");
  const script = [join(root, "benchmarks/run.mjs"), "--quick"];
  benchmarks = tables(spawnSync(process.execPath, script, { cwd: root, encoding: "utf8" }).stdout);
  report();
}
process.exit([...rows.values()].every(([, , failed]) => !failed) ? 0 : 1);

function report(row, result) {
  if (row) rows.set(row, [...result, today]);
  const table = [...rows.values()].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  writeFileSync(
    reportFile,
    `# Test matrix

Written by \`npm run test:matrix\`, last on ${today}. The openai adapter's scenarios run against openai 4, 5, 6 and 7 in each row
whose Node version the client accepts. bun, deno, workerd (miniflare) and the browser run the program of \`e2e/runtimes\`, workerd a
Worker with per-request wrapper besides.

| runtime | passed | failed | which | run on |
| --- | --- | --- | --- | --- |
${table}

## Benchmarks, short

Without peers and with few rounds; \`docs/benchmarks.md\` has the whole.

${benchmarks}
`,
  );
  pnpm(["exec", "oxfmt", "docs/matrix.md"]);
}

/** The table's rows in an earlier report, whose date stands in its head where the rows have none. */
function rowsOf(text) {
  const [head = "", ...rest] = text.split("## Benchmarks")[0].split(/^\| -+.*$/m);
  const [date = ""] = /\d{4}-\d\d-\d\d/.exec(head) ?? [];
  return rest
    .flatMap((table) => table.match(/^\|.*\|$/gm) ?? [])
    .map((line) => {
      const cells = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return cells.length > 4 ? cells : [...cells, cells[1] === "not run" ? "" : date];
    });
}

/** The tables of a benchmark's output, without its progress. */
function tables(output) {
  const lines = output.split("\n").filter((line) => /^(\||#|$|\d{4}-)/.test(line));
  return lines.join("\n").replaceAll(/^#/gm, "##").trim();
}

/** Passed, failed, and the names of what failed. `filters`: of the tests' paths. */
function runTests(name, projects, node = process.execPath, filters = []) {
  console.log(`\n▶ ${name}`);
  const report = join(root, "artifacts", `matrix-${name.replace(/\W+/g, "-")}.json`);
  rmSync(report, { force: true });
  const selected = projects.flatMap((project) => ["--project", project]);
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", ...selected, ...reporters, ...filters];
  const env = { ...process.env, PROPERTY_SEED: propertySeed };
  const { status } = spawnSync(node, args, { cwd: root, stdio: "inherit", env });
  const tests = readReport(report);
  if (!tests) return ["", "all", "the tests could not be started"];
  // A run can fail with no failed test: an error that no test awaits.
  const failed = status === 0 ? 0 : Math.max(1, tests.failures.length);
  return [tests.passed, failed, tests.failures.map((test) => test.name).join("; ")];
}

/** The binary of npm's \`node\` package, which ships it per platform. */
function nodeBinary(version) {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const print = ["--yes", "--package", `node@${version}`, "node", "-p", "process.execPath"];
  const { status, stdout } = spawnSync("npx", print, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n").at(-1) : undefined;
}
