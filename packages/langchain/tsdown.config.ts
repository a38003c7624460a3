import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    // Chosen by the `#platform` conditions of package.json, at run time or by the application's bundler.
    "platform-node": "src/platform/node.ts",
    "platform-web": "src/platform/web.ts",
  },
  deps: { neverBundle: ["#platform", /^node:/, /^@langchain\//] },
  format: ["esm", "cjs"],
  dts: true,
  fixedExtension: true,
  platform: "neutral",
  target: "es2022",
});
