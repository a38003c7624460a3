import { defineConfig } from "tsdown";

// Only for what plain Node has to load: the demo script and the model server's own command.
export default defineConfig({
  entry: { index: "src/index.ts", cli: "src/model-server/cli.ts" },
  format: ["esm"],
  dts: false,
  platform: "node",
  target: "node20",
});
