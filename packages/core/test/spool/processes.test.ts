import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bundleCore, type Bundle } from "../support/bundle.ts";
import { run, type Program } from "../support/program.ts";

// Each starts several processes, and a runner may be slow.
vi.setConfig({ testTimeout: 30_000 });

let bundle: Bundle;
let sink: Sink;
let root: string;
let dir: string;
const programs: Program[] = [];

beforeAll(async () => {
  bundle = await bundleCore();
}, 60_000);
afterAll(() => bundle.remove());

beforeEach(async () => {
  sink = await createSink();
  root = mkdtempSync(join(tmpdir(), "spanwise-spool-"));
  dir = join(root, "spool");
});

afterEach(async () => {
  for (const { process } of programs.splice(0)) process.kill("SIGKILL");
  await sink.close();
  rmSync(root, { recursive: true, force: true });
});

const BROKEN = [{ status: 503, times: Infinity }];

function start(body: string, env: Record<string, string> = {}): Program {
  const program = run(bundle, body, { SPANWISE_BASE_URL: sink.url, SPANWISE_SPOOL_DIR: dir, ...env });
  programs.push(program);
  return program;
}

/** Paths of the batches on disk. */
function files(): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".batch"));
}

/** Names of the spans that arrived, once each, live start records left out. */
function arrived(): string[] {
  const ended = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] !== "start");
  return [...new Map(ended.map((span) => [span.spanId, span.name])).values()].sort();
}

/** A process that records nothing and ends by itself: it sends what it finds. */
async function sendWhatIsLeft(env: Record<string, string> = {}): Promise<string> {
  const program = start("init();", env);
  expect(await program.ended).toBe(0);
  return program.output();
}

describe("what is recorded and not delivered survives", () => {
  test("process.exit without a flush", async () => {
    const program = start(`
      init({ environment: "first-process" });
      startObservation("ended", { input: "kept" }).end();
      startObservation("open", { input: "known so far" });
      getTracer().score({ name: "quality", value: 1, traceId: "0".repeat(31) + "1" });
      process.exit(3);`);
    expect(await program.ended).toBe(3);
    expect(sink.requests).toEqual([]);
    expect(files()).toHaveLength(2);

    await sendWhatIsLeft();
    expect(arrived()).toEqual(["ended", "open"]);
    const [span] = sink.spans().filter(({ name }) => name === "open");
    expect(span!.attributes).toMatchObject({
      "spanwise.observation.status": "incomplete",
      "langfuse.observation.input": '"known so far"',
    });
    expect(span!.resource).toMatchObject({ "deployment.environment.name": "first-process" });
    expect(sink.scores()).toEqual([expect.objectContaining({ name: "quality" })]);
    expect(files()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });

  test("process.exit while the write waits for a thread: it does not empty what was written at the exit", async () => {
    sink.script(BROKEN);
    const program = start(
      `import { pbkdf2 } from "node:crypto";
      init({ flushInterval: 30 });
      startObservation("work").end();
      pbkdf2("a", "b", 1_000_000, 64, "sha512", () => {});
      setTimeout(() => process.exit(0), 120);`,
      { UV_THREADPOOL_SIZE: "1" },
    );
    expect(await program.ended).toBe(0);
    sink.reset();
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["work"]);
  });

  test("an uncaught exception", async () => {
    const program = start(`
      init();
      startObservation("work").end();
      throw new Error("theirs");`);
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain("theirs");
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["work"]);
  });

  test("SIGKILL, from the moment a batch is sealed", async () => {
    sink.script(BROKEN);
    const program = start(`
      init({ flushAt: 30, flushInterval: 60_000 }); // All in one batch, however slowly they come.
      for (let i = 0; i < 30; i++) startObservation("work " + i).end();
      setInterval(() => getTracer().stats().spool.written > 0 && console.log("written"), 5);`);
    await program.said("written");
    program.process.kill("SIGKILL");
    expect(await program.ended).toBe("SIGKILL");
    expect(arrived()).toEqual([]);
    sink.reset();
    await sendWhatIsLeft();
    expect(arrived()).toHaveLength(30);
    expect(files()).toEqual([]);
  });

  test("shutdown with the server away: what is on disk counts as pending", async () => {
    sink.script(BROKEN);
    const program = start(`
      init();
      startObservation("work").end();
      const result = await shutdown({ timeoutMs: 200 });
      const { started, queued, sent, dropped, bytesHeld } = getTracer().stats();
      console.log(JSON.stringify({ result, started, queued, sent, dropped, bytesHeld }));`);
    await program.ended;
    expect(
      JSON.parse(
        program
          .output()
          .split("\n")
          .find((line) => line.startsWith("{"))!,
      ),
    ).toEqual({
      result: { sent: 0, failed: 0, dropped: 0, pending: 1 },
      started: 1,
      queued: 1,
      sent: 0,
      dropped: {},
      bytesHeld: 0,
    });
    sink.reset();
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["work"]);
  });

  test("the natural end with the server away", async () => {
    sink.script(BROKEN);
    const program = start(`init(); startObservation("work").end();`);
    expect(await program.ended).toBe(0);
    expect(program.output()).not.toContain("were not sent");
    sink.reset();
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["work"]);
  });

  test("process.exit right after an observation with an attachment", async () => {
    const program = start(`
      init();
      const url = "data:image/png;base64," + Buffer.alloc(3000, 7).toString("base64");
      startObservation("work", { input: { url } }).end();
      process.exit();`);
    await program.ended;
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["work"]);
  });

  test("several lives with the server away", async () => {
    sink.script(BROKEN);
    for (const name of ["a", "b", "c"]) await start(`init(); startObservation("${name}").end();`).ended;
    expect(arrived()).toEqual([]);
    sink.reset();
    await sendWhatIsLeft();
    expect(arrived()).toEqual(["a", "b", "c"]);
    const order = sink.spans().map(({ name }) => name);
    expect(order).toEqual(["a", "b", "c"]);
  });
});

test("a delivered batch leaves nothing behind", async () => {
  const program = start(`init(); startObservation("work").end(); await flush();`);
  expect(await program.ended).toBe(0);
  expect(arrived()).toEqual(["work"]);
  expect(readdirSync(dir, { recursive: true })).toEqual([]);
});

test("two processes share one directory, and each batch arrives", async () => {
  sink.script(BROKEN);
  const body = `
    init({ flushAt: 50, flushInterval: 60_000 });
    for (let i = 0; i < 50; i++) startObservation(process.env.NAME + i).end();
    setInterval(() => getTracer().stats().spool.written > 0 && console.log("written"), 5);`;
  const first = start(body, { NAME: "first " });
  const second = start(body, { NAME: "second " });
  await Promise.all([first.said("written"), second.said("written")]);
  expect(readdirSync(dir)).toHaveLength(2);
  first.process.kill("SIGKILL");
  await first.ended;
  // The second lives: a third takes over what the first left, and leaves the second's alone.
  sink.reset();
  await sendWhatIsLeft();
  expect(arrived().filter((name) => name.startsWith("first"))).toHaveLength(50);
  second.process.kill("SIGKILL");
  await second.ended;
  await sendWhatIsLeft();
  expect(arrived()).toHaveLength(100);
  expect(files()).toEqual([]);
});

test("two processes that want the same files each get some, and none twice", async () => {
  for (let i = 0; i < 12; i++) await start(`init(); startObservation("${i}").end(); process.exit();`).ended;
  sink.script([{ delayMs: 20, times: Infinity }]);
  await Promise.all([sendWhatIsLeft(), sendWhatIsLeft(), sendWhatIsLeft()]);
  expect(sink.spans()).toHaveLength(12);
  expect(arrived()).toHaveLength(12);
  expect(files()).toEqual([]);
});

test("a living process takes over from a dead one without a restart", async () => {
  sink.script(BROKEN);
  await start(`init(); startObservation("work").end(); process.exit();`).ended;
  sink.reset();
  const other = start(`init(); setInterval(() => {}, 1000);`);
  await sink.waitFor(() => arrived().length === 1);
  other.process.kill();
});

test("nothing of another destination is sent", async () => {
  const other = await createSink();
  await start(`init(); startObservation("work").end(); process.exit();`).ended;
  await sendWhatIsLeft({ SPANWISE_BASE_URL: other.url });
  expect(other.requests).toEqual([]);
  expect(files()).toHaveLength(1);
  await sendWhatIsLeft();
  expect(arrived()).toEqual(["work"]);
  await other.close();
});

test("nothing of another project is sent", async () => {
  const keysOf = (project: string) => ({ SPANWISE_PUBLIC_KEY: `pk-${project}`, SPANWISE_SECRET_KEY: `sk-${project}` });
  await start(`init(); startObservation("work").end(); process.exit();`, keysOf("a")).ended;
  await sendWhatIsLeft(keysOf("b"));
  expect(arrived()).toEqual([]);
  expect(files()).toHaveLength(1);
  await sendWhatIsLeft({ ...keysOf("a"), SPANWISE_SECRET_KEY: "sk-of-a-rotated" });
  expect(arrived()).toEqual(["work"]);
});

test("keys are not written, masked is what is written, and only the user may read it", async () => {
  await start(
    `init({ mask: (record) => JSON.parse(JSON.stringify(record).replaceAll("hunter2", "***")) });
     startObservation("work", { input: "password hunter2" }).end();
     process.exit();`,
    { SPANWISE_PUBLIC_KEY: "pk-public", SPANWISE_SECRET_KEY: "sk-secret" },
  ).ended;
  const [file] = files();
  const content = readFileSync(join(dir, file!), "latin1");
  expect(content).toContain("password ***");
  for (const secret of ["hunter2", "sk-secret", "pk-public", btoa("pk-public:sk-secret")]) {
    expect(content).not.toContain(secret);
  }
  expect(statSync(join(dir, file!)).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test("keys that were refused and are then put right: nothing is lost", async () => {
  const guarded = await createSink({ auth: { publicKey: "pk", secretKey: "right" } });
  const keys = (secretKey: string) => ({
    SPANWISE_BASE_URL: guarded.url,
    SPANWISE_PUBLIC_KEY: "pk",
    SPANWISE_SECRET_KEY: secretKey,
  });
  await start(`init(); startObservation("work").end(); await shutdown({ timeoutMs: 500 });`, keys("wrong")).ended;
  expect(guarded.spans()).toEqual([]);
  await sendWhatIsLeft(keys("right"));
  expect(guarded.spans().map(({ name }) => name)).toEqual(["work"]);
  await guarded.close();
});

test("a damaged file is removed and counted, and what is whole is sent", async () => {
  for (const name of ["a", "b", "c"]) await start(`init(); startObservation("${name}").end(); process.exit();`).ended;
  const [cut, altered] = files().map((path) => join(dir, path));
  writeFileSync(cut!, readFileSync(cut!).subarray(0, -10));
  const bytes = readFileSync(altered!);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(altered!, bytes);
  const program = start(`
    const drops = [];
    init({ onDrop: ({ reason, count }) => drops.push(reason + " " + count) });
    process.on("exit", () => console.log(JSON.stringify({ drops, ...getTracer().stats().spool })));`);
  await program.ended;
  expect(arrived()).toHaveLength(1);
  expect(
    JSON.parse(
      program
        .output()
        .split("\n")
        .find((line) => line.startsWith("{"))!,
    ),
  ).toMatchObject({
    drops: ["corrupt 1", "corrupt 1"],
    removed: { corrupt: 2, expired: 0, queue_full: 0 },
    restored: { started: 1, sent: 1, queued: 0 },
    files: 0,
    bytes: 0,
  });
  expect(files()).toEqual([]);
});

test("a directory that cannot be written to is said, counted and harmless", async () => {
  mkdirSync(root, { recursive: true });
  writeFileSync(dir, "a file where the directory should be");
  sink.script([{ status: 503, times: 2 }]);
  const program = start(`
    init({ flushInterval: 10 });
    startObservation("work").end();
    const result = await flush();
    console.log(JSON.stringify({ result, spool: getTracer().stats().spool }));
    startObservation("lost").end();
    process.exit(0);`);
  expect(await program.ended).toBe(0);
  expect(program.output()).toContain("spool: ");
  expect(
    JSON.parse(
      program
        .output()
        .split("\n")
        .find((line) => line.startsWith("{"))!,
    ),
  ).toMatchObject({
    result: { sent: 1, failed: 0, dropped: 0, pending: 0 },
    spool: { written: 0, failedWrites: 1, files: 0 },
  });
  expect(arrived()).toEqual(["work"]);
});

test.runIf(existsSync("/dev/full"))("a full disk is counted and harmless", async () => {
  sink.script([{ delayMs: 200 }]);
  const program = start(`
    import { promises } from "node:fs";
    const { open } = promises;
    // Every file of ours is on a device without room.
    promises.open = (path, flags, mode) => path.endsWith(".batch") ? open("/dev/full", "w") : open(path, flags, mode);
    init({ flushInterval: 10 });
    startObservation("work").end();
    await flush();
    console.log(JSON.stringify(getTracer().stats().spool));`);
  expect(await program.ended).toBe(0);
  expect(program.output()).toContain("ENOSPC");
  expect(
    JSON.parse(
      program
        .output()
        .split("\n")
        .find((line) => line.startsWith("{"))!,
    ),
  ).toMatchObject({
    failedWrites: 1,
    files: 0,
    bytes: 0,
  });
  expect(arrived()).toEqual(["work"]);
});

test("a record that the server refuses does not come again with every start", async () => {
  await start(`init(); for (const name of ["a", "b"]) startObservation(name).end(); process.exit();`).ended;
  sink.script([{ status: 400, times: Infinity }]);
  await sendWhatIsLeft();
  expect(files()).toEqual([]);
});

test("spool() takes bounds, and a file over its age goes", async () => {
  await start(`init(); startObservation("old").end(); process.exit();`).ended;
  const program = start(
    `const drops = [];
     init({ spool: spool({ dir: process.env.DIR, maxAgeMs: 1 }), onDrop: ({ reason }) => drops.push(reason) });
     process.on("exit", () => console.log(JSON.stringify(getTracer().stats().spool.removed)));`,
    { DIR: dir, SPANWISE_SPOOL_DIR: "" },
  );
  await program.ended;
  expect(program.output()).toContain('"expired":1');
  expect(arrived()).toEqual([]);
  expect(files()).toEqual([]);
});
