import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { packageRoot, useCli } from "./cli-process.ts";
import { toProtobuf } from "./otlp-messages.ts";
import { hexId } from "./store/fixtures.ts";
import { A, B, makeTrace } from "./cli-traces.ts";

const { folder, run, startReady } = useCli();

// Each test starts processes, on machines that may be busy.
describe("spanwise", { timeout: 60_000 }, () => {
  // A device that is always full: Linux has one.
  it.skipIf(!existsSync("/dev/full"))("says in one line that its output cannot be written", async () => {
    const child = spawn(process.execPath, [join(packageRoot, "bin/spanwise.mjs"), "keys", "--help"], {
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    });
    let told = "";
    child.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString()));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(told).toMatch(/^spanwise: the output cannot be written: ENOSPC.*\n$/);
  });

  it("imports files of all kinds, lists and shows what was in them", async () => {
    const db = "import.db";
    writeFileSync(join(folder, "one.json"), JSON.stringify(makeTrace(A), null, 2));
    const lines = [makeTrace(hexId(12, 32)), makeTrace(hexId(13, 32))].map((line) => JSON.stringify(line)).join("\n");
    writeFileSync(join(folder, "lines.jsonl.gz"), gzipSync(`${lines}\n`));
    writeFileSync(join(folder, "one.pb"), toProtobuf(makeTrace(B)));
    expect(await run(["import", "one.json", "lines.jsonl.gz", "one.pb", "--db", db])).toEqual({
      code: 0,
      stdout: "one.json: 2 spans\nlines.jsonl.gz: 4 spans\none.pb: an unknown number of spans\n",
      stderr: "",
    });
    expect((await run(["ls", "--db", db, "-n", "3", "--json"])).stdout.trim().split("\n")).toHaveLength(3);
    const table = (await run(["ls", "--db", db])).stdout;
    expect(table).toMatch(/^STARTED/);
    // What would move the cursor or colour the terminal is gone.
    expect(table).toContain("root [31m");
    expect(table).toContain("$0.0035");
    expect(table.split("\n").filter((line) => line.includes("$0.0035"))).toHaveLength(4);

    const tree = await run(["show", `http://localhost:4777/t/${A}`, "--db", db]);
    expect(tree.stdout).toMatch(
      /^✓ root .*\n {2}.*1,100 tokens {2}\$0\.0035\n.*\n\n✓ root .*\n└─ ✓ call {2}generation .*1,000→100/,
    );
    const markdown = (await run(["show", A, "--md", "--db", db])).stdout;
    expect(markdown).toContain("# Trace root");
    expect(markdown).toContain("````\nwhy ```so```?\n````");
    expect(JSON.parse((await run(["show", A, "--json", "--db", db])).stdout)).toMatchObject({ trace: { traceId: A } });

    writeFileSync(join(folder, "bad.json"), '{"resourceLogs": []}');
    writeFileSync(join(folder, "text.json"), "hello");
    writeFileSync(join(folder, "bad.pb"), Uint8Array.from([0x0a, 0xff, 0x01, 0x00]));
    for (const [args, message] of [
      [["import", "none.json"], /there is no file .*none\.json/],
      [["import", "bad.json"], /bad\.json, line 1: neither an OTLP trace export/],
      [["import", "text.json"], /text\.json, line 1: not JSON/],
      [["import", "bad.pb"], /answers 400: The body is not an OTLP trace export in protobuf/],
      [["import"], /import needs a file/],
      [["show"], /needs the id of a trace/],
      [["show", hexId(99, 32)], /There is no trace with this id/],
      [["ls", "-n", "x"], /--limit x: give a whole number/],
    ] as const) {
      expect(await run([...args, "--db", db]), args.join(" ")).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(message),
      });
    }
  });

  it("reads in again what came in Langfuse's batches, whose ids are any text; OTLP is given ids of its own", async () => {
    const row = { status: "ok", level: "DEFAULT", isRoot: false, tags: [], environment: "default" };
    const rows = [
      {
        ...row,
        traceId: "chat-1",
        id: "t-chat-1",
        parentId: null,
        type: "span",
        name: "chat",
        startTime: 1_795_829_957_000,
        userId: "u1",
        tags: ["a"],
        input: "why?",
        output: "",
      },
      {
        ...row,
        traceId: "chat-1",
        id: "call-1",
        parentId: "t-chat-1",
        type: "generation",
        name: "call",
        model: "gpt-4o",
        startTime: 1_795_829_957_010,
        endTime: 1_795_829_957_500,
        usage: { input: 10, output: 2 },
        metadata: { k: 1 },
        output: "so",
      },
      {
        ...row,
        traceId: "chat-1",
        id: "tool-1",
        parentId: "call-1",
        type: "tool",
        name: "look",
        startTime: 1_795_829_957_020,
        endTime: 1_795_829_957_030,
        level: "ERROR",
        statusMessage: "no",
      },
    ];
    writeFileSync(join(folder, "batch.jsonl"), rows.map((one) => `${JSON.stringify(one)}\n`).join(""));
    expect(await run(["import", "batch.jsonl", "--db", "batch.db"])).toMatchObject({
      code: 0,
      stdout: "batch.jsonl: 3 spans\n",
    });
    const show = async (db: string): Promise<unknown> =>
      JSON.parse((await run(["show", "chat-1", "--json", "--db", db])).stdout);
    const before = await show("batch.db");
    expect(before).toMatchObject({
      trace: { name: "chat", userId: "u1", tags: ["a"], errorCount: 1, totalTokens: 12 },
    });
    await run(["export", "-o", "again.jsonl", "--db", "batch.db"]);
    await run(["import", "again.jsonl", "--db", "again.db"]);
    expect(await show("again.db")).toEqual(before);

    await run(["export", "--format", "otlp", "-o", "batch.otlp", "--db", "batch.db"]);
    const imported = await run(["import", "batch.otlp", "--db", "hex.db", "--json"]);
    expect(imported).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ file: "batch.otlp", spans: 3, refused: 0 })}\n`,
    });
    expect((await run(["ls", "--db", "hex.db"])).stdout).toContain("chat");

    await run(["export", "--format", "csv", "-o", "batch.csv", "--db", "batch.db"]);
    expect(await run(["import", "batch.csv"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("batch.csv is CSV"),
    });
    const bad = makeTrace(A);
    writeFileSync(join(folder, "some.json"), JSON.stringify(bad).replace(/"spanId":"[^"]+"/, '"spanId":"x"'));
    expect(await run(["import", "some.json", "--db", "some.db"])).toMatchObject({
      code: 1,
      stdout: "some.json: 1 spans, 1 refused\n",
      stderr: expect.stringContaining("1 spans were refused: span"),
    });
  });

  it("writes to files what it reads in again, the same", async () => {
    writeFileSync(join(folder, "trip.json"), JSON.stringify(makeTrace(A)));
    await run(["import", "trip.json", "--db", "from.db"]);
    const show = async (db: string): Promise<unknown> => {
      const detail = JSON.parse((await run(["show", A, "--json", "--db", db])).stdout) as object;
      const markdown = (await run(["show", A, "--md", "--db", db])).stdout;
      return [detail, markdown.replaceAll(/localhost:\d+/g, "")];
    };
    const before = await show("from.db");
    for (const format of ["jsonl", "otlp"]) {
      const file = `trip.${format}`;
      expect(await run(["export", "--format", format, "-o", file, "--db", "from.db"])).toEqual({
        code: 0,
        stdout: "",
        stderr: "",
      });
      expect((await run(["import", file, "--db", `${format}.db`])).stdout).toBe(`${file}: 2 spans\n`);
      expect(await show(`${format}.db`)).toEqual(before);
      expect(await run(["export", "--format", format, "-o", file, "--db", "from.db"])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("is there already"),
      });
    }
    const csv = await run(["export", "model:gpt-4o", "--format", "csv", "--db", "from.db"]);
    expect(csv.stdout.trim().split("\r\n")).toHaveLength(2);
    expect((await run(["export", "--from", "2030-01-01", "--db", "from.db"])).stdout).toBe("");
    expect((await run(["export", "--format", "xml", "--db", "from.db"])).stderr).toContain(
      "choose one of jsonl, csv, otlp",
    );
    expect((await run(["export", "--from", "soon", "--db", "from.db"])).stderr).toContain("give a time like");
  });

  it("copies the database while it is written to", async () => {
    const { ready } = await startReady(["--port", "0", "--db", "live.db"]);
    const state = { isOver: false, acknowledged: 0 };
    const writing = (async () => {
      while (!state.isOver) {
        const answer = await fetch(`${ready.url}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(makeTrace(hexId(100 + state.acknowledged, 32))),
        });
        if (answer.ok) state.acknowledged += 1;
      }
    })();
    while (state.acknowledged < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = state.acknowledged;
    expect(await run(["backup", "copy.db", "--db", "live.db"])).toMatchObject({ code: 0, stderr: "" });
    state.isOver = true;
    await writing;
    const listed = (await run(["ls", "--db", "copy.db", "-n", "10000", "--json"])).stdout.trim().split("\n");
    expect(listed.length).toBeGreaterThanOrEqual(before);
    expect(listed.length).toBeLessThanOrEqual(state.acknowledged);
    for (const [args, message] of [
      [["copy.db", "--db", "live.db"], /copy\.db is there already/],
      [["other.db", "--db", "none.db"], /there is no file .*none\.db/],
      [["no-such-folder/x.db", "--db", "live.db"], /cannot be copied to/],
      [[], /needs the name of a new file/],
    ] as const) {
      expect(await run(["backup", ...args])).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    }
  });
});
