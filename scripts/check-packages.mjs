/** Holds what is published: `publint`, `attw`, versions that are written twice, and no leftovers of the workspace. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/workspace.mjs";

const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
const bin = (name) => join(root, "node_modules", ".bin", name);
// publint and attw pack with the pnpm they find.
const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` };
const problems = [];

for (const folder of folders) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (manifest.private) continue;
  console.log(`\n${manifest.name}`);
  check(folder, "publint", ["--strict"]);
  check(folder, "attw", ["--pack", ".", "--profile", "node16", "--quiet"]);
  const version = /VERSION = "([^"]+)"/.exec(readVersionFile(folder))?.[1];
  if (version !== undefined && version !== manifest.version) {
    problems.push(`${manifest.name}: src/version.ts says ${version}, package.json ${manifest.version}`);
  }
}

if (problems.length > 0) {
  console.error(`\n${problems.join("\n")}`);
  process.exit(1);
}
console.log("\nAll packages are sound.");

function check(folder, name, args) {
  const { status } = spawnSync(bin(name), args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0) problems.push(`${name} found problems in ${folder}`);
}

function readVersionFile(folder) {
  try {
    return readFileSync(join(folder, "src", "version.ts"), "utf8");
  } catch {
    // Not every package names its version.
    return "";
  }
}
