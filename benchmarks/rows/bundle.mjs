/** What an application ships: each entry bundled alone, minified, gzip 9. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadCandidate } from "../candidates/index.mjs";
import { costsOf, entry as coreSource } from "../support/bundle-parts.mjs";
import { installBundler } from "../support/install.mjs";
import { labelOf } from "../support/results.mjs";
import { number, range, table, verdict } from "../support/stats.mjs";

export const title = "Bundle sizes, minified and compressed by gzip 9";
export const rounds = 1;
export const quick = { rounds: 1 };

const MAIN = "init, observe, startObservation, propagateAttributes, flush";
/** KB of 1000 bytes. */
const MAX_MAIN_KB = 15;

/** Bundled in this process: `measure` has nothing to do. */
export async function compute({ peers, places }) {
  const { build } = createRequire(join(installBundler(), "package.json"))("esbuild");

  async function sizeOf(contents, folder, more = {}) {
    try {
      const stdin = { contents, resolveDir: folder };
      const options = { bundle: true, minify: true, format: "esm", platform: "node", target: "es2022", write: false };
      const { outputFiles } = await build({ stdin, ...options, ...more, logLevel: "silent" });
      const [{ contents: code }] = outputFiles;
      return { bytes: code.length, gzipBytes: gzipSync(code, { level: 9 }).length };
    } catch (error) {
      return { error: String(error.message).slice(0, 200) };
    }
  }

  const home = places.spanwise;
  const results = { ours: {}, peers: {} };
  results.ours[`core: ${MAIN}`] = await sizeOf(`export { ${MAIN} } from "@spanwise/core";`, home);
  for (const name of ["core", "openai"]) {
    const manifest = JSON.parse(readFileSync(join(home, "node_modules", "@spanwise", name, "package.json"), "utf8"));
    for (const subpath of Object.keys(manifest.exports)) {
      if (subpath === "./package.json") continue;
      const entry = `@spanwise/${name}${subpath.slice(1)}`;
      const external = name === "core" ? [] : ["@spanwise/core", "@spanwise/core/*"];
      const label = name === "core" ? `${entry}, whole` : `${entry}, core left out`;
      results.ours[label] = await sizeOf(`export * from "${entry}";`, home, { external });
    }
  }
  results.parts = await costsOf((plugins) =>
    sizeOf(`export { ${MAIN} } from ${JSON.stringify(coreSource)};`, home, {
      plugins,
      conditions: ["@spanwise/source"],
    }),
  );
  for (const name of peers) {
    const entries = await entriesOf(name);
    const source = entries.map((entry, i) => `export * as m${i} from "${entry}";`).join("\n");
    results.peers[name] = await sizeOf(source, places[name]);
  }
  return results;
}

/** What a candidate imports, by letting it. */
async function entriesOf(name) {
  const entries = [];
  const candidate = await loadCandidate(name);
  await candidate.load(async (specifier) => {
    entries.push(specifier);
    return {};
  });
  return entries;
}

const kb = ({ gzipBytes, error }) => (error ? Number.NaN : gzipBytes / 1000);

export async function report({ ours, peers, parts }) {
  const main = kb(ours[`core: ${MAIN}`]);
  const peerSizes = Object.values(peers)
    .map(kb)
    .filter((size) => !Number.isNaN(size));
  const targets = [
    {
      work: "Bundle of the core functions, with pipeline and OTLP exporter",
      target: `≤ ${MAX_MAIN_KB} KB`,
      ours: `${number(main)} KB`,
      floor: "–",
      peers: peerSizes.length === 0 ? "not run" : `${range(peerSizes)} KB`,
      met: verdict(main, MAX_MAIN_KB),
    },
  ];
  const line = (label, { bytes, error, ...size }) => [
    label,
    error ? error.replaceAll(/\s+/g, " ") : number(bytes / 1000),
    number(kb({ error, ...size })),
  ];
  const rows = Object.entries(ours).map(([label, size]) => line(`\`${label}\``, size));
  for (const [name, size] of Object.entries(peers)) rows.push(line(await labelOf(name), size));
  const notes = [
    "Bundled by esbuild for Node; a peer's entry is all that its candidate here imports to trace by hand.",
  ];
  const details = [table(["entry", "KB minified", "KB gzip"], rows), ...partsTable(parts)].join("\n\n");
  return { targets, details, notes };
}

/** Results of before there was one have none. */
function partsTable(parts) {
  if (!parts) return [];
  const rows = parts.costs.map(([feature, bytes]) => [feature, number(bytes / 1000)]);
  rows.push(["all of them left out, what remains", number(parts.rest / 1000)]);
  return ["What the core functions would be without, feature by feature:", table(["feature", "KB gzip"], rows)];
}
