import type { RuleBase } from "../http/rules.ts";
import type { JsonObject } from "../json.ts";

export interface LangfuseApiOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Demanded as Basic auth; the public key alone as Bearer sends scores. */
  keys: { publicKey: string; secretKey: string };
  /**
   * 4 as it is by default (`events_only`): no list of traces, no older observations and scores, dataset runs are not kept.
   * 3: none of the newer routes. Default 4.
   */
  version?: 3 | 4 | undefined;
}

export interface LangfuseApiRequest {
  method: string;
  /** Path without the query, as sent. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** Parsed JSON. */
  body: unknown;
  /** Status sent; 0 when none was. */
  status: number;
}

/** A fault for one request; what is left out is as usual. */
export interface LangfuseApiRule extends RuleBase<LangfuseApiRequest> {
  delayMs?: number | undefined;
  /** Answers with this status and does nothing. */
  status?: number | undefined;
  headers?: Record<string, string> | undefined;
  /** Replaces the answer's body. */
  body?: string | undefined;
  /** `before`: the connection is reset before anything is done; `after`: when it is done, so that only the answer is lost. */
  reset?: "before" | "after" | undefined;
}

/** What the API keeps, for tests to look at. Maps are by id, datasets by name. */
export interface LangfuseApiData {
  datasets: Map<string, JsonObject>;
  items: Map<string, JsonObject>;
  runs: Map<string, JsonObject>;
  runItems: JsonObject[];
  scores: Map<string, JsonObject>;
  observations: Map<string, JsonObject>;
}

export interface LangfuseApi {
  /** `http://127.0.0.1:<port>`: a `baseUrl`. */
  readonly url: string;
  readonly requests: LangfuseApiRequest[];
  readonly data: LangfuseApiData;
  /** Replaces the rules, which are taken in order. */
  script(rules: readonly LangfuseApiRule[]): void;
  close(): Promise<void>;
}
