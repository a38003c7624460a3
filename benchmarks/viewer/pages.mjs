/** What a page does when it is opened and while it is open: sizes, times, shifts, long tasks. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { median } from "../support/stats.mjs";
import { LAST_MESSAGE, sendSpan } from "./seed.mjs";

const DIST = new URL("../../packages/viewer/dist/", import.meta.url);
const SETTLED_MS = 1_500;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
}

/** Gzipped bytes of the scripts that the page names itself, before anything is lazy. */
export function initialScriptBytes() {
  const html = readFileSync(new URL("index.html", DIST), "utf8");
  const names = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.js)"/g)].map((match) => match[1]);
  return names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(fileURLToPath(new URL(name, DIST))), { level: 9 }).length,
    0,
  );
}

/** A browser with a new profile: from the navigation's start to rows that answer a key. Medians, in milliseconds. */
export async function measureColdList(origin, rounds) {
  const shown = [];
  const answered = [];
  const cpu = [];
  for (let round = 0; round < rounds; round++) {
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      await page.addInitScript(() => {
        addEventListener("keydown", () => requestAnimationFrame(() => (window.answeredAt = performance.now())), true);
        const observer = new MutationObserver(() => {
          if (document.querySelectorAll("[role=row]").length < 2) return;
          observer.disconnect();
          window.shownAt = performance.now();
        });
        observer.observe(document, { childList: true, subtree: true });
      });
      await page.goto(`${origin}/p/default/traces`, { waitUntil: "commit" });
      await page.getByRole("row").nth(1).waitFor();
      await page.keyboard.press("j");
      await page.locator("[data-selected]").waitFor();
      const times = await page.evaluate(() => [window.shownAt, window.answeredAt]);
      shown.push(times[0]);
      answered.push(times[1]);
      const { metrics } = await session.send("Performance.getMetrics");
      cpu.push(metrics.find(({ name }) => name === "TaskDuration").value * 1000);
    } finally {
      await browser.close();
    }
  }
  return { shown: median(shown), answered: median(answered), worst: Math.max(...answered), cpu: median(cpu) };
}

/** From the request's being sent to the element's being there, by the one clock of this machine. */
export async function measureLive(browser, origin, traceId, rounds) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const times = { trace: [], list: [] };
  for (const [kind, path] of [
    ["trace", `/p/default/traces/${traceId}`],
    ["list", "/p/default/traces"],
  ]) {
    await page.goto(origin + path);
    await page
      .getByRole(kind === "trace" ? "treeitem" : "row")
      .nth(1)
      .waitFor();
    await page.waitForTimeout(SETTLED_MS);
    for (let round = 0; round < rounds; round++) {
      const name = `live-${kind}-${round}-${Date.now()}`;
      const seen = page.evaluate(
        (wanted) =>
          new Promise((resolve) => {
            const look = () => document.body.textContent.includes(wanted) && (resolve(Date.now()), true);
            const observer = new MutationObserver(() => look() && observer.disconnect());
            observer.observe(document.body, { childList: true, subtree: true, characterData: true });
          }),
        name,
      );
      const spanId = (0x1000_0000 + Math.floor(Math.random() * 0xefff_ffff)).toString(16).padStart(16, "1");
      const sentAt = Date.now();
      await sendSpan(origin, {
        traceId: kind === "trace" ? traceId : spanId.repeat(2),
        spanId,
        name,
        ...(kind === "trace" ? { parentSpanId: "c".repeat(16) } : {}),
      });
      times[kind].push((await seen) - sentAt);
      await page.waitForTimeout(700);
    }
  }
  await page.close();
  return Object.fromEntries(
    Object.entries(times).map(([kind, values]) => [kind, { p50: median(values), max: Math.max(...values) }]),
  );
}

/** The longest task of the page's main thread while a payload is opened: CPU time, and as the browser's own observer counts it (with what else the machine did). */
export async function measurePayload(browser, origin, traceId, tab) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    window.longTasks = [];
    const observe = (list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(observe).observe({ type: "longtask", buffered: true });
  });
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await page.goto(`${origin}/p/default/traces/${traceId}?tab=${tab}`);
  await page
    .getByText(tab === "json" ? "messages" : LAST_MESSAGE)
    .first()
    .waitFor();
  await page.waitForTimeout(SETTLED_MS);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const observed = await page.evaluate("window.longTasks");
  await page.close();
  const mains = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === "M" && name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(({ name, pid, tid }) => name === "RunTask" && mains.has(`${pid} ${tid}`));
  return { cpu: Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000, observed: Math.max(0, ...observed) };
}

/** Cumulative layout shift of each page, without input, from its first byte on. */
export async function measureShifts(browser, origin, { large }) {
  const paths = {
    Traces: "traces",
    Observations: "observations",
    "Trace, tree": `traces/${large}`,
    "Trace, timeline": `traces/${large}?view=timeline`,
    "Trace, transcript": `traces/${large}?view=transcript`,
    Sessions: "sessions",
    Session: "sessions/session-1",
    Users: "users",
    User: "users/user-1",
    Dashboard: "dashboard",
    Scores: "scores",
    Datasets: "datasets",
    Compare: "compare",
    Settings: "settings",
    "Settings, prices": "settings/prices",
    "First trace": null,
  };
  const shifts = {};
  for (const [name, path] of Object.entries(paths)) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(() => {
      window.shifts = [];
      const observe = (list) => {
        for (const entry of list.getEntries())
          window.shifts.push({
            value: entry.value,
            at: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120)),
          });
      };
      new PerformanceObserver(observe).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(path === null ? `${origin}/p/nothing-yet/traces` : `${origin}/p/default/${path}`);
    await page.waitForLoadState("networkidle", { timeout: 5_000 }).catch(() => {
      // The event stream stays open: what counts is that the page had the time.
    });
    await page.waitForTimeout(SETTLED_MS);
    const seen = await page.evaluate("window.shifts");
    shifts[name] = seen.reduce((sum, { value }) => sum + value, 0);
    if (process.env.SPANWISE_BENCH_VERBOSE && seen.length > 0) console.error(name, JSON.stringify(seen));
    await page.close();
  }
  return shifts;
}
