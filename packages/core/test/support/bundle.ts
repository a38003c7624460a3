import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";

export interface Bundle {
  /** File URL of the main entry. */
  readonly index: string;
  /** File URL of `@spanwise/core/spool`. */
  readonly spool: string;
  remove(): void;
}

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** The sources as JavaScript, for programs that have to run, and die, in a process of their own. */
export async function bundleCore(): Promise<Bundle> {
  const outDir = mkdtempSync(join(tmpdir(), "spanwise-core-"));
  await build({
    config: false,
    entry: { index: source("index.ts"), spool: source("spool/index.ts") },
    outDir,
    format: "esm",
    dts: false,
    fixedExtension: true,
    platform: "node",
    target: "es2022",
    logLevel: "silent",
    inputOptions: { resolve: { conditionNames: ["@spanwise/source", "node", "import"] } },
  });
  const url = (name: string): string => new URL(`file://${join(outDir, name)}.mjs`).href;
  return { index: url("index"), spool: url("spool"), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}
