import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { useCli } from "./cli-process.ts";
import { attribute, exportOf, span, toProtobuf } from "./otlp-messages.ts";
import { hexId } from "./store/fixtures.ts";

const { folder, run, start, startReady } = useCli();
const A = hexId(10, 32);
const B = hexId(11, 32);

/** A program that sends one trace as its environment says, and then does as its argument says. */
const PROGRAM = `
const send = async () => {
  const url = process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const [name, value] = decodeURIComponent(process.env.OTEL_EXPORTER_OTLP_TRACES_HEADERS).split(/=(.*)/s);
  const now = BigInt(Date.now()) * 1000000n;
  const span = { traceId: "${A}", spanId: "${hexId(1, 16)}", name: "from-the-app", startTimeUnixNano: String(now), endTimeUnixNano: String(now + 5000000n) };
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...(name ? { [name]: value } : {}) },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }) });
  console.log(answer.status, process.env.SPANWISE_BASE_URL, process.env.LANGFUSE_PUBLIC_KEY, process.env.SPANWISE_EXPORTERS);
};
await send();
if (process.argv[2] === "wait") {
  process.on("SIGTERM", () => process.exit(7));
  console.log("waiting");
  setInterval(() => {}, 1000);
} else process.exitCode = Number(process.argv[2]);
`;

function makeTrace(traceId: string): ReturnType<typeof exportOf> {
  const model = [
    attribute("gen_ai.operation.name", "chat"),
    attribute("gen_ai.request.model", "gpt-4o"),
    attribute("gen_ai.usage.input_tokens", 1000),
    attribute("gen_ai.usage.output_tokens", 100),
    attribute("langfuse.observation.input", "why ```so```?"),
  ];
  const root = { ...span(1), traceId, name: "root\u001b[31m" };
  const child = { ...span(2), traceId, parentSpanId: root.spanId, name: "call", attributes: model };
  return exportOf([root, child]);
}

// Each test starts processes, on machines that may be busy.
describe("spanwise", { timeout: 60_000 }, () => {
  it("runs a command with its traces sent here, and ends as it ends", async () => {
    writeFileSync(join(folder, "program.mjs"), PROGRAM);
    const production = {
      SPANWISE_BASE_URL: "http://prod.example",
      LANGFUSE_PUBLIC_KEY: "pk-prod",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "authorization=prod",
      SPANWISE_EXPORTERS: "langfuse",
    };
    const db = "run.db";
    const args = ["run", "--port", "0", "--db", db, "--", process.execPath, "program.mjs"];
    const result = await run([...args, "3"], production);
    expect(result).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^200 http:\/\/localhost:\d+ pk-local spanwise\n$/),
      stderr: expect.stringMatching(/^spanwise: traces go to http:\/\/localhost:\d+\n.* from-the-app {2}5ms .*\n$/),
    });
    const listed = await run(["ls", "--db", db, "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject({ traceId: A, name: "from-the-app" });
  });

  it("runs a command with a server that is there, with its keys, and passes a signal on", async () => {
    writeFileSync(join(folder, "program.mjs"), PROGRAM);
    const keys = { SPANWISE_PUBLIC_KEY: "pk-a", SPANWISE_SECRET_KEY: "sk-a=" };
    const { ready } = await startReady(["--port", "0", "--db", ":memory:"], keys);
    const child = start(["run", "--url", ready.url, "--json", "--", process.execPath, "program.mjs", "wait"], keys);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      lines.push(line);
      if (line === "waiting") break;
    }
    expect(lines).toEqual([`200 ${ready.url} pk-a spanwise`, "waiting"]);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([7, null]);
    expect((await fetch(`${ready.url}/api/health`)).status).toBe(200);
  });

  it("says what it cannot run", async () => {
    const base = ["run", "--port", "0", "--db", ":memory:"];
    expect(await run([...base, "--", "no-such-program-x"])).toMatchObject({
      code: 127,
      stderr: expect.stringContaining("no-such-program-x: command not found."),
    });
    mkdirSync(join(folder, "a-folder"), { recursive: true });
    expect((await run([...base, "--", join(folder, "a-folder")])).code).toBe(126);
    expect(await run(base)).toMatchObject({ code: 1, stderr: expect.stringContaining("run needs a command") });
    expect(await run(["run", "--url", "http://localhost:9", "--", "true"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no Spanwise server answers at http://localhost:9"),
    });
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

  it("deletes what is old", async () => {
    writeFileSync(
      join(folder, "old.json"),
      JSON.stringify(
        exportOf([
          { ...span(1), traceId: A, ...now(40) },
          { ...span(2), traceId: B, ...now() },
        ]),
      ),
    );
    await run(["import", "old.json", "--db", "old.db"]);
    expect((await run(["prune", "--older-than", "30d", "--db", "old.db"])).stdout).toBe("Deleted 1 traces.\n");
    expect(
      (await run(["ls", "--db", "old.db", "--json"])).stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { traceId: string }).traceId),
    ).toEqual([B]);
    expect((await run(["prune", "--db", "old.db"])).stderr).toContain("prune needs --older-than or --max-size");
    expect((await run(["prune", "--older-than", "x", "--db", "old.db"])).stderr).toContain(
      "--older-than x: give a number",
    );
  });

  it("prints traces as they end", async () => {
    const { ready } = await startReady(["--port", "0", "--db", ":memory:"]);
    const env = { SPANWISE_BASE_URL: ready.url };
    const send = (traceId: string): Promise<unknown> =>
      fetch(`${ready.url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(exportOf([{ ...span(1), traceId, ...now() }])),
      });
    await send(A);
    expect(JSON.parse((await run(["tail", "--json"], env)).stdout)).toMatchObject({ traceId: A });
    const child = start(["tail", "-f", "-n", "1"], env);
    const seen: string[] = [];
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      seen.push(line.slice(-32));
      if (seen.length === 1) await send(B);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([A, B]);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("finds out what is wrong", async () => {
    const { ready } = await startReady(["--port", "0", "--db", "doctor.db"], KEYS);
    const env = { SPANWISE_BASE_URL: ready.url, ...KEYS };
    const well = await run(["doctor", "--json"], env);
    expect([well.code, well.stderr]).toEqual([0, ""]);
    const steps = well.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { step: string; ok: boolean });
    expect(steps.every(({ ok }) => ok)).toBe(true);
    expect(steps.map(({ step }) => step)).toEqual([
      "node",
      "environment",
      "server",
      "database",
      "live events",
      "send a trace",
      "read it back",
      "event of it",
    ]);

    const other = createHttpServer((_, answer) => answer.end("hello")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const foreign = `http://localhost:${(other.address() as AddressInfo).port}`;
    for (const [change, args, failing] of [
      [
        { SPANWISE_BASE_URL: "http://localhost:9" },
        [],
        /✗ server: no server answers at http:\/\/localhost:9 .*start one/,
      ],
      [{ SPANWISE_BASE_URL: foreign }, [], /✗ server: /],
      [{ SPANWISE_SECRET_KEY: "wrong" }, [], /✗ database: .*asks for keys/],
      [{ SPANWISE_ENABLED: "false" }, [], /✗ environment: SPANWISE_ENABLED is false/],
      [{}, ["--wait", "1"], /✗ your application: no trace came within 1 s/],
    ] as const) {
      const result = await run(["doctor", ...args], { ...env, ...change });
      expect([result.code, result.stdout.trim().split("\n").at(-1)]).toEqual([1, expect.stringMatching(failing)]);
    }
    other.close();
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

  it("makes keys that a running server knows at once", async () => {
    const { ready } = await startReady(["--port", "0", "--db", "keys.db", "--keys"]);
    const made = await run(["keys", "create", "--db", "keys.db", "--project", "shop", "--note", "ci"]);
    const env = Object.fromEntries(
      made.stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ) as Record<string, string>;
    expect(Object.keys(env)).toEqual(["SPANWISE_PUBLIC_KEY", "SPANWISE_SECRET_KEY"]);
    expect((await run(["ls", "--url", ready.url], env)).code).toBe(0);
    expect((await run(["ls", "--url", ready.url])).stderr).toContain("asks for keys");
    const listed = await run(["keys", "ls", "--db", "keys.db"]);
    expect(listed.stdout).toMatch(/shop +pk-sw-\w+ +….{4} .* ci\n$/);
    expect(listed.stdout).not.toContain(env["SPANWISE_SECRET_KEY"]);
    expect((await run(["keys", "rm", env["SPANWISE_PUBLIC_KEY"] ?? "", "--db", "keys.db"])).code).toBe(0);
    expect((await run(["keys", "rm", "pk-none", "--db", "keys.db"])).stderr).toContain("there is no key pk-none");
    // With a key in its file, a server may be reached by others.
    await run(["keys", "create", "--db", "keys.db"]);
    const { ready: wide } = await startReady(["--port", "0", "--db", "keys.db", "--host", "0.0.0.0"]);
    expect((await fetch(`${wide.url}/api/traces`)).status).toBe(401);
  });
});

const KEYS = { SPANWISE_PUBLIC_KEY: "pk-a", SPANWISE_SECRET_KEY: "sk-a" };

function now(daysAgo = 0): { startTimeUnixNano: string; endTimeUnixNano: string } {
  const nanos = BigInt(Date.now() - daysAgo * 86_400_000) * 1_000_000n;
  return { startTimeUnixNano: String(nanos), endTimeUnixNano: String(nanos + 5_000_000n) };
}
