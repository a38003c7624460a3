import fc from "fast-check";
import { expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createTraced } from "./support/traced.ts";
import type { Observed } from "./support/tree.ts";

/** A run and what is inside, as callbacks tell it. */
interface Told {
  kind: "chain" | "tool" | "model" | "retriever" | "hidden";
  ending: "ok" | "error" | "abort" | "never";
  /** Where its start and its end stand among all events: the smaller, the earlier. */
  startRank: number;
  endRank: number;
  tokens: number;
  /** Which of two handlers of one tracer are told; a run is recorded once. */
  told: "first" | "second" | "both";
  inside: Told[];
}

const run: (depth?: number) => fc.Arbitrary<Told> = fc.memo((depth) =>
  fc.record({
    kind: fc.constantFrom("chain", "tool", "model", "retriever", "hidden"),
    ending: fc.constantFrom("ok", "ok", "error", "abort", "never"),
    startRank: fc.nat(1_000),
    endRank: fc.nat(1_000),
    tokens: fc.nat(3),
    told: fc.constantFrom("first", "second", "both"),
    inside: depth <= 1 ? fc.constant([]) : fc.array(run(depth - 1), { maxLength: 3 }),
  }),
);

interface Event {
  rank: number;
  tell: (handler: CallbackHandler) => void;
  told: Told["told"];
  /** Has to be told before. */
  after: Event | undefined;
}

const TYPES = { chain: "chain", tool: "tool", model: "generation", retriever: "retriever" } as const;
const STATUSES = { ok: "ok", error: "error", abort: "cancelled", never: "incomplete" } as const;
const ABORTED = Object.assign(new Error("gone"), { name: "AbortError" });

/** The events of a run and of all inside. An end may come before the ends, and even the starts, of what is inside. */
function eventsOf(
  { inside, ...told }: Told,
  id: string,
  parentId: string | undefined,
  after: Event | undefined,
): Event[] {
  const { kind, ending, tokens } = told;
  const serialized = { id: ["x", id] };
  const start: Event = {
    rank: told.startRank,
    told: told.told,
    after,
    tell(handler) {
      const tags = kind === "hidden" ? ["langsmith:hidden"] : [];
      if (kind === "model") handler.handleLLMStart(serialized, ["p"], id, parentId, {}, tags, {});
      else if (kind === "tool") handler.handleToolStart(serialized, "i", id, parentId, tags, {});
      else if (kind === "retriever") handler.handleRetrieverStart(serialized, "q", id, parentId, tags, {});
      else handler.handleChainStart(serialized, { input: "i" }, id, parentId, tags, {});
    },
  };
  const events = [start];
  if (kind === "model") {
    for (let i = 0; i < tokens; i += 1) {
      const tell = (handler: CallbackHandler) => handler.handleLLMNewToken("t", undefined, id);
      events.push({ rank: told.startRank + i, told: "first", after: events.at(-1), tell });
    }
  }
  if (ending !== "never") {
    const thrown = ending === "abort" ? ABORTED : new Error("failed");
    events.push({
      rank: told.endRank,
      told: told.told,
      after: events.at(-1),
      tell(handler) {
        if (ending !== "ok") {
          if (kind === "model") handler.handleLLMError(thrown, id);
          else if (kind === "tool") handler.handleToolError(thrown, id);
          else if (kind === "retriever") handler.handleRetrieverError(thrown, id);
          else handler.handleChainError(thrown, id);
        } else if (kind === "model") handler.handleLLMEnd({ generations: [[{ text: "o" }]] }, id);
        else if (kind === "tool") handler.handleToolEnd("o", id);
        else if (kind === "retriever") handler.handleRetrieverEnd([], id);
        else handler.handleChainEnd({ output: "o" }, id);
      },
    });
  }
  return [...events, ...inside.flatMap((child, i) => eventsOf(child, `${id}.${i}`, id, start))];
}

/** As the program means it: hidden runs are folded away. */
function expected({ kind, ending, inside }: Told, id: string): string[] {
  const children = inside.flatMap((child, i) => expected(child, `${id}.${i}`)).toSorted();
  if (kind === "hidden") return children;
  return [`${id} ${TYPES[kind]} ${STATUSES[ending]} (${children.join(" ")})`];
}

function shapeOf({ name, type, status, children }: Observed): string {
  return `${name} ${type} ${status} (${children.map(shapeOf).toSorted().join(" ")})`;
}

/** In order of their ranks, as far as causes come before effects. */
function interleave(events: readonly Event[]): Event[] {
  const order: Event[] = [];
  const waiting = events.toSorted((a, b) => a.rank - b.rank);
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ after }) => after === undefined || order.includes(after));
    order.push(...waiting.splice(next, 1));
  }
  return order;
}

it("in whatever order callbacks of many runs come, the recorded trees are those of the runs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run(4), { minLength: 1, maxLength: 3 }), async (programs) => {
      const { tracer, exporter, roots } = createTraced();
      const handlers = { first: new CallbackHandler({ tracer }), second: new CallbackHandler({ tracer }) };
      const events = programs.flatMap((program, i) => eventsOf(program, `r${i}`, undefined, undefined));
      for (const event of interleave(events)) {
        // LangChain calls each after an `await` of its own.
        await Promise.resolve().then(() => {
          if (event.told !== "second") event.tell(handlers.first);
          if (event.told !== "first") event.tell(handlers.second);
        });
      }
      await tracer.shutdown();
      const seen = (await roots()).map(shapeOf).toSorted();
      expect(seen).toEqual(programs.flatMap((program, i) => expected(program, `r${i}`)).toSorted());
      // Once each.
      expect(new Set(exporter.observations.map(({ id }) => id)).size).toBe(exporter.observations.length);
      expect(tracer.getActiveObservation()).toBeUndefined();
    }),
    { numRuns: 150 },
  );
  // Those that were never ended; the bounds end them, or the process does.
  expect(CallbackHandler.stats().open).toBeGreaterThan(0);
}, 60_000);
