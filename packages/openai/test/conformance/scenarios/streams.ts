import { sse, textChunks } from "../../support/model-server.ts";
import { streamBody, STREAM, SLOW } from "../replies.ts";
import { facts, collect, sleep, type Scenario } from "../scenario.ts";

export const STREAMS: readonly Scenario[] = [
  {
    name: "stream: chunks",
    rows: ["1a.2"],
    reply: STREAM,
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
  },
  {
    name: "stream: class and methods",
    rows: ["1b.5", "L3"],
    reply: STREAM,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = {
        name: stream.constructor.name,
        controller: stream.controller instanceof AbortController,
        keys: Object.keys(stream),
        tag: Object.prototype.toString.call(stream[Symbol.asyncIterator]()),
        methods: [typeof stream.tee, typeof stream.toReadableStream],
      };
      stream.controller.abort();
      return seen;
    },
  },
  {
    name: "stream: withResponse",
    rows: ["1b.2"],
    reply: STREAM,
    async run(client) {
      const { data, response, request_id } = await client.chat.completions.create(streamBody).withResponse();
      return [await collect(data), response.status, request_id];
    },
    statuses: ["ok"],
  },
  {
    name: "stream: asResponse (include_usage: false)",
    reply: STREAM,
    async run(client) {
      const options = { ...streamBody, stream_options: { include_usage: false } };
      return (await client.chat.completions.create(options).asResponse()).text();
    },
  },
  {
    name: "stream: include_usage: true shows its chunk",
    reply: STREAM,
    run: async (client) =>
      collect(await client.chat.completions.create({ ...streamBody, stream_options: { include_usage: true } })),
    statuses: ["ok"],
  },
  {
    name: "stream: break",
    rows: ["1b.6", "L4"],
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item);
        if (seen.length === 3) break;
      }
      await sleep(30);
      return [seen, stream.controller.signal.aborted];
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: break on the finish reason",
    reply: STREAM,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item);
        if (item.choices[0]?.finish_reason) break;
      }
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "stream: throw in the loop",
    rows: ["L4"],
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const mine = new Error("mine");
      try {
        for await (const item of stream) {
          if (item.choices[0]?.delta.content === "b") throw mine;
        }
      } catch (error) {
        return error === mine;
      }
      return "no error";
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: controller.abort()",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item.choices[0]?.delta.content);
        if (seen.length === 3) stream.controller.abort();
      }
      return seen;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: the caller's signal",
    reply: SLOW,
    async run(client, context) {
      const controller = new AbortController();
      const stream = await client.chat.completions.create(streamBody, { signal: controller.signal });
      const seen: unknown[] = [];
      const ended = await facts(
        (async () => {
          for await (const item of stream) {
            seen.push(item.choices[0]?.delta.content);
            if (seen.length === 3) controller.abort();
          }
          return "ended";
        })(),
        context,
      );
      return [seen, ended];
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: aborted and not read on",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const iterator = stream[Symbol.asyncIterator]();
      const first = await iterator.next();
      stream.controller.abort();
      await sleep(120);
      return first;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: tee, both read",
    rows: ["1b.5"],
    reply: STREAM,
    async run(client) {
      const [left, right] = (await client.chat.completions.create(streamBody)).tee();
      return Promise.all([collect(left), collect(right)]);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: tee, one left",
    rows: ["1b.5"],
    reply: STREAM,
    async run(client) {
      const [left, right] = (await client.chat.completions.create(streamBody)).tee();
      for await (const item of left) {
        void item;
        break;
      }
      return collect(right);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: tee, both left",
    rows: ["1b.5"],
    reply: SLOW,
    async run(client) {
      const branches = (await client.chat.completions.create(streamBody)).tee();
      const firsts = [];
      for (const branch of branches) {
        for await (const item of branch) {
          firsts.push(item);
          break;
        }
      }
      return firsts;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: toReadableStream",
    rows: ["1b.5"],
    reply: STREAM,
    async run(client) {
      const readable = (await client.chat.completions.create(streamBody)).toReadableStream();
      let text = "";
      const decoder = new TextDecoder();
      for await (const part of readable as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(part);
      return text;
    },
    statuses: ["ok"],
  },
  {
    name: "stream: read twice",
    reply: STREAM,
    async run(client, context) {
      const stream = await client.chat.completions.create(streamBody);
      await collect(stream);
      return facts(collect(stream), context);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: next by next, then return",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const iterator = stream[Symbol.asyncIterator]();
      const seen: unknown[] = [await iterator.next(), await iterator.next()];
      seen.push(await iterator.return?.("bye"), await iterator.next());
      return seen;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: an error event",
    rows: ["1b.12"],
    reply: sse([...textChunks("a").slice(0, 2), { error: { message: "broke", type: "server_error", code: "x" } }]),
    async run(client, context) {
      const stream = await client.chat.completions.create(streamBody);
      const seen: unknown[] = [];
      const ended = await facts(
        (async () => {
          for await (const item of stream) seen.push(item);
        })(),
        context,
      );
      return [seen, ended];
    },
    statuses: ["error"],
  },
  {
    name: "stream: the connection breaks",
    rows: ["1b.12"],
    reply: sse(textChunks("a", "b").slice(0, 3), { destroy: true }),
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen: unknown[] = [];
      try {
        for await (const item of stream) seen.push(item);
        return [seen, "ended"];
      } catch (error) {
        return [seen, (error as Error).constructor.name, (error as Error).message];
      }
    },
    statuses: ["error"],
  },
  {
    name: "stream: opened and never read",
    rows: ["1b.7", "L4"],
    reply: STREAM,
    async run(client, { server }) {
      await client.chat.completions.create(streamBody);
      return server.requests.length;
    },
  },
];
