/**
 * The viewer in Chromium on the real server: how soon the list can be used, frames while a trace of 10 000 observations is scrolled
 * and zoomed, and tasks above 50 ms while a payload of 20 MB is opened. `node benchmarks/viewer.mjs`, after a build; needs Chromium.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTracer } from "@spanwise/core";
import { chromium } from "playwright-core";

const OBSERVATIONS = 10_000;
const PAYLOAD_MESSAGES = 4_000;
const STEPS = 120;

const server = spawn(process.execPath, [
  fileURLToPath(new URL("../packages/server/bin/spanwise.mjs", import.meta.url)),
  "--port",
  "0",
  "--db",
  ":memory:",
]);
const origin = await new Promise((resolve) => {
  let printed = "";
  server.stdout.on("data", (data) => {
    printed += data;
    const found = /http:\/\/[^\s/]+/.exec(printed);
    if (found !== null) resolve(found[0]);
  });
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const { large, payload } = await seed();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    window.longTasks = [];
    const observe = (list) => window.longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
    new PerformanceObserver(observe).observe({ type: "longtask", buffered: true });
  });

  let startedAt = performance.now();
  await page.goto(origin);
  await page.getByRole("row").nth(1).waitFor();
  report("list: first row after, ms", performance.now() - startedAt);

  startedAt = performance.now();
  await page.goto(`${origin}/p/default/traces/${large}?view=timeline`);
  await page.getByRole("treeitem").first().waitFor();
  report(`trace of ${OBSERVATIONS}: first row after, ms`, performance.now() - startedAt);
  await page.mouse.move(400, 500);
  await frames(page, "scroll", () => page.mouse.wheel(0, 240));
  await page.keyboard.down("Control");
  await frames(page, "zoom", (step) => page.mouse.wheel(0, step < STEPS / 2 ? -40 : 40));
  await page.keyboard.up("Control");
  await page.getByRole("tree").focus();
  await frames(page, "arrow keys", () => page.keyboard.press("ArrowDown"));

  for (const tab of ["formatted", "json"]) {
    await page.goto(`${origin}/p/default/traces/${payload}?tab=${tab}`);
    await page
      .getByText(tab === "json" ? "messages" : `message ${PAYLOAD_MESSAGES - 1}`)
      .first()
      .waitFor();
    const tasks = await page.evaluate("window.longTasks");
    report(`payload, ${tab}: longest task, ms (0: none above 50)`, Math.max(0, ...tasks));
  }
} finally {
  await browser.close();
  server.kill();
}

function report(what, value) {
  process.stdout.write(`${what}: ${value.toFixed(1)}\n`);
}

/** Times between frames while something is done once a frame. */
async function frames(page, what, act) {
  await page.evaluate(() => {
    window.frameTimes = [];
    let last = performance.now();
    const tick = (now) => {
      window.frameTimes.push(now - last);
      last = now;
      window.frame = requestAnimationFrame(tick);
    };
    window.frame = requestAnimationFrame(tick);
  });
  for (let step = 0; step < STEPS; step++) {
    await act(step);
    await page.waitForTimeout(16);
  }
  const times = await page.evaluate(() => {
    cancelAnimationFrame(window.frame);
    return window.frameTimes.slice(2).toSorted((a, b) => a - b);
  });
  report(`${what}: frame p50, ms`, times[times.length >> 1]);
  report(`${what}: frame p95, ms`, times[Math.floor(times.length * 0.95)]);
}

async function seed() {
  const tracer = createTracer({ baseUrl: origin });
  const start = Date.now() - OBSERVATIONS * 40;
  const root = tracer.startObservation("large", {}, { type: "agent", parent: null, startTime: start });
  let item = root;
  for (let i = 1; i < OBSERVATIONS; i++) {
    const at = start + i * 40;
    const isItem = i % 10 === 1;
    const options = { startTime: at };
    const made = isItem ? root.chain(`item ${i}`, {}, options) : item.tool("fetch", { input: { i } }, options);
    made.end({ output: { ok: true } }, { endTime: at + (isItem ? 400 : 30 + (i % 7) * 40) });
    if (isItem) item = made;
  }
  root.end({}, { endTime: start + OBSERVATIONS * 40 });
  const messages = Array.from({ length: PAYLOAD_MESSAGES }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: `message ${i} ${"lorem ipsum dolor ".repeat(290)}`,
  }));
  // By hand: the SDK cuts values of this size before it sends them.
  const payload = "b".repeat(32);
  const span = {
    traceId: payload,
    spanId: "b".repeat(16),
    name: "payload",
    kind: 1,
    startTimeUnixNano: `${Date.now() - 1_000}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
    attributes: [
      { key: "langfuse.observation.type", value: { stringValue: "generation" } },
      { key: "langfuse.observation.input", value: { stringValue: JSON.stringify({ messages }) } },
    ],
  };
  const response = await fetch(`${origin}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { failed, dropped, pending } = await tracer.flush({ timeoutMs: 120_000 });
  if (failed + dropped + pending > 0)
    throw new Error(`not sent: ${failed} failed, ${dropped} dropped, ${pending} left`);
  return { large: root.traceId, payload };
}
