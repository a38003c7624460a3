/** What a frame costs, from Chromium's own trace: CPU time of the threads, which other work on the machine does not lengthen. */
import { quantile } from "../support/stats.mjs";

const STEPS = 120;
/** One at 60 Hz. */
const FRAME_MS = 1000 / 60;

const CATEGORIES = ["toplevel", "cc", "devtools.timeline", "disabled-by-default-devtools.timeline"];
const MAIN = "CrRendererMain";
const COMPOSITOR = "Compositor";
const RASTER = /^(ThreadPoolForegroundWorker|CompositorTileWorker)/;

/**
 * Does `act` once a frame, twice: traced, for the work in each frame, and untraced, for the time between two of them.
 * @returns milliseconds: p50 and p95 of the main thread's, the compositor's and the raster threads' CPU in a frame, and of the interval
 */
export async function measureFrames(browser, page, act) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await steps(page, act);
  const trace = JSON.parse(String(await browser.stopTracing()));
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
  await steps(page, act);
  const intervals = await page.evaluate(() => {
    cancelAnimationFrame(window.frame);
    return window.frameTimes.slice(2);
  });
  const work = workOf(trace.traceEvents);
  return { frames: work.main.length, ...mapValues({ ...work, intervals }, summary) };
}

async function steps(page, act) {
  for (let step = 0; step < STEPS; step++) {
    await act(step / STEPS);
    await page.waitForTimeout(FRAME_MS);
  }
}

const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
const summary = (values) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95), max: Math.max(...values) });

/** CPU of each kind of thread, in milliseconds, from one frame of the page's main thread to the next. Frames in which nothing was drawn are left out. */
function workOf(events) {
  const names = new Map();
  for (const { ph, name, pid, tid, args } of events)
    if (ph === "M" && name === "thread_name") names.set(`${pid} ${tid}`, args.name);
  const threadOf = ({ pid, tid }) => names.get(`${pid} ${tid}`) ?? "";
  const pid = pageProcess(events, threadOf);
  const own = events.filter((event) => event.ph === "X" && event.pid === pid);
  const commits = own.filter((event) => event.name === "Commit" && threadOf(event) === MAIN);
  const ends = commits.map(({ ts, dur }) => ts + dur).sort((a, b) => a - b);
  const frames = ends.map(() => ({ main: 0, compositor: 0, raster: 0 }));
  for (const event of own) {
    const thread = threadOf(event);
    const kind =
      thread === MAIN && event.name === "RunTask"
        ? "main"
        : thread === COMPOSITOR && event.name === "RunTask"
          ? "compositor"
          : RASTER.test(thread) && event.name === "RasterTask"
            ? "raster"
            : null;
    const frame = kind === null ? undefined : frames[ends.findIndex((end) => event.ts < end)];
    if (frame !== undefined) frame[kind] += (event.tdur ?? 0) / 1000;
  }
  return {
    main: frames.map(({ main }) => main),
    compositor: frames.map(({ compositor }) => compositor),
    raster: frames.map(({ raster }) => raster),
  };
}

/** Of the processes with a page in them, the one that worked. */
function pageProcess(events, threadOf) {
  const time = new Map();
  for (const event of events)
    if (event.ph === "X" && event.name === "Commit" && threadOf(event) === MAIN)
      time.set(event.pid, (time.get(event.pid) ?? 0) + 1);
  return [...time].sort((a, b) => b[1] - a[1])[0]?.[0];
}
