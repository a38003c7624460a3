import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTraced } from "./support/traced.ts";
import type { Observed } from "./support/tree.ts";

/** A piece of a program: what it is, how it calls what is inside, and what that is. */
interface Piece {
  /** `own`: a lambda that is given the handler itself; `span`: an observation of the application's. */
  kind: "lambda" | "own" | "tool" | "model" | "retriever" | "span";
  name: string;
  delayMs: number;
  /** The pieces inside are called with the config that LangChain gave, or with nothing. */
  passesConfig: boolean;
  atOnce: boolean;
  fails: boolean;
  inside: Piece[];
}

const program: (depth?: number) => fc.Arbitrary<Piece> = fc.memo((depth) =>
  fc.record({
    kind: fc.constantFrom("lambda", "own", "tool", "model", "retriever", "span"),
    name: fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 1, maxLength: 3 }),
    delayMs: fc.nat(3),
    passesConfig: fc.boolean(),
    atOnce: fc.boolean(),
    fails: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    inside: depth <= 1 ? fc.constant([]) : fc.array(program(depth - 1), { maxLength: 3 }),
  }),
);

const pause = (ms: number) => (ms === 0 ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, ms)));

/** `name[status](children)`, children sorted: what runs at once may start in any order. */
function shapeOf({ name, status, children }: { name: string; status: string; children: readonly unknown[] }): string {
  const inner = children.map((child) => shapeOf(child as Observed)).toSorted();
  return `${name}[${status}](${inner.join(" ")})`;
}

/** The tree as the program itself tells it. A failure stays where it happens: callers catch. */
function expected({ kind, name, fails, inside }: Piece): string {
  // A model calls nothing in this program.
  const children =
    kind === "model" ? [] : kind === "retriever" ? ["in retriever[ok]()"] : inside.map(expected).toSorted();
  return `${kind}:${name}[${fails && kind !== "span" ? "error" : "ok"}](${children.join(" ")})`;
}

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);

  it("the recorded trees are those of the programs, whatever runs at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(program(4), { minLength: 1, maxLength: 4 }), async (programs) => {
        const { tracer, roots } = createTraced();
        const handler = new CallbackHandler({ tracer });

        // oxlint-disable-next-line typescript/no-explicit-any -- the config of two majors
        async function inside(piece: Piece, config: any): Promise<void> {
          await pause(piece.delayMs);
          const calls = piece.inside.map(
            (part) => () => run(part, piece.passesConfig ? config : undefined).catch(() => {}),
          );
          if (piece.atOnce) await Promise.all(calls.map((call) => call()));
          else for (const call of calls) await call();
          if (piece.fails) throw new Error("fails");
        }

        // oxlint-disable-next-line typescript/no-explicit-any -- as above
        async function run(piece: Piece, config: any): Promise<unknown> {
          const runName = `${piece.kind}:${piece.name}`;
          const given = { ...config, runName, runId: undefined };
          switch (piece.kind) {
            case "span": {
              const span = tracer.startObservation(runName);
              // Not a run: only a run's own code finds the callbacks without being given the config.
              const whole = { ...piece, fails: false, passesConfig: true };
              await tracer.runWithObservation(span, () => inside(whole, config));
              span.end();
              return undefined;
            }
            case "model":
              return createScriptedModel(lc, async () => {
                await pause(piece.delayMs);
                if (piece.fails) throw new Error("fails");
                return { content: "ok" };
              }).invoke("x", given);
            case "retriever": {
              class Retriever extends lc.BaseRetriever {
                lc_namespace = ["test"];
                override async _getRelevantDocuments(): Promise<never> {
                  await pause(piece.delayMs);
                  tracer.startObservation("in retriever").end();
                  if (piece.fails) throw new Error("fails");
                  return [] as never;
                }
              }
              return new Retriever({}).invoke("x", given);
            }
            case "tool":
              return lc
                .tool(((_: unknown, own: unknown) => inside(piece, own)) as never, {
                  name: "t",
                  description: "d",
                  schema: { type: "object", properties: {} } as never,
                })
                .invoke({} as never, given);
            case "own":
              return lc.RunnableLambda.from((_: string, own) => inside(piece, own)).invoke("x", {
                ...given,
                callbacks: [handler],
              });
            default:
              return lc.RunnableLambda.from((_: string, own) => inside(piece, own)).invoke("x", given);
          }
        }

        await Promise.all(programs.map((piece) => run(piece, { callbacks: [handler] }).catch(() => {})));
        const seen = (await roots()).map(shapeOf).toSorted();
        expect(seen).toEqual(programs.map(expected).toSorted());
        expect(CallbackHandler.stats().open).toBe(0);
        expect(tracer.getActiveObservation()).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
