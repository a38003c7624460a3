import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { useCli } from "./cli-process.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { A, B, now } from "./cli-traces.ts";

const { folder, run, start, startReady } = useCli();

const KEYS = { SPANWISE_PUBLIC_KEY: "pk-a", SPANWISE_SECRET_KEY: "sk-a" };

// Each test starts processes, on machines that may be busy.
describe("spanwise", { timeout: 60_000 }, () => {
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
