/** What each feature adds to the bundle of the core functions: the bundle again, with the feature's modules emptied. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../packages/core/src/", import.meta.url));

/** Modules that only this feature needs; what several need is in the rest. */
const FEATURES = {
  "attachments: find, hash, upload": [
    "serialize/attachment.ts",
    "serialize/binary.ts",
    "serialize/mask-media.ts",
    "serialize/media-shapes.ts",
    "serialize/media.ts",
    "transport/media-uploader.ts",
  ],
  "the `mask` option": ["serialize/mask-media.ts", "serialize/mask-views.ts", "serialize/mask.ts"],
  "cutting long values": ["serialize/truncate.ts"],
  "`observe`, with generators": ["tracer/observe-generator.ts", "tracer/observe.ts"],
  "checks of URLs, keys and headers": [
    "exporters/check-options.ts",
    "serialize/credentials.ts",
    "util/browser.ts",
    "util/url.ts",
  ],
  scores: ["exporters/langfuse-scores.ts", "exporters/score-event.ts", "tracer/score.ts"],
  "OTLP/JSON": ["exporters/otlp/json.ts"],
  "live records and heartbeat": ["exporters/heartbeat.ts", "tracer/open-watch.ts"],
  "hooks of the spool": ["transport/spool.ts"],
  "partial success": ["exporters/otlp/response.ts"],
  "splitting what is refused": ["transport/split.ts"],
  "OpenTelemetry parents": ["interop/opentelemetry.ts"],
  "the release that CI names": ["util/release.ts"],
};

/** Calls `sizeOf(plugins)` for the whole and for each feature left out; gzip bytes by name, the most first. */
export async function costsOf(sizeOf) {
  const { gzipBytes: whole } = await sizeOf([]);
  const costs = [];
  for (const [feature, files] of Object.entries(FEATURES)) {
    const { gzipBytes } = await sizeOf([emptied(files)]);
    costs.push([feature, whole - gzipBytes]);
  }
  const { gzipBytes: rest } = await sizeOf([emptied(Object.values(FEATURES).flat())]);
  return { costs: costs.sort(([, a], [, b]) => b - a), rest };
}

export const entry = `${source}index.ts`;

/** Each export becomes a class without members, so that what uses it stays as it is. */
function emptied(files) {
  const paths = new Set(files.map((file) => source + file));
  return {
    name: "emptied",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!paths.has(path)) return undefined;
        const exported = readFileSync(path, "utf8").matchAll(
          /^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm,
        );
        const names = Array.from(exported, ([, name]) => name);
        return { contents: names.map((name) => `export class ${name} {}`).join("\n"), loader: "ts" };
      });
    },
  };
}
