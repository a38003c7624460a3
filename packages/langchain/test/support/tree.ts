import type { ObservationRecord } from "@spanwise/core";

// oxlint-disable typescript/no-explicit-any -- parsed JSON, looked into by the tests
export interface Observed extends Omit<
  ObservationRecord,
  "input" | "output" | "metadata" | "modelParameters" | "trace"
> {
  input: any;
  output: any;
  metadata: any;
  modelParameters: any;
  trace: any;
  children: Observed[];
}
// oxlint-enable typescript/no-explicit-any

const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

/** One tree for each observation whose parent is not among the records. */
export function readTraces(records: readonly ObservationRecord[]): Observed[] {
  const byId = new Map<string, Observed>();
  for (const record of records) {
    const trace = record.trace.current();
    byId.set(record.id, {
      ...record,
      input: parse(record.input),
      output: parse(record.output),
      metadata: parse(record.metadata),
      modelParameters: parse(record.modelParameters),
      trace: { ...trace, metadata: parse(trace.metadata) },
      children: [],
    });
  }
  const all = [...byId.values()].sort((a, b) => a.startTime - b.startTime);
  return all.filter((observed) => {
    const parent = observed.parentId === undefined ? undefined : byId.get(observed.parentId);
    parent?.children.push(observed);
    return !parent;
  });
}

/** `name(child, child)`, children in order of their start. */
export function shape({ name, children }: Observed): string {
  return children.length === 0 ? name : `${name}(${children.map(shape).join(", ")})`;
}

export function flatten(observed: Observed): Observed[] {
  return [observed, ...observed.children.flatMap(flatten)];
}

export function find(root: Observed, name: string, nth = 0): Observed {
  const found = flatten(root).filter((observed) => observed.name === name)[nth];
  if (!found) throw new Error(`no ${name} in ${shape(root)}`);
  return found;
}
