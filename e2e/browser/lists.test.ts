import { expect, test } from "vitest";
import { violations } from "../support/axe.ts";
import { firstRow, page, press, viewer, useViewerPage } from "../support/viewer-page.ts";

useViewerPage({ reducedMotion: "reduce" });

const idOf = (url: string): string => url.split("/").at(-1)!;

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(viewer.origin + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} for ${path}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

test("a run shows what was expected beside what came, with its scores", async () => {
  const traceId = idOf(await viewer.traceUrl("support-agent"));
  await post("/api/datasets", { name: "golden" });
  const item = await post("/api/datasets/golden/items", { input: "Where is my bike?", expectedOutput: "On its way." });
  const link = { runName: "gpt-4o of today", datasetItemId: item["id"], traceId };
  await post("/api/public/dataset-run-items", link);
  await page.goto(`${viewer.origin}/p/default/datasets/golden`);
  await page.getByRole("link", { name: /gpt-4o of today/ }).press("Enter");
  await page.waitForURL(/\/runs\/gpt-4o%20of%20today$/);
  await page.getByText("1 item", { exact: true }).waitFor();
  const row = page.getByRole("row").nth(1);
  for (const text of ["Where is my bike?", "On its way.", "Ridgeline", "helpful"])
    expect(await row.innerText()).toContain(text);
  expect(await violations(page)).toEqual([]);
  await press("j", "e");
  const dialog = page.getByRole("dialog");
  // The whole output, of which the row has the beginning.
  await dialog.getByText("Shall I request the refund?", { exact: false }).waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("link", { name: "Open the trace" }).press("Enter");
  await page.waitForURL(new RegExp(`/traces/${traceId}`));
});

test("an item of which the list has the beginning is edited as a whole", async () => {
  const input = `Where is my bike? ${"It is red. ".repeat(5000)}`;
  const metadata = { log: Array.from({ length: 5000 }, (_, index) => `line ${index}`) };
  await post("/api/datasets", { name: "long" });
  const { id } = await post("/api/datasets/long/items", { input, expectedOutput: "On its way.", metadata });
  const listed = await (await fetch(`${viewer.origin}/api/datasets/long/items`)).json();
  expect(listed).toMatchObject({ data: [{ truncated: ["input", "metadata"] }] });
  await page.goto(`${viewer.origin}/p/default/datasets/long`);
  await page.getByRole("button", { name: /^Where is my bike\? It is red\./ }).press("Enter");
  const dialog = page.getByRole("dialog");
  const field = (name: string) => dialog.getByRole("textbox", { name, exact: true });
  await expect.poll(() => field("Input").inputValue()).toBe(input);
  expect(JSON.parse(await field("Metadata").inputValue())).toEqual(metadata);
  await field("Expected output").fill("Delivered.");
  await dialog.getByRole("button", { name: "Save" }).press("Enter");
  await dialog.waitFor({ state: "detached" });
  const item = await (await fetch(`${viewer.origin}/api/dataset-items/${String(id)}`)).json();
  expect(item).toMatchObject({ input, expectedOutput: "Delivered.", metadata });
  // What is opened again is what was saved.
  await page.getByRole("button", { name: /^Where is my bike\?/ }).press("Enter");
  await expect.poll(() => field("Expected output").inputValue()).toBe("Delivered.");
  expect(await violations(page)).toEqual([]);
});

test.each([".", "..", "~."])("a session and a user that telemetry calls %s have pages", async (id) => {
  const answer = await post("/api/public/ingestion", {
    batch: [
      {
        id: `event ${id}`,
        type: "trace-create",
        timestamp: new Date().toISOString(),
        body: { id: `trace of ${id}`, name: `said by ${id}`, sessionId: id, userId: id, input: "Who am I?" },
      },
    ],
  });
  expect(answer["errors"]).toEqual([]);
  await page.goto(`${viewer.origin}/p/default/sessions`);
  await page.getByRole("link", { name: id, exact: true }).press("Enter");
  await page.getByRole("heading", { name: id, exact: true }).waitFor();
  await page.getByText("Who am I?").first().waitFor();
  await page.reload();
  await page.getByRole("heading", { name: id, exact: true }).waitFor();
  await page.goto(`${viewer.origin}/p/default/users`);
  await page.getByRole("link", { name: id, exact: true }).press("Enter");
  await page.getByRole("heading", { name: id, exact: true }).waitFor();
  await page.reload();
  await page.getByText(`said by ${id}`).first().waitFor();
});

test("selected traces go to a dataset by their roots", async () => {
  await page.goto(`${viewer.listUrl}?q=name:(support-agent OR research-agent)`);
  await firstRow();
  await press("j", "x", "j", "x", "d");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").fill("from-traces");
  await press("Enter");
  await dialog.getByRole("heading", { name: "2 items added" }).waitFor();
});

test("a user has a page: what was done, what it cost, where it failed", async () => {
  await page.goto(`${viewer.origin}/p/default/users`);
  await firstRow();
  await page.getByRole("link", { name: "mira.okafor" }).press("Enter");
  await page.waitForURL(/\/users\/mira\.okafor/);
  // An id that ends like the name of a file is a page as well, and one that looks like markup is a name.
  await page.reload();
  await firstRow();
  const sums = page.getByRole("list", { name: "Sums of mira.okafor" });
  await expect.poll(() => sums.getByRole("link", { name: /^Cost/ }).innerText()).toMatch(/\$0\.\d+/);
  expect(await violations(page)).toEqual([]);
  await sums.getByRole("link", { name: /^Sessions/ }).press("Enter");
  await page.waitForURL(/\/sessions\?q=user/);
  await firstRow();
});

test("a user whose name is markup has a page too", async () => {
  const name = "<script>alert(1)</script>";
  await page.goto(`${viewer.origin}/p/default/users/${encodeURIComponent(name)}`);
  await page.getByRole("heading", { name }).waitFor();
  await firstRow();
});

test("scores are found by what was given", async () => {
  await page.goto(`${viewer.origin}/p/default/scores`);
  await firstRow();
  await page.getByRole("button", { name: "Any value" }).press("Enter");
  await page.getByLabel("At least").fill("0.9");
  await page.getByLabel("At most").fill("0.95");
  await press("Enter");
  await page.getByRole("button", { name: "0.9 to 0.95" }).waitFor();
  expect(new URL(page.url()).search).toBe("?valueMin=0.9&valueMax=0.95");
  await expect.poll(() => page.getByRole("cell").filter({ hasText: "groundedness" }).count()).toBeGreaterThan(0);
  await expect.poll(() => page.getByRole("cell").filter({ hasText: "helpful" }).count()).toBe(0);
});

test("after a reset of the feed everything that is shown is read again", async () => {
  let go = (): void => {};
  const asked = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/events*", async (route) => {
    await asked;
    await route.fulfill({ contentType: "text/event-stream", body: "event: reset\ndata: {}\n\n" });
  });
  await page.goto(viewer.listUrl);
  await firstRow();
  const lists: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/api/traces") lists.push(url.searchParams.get("q") ?? "");
  });
  go();
  await expect.poll(() => lists.length).toBeGreaterThan(0);
  expect(lists[0]).toBe("");
});

test("a large value is shown in the transcript when it is asked for", async () => {
  const traceId = "e".repeat(32);
  const text = (value: string) => ({ stringValue: value });
  const now = Date.now();
  const span = { traceId, kind: 1, startTimeUnixNano: `${now - 900}000000`, endTimeUnixNano: `${now}000000` };
  const messages = [{ role: "user", content: `Summarise this: ${"words ".repeat(60_000)}` }];
  await post("/v1/traces", {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              { ...span, spanId: "d".repeat(16), name: "ask", attributes: [] },
              {
                ...span,
                spanId: "e".repeat(16),
                parentSpanId: "d".repeat(16),
                name: "summarise",
                attributes: [
                  { key: "langfuse.observation.type", value: text("generation") },
                  { key: "langfuse.observation.input", value: text(JSON.stringify(messages)) },
                  { key: "langfuse.observation.output", value: text("A summary.") },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
  await page.goto(`${viewer.listUrl}/${traceId}?view=transcript`);
  const show = page.getByRole("feed").getByRole("button", { name: "Show it here" });
  await show.first().press("Enter");
  await page
    .getByRole("feed")
    .getByText(/Summarise this: words/)
    .first()
    .waitFor();
});

test("a project is renamed, and deleted by its name", async () => {
  await post("/api/projects", { name: "Trial" });
  await page.goto(`${viewer.origin}/p/default/settings/projects`);
  await page.getByRole("button", { name: "Rename Trial" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Second trial");
  await press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Delete Second trial" }).press("Enter");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.type("Second");
  expect(await dialog.getByRole("button", { name: "Delete" }).isEnabled()).toBe(false);
  await page.keyboard.type(" trial");
  await press("Enter");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => page.getByText("Second trial").count()).toBe(0);
  // The one that everything falls back to stays.
  expect(await page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
});

test("a model call shows the tools it was offered where its input has none, and tables as tables", async () => {
  const traceId = "7ab1e".padEnd(32, "0");
  const now = Date.now();
  const attributes = {
    "langfuse.observation.type": "generation",
    "gen_ai.tool.definitions": JSON.stringify([{ name: "search_orders" }, { name: "refund" }]),
    "langfuse.observation.input": JSON.stringify([{ role: "user", content: "Which plans are there?" }]),
    "langfuse.observation.output": JSON.stringify({
      role: "assistant",
      content: "| Plan | Cost |\n|---|--:|\n| Small | **$2** |\n| `a|b` | $4 |",
    }),
  };
  const span = {
    traceId,
    spanId: "7ab1e".padEnd(16, "0"),
    name: "plans",
    startTimeUnixNano: `${now - 1_000}000000`,
    endTimeUnixNano: `${now}000000`,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  };
  await post("/v1/traces", { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  await page.goto(`${viewer.listUrl}/${traceId}`);
  await page.getByText("2 tool definitions").click();
  await page.getByText("refund", { exact: false }).first().waitFor();
  const table = page.getByRole("group", { name: "Table" }).getByRole("table");
  expect(await table.getByRole("columnheader").allInnerTexts()).toEqual(["Plan", "Cost"]);
  expect(await table.getByRole("cell").allInnerTexts()).toEqual(["Small", "$2", "a|b", "$4"]);
  expect(await violations(page)).toEqual([]);
});
