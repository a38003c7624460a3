import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "tsdown";

/**
 * What the main entry is made of, in one chunk: each file that is loaded, and each name that is looked up in package.json,
 * costs about a millisecond at an application's start. The other entries share it.
 */
const MAIN =
  /src\/((context|interop|model|pipeline|platform|serialize|tracer|transport|util|exporters\/otlp)\/|exporters\/(attribute-writer|heartbeat|http-destination|langfuse|langfuse-endpoint|langfuse-scores|memory|score-event|spanwise|conventions\/langfuse)\.ts|(config|default-tracer|errors|global|log|slot|version)\.ts)/;

/** One for each file of `src/platform`; the conditions of package.json choose between them. */
function buildFor(platform: "node" | "web", outDir: string): UserConfig {
  return {
    entry: {
      index: "src/index.ts",
      adapter: "src/adapter/index.ts",
      api: "src/api/index.ts",
      langfuse: "src/langfuse.ts",
      mask: "src/mask/index.ts",
      media: "src/media.ts",
      otlp: "src/otlp.ts",
      console: "src/console.ts",
      serverless: "src/serverless/index.ts",
      spool: "src/spool/index.ts",
      testing: "src/testing/index.ts",
    },
    outDir,
    alias: { "#platform": fileURLToPath(new URL(`src/platform/${platform}.ts`, import.meta.url)) },
    deps: { neverBundle: [/^node:/] },
    format: ["esm", "cjs"],
    // The types are the same.
    dts: platform === "node",
    fixedExtension: true,
    platform: "neutral",
    target: "es2022",
    // Declarations are no part of the chunk: those for ES modules are in the same build, and what a group takes of them is
    // lost; those for CommonJS are a build of their own.
    outputOptions: (options, _format, { cjsDts }) =>
      cjsDts
        ? options
        : {
            ...options,
            // The declarations have those of what is public; a fifth of the text need not be read at each start.
            comments: { jsdoc: false, legal: true, annotation: true },
            codeSplitting: { groups: [{ name: "main", test: (id) => MAIN.test(id) && !id.endsWith(".d.ts") }] },
          },
  };
}

export default defineConfig([buildFor("node", "dist"), buildFor("web", "dist/web")]);
