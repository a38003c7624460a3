import type { Context } from "hono";
import { HttpError } from "../http/errors.ts";
import { withBody } from "../http/body.ts";
import { projectOf } from "../http/project.ts";
import type { IngestContext } from "./context.ts";
import { readSpans, type OtlpEncoding, type SpanOutcome } from "./intake/read-spans.ts";
import { MIME_PROTOBUF, mimeOf } from "./otlp-encoding.ts";
import { DecodeError, type DecodedSpans } from "./otlp-span.ts";
import { encodeOtlpResponse } from "./otlp-status.ts";
import { storeBatch, tellWhenCommitted } from "./store-batch.ts";

/**
 * A larger body is read on the intake's thread. This size takes two milliseconds or so; on the thread it could wait behind what takes a second.
 */
const MAX_INLINE_BYTES = 64 * 1024;

/** `POST /v1/traces` and `POST /api/public/otel/v1/traces`: acknowledged after the commit, in the encoding of the request. */
export async function receiveOtlpTraces(context: Context, ingest: IngestContext): Promise<Response> {
  const encoding = readEncoding(context.req.header("content-type"));
  checkVersion(context.req.header("x-langfuse-ingestion-version"));
  return withBody(context.req.raw, ingest.limits, ingest.budget, async (body) => {
    const projectId = projectOf(context);
    const { committed, instanceIds, ...outcome } = await takeSpans(ingest, projectId, encoding, body);
    await committed;
    ingest.monitor.addCutParts(outcome.cutParts);
    for (const instanceId of instanceIds) ingest.instances.heard(projectId, instanceId);
    return answer(context, encoding, outcome);
  });
}

/** What is left of a request when the store has its rows. */
interface TakenSpans extends SpanOutcome {
  committed: Promise<void>;
}

async function takeSpans(
  ingest: IngestContext,
  projectId: string,
  encoding: OtlpEncoding,
  body: Uint8Array,
): Promise<TakenSpans> {
  const request = { projectId, encoding, body, prices: await ingest.prices.customOf(projectId) };
  try {
    if (ingest.thread === null || body.byteLength <= MAX_INLINE_BYTES) {
      const { batch, ...outcome } = await readSpans(request);
      return { ...outcome, committed: storeBatch(ingest, projectId, batch) };
    }
    const { committed, stored, ...outcome } = await ingest.thread.take(request);
    return { ...outcome, committed: tellWhenCommitted(ingest, projectId, committed, stored) };
  } catch (error) {
    if (error instanceof DecodeError) throw new HttpError(400, "bad_request", error.message);
    throw error;
  }
}

/** Langfuse's clients name the edition of its attributes that they write; those after it are unknown here, as they are to Langfuse. */
const MAX_INGESTION_VERSION = 4;

function checkVersion(version: string | undefined): void {
  if (version === undefined || Number(version) <= MAX_INGESTION_VERSION) return;
  throw new HttpError(
    400,
    "unsupported_version",
    `x-langfuse-ingestion-version ${version.slice(0, 20)} is not supported: ${MAX_INGESTION_VERSION} is the latest.`,
  );
}

function readEncoding(contentType: string | undefined): OtlpEncoding {
  const mime = mimeOf(contentType);
  if (mime === "application/json") return "json";
  if (mime === MIME_PROTOBUF) return "protobuf";
  const given = mime === undefined ? "No Content-Type was sent" : `Content-Type ${mime.slice(0, 80)} is not supported`;
  throw new HttpError(415, "unsupported_media_type", `${given}: use application/x-protobuf or application/json.`);
}

function answer(
  context: Context,
  encoding: OtlpEncoding,
  { rejected, reason }: Pick<DecodedSpans, "rejected" | "reason">,
): Response {
  if (encoding === "json") {
    if (rejected === 0 && reason === null) return context.json({});
    return context.json({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason ?? "" } });
  }
  return context.body(encodeOtlpResponse(rejected, reason), 200, { "Content-Type": MIME_PROTOBUF });
}
