import type OpenAI from "openai";
import { expect } from "vitest";
import { body, STREAM, streamBody } from "../replies.ts";
import { collect, type Context, type Scenario } from "../scenario.ts";

/** An observed client of a subclass that the scenario makes. */
function create<T extends OpenAI>({ server, observe }: Context, Class: new (options: object) => T): T {
  return observe(new Class({ apiKey: "k", baseURL: server.baseURL, maxRetries: 0 }));
}

export const SUBCLASSES: readonly Scenario[] = [
  {
    name: "an own method that calls this.chat.completions.create: recorded",
    async run(_client, context) {
      class Mine extends context.module.OpenAI {
        readonly model = "gpt-4o";
        async ask(content: string): Promise<string | null> {
          const answer = await this.chat.completions.create({
            model: this.model,
            messages: [{ role: "user", content }],
          });
          return this.shout(answer.choices[0]!.message.content!);
        }
        shout(text: string): string {
          return `${text}!`;
        }
        async askTwice(): Promise<unknown[]> {
          return Promise.all([1, 2].map(async (n) => this.ask(String(n))));
        }
      }
      const client = create(context, Mine);
      return [client instanceof Mine, client.constructor === Mine, await client.ask("a"), await client.askTwice()];
    },
    statuses: ["ok", "ok", "ok"],
  },
  {
    name: "an own method with private fields: works, its calls are not recorded",
    async run(_client, context) {
      class Mine extends context.module.OpenAI {
        #asked = 0;
        async ask(): Promise<unknown> {
          this.#asked += 1;
          return [this.#asked, (await this.chat.completions.create(body)).id];
        }
        get asked(): number {
          return this.#asked;
        }
        set asked(value: number) {
          this.#asked = value;
        }
      }
      const client = create(context, Mine);
      const first = await client.ask();
      client.asked = 10;
      return [first, await client.ask(), client.asked];
    },
    statuses: [],
  },
  {
    name: "private fields as compilers write them: this handed to a WeakMap",
    async run(_client, context) {
      const asked = new WeakMap<object, number>();
      class Mine extends context.module.OpenAI {
        async ask(): Promise<unknown> {
          asked.set(this, (asked.get(this) ?? 0) + 1);
          return [asked.get(this), (await this.chat.completions.create(body)).id];
        }
      }
      const client = create(context, Mine);
      return [await client.ask(), await client.ask()];
    },
    statuses: [],
  },
  {
    name: "overridden methods and super",
    async run(_client, context) {
      const seen: string[] = [];
      class Mine extends context.module.OpenAI {
        override post(...args: Parameters<OpenAI["post"]>): never {
          seen.push(args[0]);
          return super.post(...args) as never;
        }
      }
      const client = create(context, Mine);
      return [
        (await client.chat.completions.create(body)).id,
        await (client.post("/x", { body: {} }) as Promise<unknown>),
        seen,
      ];
    },
    statuses: ["ok"],
  },
  {
    name: "an own method that streams, and one that returns the client",
    reply: STREAM,
    async run(_client, context) {
      class Mine extends context.module.OpenAI {
        label = "";
        named(label: string): this {
          this.label = label;
          // oxlint-disable-next-line typescript/no-this-alias -- `this` used as a value is the scenario
          const self = this;
          return self;
        }
        async *ask(): AsyncGenerator {
          for await (const item of await this.chat.completions.create(streamBody)) yield item.choices;
        }
      }
      const client = create(context, Mine);
      const named = client.named("x");
      return [named === client, client.label, await collect(named.ask())];
    },
    statuses: ["ok"],
  },
  {
    name: "resources that hold the client's private state, detached own methods",
    async run(_client, context) {
      class Mine extends context.module.OpenAI {
        ask(): unknown {
          return this.chat.completions.create(body);
        }
      }
      const client = create(context, Mine);
      // oxlint-disable-next-line typescript/unbound-method -- being unbound is the scenario
      const { ask } = client;
      try {
        ask();
        return "returned";
      } catch (error) {
        return (error as Error).message;
      }
    },
    statuses: [],
    recorded: (records) => expect(records).toEqual([]),
  },
];
