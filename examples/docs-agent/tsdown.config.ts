import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { main: "src/main.ts", "llamaindex-main": "src/llamaindex-main.ts" },
  format: ["esm", "cjs"],
  dts: false,
  platform: "node",
  target: "node20",
});
