import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { startViewer, type Viewer } from "../support/viewer.ts";

let browser: Browser;
let context: BrowserContext;
let page: Page;
let api: Viewer;
let problems: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  problems = watchProblems(page);
});
afterEach(async () => {
  await context.close();
  await api.stop();
});

/** The head is the first row, as assistive technology counts. */
const row = (index: number) => page.locator(`[role="row"][aria-rowindex="${index + 1}"]`);
const selected = () => page.locator("[data-selected]");
const text = (index: number) => row(index).innerText();

describe("the trace list", () => {
  beforeEach(async () => {
    api = await startViewer();
    await page.goto(api.origin);
    await row(1).waitFor();
    // Changes are only told to streams that are open.
    await page.getByText("Live", { exact: true }).waitFor();
  });
  afterEach(() => expect(problems).toEqual([]));

  test("is where the bare address leads", () => {
    expect(page.url()).toBe(api.listUrl);
  });

  test("shows a new trace at the top while nobody reads", async () => {
    await api.addTrace();
    await expect.poll(() => text(1)).toContain("A new question");
  });

  test("holds new traces back while a row is selected, and shows them when asked", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const before = await text(2);
    expect(await selected().getAttribute("aria-rowindex")).toBe("3");
    await api.addTrace();
    await api.addTrace();
    await page.getByRole("button", { name: "2 new" }).waitFor();
    expect(await selected().getAttribute("aria-rowindex")).toBe("3");
    expect((await text(2)).split("\n")[0]).toBe(before.split("\n")[0]);
    await page.keyboard.press("n");
    await expect.poll(() => text(1)).toContain("A new question");
    expect(await page.getByRole("button", { name: /new$/ }).count()).toBe(0);
  });

  test("filters by what is typed and completed, and says so in its address", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("invoice na");
    await page.getByRole("option", { name: /^name/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("extract-invoice");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("invoice name:extract-invoice");
    await expect.poll(() => text(1)).toContain("extract-invoice");
    await page.goBack();
    await expect.poll(() => text(1)).not.toContain("extract-invoice");
  });

  test("loads older traces as one scrolls, down to the last", async () => {
    const count = await api.traceCount();
    await page.mouse.move(700, 500);
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, 3_000);
          return page.getByText(/^\d+\+? traces$/).innerText();
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe(`${count} traces`);
  });

  test("compares the two traces that are selected, the older one first", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    const compare = page.getByRole("toolbar", { name: "Selected rows" }).getByRole("button", { name: "Compare" });
    await compare.waitFor();
    expect(await compare.isDisabled()).toBe(true);
    await page.keyboard.press("c");
    expect(page.url()).toBe(api.listUrl);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await expect.poll(() => compare.isEnabled()).toBe(true);
    const ids = [row(2), row(1)].map((one) => one.getByRole("link").first().getAttribute("href"));
    const [older, newer] = (await Promise.all(ids)).map((href) => href!.split("/").at(-1));
    await page.keyboard.press("c");
    await page.waitForURL(/\/compare\?/);
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("a"), searchParams.get("b")]).toEqual([older, newer]);
    await page.getByRole("table", { name: "Steps of both traces" }).waitFor();
  });

  test("shows its keys, and Escape closes them", async () => {
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  });

  test("keeps a row's chips on one line and counts the rest", async () => {
    const chips = page.getByRole("row").filter({ hasText: "inspect-damage" }).getByRole("cell").last();
    const box = await chips.boundingBox();
    expect(box?.height).toBeLessThan(24);
    const rest = chips.locator("[title]").last();
    expect(await rest.innerText()).toMatch(/^\+\d/);
    expect(await rest.getAttribute("title")).toContain("session: sess_88c1");
    // The count is seen whole: what was estimated to fit does.
    const right = (await rest.boundingBox())!;
    expect(right.x + right.width).toBeLessThanOrEqual(box!.x + box!.width + 1);
  });

  test("names an attachment in a preview, and shows no reference token", async () => {
    expect(await page.locator("body").innerText()).not.toContain("@@@");
  });

  test("keeps the chosen theme", async () => {
    const toggle = page.getByRole("button", { name: /^Theme/ });
    await toggle.click();
    await toggle.click();
    await page.reload();
    await row(1).waitFor();
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
  });

  test.each([390, 760, 1024, 1440])("needs no sideways scrolling at %d pixels", async (width) => {
    await page.setViewportSize({ width, height: 844 });
    await row(1).waitFor();
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(overflow)).toBe(0);
  });
});

describe("an unreachable server", () => {
  test("is polled once its stream is gone", async () => {
    api = await startViewer();
    await page.goto(api.listUrl);
    await page.getByText("Live", { exact: true }).waitFor();
    await api.stop();
    await page.getByText("Polling", { exact: true }).waitFor();
    expect(await row(1).count()).toBe(1);
  });

  test("is said plainly, and trying again works", async () => {
    api = await startViewer();
    await page.route("**/api/**", (route) => route.abort());
    await page.goto(api.listUrl);
    await page.getByRole("heading", { name: /does not answer/ }).waitFor();
    await page.unroute("**/api/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await row(1).waitFor();
  });
});

describe("an empty project", () => {
  test("turns into the list with its first trace", async () => {
    api = await startViewer({ isEmpty: true });
    await page.goto(api.listUrl);
    await page.getByRole("heading", { name: /first trace/ }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await api.addTrace();
    await row(1).waitFor();
  });
});
