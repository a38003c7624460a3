import type { Observation, ObservationAttributes, StartOptions, Tracer } from "@spanwise/core";

export interface Recorded extends ObservationAttributes {
  id: string;
  name: string;
  type: string;
  parent: StartOptions["parent"];
  trace: StartOptions["trace"];
  started: number;
  ended: boolean;
  endTime: number | undefined;
}

export interface RecordingTracer extends Tracer {
  readonly recorded: Recorded[];
  /** The only observation, once it has ended. */
  one(): Promise<Recorded>;
}

let ids = 0;

/** A tracer that keeps what it is told, copied when told, and does nothing else. */
export function createRecordingTracer({ enabled = true, recording = true } = {}): RecordingTracer {
  const recorded: Recorded[] = [];
  const handles = new Map<string, Observation>();
  const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value ?? null)) as T;
  const tracer = {
    id: "recording",
    enabled,
    recorded,
    startObservation(name: string, attributes: ObservationAttributes = {}, options: StartOptions = {}): Observation {
      const id = String((ids += 1)).padStart(16, "0");
      const entry: Recorded = {
        ...copy(attributes),
        id,
        name,
        type: options.type ?? "span",
        parent: options.parent,
        trace: options.trace,
        started: Date.now(),
        ended: false,
        endTime: undefined,
      };
      recorded.push(entry);
      const merge = (given: ObservationAttributes): void => {
        const { metadata, ...rest } = copy(given);
        Object.assign(entry, rest);
        if (metadata) entry.metadata = { ...entry.metadata, ...metadata };
      };
      const handle = {
        id,
        traceId: "0".repeat(32),
        recording,
        update(given: ObservationAttributes) {
          if (!entry.ended) merge(given);
          return handle;
        },
        end(given?: ObservationAttributes, end?: { endTime?: number }) {
          if (entry.ended) throw new Error("ended twice");
          merge(given ?? {});
          entry.ended = true;
          entry.endTime = end?.endTime;
        },
      } as unknown as Observation;
      handles.set(id, handle);
      return handle;
    },
    runWithObservation: <T>(_observation: Observation, fn: () => T) => fn(),
    getActiveObservation: () => undefined,
    findObservation: (id: string) => handles.get(id),
    async one() {
      for (let i = 0; i < 200 && !recorded[0]?.ended; i += 1) await new Promise((r) => setTimeout(r, 10));
      if (recorded.length !== 1 || !recorded[0]!.ended) throw new Error(`recorded: ${JSON.stringify(recorded)}`);
      return recorded[0]!;
    },
  };
  return tracer as unknown as RecordingTracer;
}
