import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchBrowser, watchProblems } from "./browser.ts";
import { startViewer, type Viewer } from "./viewer.ts";

/** Set by {@link useViewerPage}: a page of its own for each test, and the server of the file. */
export let page: Page;
export let viewer: Viewer;

let forgiven: string[] = [];

/** What the page complains of and has this text in it is what the test itself has brought about. */
export function forgive(text: string): void {
  forgiven.push(text);
}

/** Starts server and browser once for a file; a test fails with whatever its page complained of. */
export function useViewerPage(options: BrowserContextOptions = {}): void {
  let browser: Browser;
  let context: BrowserContext;
  let problems: readonly string[];
  beforeAll(async () => {
    [browser, viewer] = await Promise.all([launchBrowser(), startViewer()]);
  });
  afterAll(async () => {
    await browser.close();
    await viewer.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    page = await context.newPage();
    problems = watchProblems(page);
    forgiven = [];
  });
  afterEach(async () => {
    expect(problems.filter((problem) => !forgiven.some((text) => problem.includes(text)))).toEqual([]);
    await context.close();
  });
}

export async function press(...keys: string[]): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- keys follow each other
  for (const key of keys) await page.keyboard.press(key);
}

export function parameter(name: string): string | null {
  return new URL(page.url()).searchParams.get(name);
}

export function firstRow(): Promise<void> {
  return page.getByRole("row").nth(1).waitFor();
}
