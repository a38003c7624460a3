import { afterEach, beforeEach } from "vitest";
import {
  createTracer,
  memory,
  type MemoryExporter,
  type ObservationRecord,
  type Tracer,
  type TracerOptions,
} from "../../../src/index.ts";

/** A tracer for each test, and what it has sent. */
export let exporter: MemoryExporter;
export let tracer: Tracer;

export function setUp(options: TracerOptions = {}): void {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent", ...options });
}

/** By name. */
export async function recorded(): Promise<Record<string, ObservationRecord>> {
  await tracer.flush();
  return Object.fromEntries(exporter.observations.map((record) => [record.name, record]));
}

beforeEach(() => setUp());
afterEach(() => tracer.shutdown());
