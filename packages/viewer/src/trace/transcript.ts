import { children, hasFlag, FLAG, nameOf, statusOf, typeOf, type TraceModel, idOf } from "./model.ts";

/** A line of the conversation that a trace is. Its text is read when it is looked at. */
export interface TranscriptEntry {
  kind: "request" | "turn" | "tool" | "step" | "agent" | "answer" | "event";
  index: number;
  /** Agents above it: what a sub-agent says is set in. */
  level: number;
  /** Of an agent: whether what it did is shown. `null` for everything else. */
  isOpen: boolean | null;
}

/** What speaks for itself in a conversation. The rest is structure: it is walked through, and only shown when it failed. */
const SPEAKING: Readonly<Record<string, TranscriptEntry["kind"]>> = {
  generation: "turn",
  tool: "tool",
  retriever: "step",
  guardrail: "step",
  evaluator: "step",
  event: "event",
};

/**
 * The trace as it was spoken: what was asked, each model's turn and each tool in order of time, what was answered. A sub-agent is one
 * line until it is opened.
 */
export function transcript(model: TraceModel, opened: ReadonlySet<string>): TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  const speaks = speakingSubtrees(model);
  const roots = rootsOf(model);
  const pending: { index: number; level: number }[] = [];
  const push = (found: readonly number[], level: number): void => {
    for (const index of found.toReversed()) pending.push({ index, level });
  };
  push(roots, 0);
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { index, level } = item;
    const isRoot = (model.parents[index] ?? -1) < 0;
    const type = typeOf(model, index);
    const kind = SPEAKING[type];
    if (isRoot && kind === undefined) {
      if (hasFlag(model, index, FLAG.input)) entries.push({ kind: "request", index, level, isOpen: null });
      push(children(model, index), level);
      continue;
    }
    if (type === "agent" && speaks[index] === 1) {
      const isOpen = opened.has(idOf(model, index));
      entries.push({ kind: "agent", index, level, isOpen });
      if (isOpen) push(children(model, index), level + 1);
      continue;
    }
    if (kind !== undefined) entries.push({ kind, index, level, isOpen: null });
    else if (statusOf(model, index) === "error" && speaks[index] !== 1) {
      entries.push({ kind: "step", index, level, isOpen: null });
    }
    push(children(model, index), level);
  }
  // The first root's output is the answer, unless a model said it last in so many words: that turn is above it already.
  const [root] = roots;
  if (root !== undefined && SPEAKING[typeOf(model, root)] === undefined && hasFlag(model, root, FLAG.output)) {
    entries.push({ kind: "answer", index: root, level: 0, isOpen: null });
  }
  return entries;
}

function rootsOf(model: TraceModel): number[] {
  const roots: number[] = [];
  for (let place = 0; place < model.count;) {
    const root = model.order[place] ?? 0;
    roots.push(root);
    place += model.sizes[root] ?? 1;
  }
  return roots;
}

/** 1 where something below speaks. */
function speakingSubtrees(model: TraceModel): Uint8Array {
  const speaks = new Uint8Array(model.count);
  for (let place = model.count - 1; place >= 0; place--) {
    const index = model.order[place] ?? 0;
    const parent = model.parents[index] ?? -1;
    if (parent >= 0 && (speaks[index] === 1 || SPEAKING[typeOf(model, index)] !== undefined)) speaks[parent] = 1;
  }
  return speaks;
}

/** In a few words, for a folded agent and for assistive technology. */
export function entryLabel(model: TraceModel, entry: TranscriptEntry): string {
  const name = nameOf(model, entry.index) || typeOf(model, entry.index);
  return { request: "Request", answer: "Answer", turn: name, tool: name, step: name, agent: name, event: name }[
    entry.kind
  ];
}
