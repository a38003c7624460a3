import type { Context } from "hono";
import type { Score } from "../../api/types.ts";
import { withBody } from "../../http/body.ts";
import { HttpError } from "../../http/errors.ts";
import { TOO_DEEP, isObject, parseAnyDepth } from "../../http/json-body.ts";
import { MAX_JSON_DEPTH, nestsDeeper } from "../../http/json-depth.ts";
import { projectOf } from "../../http/project.ts";
import type { StoredObservation } from "../../model/observation.ts";
import type { IngestContext } from "../context.ts";
import { storeBatch } from "../store-batch.ts";
import { EventError } from "./body.ts";
import { eventIdOf, readEvent } from "./event.ts";
import { KeyedLock, lockKey } from "./keyed-lock.ts";
import { mergePatches, reachesAll } from "./merge.ts";
import { BatchSilence } from "./silence.ts";
import { traceNodeId, type ObservationPatch } from "./patch.ts";

interface BatchAnswer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
}

const ERROR_WORDS = { 400: "bad_request", 401: "unauthorized", 404: "not_found", 501: "not_implemented" } as const;

/** What a batch's events come to. */
interface BatchContent {
  patches: Map<string, ObservationPatch[]>;
  scores: Score[];
}

/** `POST /api/public/ingestion`: Langfuse's batches. */
export class LangfuseBatches {
  readonly #ingest: IngestContext;
  /** Events are merged into what is stored: two batches of one trace may not both read before either has written. */
  readonly #lock = new KeyedLock();
  readonly #silence: BatchSilence;

  constructor(ingest: IngestContext, onError: (error: unknown) => void) {
    this.#ingest = ingest;
    this.#silence = new BatchSilence(ingest, this.#lock, onError);
    this.#silence.start();
  }

  /** Ends its checks. */
  close(): Promise<void> {
    return this.#silence.close();
  }

  /** 207, with an answer for each event, when what was accepted is committed. Each event stands alone. */
  receive(context: Context): Promise<Response> {
    const { limits, budget } = this.#ingest;
    const projectId = projectOf(context);
    return withBody(context.req.raw, limits, budget, async (body) => {
      const { value, tooDeep } = parseAnyDepth(body);
      const events = isObject(value) ? value["batch"] : undefined;
      if (!Array.isArray(events)) throw new HttpError(400, "bad_request", 'The body is not { "batch": [event, ...] }.');
      const answer: BatchAnswer = { successes: [], errors: [] };
      const scoresOnly = context.get("access")?.scoresOnly === true;
      const content = readContent(events as unknown[], answer, { scoresOnly, tooDeep });
      const keys = [...content.patches.keys()].map((traceId) => lockKey(projectId, traceId));
      await this.#lock.run(keys, async () => {
        const observations = await this.#merge(projectId, content.patches);
        await storeBatch(this.#ingest, projectId, { observations, scores: content.scores, bytes: body.byteLength });
      });
      return context.json(answer, 207);
    });
  }

  async #merge(projectId: string, patches: BatchContent["patches"]): Promise<StoredObservation[]> {
    const merged = await Promise.all(
      [...patches].map(([traceId, events]) => this.#mergeTrace(projectId, traceId, events)),
    );
    const observations = merged.flat();
    await this.#ingest.prices.addCosts(projectId, observations);
    return observations;
  }

  async #mergeTrace(projectId: string, traceId: string, patches: ObservationPatch[]): Promise<StoredObservation[]> {
    const { store } = this.#ingest;
    const nodeId = traceNodeId(traceId);
    const ids = [...new Set([nodeId, ...patches.map((patch) => patch.id)])];
    const stored = await store.readRows(projectId, traceId, ids);
    const node = stored.find((row) => row.id === nodeId);
    const all = reachesAll(node, patches) ? await store.readRows(projectId, traceId) : stored;
    return mergePatches(all, patches);
  }
}

/** Of the levels that a body may have, those that an event may: it stands in the body's list. */
const MAX_EVENT_DEPTH = MAX_JSON_DEPTH - 2;

/** @param tooDeep something in the body nests too deep, in an event or beside them. */
function readContent(
  events: readonly unknown[],
  answer: BatchAnswer,
  { scoresOnly, tooDeep }: { scoresOnly: boolean; tooDeep: boolean },
): BatchContent {
  const content: BatchContent = { patches: new Map(), scores: [] };
  for (const event of events) {
    const id = eventIdOf(event) ?? "";
    try {
      if (tooDeep && nestsDeeper(event, MAX_EVENT_DEPTH))
        throw new EventError(`With this event the body has ${TOO_DEEP}.`);
      const read = readEvent(event);
      if (scoresOnly && read.kind === "patch") {
        throw new EventError("A public key by itself sends scores only: send both keys as Basic auth.", 401);
      }
      if (read.kind === "score") content.scores.push(read.score);
      if (read.kind === "patch") {
        const { traceId } = read.patch;
        const ofTrace = content.patches.get(traceId);
        if (ofTrace === undefined) content.patches.set(traceId, [read.patch]);
        else ofTrace.push(read.patch);
      }
      answer.successes.push({ id, status: 201 });
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      answer.errors.push({ id, status: error.status, error: ERROR_WORDS[error.status], message: error.message });
    }
  }
  return content;
}
