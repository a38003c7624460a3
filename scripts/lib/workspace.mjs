/**
 * What every root command needs first: dependencies installed and packages built, each only when something changed. Runs on
 * Node 20 and npm alone; pnpm is started from here, at the version that package.json names.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const stamps = join(root, "node_modules", ".cache", "spanwise");
const isWindows = process.platform === "win32";

/** Runs a command with its output shown; exits with its code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: isWindows, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** pnpm from npm's cache until it is installed in the workspace. */
export function pnpm(args, options) {
  const env = { ...process.env, npm_config_yes: "true", npm_config_loglevel: "error" };
  const local = join(root, "node_modules", "pnpm", "bin", "pnpm.cjs");
  if (existsSync(local)) run(process.execPath, [local, ...args], { env, ...options });
  else run("npx", ["--yes", manifest.packageManager, ...args], { env, ...options });
}

const GENERATED = new Set(["node_modules", "dist", "artifacts", "coverage", ".cache", ".spanwise"]);

/** Source files below the given files and folders, as paths from the root. Needs no git: a checkout may be a plain copy. */
function filesBelow(paths) {
  return paths.flatMap((path) => {
    if (!statSync(join(root, path)).isDirectory()) return [path];
    const names = readdirSync(join(root, path)).filter((name) => !GENERATED.has(name));
    return filesBelow(names.map((name) => `${path}/${name}`));
  });
}

function hashOf(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files.toSorted((a, b) => (a < b ? -1 : 1)))
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Runs `work` unless it was done for the same `hash` before and `result` still exists. */
function onChange(name, hash, result, work) {
  const stamp = join(stamps, name);
  if (existsSync(join(root, result)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, hash);
}

export function install() {
  const manifests = filesBelow(["packages", "examples", "e2e", "benchmarks"]).filter((file) =>
    file.endsWith("/package.json"),
  );
  const hash = hashOf(["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]);
  onChange("install", hash, "node_modules/.modules.yaml", () => {
    console.log("Installing dependencies …");
    pnpm(["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", "--loglevel=warn"]);
  });
}

export function build() {
  const sources = filesBelow(["packages", "examples"]).filter((file) => !/(^|\/)(test|fixtures)\//.test(file));
  onChange("build", hashOf(sources), "packages/server/dist/viewer/index.html", () => {
    console.log("Building packages …");
    pnpm(["-r", "--workspace-concurrency=2", "--loglevel=warn", "build"]);
  });
}
