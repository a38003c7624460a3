import { defineConfig } from "tsdown";

// The workers are entries of their own: worker-file.ts finds them beside itself. One build, so that all share their chunks.
const workers = {
  "writer-worker": "src/store/sqlite/writer-worker.ts",
  "reader-worker": "src/store/sqlite/reader-worker.ts",
  "checkpoint-worker": "src/store/sqlite/checkpoint-worker.ts",
  "intake-worker": "src/ingest/intake/intake-worker.ts",
};

export default defineConfig([
  {
    entry: { index: "src/index.ts", cli: "src/cli.ts", ...workers },
    format: "esm",
    dts: { entry: "src/index.ts" },
    platform: "node",
    target: "node20",
    fixedExtension: true,
    // Not dist/viewer, which copy-viewer.mjs puts there.
    clean: ["dist/*.mjs", "dist/*.cjs", "dist/*.mts", "dist/*.cts"],
  },
  {
    // Loads the workers of the ESM build: a worker's module format need not be its starter's.
    entry: { index: "src/index.ts" },
    format: "cjs",
    dts: true,
    platform: "node",
    target: "node20",
    fixedExtension: true,
    shims: true,
    clean: false,
  },
]);
