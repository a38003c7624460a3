import { defineConfig } from "tsdown";

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
});
