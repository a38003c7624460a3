import { createHash } from "node:crypto";
import type { Score } from "../api/types.ts";
import type { AttributeValue, Attributes, OtlpSpan } from "../ingest/otlp-span.ts";
import type { MappedAttributes } from "./attribute-mapper.ts";
import { unflatten } from "./flat-list.ts";
import type { ListField } from "./table.ts";
import { cleanText, readNumber, readObject, readText } from "./values.ts";

const EVALUATION_EVENT = "gen_ai.evaluation.result";
const MAX_COMMENT_CHARS = 10_000;
/** Scores read from one span; the events and attributes stay with it in any case. */
const MAX_SCORES = 1000;

/** Which project it belongs to, the request knows. */
export type SpanScore = Omit<Score, "projectId">;

interface Evaluation {
  name: string;
  score: number | null;
  label: string | null;
  comment: string | null;
  source: Score["source"];
  metadata: Record<string, unknown> | null;
  /** Epoch milliseconds. */
  timestamp: number;
}

type Subject = Pick<Score, "traceId" | "observationId" | "sessionId">;

/** Scores that a span brings along: GenAI evaluation events, and OpenInference's evaluations and annotations of span, trace and session. */
export function readEvaluations(
  span: OtlpSpan,
  { lists, fields }: MappedAttributes,
  timestamp: number,
  toEpochMs: (nanos: bigint) => number,
): SpanScore[] {
  const scores: SpanScore[] = [];
  const add = (evaluation: Evaluation | null, about: Subject): void => {
    if (evaluation === null || scores.length >= MAX_SCORES) return;
    if (evaluation.score === null && evaluation.label === null) return;
    scores.push(toScore(evaluation, about, `${span.traceId}/${span.spanId}/${scores.length}`));
  };
  const observation = { traceId: span.traceId, observationId: span.spanId, sessionId: null };
  for (const event of span.events) {
    if (event.name !== EVALUATION_EVENT) continue;
    add(
      readEvent(event.attributes, event.timeUnixNano === 0n ? timestamp : toEpochMs(event.timeUnixNano)),
      observation,
    );
  }
  const sessionId = readText(fields.sessionId);
  const trace = { traceId: span.traceId, observationId: null, sessionId: null };
  const session = sessionId === null ? null : { traceId: null, observationId: null, sessionId };
  const subjects: [ListField, Subject | null][] = [
    ["evaluations", observation],
    ["annotations", observation],
    ["traceEvaluations", trace],
    ["traceAnnotations", trace],
    ["sessionEvaluations", session],
    ["sessionAnnotations", session],
  ];
  for (const [name, about] of subjects) {
    const leaves = lists[name];
    if (leaves === undefined || about === null) continue;
    for (const item of unflatten(leaves).items) add(readItem(readObject(item), timestamp), about);
  }
  return scores;
}

function readEvent(attributes: Attributes, timestamp: number): Evaluation | null {
  const name = readText(attributes.get("gen_ai.evaluation.name"));
  if (name === null) return null;
  return {
    name,
    score: readNumber(attributes.get("gen_ai.evaluation.score.value")),
    label: readText(attributes.get("gen_ai.evaluation.score.label")),
    comment: readText(attributes.get("gen_ai.evaluation.explanation"), MAX_COMMENT_CHARS),
    source: "EVAL",
    metadata: null,
    timestamp,
  };
}

function readItem(item: Record<string, AttributeValue> | null, timestamp: number): Evaluation | null {
  const name = readText(item?.["name"]);
  if (item === null || name === null) return null;
  return {
    name,
    score: readNumber(item["score"]),
    label: readText(item["label"]),
    comment: readText(item["explanation"], MAX_COMMENT_CHARS),
    source: readText(item["annotator_kind"])?.toUpperCase() === "HUMAN" ? "ANNOTATION" : "EVAL",
    metadata: readObject(item["metadata"]),
    timestamp,
  };
}

/** The id comes from what was evaluated and where it stood: a span that is sent again scores nothing twice. */
function toScore({ name, score, label, comment, ...rest }: Evaluation, about: Subject, place: string): SpanScore {
  const id = createHash("sha256").update(`${place}/${name}`).digest("hex").slice(0, 32);
  return {
    id,
    name,
    dataType: score === null ? "CATEGORICAL" : "NUMERIC",
    value: score,
    // A number's label is told in words beside it.
    stringValue: score === null ? cleanText(label ?? "") : null,
    comment: score === null || label === null ? comment : [label, comment].filter((part) => part !== null).join(": "),
    ...about,
    ...rest,
  };
}
