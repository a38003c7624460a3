import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import type { ObservationSummary } from "../src/api/types.ts";
import { main } from "../src/cli.ts";
import { formatCost } from "../src/cli/format.ts";
import { layOut } from "../src/cli/trace-tree.ts";
import type { SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const WHEN = "2026-11-18T11:06:40.000Z";

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

/** What the command writes, in this process. */
async function run(server: SpanwiseServer, ...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const written = { out: "", err: "" };
  const collect = (name: "out" | "err") => (chunk: string | Uint8Array) => {
    written[name] += String(chunk);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(collect("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(collect("err")),
  ];
  await main(args, { SPANWISE_BASE_URL: server.url });
  for (const spy of spies) spy.mockRestore();
  return { code: process.exitCode, ...written };
}

async function post(server: SpanwiseServer, path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

const traceCreate = (id: string, name: string) => ({
  id: `event of ${id}`,
  type: "trace-create",
  timestamp: WHEN,
  body: { id, name, timestamp: WHEN, input: "\u001b[31msaid" },
});

it("lets no control character of a trace through to the terminal, of its id neither", () =>
  withServer({}, async (server) => {
    const id = "\u001b]0;title\u0007\u009b31m";
    await post(server, "/api/public/ingestion", { batch: [traceCreate(id, "\u001b[2Jname\n# A heading")] });
    for (const args of [["ls"], ["show", id], ["show", "--md", id], ["tail"]]) {
      const { code, out } = await run(server, ...args);
      expect([args, code]).toEqual([args, 0]);
      expect(out).toContain("name");
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(out).not.toMatch(/^# A heading/m);
    }
  }));

it("shows a trace of any id, by the id and by the address of its page", () =>
  withServer({}, async (server) => {
    const id = "a b/c?d#e%41";
    await post(server, "/api/public/ingestion", { batch: [traceCreate(id, "slashes")] });
    const page = `/traces/${encodeURIComponent(id)}`;
    for (const name of [id, `${server.url}/p/default${page}`, `${server.url}/p/default${page}?tab=io#top`, page]) {
      const { out, err } = await run(server, "show", name);
      expect([name, err, out.includes("slashes")]).toEqual([name, "", true]);
    }
    // The address that it prints is one of a page.
    expect((await run(server, "show", id)).out).toContain(`/t/${encodeURIComponent(id)}\n`);
  }));

it("prints a chain of many thousand steps, and a step of many thousand", () =>
  withServer({}, async (server) => {
    const below = (parent: number) => ({ parentSpanId: parent.toString(16).padStart(16, "0") });
    const deep = Array.from({ length: 12_000 }, (_, i) => span(i + 1, {}, i === 0 ? {} : below(i)));
    const wide = Array.from({ length: 6000 }, (_, i) => ({
      ...span(i + 1, {}, i === 0 ? {} : below(1)),
      traceId: "1".repeat(32),
    }));
    for (const spans of [deep, wide]) {
      await post(server, "/v1/traces", exportOf(spans));
      const { code, out, err } = await run(server, "show", spans[0]?.traceId ?? "");
      expect([code, err]).toEqual([0, expect.not.stringContaining("spanwise:")]);
      const rows = out.trimEnd().split("\n").slice(4);
      expect(rows).toHaveLength(spans.length);
      expect(rows.at(-1)).toContain("└─ ");
      expect(rows.at(-1)).toContain(`span ${spans.length}`);
      // A row of a deep tree is no longer than a line of text.
      expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(300);
    }
  }));

it("lays out each row once, whatever the parents", () => {
  const row = (id: string, parentId: string | null) => ({ id, parentId }) as ObservationSummary;
  const rows = layOut([row("a", "b"), row("b", "a"), row("c", "c"), row("d", "gone"), row("e", "d"), row("f", "a")]);
  expect(rows.map(({ observation, depth }) => `${observation.id}${depth}`).toSorted()).toEqual(
    ["a0", "b1", "c0", "d0", "e1", "f1"].toSorted(),
  );
});

it.each([
  [1e-300, "$1.0e-300"],
  [0.000_012_34, "$0.000012"],
  [0, "$0.0000"],
  [12_345.678, "$12345.68"],
  [1e300, "$1.0e+300"],
  [-0.5, "$-0.5000"],
])("writes the cost %s", (cost, text) => {
  expect(formatCost(cost)).toBe(text);
});

it("says so where another server answers", () =>
  withServer({}, async (server) => {
    const { code, err } = await run(server, "ls", "--url", `${server.url}/nothing`);
    expect([code, err]).toEqual([1, expect.stringContaining("is no Spanwise server")]);
    const bad = await run(server, "ls", "--url", "garbage");
    expect([bad.code, bad.err]).toEqual([1, 'spanwise: "garbage" is no address: it is like http://localhost:4777.\n']);
    const old = await run(server, "prune", "--older-than", "-1d");
    expect([old.code, old.err.trimEnd().split("\n")]).toEqual([1, [expect.stringContaining("spanwise prune --help")]]);
  }));

it("makes no file where one is to be read", () =>
  withServer({}, async (server) => {
    const folder = mkdtempSync(join(tmpdir(), "spanwise-cli-"));
    const path = join(folder, "typo.db");
    for (const args of [["ls"], ["show", "x"], ["export"], ["tail"], ["prune", "--older-than", "1d"]]) {
      const { code, out, err } = await run(server, ...args, "--db", path);
      expect([args, code, out, err]).toEqual([args, 1, "", expect.stringContaining(`there is no file ${path}`)]);
    }
    expect(existsSync(path)).toBe(false);
    rmSync(folder, { recursive: true });
  }));
