import type { ScoreRecord } from "../model/record.ts";

/** A score as Langfuse's API takes it, in `POST /api/public/scores` and in a `score-create` event. */
export function scoreBody(score: ScoreRecord): Record<string, unknown> {
  const { id, name, dataType, value, comment, configId, traceId, observationId, sessionId, environment } = score;
  const metadata: unknown = score.metadata === undefined ? undefined : JSON.parse(score.metadata);
  return { id, name, dataType, value, comment, metadata, configId, traceId, observationId, sessionId, environment };
}

/** The `score-create` event of the ingestion API, as JSON. */
export function scoreEvent(score: ScoreRecord): string {
  const timestamp = new Date(score.timestamp).toISOString();
  return JSON.stringify({ id: score.eventId, type: "score-create", timestamp, body: scoreBody(score) });
}

export interface EventError {
  id: string;
  status: number;
  text: string;
}

/** What the 207 of the ingestion API says of single events; `undefined` when it cannot be read. */
export function readEventErrors(body: Uint8Array): EventError[] | undefined {
  try {
    const answer = JSON.parse(new TextDecoder().decode(body)) as {
      errors?: { id?: string; status?: number; message?: string }[];
    };
    return (answer.errors ?? []).map(({ id, status, message }) => ({
      id: String(id),
      status: status ?? 400,
      text: message ?? "",
    }));
  } catch {
    return undefined;
  }
}
