import { createTracer, memory, type ObservationRecord, type Tracer, type TracerOptions } from "@spanwise/core";
import { createModelServer, type ModelServer } from "@spanwise/testing";
import { vi } from "vitest";

// The first call of a process loads LlamaIndex's tokenizer and its copies: seconds, where the machine has more to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } });

export interface Setup {
  server: ModelServer;
  tracer: Tracer;
  /** What was recorded so far, in the order of starting. */
  records(): Promise<ObservationRecord[]>;
  /** Names as a tree: two spaces for each level. */
  tree(): Promise<string>;
  close(): Promise<void>;
}

export async function createSetup(options: TracerOptions = {}): Promise<Setup> {
  const exporter = memory();
  const server = await createModelServer();
  const tracer = createTracer({ exporters: [exporter], enabled: true, logLevel: "error", ...options });
  const records = async (): Promise<ObservationRecord[]> => {
    await tracer.flush();
    return exporter.observations.toSorted((a, b) => a.startTime - b.startTime);
  };
  return {
    server,
    tracer,
    records,
    async tree() {
      return drawTree(await records());
    },
    async close() {
      await tracer.shutdown();
      await server.close();
    },
  };
}

function drawTree(records: readonly ObservationRecord[]): string {
  const ids = new Set(records.map(({ id }) => id));
  const below = (parentId: string | undefined, depth: number): string[] =>
    records
      .filter((record) => (parentId === undefined ? !ids.has(record.parentId ?? "") : record.parentId === parentId))
      .flatMap((record) => [
        `${"  ".repeat(depth)}${record.type} ${record.name}${record.status === "ok" ? "" : ` (${record.status})`}`,
        ...below(record.id, depth + 1),
      ]);
  return below(undefined, 0).join("\n");
}
