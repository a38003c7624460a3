import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { firstRow, page, parameter, press, viewer, useViewerPage } from "../support/viewer-page.ts";
import { startViewer } from "../support/viewer.ts";

useViewerPage();

const dialog = () => page.getByRole("dialog");

test("a product owner goes from the cost of a day to the calls behind it", async () => {
  await page.goto(viewer.listUrl);
  await firstRow();
  await press("g", "d");
  await page.getByRole("region", { name: "Dashboard" }).waitFor();
  const cost = page.getByRole("link", { name: /^Cost/ });
  await expect.poll(() => cost.innerText()).toMatch(/\$0\.\d+/);
  // What has no price says so, and makes the sum a lower bound.
  expect(await cost.innerText()).toContain("≥");
  const models = page.getByRole("region", { name: "Top models" });
  expect(await models.getByRole("row").filter({ hasText: "mistral-local" }).innerText()).toContain("no price");

  // The same numbers as a table.
  await page.getByRole("button", { name: "Tokens: show as a table" }).press("Enter");
  const table = page.getByRole("group", { name: "Tokens, as a table" });
  expect(await table.getByRole("columnheader").allInnerTexts()).toEqual(
    expect.arrayContaining(["From", "input", "output"]),
  );

  // By user, and to what one of them did.
  await page.getByRole("button", { name: "By model" }).press("Enter");
  await page.getByRole("button", { name: "User", exact: true }).press("Enter");
  await expect.poll(() => parameter("by")).toBe("user");
  await page.getByRole("region", { name: "Top users" }).getByRole("link", { name: "mira.okafor" }).press("Enter");
  await page.getByRole("region", { name: "Observations" }).waitFor();
  expect([parameter("q"), parameter("range")]).toEqual(["user:mira.okafor", "24h"]);
  await firstRow();
  await page.goBack();

  // A bar leads to what happened in its time.
  const plot = page.getByRole("figure", { name: "Volume" }).locator(".u-over");
  await plot.waitFor();
  const box = (await plot.boundingBox())!;
  await plot.click({ position: { x: box.width - 8, y: box.height - 6 } });
  await page.getByRole("region", { name: "Observations" }).waitFor();
  expect(parameter("range")).toMatch(/^\d{13}-\d{13}$/);
  await firstRow();
});

test("a product owner sees a price that was missing count for what is stored", async () => {
  await page.goto(`${viewer.origin}/p/default/settings/prices`);
  await page.getByText("No price of your own").waitFor();
  await page.getByRole("button", { name: "Price", exact: true }).press("Enter");
  await page.keyboard.type("mistral-*");
  await dialog().getByLabel("Input", { exact: true }).fill("1");
  await dialog().getByLabel("Output", { exact: true }).fill("3");
  await press("Enter");
  await dialog().waitFor({ state: "detached" });
  await page.getByRole("rowheader", { name: "mistral-*" }).waitFor();
  await page.getByRole("button", { name: "Compute stored costs anew" }).press("Enter");
  await page.getByText(/^[1-9][\d,]* of [\d,]+ costs are another one now/).waitFor();
  await press("g", "o");
  await page.getByRole("combobox").fill("model:mistral-local");
  await press("Enter");
  await firstRow();
  expect(await page.getByRole("row").nth(1).innerText()).toMatch(/\$0\.\d+/);
});

test("a reviewer scores an answer, finds what is low, builds a dataset and takes it away, with the keyboard alone", async () => {
  await page.goto(viewer.listUrl);
  await firstRow();
  await press("g", "o");
  await page.getByRole("region", { name: "Observations" }).waitFor();
  await press("/");
  await page.keyboard.type("type:generation name:(answer OR plan)");
  await press("Enter", "Escape");
  await page.getByText("2 observations", { exact: true }).waitFor();

  // A score by thumb.
  await press("j", "x");
  await page.getByRole("toolbar", { name: "Selected rows" }).getByText("1 selected").waitFor();
  await press("s");
  await dialog().getByRole("textbox", { name: "Name" }).fill("polite");
  await dialog().getByRole("button", { name: "Bad" }).press("Enter");
  await dialog().getByRole("textbox", { name: "Comment" }).fill("Too short.");
  await dialog().getByRole("button", { name: "Give score" }).press("Enter");
  await dialog().waitFor({ state: "detached" });

  // Both into a dataset that is made for them.
  await press("j", "x", "d");
  await dialog().getByRole("combobox").fill("golden");
  await press("Enter");
  await dialog().getByRole("heading", { name: "2 items added" }).waitFor();
  await dialog().getByRole("link", { name: "Open golden" }).press("Enter");
  await page.getByRole("heading", { name: "golden" }).waitFor();
  await page.getByText("2 items", { exact: true }).waitFor();

  // What should have been said.
  await press("j", "e");
  await dialog().getByLabel("Expected output").fill("On its way, due on Tuesday.");
  await dialog().getByRole("button", { name: "Save" }).press("Enter");
  await dialog().waitFor({ state: "detached" });
  await page.getByText("On its way, due on Tuesday.").waitFor();

  const save = async (format: RegExp): Promise<string[]> => {
    await page.getByRole("button", { name: "Export" }).press("Enter");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: format }).press("Enter"),
    ]);
    expect(file.suggestedFilename()).toMatch(/^golden\./);
    return (await readFile(await file.path(), "utf8")).trim().split("\n");
  };
  const lines = (await save(/^OpenAI/)).map(
    (line) => JSON.parse(line) as { messages: { role: string; content: unknown }[] },
  );
  expect(lines).toHaveLength(2);
  expect(lines.map(({ messages }) => messages.at(-1))).toContainEqual({
    role: "assistant",
    content: "On its way, due on Tuesday.",
  });
  expect(await save(/^JSONL/)).toHaveLength(2);
  expect((await save(/^CSV/))[0]).toContain("input");

  // What scored low is found, and the score is where it was given.
  await press("g", "c");
  await page.getByRole("region", { name: "Scores" }).waitFor();
  await page.getByRole("button", { name: /^polite/ }).press("Enter");
  await expect.poll(() => parameter("name")).toBe("polite");
  await page.getByText("Too short.").waitFor();
  const below = page.getByRole("spinbutton", { name: /polite/ });
  await below.fill("0.5");
  await below.press("Enter");
  await page.waitForURL(/\/traces\?/);
  expect(parameter("q")).toBe("scores.polite:<0.5");
  await page.getByText("1 trace", { exact: true }).waitFor();
});

test("a session is replayed as one conversation, and its turns lead to their traces", async () => {
  await page.goto(`${viewer.origin}/p/default/sessions`);
  await firstRow();
  await press("j", "Enter");
  await page.waitForURL(/\/sessions\/./);
  await page.getByRole("listitem").first().waitFor();
  await press("j");
  await press("Enter");
  await page.waitForURL(/\/traces\/[0-9a-f]{32}/);
});

test("two traces are compared step by step, with what differs in their words", async () => {
  const [a, b] = await Promise.all(["support-agent", "research-agent"].map((name) => viewer.traceUrl(name)));
  await page.goto(`${viewer.origin}/p/default/compare`);
  await page.getByLabel("A, the one before").fill(a!);
  await page.getByLabel("B, the one after").fill(b!);
  await press("Enter");
  const steps = page.getByRole("table", { name: "Steps of both traces" });
  await steps.getByText("only in B").first().waitFor();
  expect(await steps.getByText("only in A").count()).toBeGreaterThan(0);
  // Against itself nothing differs.
  const id = a!.split("/").at(-1);
  await page.goto(`${viewer.origin}/p/default/compare?a=${id}&b=${id}`);
  await steps.getByRole("row").nth(1).waitFor();
  expect(await steps.getByText(/only in/).count()).toBe(0);
  await page.getByText(/The output is the same in both|Neither has an output/).waitFor();
});

test("the check of the set-up flips when the first trace arrives, and says why a request was turned down", async () => {
  const fresh = await startViewer({ isEmpty: true });
  try {
    await page.goto(`${fresh.origin}/p/default/settings`);
    await page.getByText(/Waiting for the first trace/).waitFor();
    // The address is the real one.
    await page.getByRole("tabpanel").getByText(`export SPANWISE_BASE_URL=${fresh.origin}`).waitFor();
    await fetch(`${fresh.origin}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{ no JSON",
    });
    await page.getByText(/^Turned down/).waitFor();
    await page.getByText("400 for /v1/traces", { exact: false }).waitFor();
    // So does the list that waits for it, and goes on by itself.
    await page.goto(fresh.listUrl);
    await page.getByRole("heading", { name: "Waiting for your first trace…" }).waitFor();
    await page.getByText(/^Turned down/).waitFor();
    await page.goto(`${fresh.origin}/p/default/settings`);
    await page.getByText(/^Turned down/).waitFor();
    await fresh.addTrace();
    await page.getByText("Traces arrive.").waitFor();
  } finally {
    // A stream that breaks under an open page would be a problem of its own.
    await page.goto("about:blank");
    await fresh.stop();
  }
});
