import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { startViewer, type Viewer } from "../support/viewer.ts";

let browser: Browser;
let context: BrowserContext;
let api: Viewer;
let empty: Viewer;

beforeAll(async () => {
  [browser, api, empty] = await Promise.all([launchBrowser(), startViewer(), startViewer({ isEmpty: true })]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([api.stop(), empty.stop()]);
});
afterEach(() => context.close());

interface View {
  name: string;
  open: (page: Page) => Promise<void>;
}

const ofTrace = (name: string, observation: string, tab?: string) => async (page: Page) => {
  const id = await api.observationId(name, observation);
  await page.goto(`${await api.traceUrl(name)}?o=${id}${tab === undefined ? "" : `&tab=${tab}`}`);
  await page.getByRole("tabpanel").locator("section, table").first().waitFor();
};

const VIEWS: View[] = [
  {
    name: "list",
    open: async (page) => {
      await page.goto(api.listUrl);
      await page.getByRole("row").first().waitFor();
      await page.keyboard.press("j");
    },
  },
  {
    name: "list without a match",
    open: async (page) => {
      await page.goto(api.listUrl);
      await page.getByRole("combobox").fill("nothing has this name");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: /No trace matches/ }).waitFor();
    },
  },
  {
    name: "help",
    open: async (page) => {
      await page.goto(api.listUrl);
      await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
      await page.locator("dialog[open]").waitFor();
    },
  },
  { name: "trace: conversation", open: ofTrace("support-agent", "answer") },
  { name: "trace: JSON", open: ofTrace("support-agent", "answer", "json") },
  { name: "trace: attributes", open: ofTrace("support-agent", "answer", "attributes") },
  { name: "trace: scores", open: ofTrace("inspect-damage", "look", "scores") },
  {
    name: "trace: attachments",
    open: async (page) => {
      await ofTrace("inspect-damage", "look")(page);
      await page.getByRole("img", { name: /Attached/ }).waitFor();
      await page.locator("audio").waitFor();
    },
  },
  { name: "trace: cut value, metadata of the trace", open: ofTrace("inspect-damage", "inspect-damage") },
  { name: "trace: error", open: ofTrace("summarise-report", "summarise (attempt 1)") },
  {
    name: "trace: running",
    open: async (page) => {
      await page.goto(await api.traceUrl("research-agent"));
      await page.getByRole("treeitem").first().waitFor();
    },
  },
  {
    name: "empty project",
    open: async (page) => {
      await page.goto(empty.listUrl);
      await page.getByRole("heading", { name: /first trace/ }).waitFor();
    },
  },
  {
    name: "no such trace",
    open: async (page) => {
      await page.goto(`${api.listUrl}/00000000000000000000000000000000`);
      await page.getByRole("heading", { name: /not here/ }).waitFor();
    },
  },
  {
    name: "no such page",
    open: async (page) => {
      await page.goto(`${api.origin}/nowhere/at/all`);
      await page.getByRole("heading", { name: /no such page/ }).waitFor();
    },
  },
  {
    name: "server away",
    open: async (page) => {
      await page.route("**/api/**", (route) => route.abort());
      await page.goto(api.listUrl);
      await page.getByRole("heading", { name: /does not answer/ }).waitFor();
    },
  },
];

describe.each(["dark", "light"] as const)("no accessibility violation, %s", (colorScheme) => {
  test.each(VIEWS)("$name", async ({ open }) => {
    // Animations are asked not to run: a colour halfway is no colour to judge.
    context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    await open(page);
    expect(await violations(page)).toEqual([]);
  });

  test("list and trace on a phone", async () => {
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(api.listUrl);
    await page.getByRole("row").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(await api.traceUrl("support-agent"));
    await page.getByRole("treeitem").first().waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
