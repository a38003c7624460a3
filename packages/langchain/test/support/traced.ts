import { createTracer, memory, type MemoryExporter, type Tracer } from "@spanwise/core";
import { CallbackHandler, type CallbackHandlerOptions } from "../../src/index.ts";
import { readTraces, type Observed } from "./tree.ts";

export interface Traced {
  tracer: Tracer;
  exporter: MemoryExporter;
  /** The roots of what has ended, in order of their start. */
  roots: () => Promise<Observed[]>;
  /** The only root. */
  root: () => Promise<Observed>;
}

/** The real tracer, exporting to memory; `keeps: false` forgets each batch at once. */
export function createTraced({ keeps = true }: { keeps?: boolean } = {}): Traced {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  if (!keeps) Object.assign(exporter.observations, { push: () => 0 });
  const roots = async (): Promise<Observed[]> => {
    await tracer.flush();
    return readTraces(exporter.observations);
  };
  return {
    tracer,
    exporter,
    roots,
    async root() {
      const all = await roots();
      if (all.length !== 1) throw new Error(`${all.length} roots: ${all.map(({ name }) => name).join(", ")}`);
      return all[0]!;
    },
  };
}

/** With a handler of this tracer, as LangChain takes it. */
export function createTracedCallbacks(options: CallbackHandlerOptions = {}): Traced & { callbacks: CallbackHandler[] } {
  const traced = createTraced();
  return { ...traced, callbacks: [new CallbackHandler({ tracer: traced.tracer, ...options })] };
}
