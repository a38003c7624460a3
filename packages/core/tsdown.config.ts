import { defineConfig } from "tsdown";

/**
 * What the main entry is made of, in one chunk: each file that is loaded costs about a millisecond and 0.5 MB at an
 * application's start. The other entries share it.
 */
const MAIN =
  /src\/((context|interop|model|pipeline|serialize|tracer|transport|util|exporters\/otlp)\/|exporters\/(attribute-writer|heartbeat|http-destination|langfuse|langfuse-endpoint|langfuse-scores|score-event|spanwise|conventions\/langfuse)\.ts|(config|default-tracer|errors|global|log|slot|version)\.ts)/;

export default defineConfig({
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
    // Chosen by the `#platform` conditions of package.json, at run time or by the application's bundler.
    "platform-node": "src/platform/node.ts",
    "platform-web": "src/platform/web.ts",
  },
  deps: { neverBundle: ["#platform", /^node:/] },
  format: ["esm", "cjs"],
  dts: true,
  fixedExtension: true,
  platform: "neutral",
  target: "es2022",
  // Declarations for CommonJS are a build of their own, in which a group would lose what belongs to the chunk.
  outputOptions: (options, _format, { cjsDts }) =>
    cjsDts ? options : { ...options, codeSplitting: { groups: [{ name: "main", test: MAIN }] } },
});
