import type { RuleBase } from "../http/rules.ts";
import type { OtlpExport, OtlpSpan } from "./otlp-types.ts";

/** One request as it arrived, whatever became of it. */
export interface SinkRequest {
  method: string;
  /** Path without the query. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names; a repeated header is joined by `, `. */
  headers: Record<string, string>;
  /** Body bytes as sent, before decompression. */
  wireBytes: number;
  /** Decompressed body. */
  body: Buffer;
  /** The parsed body of a JSON request that is not OTLP. */
  json: unknown;
  /** The decoded body of an OTLP request. */
  otlp: OtlpExport | undefined;
  /** Why the body could not be decoded. */
  decodeError: string | undefined;
  /** Epoch milliseconds when the headers had arrived. */
  receivedAtMs: number;
  /** Status sent; 0 when none was (reset, hang). */
  status: number;
  /** True when the sink keeps what the request carried, even if the reply got lost on the way. */
  accepted: boolean;
}

/** A fault for one request. What is left out is as usual: a rule with `delayMs` alone answers normally, later. */
export interface SinkRule extends RuleBase<SinkRequest> {
  /** Before the reply. */
  delayMs?: number | undefined;
  /** Answers with this status; 2xx accepts what was sent, anything else does not. */
  status?: number | undefined;
  /** Added to the reply, e.g. `{ "retry-after": "1" }`. */
  headers?: Record<string, string> | undefined;
  /** Replaces the body of the reply: `"<html>"` with status 200 is a proxy's garbage. */
  body?: string | Uint8Array | undefined;
  /**
   * Resets the connection. `headers`: before the body is read. `body`: after about half of it, or 16 KiB. `reply`: after the
   * request was accepted, so that the client cannot know. `mid-reply`: after half of the reply's announced length.
   */
  reset?: "headers" | "body" | "reply" | "mid-reply" | undefined;
  /**
   * The connection stays open and nothing more happens. `read`: the body is not read. `reply`: read and accepted, never
   * answered. `mid-reply`: headers sent, the body never ends. Ends when the client gives up or the sink closes.
   */
  hang?: "read" | "reply" | "mid-reply" | undefined;
  /** These bytes instead of an HTTP reply, then the end of the connection. */
  rawReply?: string | Uint8Array | undefined;
  /** OTLP partial success. The spans are the last `rejectedSpans` of the request, and those are not kept. */
  partialSuccess?: { rejectedSpans: number; errorMessage?: string | undefined } | undefined;
}

export interface SinkOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Default `127.0.0.1`. */
  host?: string | undefined;
  /** When given, requests without this Basic authorization are answered with 401. */
  auth?: { publicKey: string; secretKey: string } | undefined;
  /** Larger bodies are answered with 413. Default 64 MiB, before and after decompression. */
  maxBodyBytes?: number | undefined;
  /** What `/api/public/health` names. Default `4.0.0`. */
  langfuseVersion?: string | undefined;
  /** As Langfuse does: one span with a malformed id makes the whole export a 400. Default true. */
  strictIds?: boolean | undefined;
  rules?: readonly SinkRule[] | undefined;
}

/** A score as the sink keeps it, from `POST /api/public/scores` or a `score-create` event. */
export type SinkScore = Record<string, unknown> & { name: string };

export interface Sink {
  /** `http://127.0.0.1:<port>`: a `baseUrl`. */
  readonly url: string;
  readonly port: number;
  /** Every request in order of arrival. */
  readonly requests: SinkRequest[];
  /** Spans of the accepted exports, in order; a span that was sent twice is here twice. */
  spans(): OtlpSpan[];
  /** Accepted scores, in order. */
  scores(): SinkScore[];
  /** Uploaded media by id. */
  readonly media: Map<string, { contentType: string; bytes: Buffer }>;
  /** Replaces the rules. Rules are taken in order, each `times` times. */
  script(rules: readonly SinkRule[]): void;
  /** Connections accepted since the start: shows whether a client keeps its connection. */
  connectionsAccepted(): number;
  /** Resolves when `condition` holds. Rejects after `timeoutMs` (10 s) with a list of what arrived. */
  waitFor(condition: (sink: Sink) => boolean, options?: { timeoutMs?: number | undefined }): Promise<void>;
  /** Forgets requests, media and rules. A request that is under way and accepted afterwards is kept. */
  reset(): void;
  close(): Promise<void>;
}
