import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { violations } from "../support/axe.ts";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { startViewer, type Viewer } from "../support/viewer.ts";

let browser: Browser;
let viewer: Viewer;
let empty: Viewer;
let compared: string;

beforeAll(async () => {
  [browser, viewer, empty] = await Promise.all([launchBrowser(), startViewer(), startViewer({ isEmpty: true })]);
  const [a, b] = await Promise.all(["support-agent", "research-agent"].map((name) => viewer.traceUrl(name)));
  compared = `/compare?a=${a!.split("/").at(-1)}&b=${b!.split("/").at(-1)}`;
  await post(viewer, "/api/datasets", { name: "golden", description: "Looked at by a person" });
  await post(viewer, "/api/datasets/golden/items", { input: "Why?", expectedOutput: "Because." });
  await post(viewer, "/api/prices", { match: "mistral-local", prices: { input: 1, output: 2 } });
  await post(viewer, "/api/public/ingestion", { batch: await wideScores() });
  await post(viewer, "/api/projects/default/keys", { note: "for a test" });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([viewer.stop(), empty.stop()]);
});

/** Older than what each turn of the session has, so that they are the first on its line: three fill a phone's width twice. */
async function wideScores(): Promise<object[]> {
  const session = await fetch(`${viewer.origin}/api/sessions/sess_41f0`);
  const { traces } = (await session.json()) as { traces: { traceId: string }[] };
  const names = ["groundedness", "completeness", "tone-of-voice"];
  return traces.flatMap(({ traceId }) =>
    names.map((name) => ({
      id: `${name}-${traceId}`,
      type: "score-create",
      timestamp: "2020-01-01T00:00:00.000Z",
      body: { name, value: 0.25, traceId },
    })),
  );
}

async function post({ origin }: Viewer, path: string, body: unknown): Promise<void> {
  const response = await fetch(origin + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} for ${path}: ${await response.text()}`);
}

interface PageCase {
  name: string;
  path: () => string;
  /** What is there once the page is. */
  ready: (page: Page) => Promise<unknown>;
}

// On a phone there is no head.
const row = (page: Page) => page.getByRole("cell").first().waitFor();
const heading = (name: string | RegExp) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();

const PAGES: PageCase[] = [
  { name: "observations", path: () => "/observations", ready: row },
  { name: "dashboard", path: () => "/dashboard?by=user", ready: (page) => page.getByRole("figure").nth(6).waitFor() },
  { name: "sessions", path: () => "/sessions", ready: row },
  {
    name: "session",
    path: () => "/sessions/sess_41f0",
    ready: (page) => page.getByText("gravel bike").first().waitFor(),
  },
  { name: "users", path: () => "/users", ready: row },
  { name: "user", path: () => "/users/mira.okafor", ready: row },
  { name: "scores", path: () => "/scores", ready: row },
  { name: "datasets", path: () => "/datasets", ready: row },
  { name: "dataset", path: () => "/datasets/golden", ready: row },
  {
    name: "compare",
    path: () => compared,
    ready: (page) => page.getByRole("tabpanel").locator("pre, div").first().waitFor(),
  },
  { name: "choose what to compare", path: () => "/compare", ready: heading("Compare two traces") },
  { name: "settings: connect", path: () => "/settings", ready: (page) => page.getByText("Traces arrive.").waitFor() },
  {
    name: "settings: prices",
    path: () => "/settings/prices",
    ready: (page) => page.getByText("mistral-local").waitFor(),
  },
  {
    name: "settings: retention",
    path: () => "/settings/retention",
    ready: (page) => page.getByLabel(/older than/).waitFor(),
  },
  { name: "settings: keys", path: () => "/settings/keys", ready: (page) => page.getByText("for a test").waitFor() },
  {
    name: "settings: projects",
    path: () => "/settings/projects",
    ready: (page) => page.getByText("open now").waitFor(),
  },
  {
    name: "settings: about",
    path: () => "/settings/about",
    ready: (page) => page.getByText("Observations taken").waitFor(),
  },
];

const EMPTY_PAGES: PageCase[] = [
  { name: "observations", path: () => "/observations", ready: heading(/No observation/) },
  {
    name: "dashboard",
    path: () => "/dashboard?range=all",
    ready: (page) => page.getByText("nothing yet").first().waitFor(),
  },
  { name: "sessions", path: () => "/sessions", ready: heading("No session yet") },
  { name: "users", path: () => "/users", ready: heading("No user yet") },
  { name: "scores", path: () => "/scores", ready: heading("No score yet") },
  { name: "datasets", path: () => "/datasets", ready: heading("No dataset yet") },
  {
    name: "settings: connect",
    path: () => "/settings",
    ready: (page) => page.getByText(/Waiting for the first/).waitFor(),
  },
];

/** One page a look, which goes from address to address as a person's does: scripts and styles are read once. */
const looks = new Map<string, { context: BrowserContext; page: Page; problems: readonly string[] }>();

async function open(
  of: Viewer,
  { path, ready }: PageCase,
  { width, colorScheme }: { width: number; colorScheme: "dark" | "light" },
): Promise<{ page: Page; problems: () => readonly string[] }> {
  const key = `${width} ${colorScheme}`;
  let look = looks.get(key);
  if (look === undefined) {
    // Animations are asked not to run: a colour halfway is no colour to judge.
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    look = { context, page, problems: watchProblems(page) };
    looks.set(key, look);
  }
  const { page, problems } = look;
  const before = problems.length;
  await page.goto(`${of.origin}/p/default${path()}`);
  await ready(page);
  return { page, problems: () => problems.slice(before) };
}

describe.each(["dark", "light"] as const)("a page with data, %s", (colorScheme) => {
  test.each(PAGES)("has no accessibility violation: $name", async (entry) => {
    const { page, problems } = await open(viewer, entry, { width: 1440, colorScheme });
    expect(await violations(page)).toEqual([]);
    expect(problems()).toEqual([]);
  });

  test.each(EMPTY_PAGES)("has none while it is empty: $name", async (entry) => {
    const { page, problems } = await open(empty, entry, { width: 1440, colorScheme });
    expect(await violations(page)).toEqual([]);
    expect(problems()).toEqual([]);
  });
});

describe.each([320, 3840])("at %d pixels", (width) => {
  test.each(PAGES)("$name needs no sideways scrolling", async (entry) => {
    const { page } = await open(viewer, entry, { width, colorScheme: "dark" });
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(overflow)).toBe(0);
    if (width < 500) expect(await violations(page)).toEqual([]);
  });
});
