import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { observeOpenAI } from "../../src/index.ts";
import { createChatServer, json, type ChatServer } from "../support/model-server.ts";
import { createTraced } from "../support/traced.ts";
import { wireFacts, withUnhandled, withoutUsageWish, type Outcome } from "./compare.ts";
import { ARGUMENTS, callFound, findMethods, STILL_WAITING, type FoundMethod } from "./every-method.ts";
import { MAJORS } from "./majors.ts";
import type { Context } from "./scenario.ts";

/** A body that most methods can read: an object, a page, something that has ended. */
const ANSWER = json({
  id: "id_1",
  object: "list",
  status: "completed",
  data: [{ id: "a" }, { id: "b" }],
  first_id: "a",
  last_id: "b",
  has_more: true,
  choices: [],
  output: [],
  text: "text",
});

/** The least that each client has, so that the walk cannot come to nothing unnoticed. */
const MIN_METHODS: Readonly<Record<number, number>> = { 4: 140, 5: 149, 6: 309, 7: 422 };

/** A difference that is ours is there each time. */
const MAX_ATTEMPTS = 3;

describe.each(MAJORS)("every method of openai $version", ({ major, load }) => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await createChatServer(ANSWER);
  });
  afterAll(() => server.close());

  let calls = 0;
  /** On a client of its own, whose requests are told by their path: some methods go on sending after they were left. */
  async function callOn(observe: <T>(client: T) => T, method: FoundMethod, args: unknown[]): Promise<Outcome> {
    const module = await load();
    const place = `/call-${(calls += 1)}`;
    const baseURL = `${new URL(server.baseURL).origin}${place}/v1`;
    const raw = new module.OpenAI({ apiKey: "k", adminAPIKey: "k", baseURL, maxRetries: 0 });
    const context: Context = { module, major, server, raw, observe, under: (fn) => fn() };
    const seen = await withUnhandled(() => callFound(method, args, observe(raw), context), 0, 0);
    const isLeft = JSON.stringify(seen.result).includes(STILL_WAITING);
    const wire = server.requests
      .filter(({ path }) => path.startsWith(`${place}/`))
      .map((request) => wireFacts({ ...request, path: request.path.slice(place.length) }));
    return {
      unhandled: seen.unhandled,
      result: JSON.parse(JSON.stringify(seen.result).replaceAll(place, "")) as unknown,
      // One that waits has sent as many as there was time for.
      wire: isLeft ? wire.slice(0, 1) : wire,
    };
  }

  it("behaves the same, and the walk finds them", async () => {
    const { tracer } = createTraced();
    const module = await load();
    const raw = new module.OpenAI({ apiKey: "k" });
    const methods = findMethods(raw);
    expect(methods.length).toBeGreaterThanOrEqual(MIN_METHODS[major]!);
    expect(findMethods(observeOpenAI(raw, { tracer })).map(({ path }) => path)).toEqual(
      methods.map(({ path }) => path),
    );
    const silent: string[] = [];
    for (const method of methods) {
      let requests = 0;
      for (const make of ARGUMENTS) {
        let expected!: Outcome;
        let actual!: Outcome;
        // What differs is called again: on a busy machine one call may be left, and a rejection heard, later than the other.
        for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
          expected = await callOn((client) => client, method, make());
          actual = await callOn((client) => observeOpenAI(client, { tracer }), method, make());
          if (isDeepStrictEqual({ ...actual, wire: withoutUsageWish(actual.wire, expected.wire) }, expected)) break;
        }
        const label = `${method.path}(${JSON.stringify(make()).slice(1, 40)})`;
        expect({ label, ...actual, wire: withoutUsageWish(actual.wire, expected.wire) }).toEqual({
          label,
          ...expected,
        });
        requests += expected.wire.length;
      }
      server.requests.length = 0;
      if (requests === 0) silent.push(method.path);
    }
    // Most methods must have got as far as the wire, or the comparison would be one of type errors.
    expect(silent.length / methods.length, silent.join(", ")).toBeLessThan(0.1);
  }, 240_000);
});
