import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { root } from "../support/consumer.ts";
import { start, type Running } from "../support/run.ts";

/** Kept as an artefact of CI, ignored by git. */
const screenshots = join(root, "artifacts", "screenshots");

let demo: Running;
let url: string;
let answer: string;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "spanwise-browser-"));
  demo = start([join(root, "scripts/demo.mjs"), "--port", "0", "--db", join(folder, "demo.db")]);
  url = (await demo.waitFor(/The trace: (http:\S+)/))[1]!;
  answer = await answerOf(url);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  demo.child.kill("SIGINT");
  await demo.finished();
});

/** What the streamed generation answered, as the API tells it. */
async function answerOf(traceUrl: string): Promise<string> {
  const api = traceUrl.replace("/t/", "/api/traces/");
  const { observations } = (await (await fetch(api)).json()) as { observations: { id: string; name: string }[] };
  const { id } = observations.find(({ name }) => name === "write-answer")!;
  const detail = (await (await fetch(`${api}/observations/${id}`)).json()) as { output: { content: string } };
  return detail.output.content;
}

describe.each(["dark", "light"] as const)("the printed URL in a browser, %s", (colorScheme) => {
  let page: Page;
  let problems: readonly string[];

  beforeAll(async () => {
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
    problems = watchProblems(page);
    await page.goto(url);
    await page.getByRole("tree").waitFor();
  });

  afterAll(() => page.close());

  test("shows the tree with the agent as its root, retrieval, tools and the generations", async () => {
    const rows = page.getByRole("treeitem");
    await expect.poll(() => rows.count()).toBeGreaterThan(6);
    expect(await rows.first().getAttribute("aria-level")).toBe("1");
    expect(await rows.first().textContent()).toContain("docs-agent");
    const text = await page.getByRole("tree").textContent();
    for (const name of ["retrieve", "search_docs", "plan", "write-answer"]) expect(text).toContain(name);
  });

  test("shows the answer, the tokens and the cost of the streamed generation", async () => {
    await page.getByRole("treeitem").filter({ hasText: "write-answer" }).click();
    // Up to where Markdown begins: it is shown as what it means.
    const words = answer
      .split(/[`*_[\]<]/, 1)[0]!
      .split(" ", 6)
      .join(" ")
      .trim();
    await page.getByText(words).first().waitFor();
    const body = await page.locator("body").textContent();
    expect(body).toMatch(/\$0\.\d+/);
    expect(body).toMatch(/input/i);
    expect(body).toMatch(/user-feedback/);
    await page.screenshot({ path: join(screenshots, `trace-${colorScheme}.png`) });
  });

  test("lists the trace with its name, tokens and cost", async () => {
    await page.goto(new URL("/", url).href);
    await page
      .getByRole("row", { name: /docs-agent/ })
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(await page.locator("body").textContent()).toMatch(/\$0\.\d+/);
    await page.screenshot({ path: join(screenshots, `list-${colorScheme}.png`) });
  });

  test("nothing went wrong on the way", () => {
    expect(problems).toEqual([]);
  });
});
