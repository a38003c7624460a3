import type { TraceFields, TraceView } from "../../model/record.ts";

/** Where a record of a batch carries its trace's attributes. */
interface TraceRange {
  readonly view: TraceView;
  /** What was written. */
  readonly fields: TraceFields;
  readonly from: number;
  readonly to: number;
}

/** Records are written as they come; until their batch is sealed, `updateTrace` may still change what they say of the trace. */
export class TraceRanges {
  /** One for each record, in order. */
  readonly all: TraceRange[] = [];

  get last(): TraceRange | undefined {
    return this.all[this.all.length - 1];
  }

  add(range: TraceRange): void {
    this.all.push(range);
  }

  isStale(): boolean {
    return this.all.some(({ view, fields }) => view.current() !== fields);
  }
}
