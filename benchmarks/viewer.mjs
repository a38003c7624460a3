/**
 * The viewer in Chromium on the real server: how soon the list can be used and what has ended is seen, frames while a trace of 10 000 or
 * 50 000 observations is scrolled and zoomed, long tasks while 20 MB are opened, and whether anything moves by itself.
 * Writes docs/benchmarks-viewer.md. `node benchmarks/viewer.mjs [--dry] [--rounds 5]`, after `npm run build`; needs Chromium.
 */
import * as fs from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "./server/process.mjs";
import { describeMachine } from "./support/machine.mjs";
import { writeDocsPage } from "./support/docs-page.mjs";
import { measureFrames } from "./viewer/frames.mjs";
import { renderPage } from "./viewer/page.mjs";
import * as pages from "./viewer/pages.mjs";
import { seed, sendSpan } from "./viewer/seed.mjs";

const { values: args } = parseArgs({
  options: { dry: { type: "boolean", default: false }, rounds: { type: "string", default: "5" } },
});
const rounds = Number(args.rounds);

const folder = fs.mkdtempSync(join(tmpdir(), "spanwise-viewer-"));
const server = await startServer(join(folder, "bench.db"));
const results = { machine: describeMachine(), scriptBytes: pages.initialScriptBytes(), loads: {}, frames: [] };

/** With the machine's load before and after. */
async function step(name, run) {
  const before = loadavg()[0];
  const result = await run();
  results.loads[name] = [before, loadavg()[0]];
  console.error(name, JSON.stringify(result), results.loads[name]);
  return result;
}

try {
  const traces = await seed(server.url);
  results.payloadBytes = traces.payloadBytes;
  const live = "d".repeat(32);
  await sendSpan(server.url, { traceId: live, spanId: "c".repeat(16), name: "live" });
  await sendSpan(server.url, { traceId: live, spanId: "e".repeat(16), parentSpanId: "c".repeat(16), name: "before" });
  results.cold = await step("cold", () => pages.measureColdList(server.url, rounds));
  const browser = await pages.launch();
  try {
    results.shifts = await step("shifts", () => pages.measureShifts(browser, server.url, traces));
    results.live = await step("live", () => pages.measureLive(browser, server.url, live, rounds * 2));
    results.payload = await step("payload", async () => ({
      formatted: await pages.measurePayload(browser, server.url, traces.payload, "formatted"),
      json: await pages.measurePayload(browser, server.url, traces.payload, "json"),
    }));
    for (const [trace, id] of [
      ["10,000", traces.large],
      ["50,000", traces.larger],
    ])
      await measureTrace(browser, trace, id);
  } finally {
    await browser.close();
  }
} finally {
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
const page = renderPage(results);
console.log(page);
if (!args.dry) writeDocsPage("benchmarks-viewer", page);

async function measureTrace(browser, trace, id) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const measure = async (what, act) => {
    const frames = await step(`${trace} ${what}`, () => measureFrames(browser, page, act));
    results.frames.push({ trace, what, ...frames, load: results.loads[`${trace} ${what}`] });
  };
  await page.goto(`${server.url}/p/default/traces/${id}`);
  await page.getByRole("treeitem").first().waitFor();
  await page.mouse.move(400, 500);
  await measure("tree, scroll", () => page.mouse.wheel(0, 240));
  await page.getByRole("tree").focus();
  await measure("tree, arrow keys", () => page.keyboard.press("ArrowDown"));
  await page.goto(`${server.url}/p/default/traces/${id}?view=timeline`);
  await page.getByRole("treeitem").first().waitFor();
  await page.mouse.move(400, 500);
  await measure("timeline, scroll", () => page.mouse.wheel(0, 240));
  await page.keyboard.down("Control");
  await measure("timeline, zoom", (share) => page.mouse.wheel(0, share < 0.5 ? -40 : 40));
  await page.keyboard.up("Control");
  await page.close();
}
