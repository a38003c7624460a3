import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { violations } from "../support/axe.ts";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { startViewer, type Viewer } from "../support/viewer.ts";

/** A held arrow key repeats about so often. */
const KEY_REPEAT_MS = 33;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let api: Viewer;
let problems: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
  api = await startViewer();
});
afterAll(async () => {
  await browser.close();
  await api.stop();
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  problems = watchProblems(page);
});
afterEach(() => context.close());

const rows = () => page.getByRole("treeitem");
const selected = () => page.locator('[role="treeitem"][aria-selected="true"]');
const panel = () => page.getByRole("tabpanel");

async function openTrace(name: string, observation?: string): Promise<void> {
  const query = observation === undefined ? "" : `?o=${await api.observationId(name, observation)}`;
  await page.goto(`${await api.traceUrl(name)}${query}`);
  await selected().waitFor();
}

describe("a trace of 5,000 observations", () => {
  beforeEach(() => openTrace("evaluate-dataset"));
  afterEach(() => expect(problems).toEqual([]));

  test("mounts only the rows in view", async () => {
    expect(await rows().count()).toBeLessThan(80);
  });

  test("uses the elements of its rows again while it is scrolled, and puts them into the rows' order when it rests", async () => {
    const positions = () => rows().evaluateAll((all) => all.map((row) => Number.parseFloat(row.style.top)));
    const first = await rows().first().elementHandle();
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 3_000);
    const sorted = async () => {
      const tops = await positions();
      return Math.max(...tops) > 3_000 && tops.every((top, at) => at === 0 || top > tops[at - 1]!);
    };
    await expect.poll(sorted).toBe(true);
    expect(await first?.evaluate((element) => element.isConnected)).toBe(true);
  });

  test("goes to its end and back, folds, and opens what holds the next error", async () => {
    await page.keyboard.press("End");
    await expect.poll(() => page.getByRole("treeitem", { name: /starts at 3m/, selected: true }).count()).toBe(1);
    await page.keyboard.press("Home");
    await expect.poll(() => selected().getAttribute("aria-level")).toBe("1");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => rows().count()).toBe(1);
    await page.keyboard.press("e");
    await expect.poll(() => selected().getAttribute("data-status")).toBe("error");
    const active = await page.getByRole("tree").getAttribute("aria-activedescendant");
    expect(await selected().getAttribute("id")).toBe(active);
  });

  test("reads the payload of where a held key stops, not of each row it passes", async () => {
    await panel().getByText("support-500").waitFor();
    const asked: string[] = [];
    // Payloads are read by the viewer's worker, whose requests the context hears of.
    context.on("request", (request) => request.url().includes("/observations/") && asked.push(request.url()));
    const presses = 30;
    for (let i = 0; i < presses; i++) await page.keyboard.press("ArrowDown", { delay: KEY_REPEAT_MS });
    const id = (await selected().getAttribute("data-id"))!;
    await expect.poll(() => asked.some((url) => url.includes(id))).toBe(true);
    // The first row of the burst is read at once; a slow machine may have paused in it.
    expect(asked.length).toBeLessThan(presses / 2);
    await expect.poll(() => new URL(page.url()).searchParams.get("o")).toBe(id);
  });

  test("says which tab and row are open in its address, and opens them from it", async () => {
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("]");
    await expect.poll(() => page.url()).toContain("tab=json");
    const id = await selected().getAttribute("data-id");
    await page.reload();
    await expect.poll(() => selected().getAttribute("data-id")).toBe(id);
    expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("JSON");
  });

  test("goes back to the list with Escape", async () => {
    await page.keyboard.press("Escape");
    await page.waitForURL(api.listUrl);
  });
});

describe("the pointer in the tree", () => {
  beforeEach(() => openTrace("support-agent"));
  afterEach(() => expect(problems).toEqual([]));

  test("selects a row, and folds by its caret without selecting", async () => {
    await rows().filter({ hasText: "run-tools" }).locator("[data-caret]").click();
    await expect.poll(() => rows().filter({ hasText: "search_orders" }).count()).toBe(0);
    expect(await selected().getAttribute("aria-level")).toBe("1");
    await rows().filter({ hasText: "plan" }).click();
    await expect.poll(() => selected().innerText()).toContain("plan");
    await page.getByRole("heading", { name: "plan" }).waitFor();
  });

  test("folds by a double click", async () => {
    await rows().filter({ hasText: "run-tools" }).dblclick();
    await expect.poll(() => rows().filter({ hasText: "search_orders" }).count()).toBe(0);
  });

  test("is remembered where it moved the split", async () => {
    const handle = page.getByRole("separator", { name: "Resize the panes" });
    const before = Number(await handle.getAttribute("aria-valuenow"));
    await handle.focus();
    await page.keyboard.press("ArrowLeft");
    await page.reload();
    await handle.waitFor();
    expect(Number(await handle.getAttribute("aria-valuenow"))).toBe(before - 2);
  });

  test("starts each observation at the top of its pane", async () => {
    await page.setViewportSize({ width: 1440, height: 480 });
    await rows().filter({ hasText: "answer" }).click();
    await panel().getByText("Reasoning", { exact: true }).waitFor();
    await panel().getByText("Reasoning", { exact: true }).scrollIntoViewIfNeeded();
    await panel().evaluate((element) => element.scrollTo(0, element.scrollHeight));
    expect(await panel().evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
    await rows().filter({ hasText: "plan" }).click();
    await page.getByRole("heading", { name: "plan" }).waitFor();
    await expect.poll(() => panel().evaluate((element) => element.scrollTop)).toBe(0);
  });
});

describe("a dataset", () => {
  afterEach(() => expect(problems).toEqual([]));

  test("takes the selected observation, by key and by button", async () => {
    await openTrace("support-agent", "plan");
    const dialog = page.getByRole("dialog");
    await page.keyboard.press("d");
    await dialog.getByRole("heading", { name: "Add 1 observation to a dataset" }).waitFor();
    await dialog.getByRole("combobox").fill("from-a-trace");
    await page.keyboard.press("Enter");
    await dialog.getByRole("heading", { name: "1 item added" }).waitFor();
    await dialog.getByRole("button", { name: "Done" }).press("Enter");
    await dialog.waitFor({ state: "detached" });
    await rows().filter({ hasText: "answer" }).click();
    await page.getByRole("heading", { name: "answer" }).waitFor();
    await page.getByRole("button", { name: "Add to a dataset" }).click();
    await dialog.getByRole("combobox").fill("from-a-trace");
    await page.keyboard.press("Enter");
    await dialog.getByRole("link", { name: "Open from-a-trace" }).click();
    await page.getByText("2 items", { exact: true }).waitFor();
  });
});

describe("attachments", () => {
  test("are shown in a conversation: an image that opens, a player, a file to save, and one that never came", async () => {
    await openTrace("inspect-damage", "look");
    const image = panel().getByRole("img", { name: "Attached image/png" });
    await expect.poll(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(640);
    const opened = context.waitForEvent("page");
    await panel().getByTitle("Open the full image in a new tab").click();
    expect((await opened).url()).toMatch(/\/api\/media\/[\w-]{22}\?project=default$/);
    const audio = panel().locator("audio");
    await expect.poll(() => audio.evaluate((element) => (element as HTMLAudioElement).duration)).toBeCloseTo(1);
    const saved = page.waitForEvent("download");
    await panel().getByRole("link", { name: "Save report.pdf (application/pdf)" }).click();
    expect((await saved).suggestedFilename()).toMatch(/\.pdf$/);
    await panel().getByText("image/png: not received").waitFor();
    await panel().getByText("neverArrived0123456789").waitFor();
  });

  test("do not move what is below them when they arrive", async () => {
    const url = `${await api.traceUrl("inspect-damage")}?o=${await api.observationId("inspect-damage", "look")}`;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/api/media/**", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(url);
    const output = page.getByRole("heading", { name: "Output", exact: true });
    await output.waitFor();
    await panel().locator('[aria-busy="true"]').first().waitFor();
    const image = panel().locator('[aria-busy="true"]').first();
    const before = await image.boundingBox();
    const topBefore = (await output.boundingBox())!.y - before!.y;
    release();
    const shown = panel().getByRole("img", { name: "Attached image/png" });
    await expect.poll(() => shown.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(640);
    await panel().locator("audio").waitFor();
    await panel().getByText("image/png: not received").waitFor();
    const after = await panel().locator('[aria-busy="false"]').first().boundingBox();
    expect(after).toEqual(before);
    expect((await output.boundingBox())!.y - after!.y).toBe(topBefore);
  });

  test("are chips in JSON, and stand in the text they were taken out of", async () => {
    await openTrace("inspect-damage");
    await panel().getByRole("link", { name: "image/png" }).first().waitFor();
    await page.getByRole("tab", { name: "JSON" }).click();
    const output = panel().getByRole("group", { name: "output" });
    await output.getByRole("link", { name: "image/png" }).waitFor();
    expect(await output.innerText()).toContain("for the marked area");
    expect(await panel().innerText()).not.toContain("@@@");
  });

  test("that come after their trace appear by themselves", async () => {
    let isThere = false;
    await page.route("**/api/media/**", (route) => (isThere ? route.continue() : route.fulfill({ status: 404 })));
    await openTrace("inspect-damage", "look");
    await expect.poll(() => panel().getByText("image/png: not received").count()).toBe(2);
    isThere = true;
    await panel().getByRole("img", { name: "Attached image/png" }).waitFor();
  });
});

describe("what belongs to the whole trace", () => {
  test("is on the page of its root: metadata, and what was cut", async () => {
    await openTrace("inspect-damage");
    await panel().getByText("vision-7").waitFor();
    expect(await panel().getByRole("note").filter({ hasText: "maxValueBytes" }).count()).toBe(1);
    await rows().filter({ hasText: "look" }).click();
    await panel().getByText("The fork is bent.").waitFor();
    expect(await panel().getByText("vision-7").count()).toBe(0);
    expect(await panel().getByRole("note").count()).toBe(0);
  });

  test("its scores have a section of their own, with comment and metadata", async () => {
    await openTrace("inspect-damage", "look");
    const tab = page.getByRole("tab", { name: /^Scores/ });
    await expect.poll(() => tab.innerText()).toBe("Scores3");
    await tab.click();
    const text = await panel().innerText();
    const [own, ofTrace] = text.split("The whole trace");
    expect(own).toContain("One claim has no source.");
    expect(own).not.toContain("The frame is bent.");
    expect(ofTrace).toContain("The frame is bent.");
    await panel()
      .getByRole("group", { name: "metadata of the score damage-found" })
      .getByRole("button", { name: "votes:" })
      .waitFor();
  });
});

describe("a trace with 5,000 scores", () => {
  const traceId = "5c0".padEnd(32, "5");
  const SCORES = 5000;

  async function post(path: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(api.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.ok).toBe(true);
  }

  test("draws the newest of them, and more when asked to", async () => {
    await api.addTrace(traceId);
    const answer = await fetch(`${api.origin}/api/traces/${traceId}`);
    const { observations, scores } = (await answer.json()) as {
      observations: { id: string }[];
      scores: { observationId: string | null }[];
    };
    const [first, second] = observations.map(({ id }) => id);
    const batch = Array.from({ length: SCORES }, (_, index) => ({
      id: `event ${index}`,
      type: "score-create",
      timestamp: new Date().toISOString(),
      body: {
        id: `many ${index}`,
        traceId,
        // The oldest ten are of an observation.
        ...(index < 10 && { observationId: first }),
        name: `score ${index}`,
        value: index / SCORES,
        metadata: { judge: `judge ${index}` },
        timestamp: new Date(Date.now() + index * 1000).toISOString(),
      },
    }));
    await post("/api/public/ingestion", { batch });
    const total = SCORES - 10 + scores.filter(({ observationId }) => observationId === null).length;
    const count = total.toLocaleString("en-US");

    await page.goto(`${api.listUrl}/${traceId}?o=${first}&tab=scores`);
    await panel().getByText("score 9", { exact: true }).waitFor();
    const names = (): Promise<string[]> =>
      panel().getByRole("table").last().locator("tbody tr > td:first-child:not([colspan])").allInnerTexts();
    const drawn = await names();
    expect(drawn).toHaveLength(100);
    expect(drawn.slice(0, 2)).toEqual([`score ${SCORES - 1}`, `score ${SCORES - 2}`]);
    await panel().getByText(`100 of ${count}, the newest`).waitFor();
    expect(await panel().locator("*").count()).toBeLessThan(10_000);
    await panel().getByRole("button", { name: "Show 500 more" }).press("Enter");
    await panel().getByText(`600 of ${count}, the newest`).waitFor();
    expect(await names()).toHaveLength(600);
    // Another observation begins anew.
    await page.goto(`${api.listUrl}/${traceId}?o=${second}&tab=scores`);
    await panel().getByText(`100 of ${count}, the newest`).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe("a trace that is not there", () => {
  test("opens when it comes", async () => {
    const traceId = "0123456789abcdef0123456789abcdef";
    const empty = await startViewer({ isEmpty: true });
    try {
      await page.goto(`${empty.listUrl}/${traceId}`);
      await page.getByRole("heading", { name: /not here/ }).waitFor();
      await empty.addTrace(traceId);
      await selected().waitFor();
    } finally {
      await empty.stop();
    }
  });
});

describe("another project's trace", () => {
  test("is asked for in that project, and is not to be seen in another", async () => {
    const asked: URL[] = [];
    context.on("request", (request) => asked.push(new URL(request.url())));
    const url = await api.traceUrl("inspect-damage");
    await page.goto(url.replace("/p/default/", "/p/other/"));
    await page.getByRole("heading", { name: "There is no such project" }).waitFor();
    await page.getByText('There is no project "other"').first().waitFor();
    const ofApi = asked.filter(({ pathname }) => pathname.startsWith("/api/"));
    expect(ofApi.length).toBeGreaterThan(1);
    expect(new Set(ofApi.map(({ searchParams }) => searchParams.get("project")))).toEqual(new Set(["other"]));
  });
});

describe("a phone", () => {
  test("shows the tree, then the pane, and a way back", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openTrace("support-agent");
    await rows().filter({ hasText: "plan" }).click();
    await page.getByRole("heading", { name: "plan" }).waitFor();
    await expect.poll(() => page.getByRole("tree").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Back to the tree" }).click();
    await expect.poll(() => page.getByRole("tree").isVisible()).toBe(true);
  });
});

describe("hostile content", () => {
  test("stays text: nothing runs, and nothing is asked of another host", async () => {
    const foreign: string[] = [];
    page.on("request", (request) => !request.url().startsWith(api.origin) && foreign.push(request.url()));
    page.on("dialog", (dialog) => {
      foreign.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await openTrace('<img src=x onerror="alert(1)">', "unpriced");
    await panel().getByText("What is in this picture?").waitFor();
    expect(await panel().locator('a[href^="javascript:"]').count()).toBe(0);
    expect(foreign.filter((url) => !url.startsWith("data:"))).toEqual([]);
    expect(problems).toEqual([]);
  });
});
