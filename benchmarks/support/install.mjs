/**
 * Puts each candidate into a folder of its own outside the workspace: peers by npm at exact versions, ours from the built
 * packages with the manifest that would be published. A folder that is complete is used again.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cache.mjs";

/** Runs on every Node version that is supported, and is within the range of every wrapper. */
export const OPENAI_VERSION = "6.49.0";
/** The client twice, for a raw one beside wrappers that patch the class. */
const WORKLOADS = {
  openai: OPENAI_VERSION,
  "openai-raw": `npm:openai@${OPENAI_VERSION}`,
  "@langchain/core": "1.4.0",
};
const INSTALL_TIMEOUT_MS = 300_000;
/** Milliseconds that an older build of ours is kept: another harness may be measuring it. */
const KEPT_MS = 86_400_000;

const packagesFolder = fileURLToPath(new URL("../../packages", import.meta.url));

/** The folder with the packages. Throws when npm fails. */
export function installPeer(name, packages = {}) {
  const folder = join(cacheFolder, name);
  const manifest = JSON.stringify({ private: true, type: "module", dependencies: { ...WORKLOADS, ...packages } });
  const stamp = join(folder, "complete.json");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== manifest) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), manifest);
    // An import resolves from the file it stands in.
    writeFileSync(join(folder, "load.mjs"), "export const load = (specifier) => import(specifier);\n");
    // Opik's wrapper has a peer range that ends before its own core: without force npm refuses the pair of its makers.
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--force", "--loglevel=error"];
    const options = { cwd: folder, encoding: "utf8", stdio: "pipe", timeout: INSTALL_TIMEOUT_MS };
    execFileSync("npm", ["install", ...flags], options);
    writeFileSync(stamp, manifest);
  }
  return { folder };
}

/**
 * Ours, for the candidates without packages too: they use the same OpenAI client. A folder a build, so that a second harness
 * or a new build does not change what a run measures.
 */
export function installOurs() {
  const home = installPeer("spanwise").folder;
  const packages = ["core", "openai", "langchain"].map((name) => ({ name, source: join(packagesFolder, name) }));
  const hash = createHash("sha256");
  for (const { name, source } of packages) {
    if (!existsSync(join(source, "dist", "index.mjs"))) {
      throw new Error(`packages/${name} is not built. Run \`npm run bench\`, or \`pnpm -r build\` first.`);
    }
    for (const file of ["package.json", ...readdirSync(join(source, "dist"), { recursive: true })]) {
      const path = join(source, file === "package.json" ? "" : "dist", file);
      if (statSync(path).isFile()) hash.update(file).update(readFileSync(path));
    }
  }
  const builds = join(home, "builds");
  const folder = join(builds, hash.digest("hex").slice(0, 16));
  if (existsSync(folder)) return { folder };
  removeOld(builds);
  const unfinished = `${folder}-${process.pid}`;
  for (const { name, source } of packages) {
    const target = join(unfinished, "node_modules", "@spanwise", name);
    const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
    cpSync(join(source, "dist"), join(target, "dist"), { recursive: true });
    writeFileSync(join(target, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }));
  }
  cpSync(join(home, "load.mjs"), join(unfinished, "load.mjs"));
  renameSync(unfinished, folder);
  return { folder };
}

function removeOld(builds) {
  if (!existsSync(builds)) return;
  for (const name of readdirSync(builds)) {
    const build = join(builds, name);
    if (Date.now() - statSync(build).mtimeMs > KEPT_MS) rmSync(build, { recursive: true, force: true });
  }
}

export const installBundler = () => installPeer("bundler", { esbuild: "0.28.2" }).folder;
