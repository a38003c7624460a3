import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { forgive, page, parameter, press, viewer, useViewerPage } from "../support/viewer-page.ts";

useViewerPage();

const selected = () => page.locator('[role="treeitem"][aria-selected="true"]');

test("a developer finds a failure with the keyboard alone, and says what it was worth", async () => {
  await page.goto(viewer.listUrl);
  await page.getByRole("row").nth(1).waitFor();
  await press("/");
  await page.keyboard.type("status:error name:summarise-report");
  await press("Enter", "Escape");
  await expect.poll(() => parameter("q")).toBe("status:error name:summarise-report");
  await page.getByText("1 trace", { exact: true }).waitFor();
  // Peek, then open.
  await press("j", "o");
  await page.getByRole("region", { name: "Trace summarise-report" }).waitFor();
  await press("Escape");
  await expect.poll(() => parameter("peek")).toBeNull();
  await press("Enter");
  await page.waitForURL(/\/traces\/[0-9a-f]{32}/);
  await selected().waitFor();
  // To the failures, one after the other.
  await press("e", "e");
  await expect.poll(() => selected().innerText()).toContain("summarise (attempt 1)");
  await page.getByText("RateLimitError: 429", { exact: false }).first().waitFor();
  // Where it is in time, and as a conversation.
  await press("2", "+");
  await expect.poll(() => parameter("z")).not.toBeNull();
  await press("f");
  await expect.poll(() => parameter("z")).toBeNull();
  await press("3");
  await page.getByRole("feed", { name: "Transcript" }).waitFor();
  await press("1", "s");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Bad" }).press("Enter");
  await dialog.getByRole("textbox", { name: "Comment" }).fill("It gave up too early.");
  await dialog.getByRole("button", { name: "Give score" }).press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("tab", { name: /^Scores/ }).click();
  await page.getByRole("tabpanel").getByText("It gave up too early.").waitFor();
});

/** How many pixels of the timeline's picture are drawn on along the middle of a row, in front of its duration. */
function drawnWidth(row: Locator): Promise<number> {
  return row.evaluate((element) => {
    const canvas = element.parentElement!.querySelector("canvas")!;
    const [box, line] = [canvas.getBoundingClientRect(), element.getBoundingClientRect()];
    const ratio = canvas.width / box.width;
    const y = Math.round((line.top + line.height / 2 - box.top) * ratio);
    const { data } = canvas.getContext("2d")!.getImageData(0, y, canvas.width - 60 * ratio, 1);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  });
}

describe("a trace", () => {
  test("is searched: names at once, what was said by the server", async () => {
    await page.goto(await viewer.traceUrl("support-agent"));
    await selected().waitFor();
    await press("/");
    await page.keyboard.type("shipping_status");
    await press("Enter", "Enter");
    await expect.poll(() => selected().innerText()).toContain("get_shipping_status");
    expect(parameter("find")).toBe("shipping_status");
  });

  test("opens where its address says: observation, view, zoom and tab", async () => {
    const id = await viewer.observationId("evaluate-dataset", "item-100");
    await page.goto(`${await viewer.traceUrl("evaluate-dataset")}?o=${id}&view=timeline&z=39000-42000&tab=json`);
    await expect.poll(() => selected().getAttribute("data-id")).toBe(id);
    expect(await page.getByRole("tab", { selected: true }).innerText()).toContain("JSON");
    await page.getByRole("button", { name: "Timeline" }).and(page.locator('[aria-pressed="true"]')).waitFor();
    // The bar of what is selected is in view, as the one bar that is drawn.
    await expect.poll(() => drawnWidth(selected())).toBeGreaterThan(20);
  });

  test("says what cost most and what took longest", async () => {
    await page.goto(await viewer.traceUrl("support-agent"));
    await selected().waitFor();
    await press("m");
    await expect.poll(() => selected().innerText()).toContain("answer");
    await press("Home", "w");
    await expect.poll(() => selected().innerText()).toContain("answer");
  });

  test("folds and opens everything, and is walked in its transcript", async () => {
    await page.goto(await viewer.traceUrl("support-agent"));
    await selected().waitFor();
    await press("Shift+ArrowLeft");
    await expect.poll(() => page.getByRole("treeitem").filter({ hasText: "search_orders" }).count()).toBe(0);
    await press("Shift+ArrowRight");
    await expect.poll(() => page.getByRole("treeitem").filter({ hasText: "search_orders" }).count()).toBe(1);
    await press("3");
    await page.getByRole("article", { name: "Request" }).getByText("Where is my gravel bike?").waitFor();
    await page.getByRole("article", { name: "plan" }).getByText("search_orders").first().waitFor();
  });
});

test("the palette opens a trace by its id, and pages by name", async () => {
  const id = (await viewer.traceUrl("support-agent")).split("/").at(-1)!;
  await page.goto(viewer.listUrl);
  await page.getByRole("row").nth(1).waitFor();
  await press("Control+k");
  await page.getByRole("combobox", { name: /command/ }).waitFor();
  await page.keyboard.type(id);
  await press("Enter");
  await selected().waitFor();
  expect(page.url()).toContain(id);
});

test("a facet and the query bar are one state, and a wrong field is said", async () => {
  await page.goto(viewer.listUrl);
  await page
    .getByRole("complementary", { name: "Filters" })
    .getByRole("checkbox", { name: /^error/ })
    .check();
  await expect.poll(() => page.getByRole("combobox").inputValue()).toBe("status:error");
  await page.getByRole("combobox").fill("stattus:error");
  await press("Enter");
  await page.getByRole("alert").filter({ hasText: "stattus" }).waitFor();
  // The browser itself tells of the answer 400.
  forgive("400");
});
