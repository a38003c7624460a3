import type { CustomPrice } from "../../api/settings.ts";
import type { Score } from "../../api/types.ts";
import { mapSpan, type MappedSpan } from "../../mapping/map-span.ts";
import { readText } from "../../mapping/values.ts";
import type { StoredObservation } from "../../model/observation.ts";
import { pricerOf } from "../../pricing/project-prices.ts";
import type { WriteBatch } from "../../store/batch.ts";
import { decodeOtlpJson } from "../otlp-json.ts";
import { decodeOtlpProtobuf } from "../otlp-protobuf.ts";
import type { DecodedSpans, OtlpSpan } from "../otlp-span.ts";

export type OtlpEncoding = "json" | "protobuf";

/** An export of spans as it came, and what is needed to make rows of it. */
export interface SpanRequest {
  projectId: string;
  encoding: OtlpEncoding;
  /** Inflated. */
  body: Uint8Array;
  /** The project's own. */
  prices: readonly CustomPrice[];
}

/** What a request says beside its rows. */
export interface SpanOutcome extends Pick<DecodedSpans, "rejected" | "cutParts" | "reason"> {
  /** Processes that it came from. */
  instanceIds: string[];
}

/** What a row holds in memory beside the text of its body, roughly, in bytes. */
const ROW_OVERHEAD_BYTES = 1024;

/** @throws {DecodeError} */
export async function readSpans({
  projectId,
  encoding,
  body,
  prices,
}: SpanRequest): Promise<SpanOutcome & { batch: WriteBatch }> {
  const { spans, resources, rejected, cutParts, reason } = (encoding === "json" ? decodeOtlpJson : decodeOtlpProtobuf)(
    body,
  );
  const price = await pricerOf(prices);
  const scores: Score[] = [];
  const batch = {
    observations: mapSpans(spans, (mapped) => {
      price(mapped.observation);
      for (const score of mapped.scores) scores.push({ projectId, ...score });
    }),
    scores,
    bytes: body.byteLength + spans.length * ROW_OVERHEAD_BYTES,
  };
  const instanceIds = resources.map((resource) => readText(resource.get("spanwise.instance.id")));
  return { batch, instanceIds: instanceIds.filter((id) => id !== null), rejected, cutParts, reason };
}

/** One span after the other, as the store reads them (see `WriteBatch`). */
function* mapSpans(spans: readonly OtlpSpan[], use: (mapped: MappedSpan) => void): Iterable<StoredObservation> {
  for (const span of spans) {
    const mapped = mapSpan(span);
    use(mapped);
    yield mapped.observation;
  }
}
