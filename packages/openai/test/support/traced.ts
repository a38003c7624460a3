import { createTracer, memory, type ObservationRecord, type Tracer } from "@spanwise/core";

export interface Read extends Omit<ObservationRecord, "input" | "output" | "metadata" | "modelParameters"> {
  // oxlint-disable-next-line typescript/no-explicit-any -- parsed JSON, looked into by the tests
  input: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  output: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  metadata: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  modelParameters: any;
}

export interface Traced {
  tracer: Tracer;
  /** Ended observations, in the order they ended, payloads parsed. */
  read(): Promise<Read[]>;
  /** The only one. */
  one(): Promise<Read>;
}

const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

/** The real tracer, exporting to memory. */
export function createTraced(): Traced {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  const read = async (): Promise<Read[]> => {
    await tracer.flush();
    return exporter.observations.map((record) => ({
      ...record,
      input: parse(record.input),
      output: parse(record.output),
      metadata: parse(record.metadata),
      modelParameters: parse(record.modelParameters),
    }));
  };
  return {
    tracer,
    read,
    async one() {
      const records = await read();
      if (records.length !== 1) throw new Error(`${records.length} observations: ${JSON.stringify(records)}`);
      return records[0]!;
    },
  };
}

/** Runs the garbage collector until `isDone`, for at most two seconds. */
export async function collectGarbage(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 100 && !(await isDone()); i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
