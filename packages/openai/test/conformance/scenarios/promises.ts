import { body } from "../replies.ts";
import { facts, sleep, type Scenario } from "../scenario.ts";

export const PROMISES: readonly Scenario[] = [
  { name: "create", rows: ["1a.1"], run: (client) => client.chat.completions.create(body), statuses: ["ok"] },
  {
    name: "create: _request_id, not listed",
    rows: ["1b.4"],
    async run(client) {
      const answer = await client.chat.completions.create(body);
      return [answer._request_id, Object.keys(answer)];
    },
  },
  {
    name: "the promise: class, methods, own fields",
    rows: ["L1"],
    async run(client, { module }) {
      const promise = client.chat.completions.create(body);
      const seen = {
        name: promise.constructor.name,
        isPromise: promise instanceof Promise,
        tag: Object.prototype.toString.call(promise),
        keys: Object.keys(promise),
        own: Object.getOwnPropertyNames(promise),
        inherited: ["then", "catch", "finally", "withResponse", "asResponse", "_thenUnwrap", "parse"].map(
          (key) => (promise as never)[key] === (Object.getPrototypeOf(promise) as never)[key],
        ),
        isAPIPromise: module.APIPromise ? promise instanceof module.APIPromise : true,
      };
      await promise;
      return seen;
    },
  },
  {
    name: "withResponse",
    rows: ["1b.1", "L1"],
    async run(client) {
      const { data, response, request_id } = await client.chat.completions.create(body).withResponse();
      return { data, status: response.status, request_id, used: response.bodyUsed };
    },
    statuses: ["ok"],
  },
  {
    name: "asResponse alone parses nothing",
    rows: ["1b.3"],
    async run(client) {
      const response = await client.chat.completions.create(body).asResponse();
      await sleep(5);
      return { used: response.bodyUsed, text: await response.text() };
    },
  },
  {
    name: "asResponse, then await",
    rows: ["1b.3", "L1"],
    async run(client) {
      const promise = client.chat.completions.create(body);
      const response = await promise.asResponse();
      return [response.status, await promise];
    },
    statuses: ["ok"],
  },
  {
    name: "awaited late",
    async run(client) {
      const promise = client.chat.completions.create(body);
      await sleep(60);
      return promise;
    },
    statuses: ["ok"],
  },
  {
    name: "_thenUnwrap",
    run: (client) =>
      (
        client.chat.completions.create(body) as unknown as {
          _thenUnwrap(f: (v: { id: string }) => string): Promise<unknown>;
        }
      )._thenUnwrap(({ id }) => `unwrapped ${id}`),
    statuses: ["ok"],
  },
  {
    name: "awaited twice: the same object",
    async run(client) {
      const promise = client.chat.completions.create(body);
      return (await promise) === (await promise);
    },
    statuses: ["ok"],
  },
  {
    name: "then, catch, finally",
    async run(client) {
      const promise = client.chat.completions.create(body);
      const seen: unknown[] = [];
      await promise.then((v) => seen.push(v.id));
      await promise.catch(() => seen.push("no"));
      await promise.finally(() => seen.push("finally"));
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "never awaited, succeeds",
    async run(client, { server }) {
      void client.chat.completions.create(body);
      while (server.requests.length === 0) await sleep(5);
      return server.requests.length;
    },
  },
  {
    name: "no arguments: throws or rejects as it does",
    run(client, context) {
      try {
        return facts((client.chat.completions.create as unknown as () => PromiseLike<unknown>)(), context);
      } catch (error) {
        return (error as Error).message;
      }
    },
  },
  {
    name: "a detached method",
    run(client) {
      // oxlint-disable-next-line typescript/unbound-method -- being unbound is the scenario
      const { create } = client.chat.completions;
      try {
        void create(body);
        return "returned";
      } catch (error) {
        return (error as Error).message;
      }
    },
  },
];
