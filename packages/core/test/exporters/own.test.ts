import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import {
  createTracer,
  memory,
  type Destination,
  type Exporter,
  type Receipt,
  type Tracer,
  type TracerOptions,
} from "../../src/index.ts";

/** Exporters and callbacks that users write: what they throw, reject or never settle stays with them. */

let tracer: Tracer;
const unhandled = vi.fn();

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 50 });
  process.off("unhandledRejection", unhandled);
  unhandled.mockClear();
});

/** Takes everything, but for what `over` says. */
function own(over: object): Exporter {
  const base = memory();
  return {
    name: "own",
    host: undefined,
    connect(context): Destination {
      const descriptors = Object.getOwnPropertyDescriptors({ ...base.connect(context), name: "own" });
      return Object.defineProperties({}, { ...descriptors, ...Object.getOwnPropertyDescriptors(over) }) as Destination;
    },
  };
}

function start(options: TracerOptions): void {
  process.on("unhandledRejection", unhandled);
  tracer = createTracer({ logLevel: "silent", ...options });
}

function record(): void {
  const observation = tracer.startObservation("step", { input: "in" }, { parent: null });
  observation.score({ name: "good", value: 1 });
  observation.end();
}

/** Node tells of rejections that nobody handles when the microtasks are done. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const fail = (): never => {
  throw new Error("an exporter's own trouble");
};
/** An `async` function where none is expected: TypeScript takes it. */
const reject = (async () => fail()) as unknown as () => never;

test.each([
  ["pushes throw", { pushObservation: fail, pushScore: fail, pushStart: fail, pushMedia: fail, live: true }],
  ["pushes reject", { pushObservation: reject, pushScore: reject, pushStart: reject, pushMedia: reject, live: true }],
  ["flush throws", { flush: fail }],
  ["flush rejects", { flush: reject }],
  ["flush gives nothing", { flush: () => {} }],
  ["close throws", { close: fail }],
  ["close rejects", { close: reject }],
  ["stats throw", { stats: fail }],
  ["stats are missing", { stats: () => {} }],
  [
    "all but one method is missing",
    {
      pushScore: undefined,
      pushStart: undefined,
      pushMedia: undefined,
      flush: undefined,
      close: undefined,
      stats: undefined,
    },
  ],
  [
    "its fields throw",
    {
      get name() {
        return fail();
      },
      get live() {
        return fail();
      },
      get isFailing() {
        return fail();
      },
    },
  ],
])("an exporter of which %s harms no other", async (_what, over) => {
  const kept = memory();
  start({ exporters: [own(over), kept], live: true });
  const running = tracer.startObservation("running", { input: { file: new Uint8Array(8) } }, { parent: null });
  record();
  expect(await tracer.flush()).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });
  running.end();
  expect(tracer.stats().destinations.map(({ queued }) => queued)).toEqual([0, 0]);
  expect(await tracer.shutdown()).toMatchObject({ sent: 1, pending: 0 });
  expect(kept.observations.map(({ name }) => name)).toEqual(["step", "running"]);
  await turn();
  expect(unhandled).not.toHaveBeenCalled();
});

test("what an exporter alone was given and rejects is lost, and counted", async () => {
  const onDrop = vi.fn();
  start({ exporters: [own({ pushObservation: reject, pushScore: fail })], onDrop });
  record();
  await turn();
  const lost = { queued: 0, sent: 0, dropped: { internal_error: 1 } };
  expect(tracer.stats()).toMatchObject({ ...lost, scores: lost });
  const loss = { destination: "own", reason: "internal_error", count: 1 };
  expect(onDrop.mock.calls).toEqual([[loss], [loss]]);
});

test.each([
  ["a number", () => 5],
  [
    "a thenable that rejects",
    // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
    () => ({ then: (_: unknown, failed: (error: Error) => void) => failed(new Error("no")) }),
  ],
])("a flush that gives %s does not end that of the others", async (_what, flush) => {
  let hasFlushed = false;
  const slow = own({
    async flush() {
      await turn();
      hasFlushed = true;
    },
  });
  start({ exporters: [own({ flush }), slow] });
  record();
  await tracer.flush({ timeoutMs: 1_000 });
  expect(hasFlushed).toBe(true);
  expect(unhandled).not.toHaveBeenCalled();
});

test.each([
  ["throws", fail],
  ["rejects", reject],
  ["rejects later", async () => turn().then(fail)],
])("an exporter that %s after it has accepted has lost nothing, and settles for no other", async (_what, then) => {
  const onDrop = vi.fn();
  let settleOther = (): void => {};
  const accepting = own({
    pushObservation(_record: unknown, receipt: Receipt) {
      receipt.accept();
      return then();
    },
  });
  const waiting = own({
    pushObservation: (_record: unknown, receipt: Receipt) => void (settleOther = () => receipt.drop("rejected")),
  });
  start({ exporters: [accepting, waiting], onDrop });
  tracer.startObservation("step", {}, { parent: null }).end();
  await tracer.flush({ timeoutMs: 50 });
  await turn();
  expect(tracer.stats()).toMatchObject({ queued: 1, sent: 0 });
  settleOther();
  expect(tracer.stats()).toMatchObject({ queued: 0, sent: 1, dropped: {} });
  expect(onDrop).not.toHaveBeenCalled();
});

test("a flush that never ends is given up at the deadline, and says what is pending", async () => {
  start({ exporters: [own({ flush: () => new Promise(() => {}), pushObservation: () => {} }), memory()] });
  record();
  expect(await tracer.flush({ timeoutMs: 20 })).toMatchObject({ pending: 1 });
  expect(await tracer.shutdown({ timeoutMs: 20 })).toMatchObject({ pending: 1 });
});

test("an exporter that connects to nothing is refused by its name", () => {
  start({ exporters: [memory()] });
  const exporter = { name: "own", host: undefined, connect: () => undefined as never };
  expect(() => createTracer({ exporters: [exporter] })).toThrow(/"own".*connect/);
});

test.each([
  ["this", reject],
  ["another", runInNewContext("async () => { throw new Error('trouble') }") as () => never],
])(
  "an asynchronous logger and onDrop of %s realm that reject are nobody's unhandled rejections",
  async (_, rejecting) => {
    const logger = { debug: rejecting, info: rejecting, warn: rejecting, error: rejecting };
    start({ exporters: [own({ pushObservation: fail })], logger, logLevel: "debug", onDrop: rejecting });
    record();
    await tracer.flush();
    await turn();
    expect(tracer.stats().dropped).toEqual({ internal_error: 1 });
    expect(unhandled).not.toHaveBeenCalled();
  },
);
