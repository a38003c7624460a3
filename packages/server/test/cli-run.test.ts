import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { useCli } from "./cli-process.ts";
import { hexId } from "./store/fixtures.ts";
import { A } from "./cli-traces.ts";

const { folder, run, start, startReady } = useCli();

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
});
