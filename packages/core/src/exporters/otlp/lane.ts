import type { ObservationRecord } from "../../model/record.ts";
import type { HttpResponse } from "../../platform/platform.ts";
import type { LaneFormat } from "../../transport/lane-format.ts";
import type { Outcome } from "../../transport/outcome.ts";
import { toText } from "../../util/text.ts";
import type { Convention } from "../attribute-writer.ts";
import { JsonSpanWriter, jsonWrap } from "./json.ts";
import { ProtobufSpanWriter, protobufWrap } from "./protobuf.ts";
import { readProtobufResponse } from "./response.ts";
import { ownName, type Attribute, type SpanName } from "./span.ts";

export type OtlpProtocol = "http/protobuf" | "http/json";

export interface OtlpLaneOptions {
  url: string;
  headers: Record<string, string>;
  protocol: OtlpProtocol;
  compress: boolean;
  convention: Convention<ObservationRecord>;
  resource: readonly Attribute[];
  /** Default: the observation's name. */
  nameOf?: SpanName | undefined;
}

/** Spans as OTLP over HTTP. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function otlpLane(options: OtlpLaneOptions): LaneFormat<ObservationRecord> {
  const { url, headers, protocol, compress, convention, resource, nameOf = ownName } = options;
  const isJson = protocol === "http/json";
  const wrap = isJson ? jsonWrap : protobufWrap;
  return {
    url,
    headers: { ...headers, "content-type": isJson ? "application/json" : "application/x-protobuf" },
    compress,
    wrap: wrap(resource),
    envelope: {
      of: resource.filter(([, value]) => value !== undefined),
      wrap: (of) => wrap(of as readonly Attribute[]),
    },
    createWriter: (bytes, pool) =>
      isJson
        ? new JsonSpanWriter(convention, bytes, nameOf, pool)
        : new ProtobufSpanWriter(convention, bytes, nameOf, pool),
    readSuccess: readPartialSuccess,
  };
}

/**
 * Partial success says how many spans were refused, not which: the first ones of the batch are counted for them. They must
 * not be sent again (OTLP specification).
 */
function readPartialSuccess(response: HttpResponse, recordIds: readonly string[]): Outcome {
  const count = recordIds.length;
  const { rejected, message } = parseResponse(response);
  const refused = Math.min(count, rejected);
  return {
    kind: "delivered",
    refused: Array.from({ length: refused }, (_, position) => position),
    again: [],
    message: refused > 0 ? `${refused} of ${count} spans refused: ${message}` : undefined,
  };
}

function parseResponse(response: HttpResponse): { rejected: number; message: string } {
  try {
    if (!/json/.test(response.header("content-type") ?? "")) return readProtobufResponse(response.body);
    const text = new TextDecoder().decode(response.body);
    const partial = (
      JSON.parse(text || "{}") as { partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } }
    ).partialSuccess;
    return { rejected: Number(partial?.rejectedSpans ?? 0) || 0, message: toText(partial?.errorMessage) ?? "" };
  } catch {
    // The status said that all was taken; an answer that cannot be read does not change that.
    return { rejected: 0, message: "" };
  }
}
