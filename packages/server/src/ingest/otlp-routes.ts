import type { Context } from "hono";
import { HttpError } from "../http/errors.ts";
import { withBody } from "../http/body.ts";
import { projectOf } from "../http/project.ts";
import type { Score } from "../api/types.ts";
import { mapSpan, type MappedSpan } from "../mapping/map-span.ts";
import type { StoredObservation } from "../model/observation.ts";
import { readText } from "../mapping/values.ts";
import type { IngestContext } from "./context.ts";
import { MIME_PROTOBUF, mimeOf } from "./otlp-encoding.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import { DecodeError, type DecodedSpans, type OtlpSpan } from "./otlp-span.ts";
import { encodeOtlpResponse } from "./otlp-status.ts";
import { storeBatch } from "./store-batch.ts";

/** What a row holds in memory beside the text of its body, roughly, in bytes. */
const ROW_OVERHEAD_BYTES = 1024;

type Encoding = "json" | "protobuf";

/** `POST /v1/traces` and `POST /api/public/otel/v1/traces`: acknowledged after the commit, in the encoding of the request. */
export async function receiveOtlpTraces(context: Context, ingest: IngestContext): Promise<Response> {
  const encoding = readEncoding(context.req.header("content-type"));
  checkVersion(context.req.header("x-langfuse-ingestion-version"));
  return withBody(context.req.raw, ingest.limits, ingest.budget, async (body) => {
    const projectId = projectOf(context);
    const { committed, instanceIds, ...outcome } = await takeSpans(ingest, projectId, encoding, body);
    await committed;
    for (const instanceId of instanceIds) ingest.instances.heard(projectId, instanceId);
    return answer(context, encoding, outcome);
  });
}

/** What is left of a request when the store has its rows. */
interface TakenSpans extends Pick<DecodedSpans, "rejected" | "reason"> {
  committed: Promise<void>;
  instanceIds: string[];
}

async function takeSpans(
  ingest: IngestContext,
  projectId: string,
  encoding: Encoding,
  body: Uint8Array,
): Promise<TakenSpans> {
  const { spans, resources, rejected, reason } = decode(encoding, body);
  const price = await ingest.prices.pricerOf(projectId);
  const scores: Score[] = [];
  const committed = storeBatch(ingest, projectId, {
    observations: mapSpans(spans, (mapped) => {
      price(mapped.observation);
      for (const score of mapped.scores) scores.push({ projectId, ...score });
    }),
    scores,
    bytes: body.byteLength + spans.length * ROW_OVERHEAD_BYTES,
  });
  const instanceIds = resources.map((resource) => readText(resource.get("spanwise.instance.id")));
  return { committed, instanceIds: instanceIds.filter((id) => id !== null), rejected, reason };
}

/** One span after the other, as the store reads them (see `WriteBatch`). */
function* mapSpans(spans: readonly OtlpSpan[], use: (mapped: MappedSpan) => void): Iterable<StoredObservation> {
  for (const span of spans) {
    const mapped = mapSpan(span);
    use(mapped);
    yield mapped.observation;
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

function readEncoding(contentType: string | undefined): Encoding {
  const mime = mimeOf(contentType);
  if (mime === "application/json") return "json";
  if (mime === MIME_PROTOBUF) return "protobuf";
  const given = mime === undefined ? "No Content-Type was sent" : `Content-Type ${mime.slice(0, 80)} is not supported`;
  throw new HttpError(415, "unsupported_media_type", `${given}: use application/x-protobuf or application/json.`);
}

function decode(encoding: Encoding, body: Uint8Array): DecodedSpans {
  try {
    if (encoding === "json") return decodeOtlpJson(body);
    return decodeOtlpProtobuf(body);
  } catch (error) {
    if (error instanceof DecodeError) throw new HttpError(400, "bad_request", error.message);
    throw error;
  }
}

function answer(
  context: Context,
  encoding: Encoding,
  { rejected, reason }: Pick<DecodedSpans, "rejected" | "reason">,
): Response {
  if (encoding === "json") {
    if (rejected === 0 && reason === null) return context.json({});
    return context.json({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason ?? "" } });
  }
  return context.body(encodeOtlpResponse(rejected, reason), 200, { "Content-Type": MIME_PROTOBUF });
}
