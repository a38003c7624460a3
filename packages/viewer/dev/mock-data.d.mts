/** Generated traces; the parts that tests read. */
interface GeneratedScore {
  name: string;
  value: number;
  dataType: "NUMERIC" | "BOOLEAN";
  comment: string | null;
  metadata: Record<string, unknown> | null;
}

interface GeneratedObservation {
  id: string;
  parentId: string | null;
  type:
    | "span"
    | "generation"
    | "event"
    | "embedding"
    | "agent"
    | "tool"
    | "chain"
    | "retriever"
    | "evaluator"
    | "guardrail";
  name: string;
  startTime: number;
  endTime: number | null;
  completionStartTime: number | null;
  status: string;
  statusMessage: string | null;
  model: string | null;
  usage: Record<string, number> | null;
  hasInput: boolean;
  hasOutput: boolean;
}

export interface GeneratedTrace {
  trace: {
    traceId: string;
    name: string;
    userId: string | null;
    sessionId: string | null;
    tags: string[];
    release: string | null;
    metadata: Record<string, unknown> | null;
    scores: GeneratedScore[];
  };
  observations: GeneratedObservation[];
  details: Map<
    string,
    {
      input: unknown;
      output: unknown;
      metadata: Record<string, unknown> | null;
      modelParameters: Record<string, unknown> | null;
      scores: GeneratedScore[];
    }
  >;
}

export const MEDIA: Map<string, { contentType: string; bytes: Buffer }>;

export function generateTraces(nowMs: number): GeneratedTrace[];

export function ragAgent(
  seed: number,
  startTime: number,
  question: string,
  extra?: { traceId?: string },
): GeneratedTrace;

export function largeTrace(seed: number, startTime: number, count?: number): GeneratedTrace;
