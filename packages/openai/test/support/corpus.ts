import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A text's size in code points and its SHA-256. */
export interface Text {
  chars: number;
  sha256: string;
}

export interface ExpectedChoice {
  index: number;
  finish_reason: string | null;
  text?: Text | null;
  reasoning_text?: Text | null;
  refusal?: Text | null;
  function_call?: { name: string; arguments: string } | null;
  tool_calls?: { id: string; type: string; name: string; arguments: Text | string }[];
  audio?: { id?: string; transcript?: Text | null } | null;
  annotations?: number;
  logprob_tokens?: number;
}

export interface ExpectedUsage {
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  cache_write_tokens?: number | null;
  input_audio_tokens?: number | null;
  output_audio_tokens?: number | null;
  input_image_tokens?: number | null;
  output_image_tokens?: number | null;
  provider_cost?: number | null;
  provider_cost_in_usd_ticks?: number | null;
}

/** The facts of an exchange, made by a script that shares no code with any SDK: SOURCES.md of the corpus. */
export interface Expected {
  model?: string | null;
  response_id?: string | null;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  status?: string;
  incomplete_reason?: string;
  usage?: ExpectedUsage | null;
  choices?: ExpectedChoice[];
  output_types?: string[];
  text?: Text | null;
  tool_calls?: { call_id: string; type: string; name: string; arguments: Text | string }[];
  builtin_tool_calls?: string[];
  reasoning_summary?: Text;
  reasoning_content?: Text;
  annotations?: number;
  vectors?: number;
  dimensions?: number;
  images?: number;
  results?: number;
  bytes?: number;
  error?: {
    type: string | null;
    code: string | number | null;
    param: string | null;
    message_first120: string;
    status: number | null;
  };
  error_in_stream?: boolean;
}

export interface Exchange {
  id: string;
  file: string;
  /** Method, path and query. */
  endpoint: string;
  host: string;
  status: number;
  response_kind: "json" | "sse" | "text" | "binary";
  expected: Expected;
}

export interface MultipartField {
  name: string;
  value?: string;
  filename?: string;
  content_type?: string;
  bytes?: number;
}

export interface Recording {
  id: string;
  request: Record<string, unknown> | null;
  status: number;
  response_headers: Record<string, string>;
  response_kind: Exchange["response_kind"];
  response: unknown;
  response_raw?: string;
}

const folder = fileURLToPath(new URL("../../../../../shared/corpus/openai/", import.meta.url));

export const hasCorpus: boolean = existsSync(`${folder}index.json`);
if (!hasCorpus) {
  process.stderr.write("skipped: ../shared/corpus/openai is not here, nothing is replayed from recordings\n");
}

/** Empty where the corpus is absent. */
export function readExchanges(): Exchange[] {
  if (!hasCorpus) return [];
  return (JSON.parse(readFileSync(`${folder}index.json`, "utf8")) as { exchanges: Exchange[] }).exchanges;
}

export function readRecording(exchange: Exchange): Recording {
  return JSON.parse(readFileSync(folder + exchange.file, "utf8")) as Recording;
}
