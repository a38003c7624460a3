import Database from "libsql";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { packageRoot, useCli } from "./cli-process.ts";
import { exportOf, span, toProtobuf } from "./otlp-messages.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const { folder, environment, run, start, startReady } = useCli();

function makeDatabase(name: string, version: number, sql: string): void {
  const database = new Database(join(folder, name));
  database.exec(`${sql} PRAGMA user_version = ${version};`);
  database.close();
}

async function send(url: string, spans: ReturnType<typeof span>[]): Promise<void> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: new Uint8Array(toProtobuf(exportOf(spans))),
  });
  expect(answer.status).toBe(200);
}

// Each test starts processes, on machines that may be busy.
describe("spanwise", { timeout: 30_000 }, () => {
  it("prints its help and version", async () => {
    expect((await run(["--help"])).stdout).toContain("Usage: spanwise");
    for (const command of [
      "serve",
      "run",
      "tail",
      "ls",
      "show",
      "export",
      "import",
      "keys",
      "prune",
      "backup",
      "doctor",
    ]) {
      const help = await run([command, "--help"]);
      expect([help.code, help.stdout, help.stderr]).toEqual([
        0,
        expect.stringContaining(`Usage: spanwise ${command} `),
        "",
      ]);
    }
    const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("serves, stores under the current folder, and ends with 0 on SIGTERM", async () => {
    const { child, ready } = await startReady(["serve", "--port", "0"]);
    expect(ready).toMatchObject({
      db: join(folder, ".spanwise/spanwise.db"),
      pid: child.pid,
      url: `http://localhost:${ready.port}`,
    });
    await send(ready.url, [span(1)]);
    // An open live stream must not hold the server up.
    const events = await fetch(`${ready.url}/api/events`);
    const before = Date.now();
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    // Under the five seconds after which connections are cut.
    expect(Date.now() - before).toBeLessThan(4500);
    await events.body?.cancel().catch(() => undefined);
    const store = await openSqliteStore({ path: ready.db });
    expect((await store.getTrace("default", TRACE_ID))?.observations).toHaveLength(1);
    await store.close();
  });

  it("serves on when nobody reads what it prints, and ends without a word where printing was all", async () => {
    const { child, ready } = await startReady(["--port", "0"]);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    const server = start(["--port", String(ready.port), "--no-open"]);
    server.stdout?.destroy();
    const isUp = async (): Promise<void> => expect((await fetch(`${ready.url}/api/health`)).ok).toBe(true);
    await vi.waitFor(isUp, 10_000);
    expect(server.exitCode).toBeNull();

    await send(ready.url, [span(1)]);
    const list = start(["ls", "--url", ready.url, "--json"]);
    list.stdout?.destroy();
    let complaint = "";
    list.stderr?.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    const [code] = (await once(list, "exit")) as [number | null];
    expect([code, complaint]).toEqual([0, ""]);
  });

  it("loses nothing it acknowledged when it is killed", async () => {
    const db = join(folder, "killed", "test.db");
    const { child, ready } = await startReady(["--port", "0", "--db", db]);
    for (let index = 1; index <= 20; index++) await send(ready.url, [span(index), span(index + 100)]);
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = await openSqliteStore({ path: db });
    expect((await store.getTrace("default", TRACE_ID))?.observations).toHaveLength(40);
    await store.close();
  });

  it("refuses a taken port and says by whom it is taken", async () => {
    const { ready } = await startReady(["--port", "0", "--db", ":memory:"]);
    const again = await run(["--port", String(ready.port), "--db", ":memory:"]);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^spanwise: a Spanwise server is already running at \S+: .*\n$/),
    });

    const other = createHttpServer((_, answer) => answer.end("hello")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const taken = await run(["--port", String((other.address() as AddressInfo).port), "--db", ":memory:"]);
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^spanwise: port \d+ is in use by another program: .*\n$/),
    });
    other.close();
  });

  it("takes the next port when nobody asked for the default", async () => {
    const blocker = createHttpServer().listen(4777, "127.0.0.1");
    // Somebody else on this machine may hold the port already: it is taken either way.
    await Promise.race([once(blocker, "listening"), once(blocker, "error")]).catch(() => undefined);
    const { ready } = await startReady(["--db", ":memory:"]);
    expect(ready.port).toBeGreaterThan(4777);
    blocker.close();
  });

  it("explains in one line what it cannot do", async () => {
    writeFileSync(join(folder, "text.db"), "no database at all. ".repeat(300));
    mkdirSync(join(folder, "a-folder"));
    makeDatabase("damaged.db", 2, "CREATE TABLE t (a);");
    writeFileSync(join(folder, "damaged.db"), readFileSync(join(folder, "damaged.db")).fill(0xff, 100, 4096));
    makeDatabase("foreign.db", 0, "CREATE TABLE users (a);");
    makeDatabase("newer.db", 99, "");
    const foreign = readFileSync(join(folder, "foreign.db"));
    const cases: [string[], RegExp][] = [
      [["--db", "text.db"], /not a SQLite database/],
      [["--db", "damaged.db"], /is damaged/],
      [["--db", "foreign.db"], /another program's database/],
      [["--db", "newer.db"], /newer version/],
      [["--db", "a-folder"], /is a folder/],
      [["--db", "text.db/x.db"], /is a file and not a folder/],
      [["--db", "text.db/y/x.db"], /folder .* cannot be made/],
      [["--db", ""], /needs the name of a file/],
      [["--port", "x"], /not a port/],
      [["--nope"], /--help/],
      [["dance"], /no command "dance"/],
      [["--host", "0.0.0.0"], /--public-key/],
    ];
    // Where even an administrator cannot write.
    if (process.platform === "linux") {
      cases.push([["--db", "/proc/x.db"], /cannot be opened for writing/]);
      cases.push([["--db", "/proc/spanwise/x.db"], /cannot be made \(ENOENT\)/]);
    }
    for (const [args, message] of cases) {
      const result = await run(args);
      expect(result.code, args.join(" ")).toBe(1);
      expect(result.stderr).toMatch(message);
      expect(result.stderr.trim().split("\n")).toHaveLength(1);
      expect(result.stdout).toBe("");
    }
    expect(readFileSync(join(folder, "foreign.db")).equals(foreign)).toBe(true);
  });

  it("loads as CommonJS and serves from there", async () => {
    const script = `const { createServer } = require(${JSON.stringify(join(packageRoot, "dist/index.cjs"))});
      createServer({ port: 0, db: "cjs.db" }).then(async (s) => { console.log((await fetch(s.url + "/api/health")).status); await s.close(); });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: folder, env: environment });
    expect(stdout).toBe("200\n");
  });
});
