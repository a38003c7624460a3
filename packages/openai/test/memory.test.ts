import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "tsdown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MAJORS } from "./conformance/majors.ts";

const CHUNKS = 100_000;
/** The text is 100 KB; a rope of its pieces, which is how an engine may keep it, 32 bytes each. A chunk held would be 500. */
const MAX_EXTRA_BYTES = 6_000_000;
/** By the package's name in this workspace. */
const PACKAGES: Readonly<Record<number, string>> = { 4: "openai-v4", 5: "openai-v5", 6: "openai", 7: "openai-v7" };

interface Measured {
  grown: number;
  read: number;
  recorded: number;
}

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanwise-openai-"));
  await build({
    config: false,
    entry: { program: fileURLToPath(new URL("support/long-stream.ts", import.meta.url)) },
    outDir: folder,
    format: "esm",
    dts: false,
    fixedExtension: true,
    platform: "node",
    target: "es2022",
    logLevel: "silent",
    noExternal: [/^@spanwise\//],
    inputOptions: { resolve: { conditionNames: ["@spanwise/source", "node", "import"] } },
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function measure(major: number, kind: "raw" | "observed"): Promise<Measured> {
  const module = import.meta.resolve(PACKAGES[major]!);
  const args = ["--expose-gc", join(folder, "program.mjs"), module, kind, String(CHUNKS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Measured;
}

it.each(MAJORS)(
  "a stream of 100 000 chunks of openai $version costs what its output costs",
  async ({ major }) => {
    const raw = await measure(major, "raw");
    const observed = await measure(major, "observed");
    expect(raw).toMatchObject({ read: CHUNKS + 1, recorded: 0 });
    expect(observed).toMatchObject({ read: CHUNKS + 1, recorded: CHUNKS - 1 });
    expect(observed.grown - raw.grown).toBeLessThan(MAX_EXTRA_BYTES);
  },
  60_000,
);
