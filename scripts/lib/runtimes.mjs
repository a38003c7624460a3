/**
 * Runtimes other than Node, from npm and at fixed versions, in a folder outside the workspace: they weigh 330 MB and only the
 * matrix needs them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

/** The last miniflare that runs on Node 20. */
const VERSIONS = { bun: "1.4.5", deno: "2.9.6", miniflare: "4.20260426.0" };

export const runtimesFolder = join(root, "artifacts", "runtimes");

/** Installs what is missing; throws when npm does. */
export function installRuntimes() {
  const manifest = JSON.stringify({ private: true, dependencies: VERSIONS });
  const file = join(runtimesFolder, "package.json");
  const isCurrent = existsSync(file) && readFileSync(file, "utf8") === manifest;
  if (isCurrent && existsSync(join(runtimesFolder, "node_modules"))) return;
  mkdirSync(runtimesFolder, { recursive: true });
  writeFileSync(file, manifest);
  const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: runtimesFolder, stdio: "inherit" });
  if (status !== 0) throw new Error("npm could not install bun, deno and miniflare");
}

/** Their binaries; bun's install script moves its own, where it is allowed to run. */
export function runtimeBinaries() {
  const modules = join(runtimesFolder, "node_modules");
  return {
    bun: firstOf(join(modules, "bun/bin/bun.exe"), ...below(join(modules, "@oven"), "bin/bun")),
    deno: firstOf(...below(join(modules, "@deno"), "deno")),
    miniflare: firstOf(join(modules, "miniflare/dist/src/index.js")),
  };
}

export const runtimeVersions = VERSIONS;

function below(folder, path) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, path)) : [];
}

function firstOf(...paths) {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error("runtimes are not installed: npm run test:matrix does it");
  return found;
}
